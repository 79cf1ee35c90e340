"""Whether a plan that is sound in itself fits this program: its currency, its sizes, what is already here."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from decimal import Decimal
from typing import Any

from pmo.money import LIMIT, exponent
from programs.portfolio.models import Program

from . import rows
from .comparison import summaries_with_others
from .cycles import cycles
from .draft import ActivityDraft, DependencyDraft, Draft
from .gone import Gone
from .problems import Problems
from .rows import Key, Present, Tables
from .wanted import CALENDAR_NAME, STATUS_NAME, WBS

MOST_UNITS = Decimal(99_999_999)
MOST_CAPACITY = Decimal(999_999)
MOST_MONEY = Decimal(LIMIT)
"""Minor units."""
MOST_RATE = Decimal(10**13)
"""Minor units by the hour or by use."""
TAKE_OUT = "it can be accepted only if they are taken out."
TOO_LARGE = "This is larger than anything here can be."
_FILES = {
    "activity": "activities.csv",
    "resource": "resources.csv",
    "assignment": "assignments.csv",
    "status": "status_dates.csv",
    "calendar": "calendars.csv",
    "link": "dependencies.csv",
    "program": "projects.csv",
}


def check(
    draft: Draft,
    program: Program,
    here: Present,
    tables: Tables,
    file_name: str,
    *,
    gone: Collection[Gone] = (),
    could: Collection[Gone] = (),
) -> Problems:
    """Everything about the draft that this program cannot take (errors) or takes with a change (warnings).

    `gone` leaves the plan with the acceptance; `could` are rows that may: what only they stand in the way of is a
    warning.
    """
    problems = Problems()
    places = _FILES if draft.source == "bundle" else dict.fromkeys(_FILES, file_name)
    _currency(draft, program, problems, places["program"])
    _amounts(draft, program, tables, problems, places)
    _lengths(draft, problems, places)
    _status_dates(here, tables, problems, places["status"])
    lines = {(a.project, a.code): a.row for a in draft.activities}
    left = [{one.key for one in some if one.kind == rows.ACTIVITY} for some in (gone, could)]
    hard = set(summaries_with_others(draft, here, left[0] | left[1]))
    for key in summaries_with_others(draft, here, left[0]):
        sentence = "Here this is a group that holds activities which the file does not have"
        tell, rest = (problems.error, "it has to stay a group.") if key in hard else (problems.warn, TAKE_OUT)
        tell(places["activity"], lines[key] or None, "kind", key[1], f"{sentence}: {rest}")
    _circles(draft, here, problems, places["link"], gone, could)
    return problems


def _currency(draft: Draft, program: Program, problems: Problems, file: str) -> None:
    """A plan in another currency is refused; one without any amount is only told of the difference."""
    named = draft.program.currency
    if not named or named == program.currency:
        return
    if _has_money(draft):
        problems.error(
            file, None, "currency", named, f"The plan is in {named}, this program in {program.currency}."
        )
    else:
        problems.warn(
            file,
            None,
            "currency",
            named,
            f"The file names {named}, this program is in {program.currency}; the plan has no amounts.",
        )


def _has_money(draft: Draft) -> bool:
    amounts = [a.total_cost for a in draft.activities] + [a.baseline_cost for a in draft.activities]
    amounts += [a.actual_cost for a in draft.activities] + [p.actual_cost for p in draft.progress]
    amounts += [r.cost_per_hour for r in draft.resources] + [r.cost_per_use for r in draft.resources]
    return any(amounts) or bool(draft.budget) or bool(draft.actuals)


def _amounts(
    draft: Draft, program: Program, tables: Tables, problems: Problems, places: dict[str, str]
) -> None:
    """What the columns hold: checked on the rows as they would be stored, told at the row of the file."""
    lines = {(a.project, a.code): a.row for a in draft.activities}
    own = {(r.project, r.code): r.row for r in draft.resources}
    using = {(a.project, a.activity, a.resource_project, a.resource): a.row for a in draft.assignments}
    limits: list[tuple[str, str, dict[Any, int], dict[str, Decimal]]] = [
        (rows.ACTIVITY, "activity", lines, {"fixed_cost": MOST_MONEY, "cost_per_hour": MOST_RATE}),
        (rows.BASELINE, "activity", lines, {"start_cost": MOST_MONEY, "spread_cost": MOST_MONEY}),
        (
            rows.RESOURCE,
            "resource",
            own,
            {"capacity": MOST_CAPACITY, "cost_per_use": MOST_RATE, "cost_per_hour": MOST_RATE},
        ),
        (rows.ASSIGNMENT, "assignment", using, {"units": MOST_UNITS}),
    ]
    for kind, place, known, most in limits:
        for key, row in tables[kind].items():
            for name, limit in most.items():
                if row[name] > limit:
                    problems.error(places[place], known[key] or None, name, row[name], TOO_LARGE)
    for key, row in tables[rows.ASSIGNMENT].items():
        if row["units"] <= 0:
            problems.error(
                places["assignment"],
                using[key] or None,
                "units",
                row["units"],
                "At least 0.0001 units are needed.",
            )
    most_major = MOST_MONEY.scaleb(-exponent(program.currency))
    for file, column, line, amount in (
        *(("progress.csv", "actual_cost", one.row, one.actual_cost) for one in draft.progress),
        *(("budget.csv", "amount", one.row, one.amount) for one in draft.budget),
        *(("actuals.csv", "amount", one.row, one.amount) for one in draft.actuals),
    ):
        if amount is not None and abs(amount) > most_major:
            problems.error(file, line or None, column, amount, TOO_LARGE)


def _lengths(draft: Draft, problems: Problems, places: dict[str, str]) -> None:
    texts: list[tuple[str, int | None, str, str, int]] = [
        (places["activity"], one.row, "wbs", one.wbs, WBS) for one in draft.activities
    ]
    texts += [(places["calendar"], None, "name", one.name, CALENDAR_NAME) for one in draft.calendars]
    texts += [(places["status"], one.row, "name", one.name, STATUS_NAME) for one in draft.status_dates]
    for file, row, column, text, most in texts:
        if len(text) > most:
            problems.warn(file, row, column, text, f"This is cut to {most} characters.")


def _status_dates(here: Present, tables: Tables, problems: Problems, file: str) -> None:
    """One moment has one number: a file that numbers a project's status dates anew does not fit."""
    known = {(key[0], row["at"]): key[1] for key, row in here.tables[rows.STATUS].items()}
    known_numbers = here.tables[rows.STATUS].keys()
    for (project, number), row in tables[rows.STATUS].items():
        other = known.get((project, row["at"]))
        if other is not None and other != number:
            problems.error(
                file,
                None,
                "period",
                f"{project} {number}",
                f"This status date is known here as number {other} of {project}: keep its number.",
            )
        elif (project, number) in known_numbers and here.tables[rows.STATUS][project, number]["at"] != row[
            "at"
        ]:
            problems.error(
                file,
                None,
                "status_date",
                f"{project} {number}",
                f"Status {number} of {project} is known here with another date, and what was reported stays.",
            )


