"""A page of a register holds the newest rows of its filter, by whichever index they are found, down to the last one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from django.db import connection

from finance.ledger import entries, page_keys
from finance.ledger.choice import Choice
from finance.ledger.models import Posting
from pmo.clocks import AsOf
from tests.finance.office import Office
from tests.finance.test_spend_cuts import ever, filled
from tests.finance.test_vendor_cuts import choices, spread

__all__ = ["filled", "spread"]

INSIDE = AsOf(
    at=datetime(2026, 11, 20, tzinfo=UTC), known=datetime(2099, 1, 1, tzinfo=UTC), is_now=False, label="",
    day=date(2026, 11, 20),
)  # fmt: skip
EARLY = AsOf(
    at=datetime(2099, 1, 1, tzinfo=UTC), known=datetime(2020, 1, 1, tzinfo=UTC), is_now=False, label="",
    day=date(2026, 11, 20),
)  # fmt: skip


def walked(keys_of: Callable[[int, int], list[int]]) -> list[int]:
    """All keys, four at a time."""
    found: list[int] = []
    before = entries.ABOVE_ALL
    while part := keys_of(before, 4):
        found += part
        before = part[-1]
    return found


@pytest.mark.parametrize("probed", [page_keys.MOST_PROBED, 0])
def test_entries_page_by_page_are_all_of_them(
    filled: Office, monkeypatch: pytest.MonkeyPatch, probed: int
) -> None:
    """Place by place and month by month, now and then; with what no month that had begun holds: grants."""
    monkeypatch.setattr(page_keys, "MOST_PROBED", probed)
    program, seen = filled.program.pk, 0
    crm = filled.projects["CRM"].pk
    wanted = [
        Choice(), Choice(first="2026-11", last="2026-11"), Choice(first="2026-12"), Choice(last="2027-12"),
        Choice(category="hardware", nature="capital"), Choice(project_id=crm, first="2026-12"), Choice(own=True),
    ]  # fmt: skip
    with filled.looking():
        for when in (None, ever(), INSIDE, EARLY):
            for choice in wanted:
                for account in ("", entries.BUDGET, "spent", "available", "reserve"):
                    rows = entries.entries(program, choice, account, when).order_by("-pk")

                    def keys(
                        before: int, limit: int, choice: Choice = choice, account: str = account
                    ) -> list[int]:
                        return entries.entry_keys(program, choice, account, when, before, limit)  # noqa: B023

                    expected = list(rows.values_list("pk", flat=True))
                    assert walked(keys) == expected, (choice, account, when)
                    seen += len(expected)
    assert seen > 200


def test_cost_lines_page_by_page_are_all_of_them(spread: Office) -> None:
    program = spread.program.pk
    with spread.looking():
        for when in (None, INSIDE, ever(), EARLY):
            for choice in choices(spread):
                for vendor in (None, "Dell", ""):
                    rows = entries.cost_lines(program, choice, vendor, when)
                    keys = page_keys.of_lines(program, choice, vendor, when, entries.ABOVE_ALL, 10_000)
                    assert keys == list(rows.values_list("pk", flat=True)), (choice, vendor, when)
        keys = walked(
            lambda before, limit: page_keys.of_lines(program, Choice(), "Dell", None, before, limit)
        )
        assert keys == list(entries.cost_lines(program, Choice(), "Dell", None).values_list("pk", flat=True))


def test_a_posting_stands_in_the_month_of_its_journal(filled: Office) -> None:
    """Whoever writes it, and whatever he says."""
    with filled.looking():
        rows = Posting.objects.values_list("period_id", "journal__period_id")
        assert len(rows) > 10 and all(mine == its for mine, its in rows)
        with connection.cursor() as cursor:
            cursor.execute("select has_column_privilege('pmo_app', 'finance_posting', 'period_id', 'insert')")
            assert cursor.fetchone()[0] is False
