"""Tens of thousands of cells a page at a time: what a page reads is what the whole answer says, and a plain sum."""

from __future__ import annotations

import html
import re
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connection

from finance.ledger.choice import Choice
from finance.ledger.sums import VendorMonth
from finance.spend import cuts
from finance.spend.adding import NOT_BY_LINE
from finance.spend.asking import Question
from finance.spend.table import count, window
from pmo.clocks import AsOf
from tests.finance.office import Office
from tests.finance.test_pages import browser
from tests.finance.test_spend_cuts import PAGE, ever, filled

__all__ = ["filled"]  # the fixture
OTHERS = ("project", "category", "nature", "period")
PAIRS = [pair for other in OTHERS for pair in (("vendor", other), (other, "vendor"))]
PLAIN = {
    "project": "l.project_id::text",
    "category": "l.category",
    "nature": "l.nature",
    "period": "(select code from finance_fiscalperiod where id = l.period_id)",
}
INSIDE = AsOf(
    at=datetime(2026, 11, 20, tzinfo=UTC),
    known=datetime(2099, 1, 1, tzinfo=UTC),
    is_now=False,
    label="",
    day=date(2026, 11, 20),
)


def read(office: Office, by: str, then: str, when: AsOf | None, *, whole: bool, **choice: Any) -> cuts.Cut:
    names = {project.pk: project.code for project in office.projects.values()}
    return cuts.read(office.program, when, Question(by, then, Choice(**choice)), names, whole=whole)


def told(rows: Any) -> list[tuple[Any, ...]]:
    return [(row.level, row.keys, row.line.label, row.line.budget, row.line.actual) for row in rows]


@pytest.mark.parametrize("when", [None, ever(), INSIDE], ids=["now", "ever", "inside a month"])
def test_pages_put_together_are_the_whole_answer(filled: Office, when: AsOf | None) -> None:
    """Also narrowed to a place or to months; in steps of three rows, from the first to the last."""
    choices: list[dict[str, Any]] = [
        {}, {"first": "2026-12"}, {"category": "labour"}, {"project_id": filled.projects["CRM"].pk}, {"own": True},
    ]  # fmt: skip
    seen = 0
    with filled.looking():
        for by, then in PAIRS:
            for choice in choices:
                whole = read(filled, by, then, when, whole=True, **choice)
                wanted = told(window(whole, 0, count(whole)))
                found = []
                for first in range(0, len(wanted), 3):
                    paged = read(filled, by, then, when, whole=False, **choice)
                    assert count(paged) == len(wanted)
                    assert paged.total == whole.total and paged.months == whole.months
                    found += told(window(paged, first, first + 3))
                assert found == wanted, (by, then, choice)
                seen += len(found)
    assert seen > 50


@pytest.mark.parametrize("other", OTHERS)
def test_a_page_of_vendors_is_a_plain_sum_in_the_same_moment(filled: Office, other: str) -> None:
    """The kept sums and the lines themselves, read in one snapshot."""
    with filled.looking(), connection.cursor() as cursor:
        cursor.execute(
            f"select l.vendor, {PLAIN[other]}, sum(l.amount_minor) from finance_actualline l group by 1, 2"  # noqa: S608
        )
        plain = {(vendor, key): int(amount) for vendor, key, amount in cursor.fetchall() if amount}
        cursor.execute(
            """select sum(p.amount) from finance_posting p join finance_account a on a.id = p.account_id
                where a.kind = 'spent'"""
        )
        spent = cursor.fetchone()[0]
        paged = read(filled, "vendor", other, None, whole=False)
        rows = list(window(paged, 0, count(paged)))
    parts = {
        (row.keys[0][1], str(row.keys[1][1])): row.line.actual
        for row in rows
        if row.level and row.keys[0][1] != NOT_BY_LINE
    }
    assert parts == plain and len(plain) > 2
    assert sum(row.line.actual for row in rows if not row.level) == paged.total.actual == spent


def test_a_line_whose_parts_were_only_counted_is_not_taken_for_empty(filled: Office) -> None:
    with filled.looking():
        paged = read(filled, "vendor", "period", None, whole=False)
        dell = paged.lines[0]
        assert (dell.label, len(dell.parts)) == ("Dell", 2)
        with pytest.raises(LookupError):
            list(dell.parts)
        paged.fill([dell])
        assert [(part.label, part.actual) for part in dell.parts] == [
            ("Nov 2026", 10_050),
            ("Dec 2026", -1_000),
        ]


def test_the_sums_by_vendor_and_month_are_those_of_the_lines(filled: Office) -> None:
    with filled.looking(), connection.cursor() as cursor:
        cursor.execute(
            "select vendor, period_id, sum(amount_minor), count(*) from finance_actualline group by 1, 2"
        )
        plain = {(row[0], row[1]): (int(row[2]), row[3]) for row in cursor.fetchall()}
        kept = {(one.vendor, one.period_id): (one.amount, one.lines) for one in VendorMonth.objects.all()}
    assert kept == plain and len(plain) == 4


def test_the_page_shows_vendors_month_by_month(filled: Office) -> None:
    text = html.unescape(browser(filled, "ada").get(f"{PAGE}?by=vendor&then=period").content.decode())
    rows = re.findall(r'<tr[^>]*><th scope="row">(?:<a [^>]*>)?([^<]+)', text[text.index("<tbody>") :])
    assert rows[:3] == ["Dell", "Nov 2026", "Dec 2026"]
    assert "Entered without a cost line" in rows
