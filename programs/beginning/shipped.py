"""Templates that ship with the office: tables of a planner, as text. Pure data, no Django.

A line is `code | name | days | waits for | roles`. Days are working days of eight hours; `=` makes a summary of the
lines below it, 0 a milestone. Waits: `B20`, `B20 SS+3`, or `ORG/T30` of another project of the same template. A role
is `ANALYST:2`, units at once. The durations are those of a middling project and are there to be changed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

ROLES = {
    "LEAD": "Project lead",
    "ANALYST": "Business analyst",
    "ARCHITECT": "Architect",
    "DEVELOPER": "Developer",
    "ENGINEER": "Infrastructure engineer",
    "TESTER": "Tester",
    "TRAINER": "Trainer",
    "BUYER": "Buyer",
    "KEYUSER": "Key user",
}
CAPACITY = {"DEVELOPER": 4, "TESTER": 2, "ENGINEER": 3, "KEYUSER": 3, "ANALYST": 2}

SYSTEM = """
A | Understand | =
A10 | Requirements and current processes | 20 | | ANALYST:2 KEYUSER:1
A20 | Target design | 15 | A10 | ARCHITECT:1 ANALYST:1
A30 | Security and privacy review | 5 | A20 SS+10 | ARCHITECT:1
A90 | Design agreed | 0 | A20, A30
B | Build | =
B10 | Environments | 10 | A90 | ENGINEER:1
B20 | Configuration and development | 40 | A90 | DEVELOPER:3
B30 | Interfaces | 30 | A90 SS, B10 | DEVELOPER:2
B40 | Data migration rehearsed | 20 | B10, A20 | DEVELOPER:1 ANALYST:1
B90 | Built | 0 | B20, B30, B40
C | Prove | =
C10 | System test | 15 | B90 | TESTER:2
C20 | Acceptance by key users | 15 | C10 SS+8 | TESTER:1 KEYUSER:3
C30 | Load and recovery test | 8 | C10 | ENGINEER:1 TESTER:1
C90 | Accepted | 0 | C20, C30
D | Change over | =
D10 | Cut-over rehearsal | 5 | C90 | ENGINEER:1 LEAD:1
D20 | Cut-over | 2 | D10 | ENGINEER:2 DEVELOPER:1
D90 | In service | 0 | D20
D95 | Support after the start | 20 | D90 | DEVELOPER:1 KEYUSER:1
D99 | Project closed | 0 | D95
"""
INFRASTRUCTURE = """
A | Survey | =
A10 | Inventory of servers, data and dependencies | 15 | | ENGINEER:2
A20 | Target landscape and waves | 10 | A10 | ARCHITECT:1
A90 | Waves agreed | 0 | A20
B | Prepare | =
B10 | Network and security zones | 20 | A90 | ENGINEER:2
B20 | Hosts and storage | 25 | A90 | ENGINEER:1
B30 | Monitoring and backup | 10 | B20 SS+10 | ENGINEER:1
B90 | Ready to receive | 0 | B10, B20, B30
C | Move | =
C10 | Pilot wave | 10 | B90 | ENGINEER:2
C20 | Wave 1 | 15 | C10 | ENGINEER:2
C30 | Wave 2 | 15 | C20 | ENGINEER:2
C40 | Wave 3 | 15 | C30 | ENGINEER:2
C90 | Everything moved | 0 | C40
D | Leave | =
D10 | Recovery exercise | 5 | C90 | ENGINEER:2
D20 | Old hosts switched off and wiped | 10 | C90 FS+10 | ENGINEER:1
D99 | Project closed | 0 | D10, D20
"""
PROCESS = """
A | Learn | =
A10 | Who is touched, and how | 10 | | ANALYST:1 LEAD:1
A20 | Process as it is | 15 | A10 | ANALYST:1 KEYUSER:2
A30 | Process as it shall be | 15 | A20 | ANALYST:1 KEYUSER:2
A90 | Process agreed | 0 | A30
T | Train | =
T10 | Course material | 15 | A90 | TRAINER:2
T20 | Trainers trained | 5 | T10 | TRAINER:2
T30 | Courses | 20 | T20 | TRAINER:2 KEYUSER:1
T90 | Everybody trained | 0 | T30
W | Work | =
W10 | First month with help at hand | 20 | T90 | KEYUSER:3
W20 | Benefit measured | 10 | W10 | ANALYST:1
W99 | Project closed | 0 | W20
"""
PURCHASE = """
P | Choose | =
P10 | What is needed, in writing | 10 | | ANALYST:1 BUYER:1
P20 | Call for offers | 20 | P10 | BUYER:1
P30 | Offers compared, vendors heard | 15 | P20 | BUYER:1 ANALYST:1
P90 | Vendor chosen | 0 | P30
Q | Contract | =
Q10 | Terms negotiated | 20 | P90 | BUYER:1
Q20 | Legal and security review | 10 | Q10 SS+5 | ARCHITECT:1
Q90 | Contract signed | 0 | Q10, Q20
Q95 | Delivered and accepted | 0 | Q90 FS+30
"""


@dataclass(frozen=True)
class ProjectTemplate:
    """One component project: its kind as `Project.Kind` and its planner's table."""

    key: str
    name: str
    kind: str
    table: str


