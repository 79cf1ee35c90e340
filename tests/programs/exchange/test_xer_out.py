"""A plan that leaves for Primavera keeps its dates, links, calendars and progress."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, assume, given, settings

from pmo.refusals import Refused
from programs.exchange.dates import compare_dates
from programs.exchange.draft import DependencyDraft, Draft
from programs.exchange.export.xer_out import xer
from programs.exchange.reading import Read, parse_upload
from tests.programs.wild import wild_office
from tests.shared import shared

from . import xers
from .drafts import drafts
from .test_round_trip import content, exported, of_now, read

FOLDERS = ("plans", "12_exchange_formats")
some = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


def again(draft: Draft) -> Read:
    found = read(xer(draft), "plan.xer")
    told = [one for one in found.problems if "spreadsheet formula" not in one.sentence]
    assert told == [], "names that look like formulas are text, and said to be"
    return found


def agreement(draft: Draft) -> tuple[int, int]:
    """Of how many activities the dates and floats in the file are those of our engine under Primavera's rules."""
    report = compare_dates(draft)
    return (report["agree"], report["activities"]) if report else (0, 0)


def files(*endings: str) -> list[str]:
    found: list[str] = []
    for folder in FOLDERS:
        try:
            here = shared(folder)
        except pytest.skip.Exception:
            return []
        found += sorted(f"{folder}/{one.name}" for one in here.iterdir() if one.name.endswith(endings))
    return found


@pytest.mark.parametrize("name", files(".xer", "pmxml.xml"))
def test_what_primavera_wrote_is_the_same_after_it_was_written_by_us(name: str) -> None:
    path = shared(name)
    before = parse_upload(path.read_bytes(), path.name).draft
    after = again(before).draft
    usual = {one.code: one.calendar for one in before.projects}
    at_work = {one.resource for one in before.assignments}
    for one in before.activities:
        one.calendar = "" if one.kind == "summary" else one.calendar or usual[one.project]
    before.resources = [one for one in before.resources if one.code in at_work]
    before.dropped = (
        after.dropped
    ) = []  # user fields, codes: named when the file was read, and in none of ours
    assert content(after) == content(before)
    agree, all_of_them = agreement(after)
    assert agree == all_of_them


@pytest.mark.parametrize("name", [one for one in files(".xml") if "pmxml" not in one])
def test_a_plan_of_ms_project_leaves_for_primavera_with_its_dates(name: str) -> None:
    path = shared(name)
    before = parse_upload(path.read_bytes(), path.name).draft
    after = again(before).draft
    work = [
        {(one.project, one.code): (one.name, one.kind) for one in each.activities} for each in (before, after)
    ]
    assert work[0] == work[1]
    agree, all_of_them = agreement(after)
    assert agree == all_of_them


@some
@given(drafts())
def test_any_plan_is_scheduled_by_primavera_rules_as_it_is_here(draft: Draft) -> None:
    """Lags by the clock lead across two calendars to the nearest working minute only, so they stay out of this."""
    at_work = {one.project for one in draft.activities if one.kind != "summary"}
    assume(len(at_work) == len(draft.projects))
    for link in draft.dependencies:
        link.lag_unit = "working" if link.lag_unit == "elapsed" else link.lag_unit
    after = again(draft).draft
    agree, all_of_them = agreement(after)
    assert agree == all_of_them
    codes = [{(one.project, one.code, one.parent) for one in each.activities} for each in (draft, after)]
    assert codes[0] == codes[1], "groups too have the codes that they have here"


def test_a_link_of_a_group_leads_through_a_milestone_that_stands_for_its_end() -> None:
    draft, _ = xers.read(
        xers.xer([xers.task(10, "A", 16, 2), xers.task(11, "B", 40, 2), xers.task(12, "C", 8)])
    )
    group = next(one for one in draft.activities if one.kind == "summary")
    draft.dependencies.append(DependencyDraft("PILOT", group.code, "PILOT", "C"))
    after = again(draft).draft
    (point,) = [one for one in after.activities if one.name == "End of a group, for its links"]
    assert {(one.from_activity, one.to_activity) for one in after.dependencies} == {
        ("A", point.code),
        ("B", point.code),
        (point.code, "C"),
    }
    agree, all_of_them = agreement(after)
    assert agree == all_of_them == 4


def test_a_lag_by_the_clock_becomes_the_working_hours_that_it_is_now() -> None:
    draft, _ = xers.read(xers.xer([xers.task(10, "A", 8), xers.task(11, "B", 8)], [xers.link(10, 11)]))
    draft.dependencies[0].lag, draft.dependencies[0].lag_unit = (
        3 * 1440,
        "elapsed",
    )  # Monday 17:00 to Thursday
    after = again(draft).draft
    assert (after.dependencies[0].lag, after.dependencies[0].lag_unit) == (3 * 480, "working")
    assert agreement(after) == (2, 2)


@pytest.mark.parametrize(
    "name", ["=1+1", 'The "north" gate: ""', "Ärger\tmit\nTabs", "Ã©", "計画", "x" * 250]
)
def test_names_come_back_on_one_line_in_any_script(name: str) -> None:
    draft, _ = xers.read(xers.xer([xers.task(10, "A")]))
    draft.activities[0].name = name
    found = read(xer(draft), "plan.xer")
    assert found.draft.activities[0].name == " ".join(name.split())


def test_a_plan_in_a_circle_is_refused_in_words() -> None:
    draft, _ = xers.read(xers.xer([xers.task(10, "A"), xers.task(11, "B")], [xers.link(10, 11)]))
    draft.dependencies.append(DependencyDraft("PILOT", "B", "PILOT", "A"))
    with pytest.raises(Refused, match="no dates to be written for Primavera"):
        xer(draft)


@pytest.mark.django_db
def test_a_plan_that_is_kept_here_leaves_for_primavera_and_is_scheduled_the_same() -> None:
    office = wild_office(3)
    here = of_now(office.program)
    assert exported(office.program, "xer").startswith(b"ERMHDR")
    by_the_clock = [one for one in here.dependencies if one.lag_unit == "elapsed"]
    for one in by_the_clock:
        one.lag_unit = "working"
    found = again(here)
    agree, all_of_them = agreement(found.draft)
    assert agree == all_of_them > 20
    assert len(found.draft.dependencies) >= len(here.dependencies) > len(by_the_clock) > 0
