"""Damage at every byte: no exception but a refusal, and never other data without other totals."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from programs.exchange.bundle import read_bundle
from programs.exchange.codec import decode, digest, encode
from programs.exchange.draft import Draft
from programs.exchange.problems import ImportRefused, Problems
from programs.exchange.reading import Read, parse_upload

from . import plans
from .bundles import GOOD, as_bytes, read, zipped

PLAN = plans.plan(
    plans.task(1, 1, 0),
    plans.task(2, 2, 16, Cost="10050", ConstraintType="4", ConstraintDate="2027-01-05T08:00:00"),
    plans.task(3, 2, 8, PercentComplete="40", links=plans.link(2, 1, 4800)),
    rest="<Resources><Resource><UID>1</UID><Name>Ann</Name><Type>1</Type></Resource></Resources>"
    "<Assignments><Assignment><TaskUID>3</TaskUID><ResourceUID>1</ResourceUID></Assignment></Assignments>",
    calendars="",
)
SMALL = {
    "projects.csv": "project_id,name,start,bac\nP,Pilot,2027-01-04,10.50\n",
    "activities.csv": (
        "project_id,kind,activity_id,name,duration_hours,total_cost\nP,activity,A,Ask,8,10.50\nP,milestone,B,Done,0,\n"
    ),
    "dependencies.csv": "project_id,from_activity,to_activity,type,lag_hours\nP,A,B,FS,1\n",
}


def _damaged(data: bytes) -> Iterator[bytes]:
    for at in range(len(data)):
        yield data[:at]
        yield data[:at] + bytes([data[at] ^ (1 << at % 8)]) + data[at + 1 :]
        yield data[:at] + b"\xff" + data[at + 1 :]


def _sweep(data: bytes, name: str) -> tuple[int, int, int]:
    """How many damaged copies were refused, had problems, and were read as something (else or the same)."""
    good = parse_upload(data, name)
    assert good.acceptable
    refused = troubled = parsed = 0
    for copy in _damaged(data):
        try:
            found = parse_upload(copy, name)
        except ImportRefused:
            refused += 1
            continue
        if not found.acceptable:
            troubled += 1
            continue
        parsed += 1
        _no_silent_change(good, found)
    return refused, troubled, parsed


def _without_lines(draft: Draft) -> Draft:
    """The draft without line numbers, which a line break more or less moves."""
    plain = decode(encode(draft))
    for table in (plain.projects, plain.activities, plain.dependencies, plain.resources, plain.assignments):
        for record in table:
            record.row = 0
    for facts in (plain.status_dates, plain.progress, plain.budget, plain.actuals):
        for fact in facts:
            fact.row = 0
    return plain


def _no_silent_change(good: Read, found: Read) -> None:
    same = _without_lines(found.draft) == _without_lines(good.draft)
    assert same == (found.totals.digest == good.totals.digest)
    assert same or found.totals.digest != good.totals.digest or found.totals.unknown != good.totals.unknown


@pytest.mark.proof
def test_an_ms_project_plan_damaged_at_any_byte() -> None:
    refused, troubled, parsed = _sweep(PLAN, "plan.xml")
    assert refused + troubled + parsed == 3 * len(PLAN)
    assert min(refused, troubled, parsed) > 0


@pytest.mark.proof
def test_a_zipped_bundle_damaged_at_any_byte() -> None:
    data = zipped(as_bytes(SMALL))
    refused, _, parsed = _sweep(data, "bundle.zip")
    assert refused > parsed  # the checksums of a zip see most of it


@pytest.mark.proof
def test_every_file_of_a_bundle_damaged_at_any_byte() -> None:
    files = as_bytes(GOOD)
    good, _ = read(files)
    same, known = _without_lines(good), digest(good)
    for name, body in files.items():
        for copy in _damaged(body):
            draft, problems = read(files | {name: copy})
            if not problems:
                assert (_without_lines(draft) == same) == (digest(draft) == known)


def test_a_thousand_random_tables_of_nonsense_are_only_problems() -> None:
    chance = random.Random(20)
    pieces = [
        "NET",
        "A1",
        "N1",
        "",
        "-1",
        "1e5",
        "2027-01-05",
        "=1",
        '"',
        "\n",
        ",",
        "’",
        "\t",
        "FS",
        "group",
        "\r",
        "0",
    ]
    for _ in range(1_000):
        files = dict(GOOD)
        name = chance.choice(list(files))
        header = files[name].splitlines()[0]
        files[name] = (
            header + "\n" + "".join(chance.choice(pieces) + chance.choice([",", ""]) for _ in range(60))
        )
        problems = Problems()
        read_bundle(as_bytes(files), problems)
