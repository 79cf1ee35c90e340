"""Costs by vendor, however they are cut, narrowed and looked back at: always a plain sum over the cost lines."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from finance.ledger import cover
from finance.ledger.choice import Choice
from finance.spend import cuts
from finance.spend.adding import NOT_BY_LINE
from finance.spend.asking import CUTS, Question
from pmo.clocks import AsOf
from tests.finance.office import Office
from tests.finance.test_ledger import spend
from tests.finance.test_pages import HEADING, browser

LINES = """select l.project_id::text, l.category, l.nature, l.vendor, f.code, l.amount_minor, j.recorded_at, j.effective
             from finance_actualline l join finance_journal j on j.id = l.journal_id
             join finance_fiscalperiod f on f.id = l.period_id"""
AT = {"project": 0, "category": 1, "nature": 2, "vendor": 3, "period": 4}
MONTHS = [f"{year}-{month:02}" for year in (2025, 2026, 2027) for month in range(1, 13)]


@pytest.fixture
def spread(office: Office) -> Office:
    """Three hundred lines over three years, in two files of different instants; and money without a line."""
    chance = random.Random(7)
    fiona = browser(office, "fiona")
    for part in range(2):
        rows = "\n".join(
            f"L-{part}-{n},{chance.choice(('CRM', 'DC'))},,{chance.choice(('hardware', 'labour', 'travel'))},"
            f"{chance.choice(('capital', 'operating'))},{chance.choice(MONTHS)}-{chance.choice(('01', '12', '28'))},"
            f"{chance.randint(1, 900)}.25,EUR,{chance.choice(('Dell', 'Acme', 'Sun', ''))},x"
            for n in range(150)
        )
        made = fiona.post(
            "/p/ATLAS/costs/add/", {"file": SimpleUploadedFile(f"{part}.csv", f"{HEADING}\n{rows}".encode())}
        )
        assert fiona.post(f"{made['Location']}accept/").status_code == 302
    spend(office, 700, office.place("DC", "labour", "operating"))
    return office


def lines(office: Office) -> list[Any]:
    with office.looking(), connection.cursor() as cursor:
        cursor.execute(LINES)
        return list(cursor.fetchall())


def choices(office: Office) -> list[Choice]:
    crm = office.projects["CRM"].pk
    places = [
        {}, {"project_id": crm}, {"category": "labour"}, {"nature": "capital"},
        {"category": "travel", "nature": "operating"}, {"project_id": crm, "nature": "capital"},
        {"project_id": crm, "category": "hardware", "nature": "capital"},
    ]  # fmt: skip
    ends = [
        ("", ""), ("2026-01", "2026-12"), ("2025-02", "2027-11"), ("2026-05", "2026-05"), ("", "2026-08"),
        ("2025-11", ""), ("2026-02", "2026-10"), ("2027-01", "2025-01"),
    ]  # fmt: skip
    made: list[Any] = [
        place | {"first": first, "last": last}
        for n, place in enumerate(places)
        for at, (first, last) in enumerate(ends)
        if at % 3 == n % 3 or n == 0  # everything with every range, each place with some of them
    ]
    return [Choice(**one) for one in made] + [Choice(own=True)]


def fits(row: Any, choice: Choice) -> bool:
    return (
        not choice.own
        and (choice.project_id is None or row[0] == str(choice.project_id))
        and choice.category in ("", row[1])
        and choice.nature in ("", row[2])
        and (not choice.first or row[4] >= choice.first)
        and (not choice.last or row[4] <= choice.last)
    )


def told(office: Office, when: AsOf | None, question: Question, *, whole: bool) -> dict[tuple[str, ...], int]:
    """What is answered of the vendors, by the keys of the cut (what no line tells is left out)."""
    names = {project.pk: project.code for project in office.projects.values()}
    answer = cuts.read(office.program, when, question, names, whole=whole)
    found: dict[tuple[str, ...], int] = {}
    if not question.then:
        return {(str(line.key),): line.actual for line in answer.lines if line.key != NOT_BY_LINE}
    answer.fill(answer.lines)
    for line in answer.lines:
        assert line.actual == sum(part.actual for part in line.parts)
        for part in line.parts:
            if NOT_BY_LINE not in (line.key, part.key):
                found[str(line.key), str(part.key)] = part.actual
    return found


def compared(office: Office, when: AsOf | None, rows: list[Any]) -> int:
    """Every cut with vendors of every choice against the plain sum; how many of them there were."""
    pairs = [("vendor", "")] + [pair for pair in permutations(CUTS, 2) if "vendor" in pair]
    seen = 0
    with office.looking():
        for choice in choices(office):
            for by, then in pairs:
                wanted: dict[tuple[str, ...], int] = {}
                for row in rows:
                    if fits(row, choice):
                        key = tuple(row[AT[name]] for name in (by, then) if name)
                        wanted[key] = wanted.get(key, 0) + row[5]
                wanted = {key: amount for key, amount in wanted.items() if amount}
                question, whole = Question(by, then, choice), seen % 3 == 0
                assert told(office, when, question, whole=whole) == wanted, (question, when, whole)
                seen += 1
    return seen


def test_now_every_cut_of_every_choice_is_a_plain_sum(spread: Office) -> None:
    assert compared(spread, None, lines(spread)) == len(choices(spread)) * 9


@pytest.mark.parametrize(
    ("day", "latest"),
    [("2026-06-30", True), ("2026-11-29", True), ("2026-12-31", False), ("2027-05-12", False)],
)
def test_and_so_it_is_on_any_day_as_known_at_any_instant(spread: Office, day: str, latest: bool) -> None:
    rows = lines(spread)
    instants = sorted({row[6] for row in rows})
    known = instants[-1] if latest else instants[0]
    then = date.fromisoformat(day)
    when = AsOf(at=datetime(2099, 1, 1, tzinfo=UTC), known=known, is_now=False, label="", day=then)
    rows = [row for row in rows if row[6] <= known and row[7] <= then]
    assert rows and compared(spread, when, rows)


def test_a_vendor_alone_is_told_from_the_same_sums(spread: Office) -> None:
    rows = lines(spread)
    with spread.looking():
        for choice in choices(spread):
            for vendor in ("Dell", ""):
                question = Question("project", "category", choice, vendor)
                answer = cuts.read(spread.program, None, question, {})
                assert answer.total.actual == sum(
                    row[5] for row in rows if fits(row, choice) and row[3] == vendor
                )


def test_any_months_are_made_of_few_sums() -> None:
    """Every run of months within a year, exactly once each, from five sums at most."""
    for first in range(1, 13):
        for last in range(first - 1, 13):
            counted = dict.fromkeys(range(1, 13), 0)
            pieces = cover.cover("2026", range(first, last + 1))
            for level, key, sign in pieces:
                part = int(key[5:] or 0)
                held = {
                    "years": range(1, 13),
                    "quarters": range(3 * part - 2, 3 * part + 1),
                    "months": [part],
                }
                for month in held[level]:
                    counted[month] += sign
            assert counted == {month: int(first <= month <= last) for month in counted}, (first, last)
            assert len(pieces) <= 5


def test_any_range_of_years_is_made_of_few_sums() -> None:
    """Exactly once each month, whatever the ends; all but a few months of ten years from three sums."""
    years = [str(year) for year in range(2020, 2030)]
    for first, last in (
        ("", ""), ("2020-02", "2029-11"), ("2024-05", "2024-05"), ("", "2021-08"), ("2028-03", ""),
        ("2025-01", "2024-01"), ("2019-01", "2031-01"), ("2023-04", "2026-02"),
    ):  # fmt: skip
        pieces = cover.between(first, last, years)
        counted = {f"{year}-{month:02}": 0 for year in years for month in range(1, 13)}
        for level, key, sign in pieces:
            part = int(key[5:] or 0)
            quarter = range(3 * part - 2, 3 * part + 1)
            for code in counted:
                held = {
                    "all": True, "years": code[:4] == key, "months": code == key,
                    "quarters": code[:4] == key[:4] and int(code[5:]) in quarter,
                }  # fmt: skip
                counted[code] += sign * held[level]
        assert counted == {
            code: int((not first or code >= first) and (not last or code <= last)) for code in counted
        }, (first, last)
        assert len(pieces) <= 8
    assert len(cover.between("2020-02", "2029-11", years)) == 3


def test_a_month_has_ended_on_its_last_day() -> None:
    for day, month in (
        ("2026-01-01", "2025-12"), ("2026-01-31", "2026-01"), ("2028-02-29", "2028-02"), ("2028-02-28", "2028-01"),
    ):  # fmt: skip
        assert cover.last_ended(date.fromisoformat(day)) == month
    assert cover.last_ended(date(2026, 3, 31) + timedelta(days=1)) == "2026-03"