@dataclass(frozen=True)
class ProgramTemplate:
    """Projects (code, name, project template) and links between them (`PURCHASE/Q90 > SYSTEM/B10 FS`)."""

    key: str
    name: str
    words: str
    projects: tuple[tuple[str, str, str], ...]
    links: tuple[str, ...] = ()


PROJECTS = {
    one.key: one
    for one in (
        ProjectTemplate("system", "Software system, built or configured", "software", SYSTEM),
        ProjectTemplate("infrastructure", "Infrastructure, moved in waves", "infrastructure", INFRASTRUCTURE),
        ProjectTemplate("process", "Process change and training", "process", PROCESS),
        ProjectTemplate("purchase", "Purchase with call for offers", "procurement", PURCHASE),
    )
}
PROGRAMS = {
    one.key: one
    for one in (
        ProgramTemplate(
            "core-system",
            "Core system renewal",
            "A system is bought, built and taken into use by people who were trained for it.",
            (
                ("BUY", "Vendor and contract", "purchase"),
                ("SYS", "System", "system"),
                ("ORG", "Process and people", "process"),
            ),
            ("BUY/Q90 > SYS/B10", "SYS/A90 > ORG/A30", "SYS/C10 > ORG/T10", "ORG/T90 > SYS/D20"),
        ),
        ProgramTemplate(
            "hosting",
            "Hosting move",
            "A data centre is left: hosts are bought, systems move in waves, operations change.",
            (
                ("BUY", "Hosts and contract", "purchase"),
                ("INF", "Move", "infrastructure"),
                ("OPS", "Operations", "process"),
            ),
            ("BUY/Q95 > INF/B20", "INF/A90 > OPS/A20", "OPS/T90 > INF/C20"),
        ),
        ProgramTemplate(
            "software",
            "Software and its introduction",
            "One system and the change it brings: the smallest program that is one.",
            (("SYS", "System", "system"), ("ORG", "Process and people", "process")),
            ("SYS/A90 > ORG/A30", "SYS/C90 > ORG/T20", "ORG/T90 > SYS/D20"),
        ),
    )
}
_WAIT = re.compile(r"^(?P<code>\w+)(?:\s+(?P<kind>FS|SS|FF|SF)(?P<lag>[+-]\d+)?)?$")
_LINK = re.compile(r"^(?P<p1>\w+)/(?P<a1>\w+) > (?P<p2>\w+)/(?P<a2>\w+)(?:\s+(?P<kind>FS|SS|FF|SF))?$")


@dataclass(frozen=True)
class Line:
    """One line of a table: days, the links into it as (code, kind, lag days), and (role, units)."""

    code: str
    name: str
    days: int
    summary: bool
    waits: tuple[tuple[str, str, int], ...]
    roles: tuple[tuple[str, int], ...]


def lines(template: ProjectTemplate) -> Iterator[Line]:
    """Every line of a project template, in order. Raises ValueError for a line that cannot be read."""
    for text in template.table.strip().splitlines():
        cells = [cell.strip() for cell in text.split("|")]
        code, name, days, waits, roles = (cells + [""] * 5)[:5]
        yield Line(
            code,
            name,
            0 if days == "=" else int(days),
            days == "=",
            tuple(_wait(one.strip()) for one in waits.split(",") if one.strip()),
            tuple((role, int(units)) for role, units in (one.split(":") for one in roles.split())),
        )


def _wait(text: str) -> tuple[str, str, int]:
    found = _WAIT.match(text)
    if found is None:
        raise ValueError(f"a template has a link that cannot be read: {text!r}")
    return found["code"], found["kind"] or "FS", int(found["lag"] or 0)


def cross_links(template: ProgramTemplate) -> Iterator[tuple[tuple[str, str], tuple[str, str], str]]:
    """Links between projects: (project, code) before, (project, code) after, kind."""
    for text in template.links:
        found = _LINK.match(text)
        if found is None:
            raise ValueError(f"a template has a link that cannot be read: {text!r}")
        yield (found["p1"], found["a1"]), (found["p2"], found["a2"]), found["kind"] or "FS"
