"""Both Gantts of a change: the same rows on the same axis, by project, what moves furthest first, none left unsaid."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from programs.changes import before_after, impact, on_paper
from tests.programs.changes.test_requests import Desk
from tests.world import rolled_back


@pytest.fixture(scope="module")
def desk(django_db_setup: None, django_db_blocker: Any) -> Iterator[Desk]:
    with django_db_blocker.unblock(), rolled_back():
        yield Desk()


def bar(label: str, before: tuple[int, int] | None, after: tuple[int, int] | None) -> list[Any]:
    return [
        label,
        "task",
        *((*before, False) if before else [None] * 3),
        *((*after, True) if after else [None] * 3),
    ]


def test_both_have_the_same_rows_grouped_by_project_and_the_second_the_first_as_ghosts() -> None:
    found = {
        "bars": [
            bar("ERP/A1 Longer <b>", (0, 1440), (0, 4320)),
            bar("ERP/A2 New", None, (4320, 5760)),
            bar("IAM/B1 Gone", (1440, 2880), None),
        ]
    }
    today, after = before_after.gantts(found)
    assert (today.title, after.title) == ("Today", "If approved")
    assert today.names == after.names
    assert [label for label, project in today.names if project] == ["ERP", "IAM"]
    assert str(today.head) == str(after.head)
    assert "&lt;b&gt;" in str(today.svg) and "<b>" not in str(today.svg)
    assert "ghost" not in str(today.svg) and "ghost" in str(after.svg)
    stands = before_after.stands(found)
    assert [row.start for row in stands[0].rows] == [0, 0, None, 1440, 1440]
    assert [row.finish for row in stands[1].rows] == [5760, 4320, 5760, None, None]
    assert before_after.gantts({}) == [] == before_after.gantts({"bars": [bar("ERP/A1", None, None)]})


def test_paper_draws_thirty_rows_and_counts_the_rest() -> None:
    bars = [bar(f"ERP/A{n} {'long name ' * 6}", (0, 1440), (n, 1440 + n)) for n in range(50)]
    (title, svg, left_out), (_, then, _) = on_paper.charts({"bars": bars})
    assert (title, left_out) == ("Today", 21)  # a row of the project, and fifty
    assert svg.startswith("<svg xmlns=") and then.count("…") == 29


def test_the_furthest_moves_are_drawn_where_not_all_are(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A1 is edited; of A2 and GO, which both move, GO moves over a weekend as well."""
    monkeypatch.setattr(impact, "BARS", 2)
    request = desk.request(desk.longer(8))
    found = desk.impact(request)
    everything = desk.impact(desk.request(desk.longer(7)))
    assert found["bars_left_out"] == everything["bars_left_out"] == 1
    monkeypatch.setattr(impact, "BARS", 60)
    every = desk.impact(desk.request(desk.longer(8)))["bars"]
    moves = {one[0]: max(abs(one[5] - one[2]), abs(one[6] - one[3])) for one in every}
    edited = next(label for label in moves if "/A1 " in label)
    furthest = max((label for label in moves if label != edited), key=lambda label: moves[label])
    assert {one[0] for one in found["bars"]} == {edited, furthest}
