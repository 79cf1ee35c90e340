"""MS Project files that we write: real plans come back equal, edits made there come in, notes are not believed."""

from __future__ import annotations

from decimal import Decimal

import pytest

from programs.exchange.draft import Draft
from programs.exchange.export.mspdi_out import mspdi
from programs.exchange.reading import parse_upload
from tests.programs.exchange import plans
from tests.programs.exchange.bundles import GOOD, as_bytes, zipped
from tests.programs.exchange.test_round_trip import content, read
from tests.shared import SHARED

PLANS = sorted(
    path
    for folder in ("plans", "12_exchange_formats")
    for path in (SHARED / folder).glob("*.xml")
    if "pmxml" not in path.name
)


def good() -> Draft:
    """The small plan, as far as a program here keeps it."""
    draft = parse_upload(zipped(as_bytes(GOOD)), "a.zip").draft
    draft.budget.clear()
    draft.actuals.clear()
    for project in draft.projects:
        project.manager = ""
    for record in draft.progress:
        record.actual_cost = None
        work = next(one for one in draft.activities if one.code == record.activity)
        work.actual_start, work.remaining = record.actual_start, record.remaining
        work.percent_complete = record.percent_complete
    return draft


def changed(old: str, new: str) -> Draft:
    """The small plan as MS Project would save it after one change."""
    text = mspdi(good()).decode()
    assert text.count(old) == 1, text.count(old)
    return read(text.replace(old, new).encode(), "plan.xml").draft


@pytest.mark.skipif(not PLANS, reason="real plans are not beside this checkout")
@pytest.mark.parametrize("path", PLANS, ids=lambda path: path.stem)
def test_a_real_plan_of_ms_project_is_the_same_after_it_was_written_again(path) -> None:  # type: ignore[no-untyped-def]
    first = parse_upload(path.read_bytes(), path.name)
    assert first.acceptable
    again = read(mspdi(first.draft), "plan.xml")
    # Split work is written as the longer task that it became: nothing is left to be dropped.
    assert content(again.draft) | {"dropped": []} == content(first.draft) | {"dropped": []}


def test_two_projects_are_two_top_rows_and_work_is_below_them() -> None:
    text = mspdi(good()).decode()
    rows = [line for line in text.splitlines() if line.startswith("<Task>") or "<OutlineLevel>" in line]
    levels = [int(row.split("<OutlineLevel>")[1][0]) for row in rows if "<OutlineLevel>" in row]
    assert levels == [0, 1, 2, 3, 3, 3, 1, 2, 2]
    assert "<LinkLag>1200</LinkLag><LagFormat>8</LagFormat>" in text, "2 elapsed hours"
    assert "<LinkLag>50</LinkLag><LagFormat>19</LagFormat>" in text, "half of the predecessor"
    assert "<LinkLag>-4800</LinkLag><LagFormat>7</LagFormat>" in text, "a lead of 8 hours"
    assert "<PercentComplete>50</PercentComplete>" in text, (
        "MS Project holds whole percents; 50.5 is beside it"
    )
    assert "p=50.5" in text


def test_what_was_changed_in_ms_project_comes_in_and_the_rest_stays() -> None:
    before = read(mspdi(good()), "plan.xml").draft
    longer = changed("<Duration>PT40H0M0S</Duration>", "<Duration>PT48H0M0S</Duration>")
    other = {one.code for one, was in zip(longer.activities, before.activities, strict=True) if one != was}
    assert other == {"A1"}
    assert next(one for one in longer.activities if one.code == "A1").duration == 2880
    renamed = changed("<Name>Lay cable</Name>", "<Name>Lay fibre</Name>")
    assert [one.name for one in renamed.activities] == [
        one.name.replace("Lay cable", "Lay fibre") for one in before.activities
    ]
    assert not renamed.progress_now
    further = changed("<PercentComplete>50</PercentComplete>", "<PercentComplete>75</PercentComplete>")
    assert next(one for one in further.activities if one.code == "N1").percent_complete == 75
    assert [one.project for one in further.progress_now] == ["NET"], "newer than the status date"


def test_a_task_added_in_ms_project_gets_a_code_of_its_number_in_its_project() -> None:
    added = changed("</Tasks>", f"{plans.task(900, 2, 16)}</Tasks>")
    assert [(one.project, one.code, one.duration) for one in added.activities][-1] == ("APP", "900", 960)
    beside = changed("</Tasks>", f"{plans.task(900, 1, 16)}</Tasks>")
    assert ("NET", "900") in {(one.project, one.code) for one in beside.activities}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("p=50.5", "p=5050"),
        ("p=50.5", "p=half"),
        ("k=level", "k=bridge"),
        ("1,NET", "1,no code at all"),
        ("1,NET", "1,office"),
        ("predecessor,2027-01-04T08:00", "sideways,2027-01-04T08:00"),
        ("# projects.csv", "# nothing.csv"),
        ("<Value>N1</Value>", "<Value>=cmd()</Value>"),
    ],
)
def test_a_note_that_was_tampered_with_is_refused_in_words_or_ignored(old: str, new: str) -> None:
    draft = good()
    draft.activities[-1].kind = "level_of_effort"
    text = mspdi(draft).decode()
    assert old in text
    found = parse_upload(text.replace(old, new).encode(), "plan.xml")
    assert found.errors or content(found.draft) == content(draft)
    assert all(problem.sentence.endswith(".") for problem in found.problems)


def test_money_finer_than_a_cent_and_rates_are_exact() -> None:
    draft = good()
    draft.activities[1].fixed_cost = Decimal("100.123456")
    draft.resources[0].cost_per_hour = Decimal("80.000001")
    draft.resources[0].cost_per_use = Decimal("0.000001")
    again = read(mspdi(draft), "plan.xml").draft
    assert again.activities[1].fixed_cost == Decimal("100.123456")
    assert again.resources[0].cost_per_hour == Decimal("80.000001")
    assert again.resources[0].cost_per_use == Decimal("0.000001")