def _circles(
    draft: Draft,
    here: Present,
    problems: Problems,
    file: str,
    gone: Collection[Gone],
    could: Collection[Gone],
) -> None:
    """A link that only we have, together with the file's, must not close a circle; one that may go is told."""
    left = [{one.key for one in some if one.kind == rows.DEPENDENCY} for some in (gone, could)]
    hard = _closed_by(draft, here, left[0] | left[1])
    soft = [] if hard else _closed_by(draft, here, left[0])
    for path in hard or soft:
        names = " → ".join(f"{project}/{code}" for project, code in [*path, path[0]][:14])
        sentence = f"Together with links that are only here, these would wait for each other: {names}"
        if hard:
            problems.error(file, None, "to_activity", path[0][1], f"{sentence}.")
        else:
            problems.warn(file, None, "to_activity", path[0][1], f"{sentence}; {TAKE_OUT}")


def _closed_by(draft: Draft, here: Present, gone: Collection[Key]) -> list[list[tuple[str, str]]]:
    known = {(a.project, a.code) for a in draft.activities}
    links = {
        (one.from_project, one.from_activity, one.to_project, one.to_activity, one.type)
        for one in draft.dependencies
    }
    ours = [key for key in here.tables[rows.DEPENDENCY] if key not in links and key not in gone]
    if not ours:
        return []
    ends = {key[:2] for key in ours} | {key[2:4] for key in ours}
    others = {
        end: ActivityDraft(project=end[0], code=end[1], name="", parent="") for end in sorted(ends - known)
    }
    everything = replace(
        draft,
        activities=[*draft.activities, *others.values()],
        dependencies=[*draft.dependencies, *(DependencyDraft(*key) for key in ours)],
    )
    return list(cycles(everything))
