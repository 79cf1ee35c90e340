"""The Gantt on sheets of A3: every row of the plan, the dates that the page shows, one axis, a legend."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

import pytest
from defusedxml import ElementTree as ET

from pmo.refusals import Refused
from pmo.reports import registry
from pmo.reports.document import Chart, Document
from pmo.reports.models import ReportRun
from pmo.reports.renderers import pdf
from programs.master_plan import paper
from programs.portfolio.models import Program
from programs.schedule.gantt import GanttLink, GanttRow
from programs.schedule.gantt_axis import wall
from programs.schedule.gantt_paper import ROWS, WIDE, PaperRow, sheets, style
from programs.schedule.models import Activity
from tests.cast import everything, make_office
from tests.programs.wild import wild_office

FIRST, LAST = date(2027, 1, 1), date(2027, 12, 31)


def quiet(_words: str, _percent: int) -> None:
    """Nobody is watching this run."""


def drawn(count: int, links: list[GanttLink] | None = None) -> list[str]:
    day = wall(date(2027, 2, 1))
    rows = [PaperRow(GanttRow(n, f"Work {n}", "task", day, day + 14_400), 1) for n in range(count)]
    return list(sheets(rows, links or [], first=FIRST, last=LAST, status_date=None))


def texts(svg: str) -> list[str]:
    return [one.text or "" for one in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]


def test_so_many_rows_stand_on_each_sheet_and_all_of_them_on_one() -> None:
    made = drawn(2 * ROWS + 3)
    assert len(made) == 3
    assert [sum(text.startswith("Work ") for text in texts(svg)) // 2 for svg in made] == [ROWS, ROWS, 3]
    assert all("Status date" in texts(svg) and "Critical" in texts(svg) for svg in made), (
        "each has its legend"
    )
    assert {re.search(r'width="(\d+)"', svg)[1] for svg in made} == {str(WIDE)}  # type: ignore[index]


def test_a_link_to_a_row_of_another_sheet_ends_in_a_dot_on_both() -> None:
    one, other = drawn(ROWS + 1, [GanttLink(ROWS - 1, ROWS)])
    assert one.count('class="arrow"') == other.count('class="arrow"') == 2, "the dot, and the legend's arrow"
    together, _ = drawn(ROWS + 1, [GanttLink(1, 2)])
    assert '<g class="links"><path d="M' in together


def test_names_are_cut_to_their_column_and_never_markup() -> None:
    row = PaperRow(GanttRow("k", "<b>&" + "long " * 30, "task", None, None))
    (svg,) = sheets([row], [], first=FIRST, last=LAST, status_date=None)
    name = next(text for text in texts(svg) if text.startswith("<b>&"))
    assert len(name) <= 42
    assert name.endswith("…")


def test_a_control_character_in_a_name_does_not_keep_the_plan_from_paper() -> None:
    row = PaperRow(GanttRow("k", "Bell\x08 rings", "task", wall(FIRST), wall(LAST)))
    (svg,) = sheets([row], [], first=FIRST, last=LAST, status_date=None)
    assert any(text.startswith("Bell") for text in texts(svg)), "it is XML still"


def test_screen_and_paper_have_the_same_colours() -> None:
    rules = style()
    for shape, colour in (
        (".bar", "#8fa8f3"),
        (".done", "#4a6ee0"),
        (".critical .bar", "#d6453d"),
        (".ghost", "#c3cad5"),
    ):
        assert f".g {shape} {{ fill: {colour}; }}" in rules, "as tokens.css has them for the light theme"
    assert "var(" not in rules
    assert "light-dark" not in rules


def run_of(program: Program) -> ReportRun:
    now = datetime(2100, 1, 1, tzinfo=UTC)
    return ReportRun(program_id=program.pk, kind="master_plan", as_of=now, known=now)


def built(program: Program) -> Document:
    with everything(program):
        return registry.get("master_plan").build(run_of(program), quiet)


@pytest.mark.django_db
def test_every_activity_of_the_plan_is_on_paper_once() -> None:
    office = wild_office(3)
    document = built(office.program)
    charts = [block for section in document.sections for block in section.blocks if isinstance(block, Chart)]
    with everything(office.program):
        names = sorted(Activity.objects.filter(program=office.program).values_list("name", flat=True))
    shown = [
        row for chart in charts for row in re.findall(r'<text x="\d+" y="\d+"[^>]*>([^<]*)</text>', chart.svg)
    ]
    assert [name for name in names if name not in shown] == []
    assert len(charts) == -(-(len(names) + 2) // ROWS), "two projects have a row of their own"
    assert pdf.render(document).startswith(b"%PDF")


@pytest.mark.django_db
def test_an_empty_plan_says_so_and_one_too_large_is_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    office = make_office()
    with everything(office.program):
        Activity.objects.filter(program=office.program).delete()
    assert built(office.program).sections
    monkeypatch.setattr(paper, "MOST", -1)
    with pytest.raises(Refused, match="drawn on paper"):
        built(office.program)
