"""Primavera XER files: what is read, what is left out and said, and whose dates come out."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from programs.engine.critical_path import schedule
from programs.engine.plan import LatestFinish, Progress
from programs.exchange.draft import iso
from programs.exchange.network import network_of, rules_for
from programs.exchange.problems import ImportRefused
from programs.exchange.sandbox import read_path, read_upload
from programs.management.commands.schedule import computed
from tests.shared import shared

from . import xers
from .test_fuzz import _sweep

PILOT = xers.xer(
    [
        xers.task(10, "A10", 16),
        xers.task(11, "B 10/2", 8, 2, cstr_type="CS_MEOA", cstr_date="2027-01-12 17:00"),
        xers.task(12, "M1", 0, 2, task_type="TT_FinMile"),
    ],
    [xers.link(10, 11, "PR_FS", "4"), xers.link(11, 12)],
)


def test_a_project_comes_with_its_wbs_activities_links_and_dates() -> None:
    draft, problems = xers.read(PILOT)
    assert problems == []
    assert [(a.code, a.kind, a.parent, a.wbs) for a in draft.activities] == [
        ("A10", "task", "", "A10"),
        ("W2", "summary", "", "B"),
        ("B-10-2", "task", "W2", "B.B-10-2"),
        ("M1", "finish_milestone", "W2", "B.M1"),
    ]
    assert [(d.from_activity, d.to_activity, d.lag) for d in draft.dependencies] == [
        ("A10", "B-10-2", 240),
        ("B-10-2", "M1", 0),
    ]
    assert (draft.projects[0].code, draft.projects[0].name, draft.program.currency) == (
        "PILOT",
        "Pilot",
        "EUR",
    )
    rows = computed(draft, LatestFinish.EACH_PROJECT)
    assert [(row[1], row[2], row[3]) for row in rows][1:] == [
        ("B-10-2", "2027-01-12T08:00", "2027-01-12T17:00"),
        ("M1", "2027-01-12T17:00", "2027-01-12T17:00"),
    ]


def test_start_on_is_a_pair_of_bounds_and_finish_on_a_bound_with_a_deadline() -> None:
    on = "2027-01-20 08:00"
    draft, _ = xers.read(
        xers.xer(
            [
                xers.task(1, "A", cstr_type="CS_MSO", cstr_date=on),
                xers.task(2, "B", cstr_type="CS_MEO", cstr_date="2027-01-20 17:00"),
                xers.task(3, "C", cstr_type="CS_MANDSTART", cstr_date=on),
                xers.task(
                    4,
                    "D",
                    cstr_type="CS_MSOA",
                    cstr_date=on,
                    cstr_type2="CS_MEOB",
                    cstr_date2="2027-02-01 17:00",
                ),
            ]
        )
    )
    assert [(a.constraint, a.deadline is not None) for a in draft.activities[:4]] == [
        ("SNET", False),
        ("FNET", True),
        ("MSO", False),
        ("SNET", True),
    ]
    assert [(one.activity, one.constraint, iso(one.constraint_date)) for one in draft.seconds] == [
        ("A", "SNLT", "2027-01-20T08:00")
    ]
    plan = network_of(draft).plan
    result = schedule(plan, rules_for(draft))
    assert iso(result.late_start[0]) == iso(result.early_start[0]) == "2027-01-20T08:00"


def test_settings_of_the_schedule_are_the_projects_own() -> None:
    draft, _ = xers.read(
        xers.xer(
            [
                xers.task(
                    1, "A", status_code="TK_Active", act_start_date="2027-01-04 08:00", remain_drtn_hr_cnt="6"
                )
            ],
            SCHEDOPTIONS=[
                {
                    "proj_id": "7",
                    "sched_calendar_on_relationship_lag": "rcal_24Hour",
                    "sched_retained_logic": "N",
                    "sched_progress_override": "Y",
                }
            ],
        )
    )
    assert draft.projects[0].lag_calendar == "elapsed"
    assert rules_for(draft).progress is Progress.PROGRESS_OVERRIDE
    assert (draft.activities[0].percent_complete, draft.activities[0].remaining) == (Decimal(25), 360)


def test_calendars_inherit_and_their_exceptions_count_from_excels_day_nought() -> None:
    off = "(0||0(d|46027)())(0||1(d|46032)((0||0(s|09:00|f|12:00)())))"
    base = {"clndr_id": "5", "default_flag": "Y", "clndr_name": "Office", "clndr_data": xers.hours(off)}
    night = xers.hours("", "(0||2()((0||0(f|00:00|s|20:00)())))")
    own = {"clndr_id": "6", "clndr_name": "Night", "base_clndr_id": "5", "clndr_data": night}
    draft, problems = xers.read(
        xers.xer([xers.task(1, "A"), xers.task(2, "B", clndr_id="6")], CALENDAR=[base, own])
    )
    assert problems == []
    office, nights = draft.calendars
    assert office.exceptions == {date(2026, 1, 5): (), date(2026, 1, 10): ((540, 720),)}
    assert nights.week[0] == ((1200, 1440),)
    assert nights.week[1] == office.week[1]
    assert nights.exceptions == office.exceptions


def test_resources_carry_their_rates_and_costs_and_the_pool_stays_outside() -> None:
    draft, _ = xers.read(
        xers.xer(
            [xers.task(1, "A")],
            RSRC=[
                {"rsrc_id": "3", "rsrc_short_name": "ANN", "rsrc_name": "Ann", "rsrc_type": "RT_Labor"},
                {"rsrc_id": "4", "rsrc_short_name": "BOB", "rsrc_name": "Bob", "rsrc_type": "RT_Labor"},
            ],
            RSRCRATE=[
                {"rsrc_id": "3", "max_qty_per_hr": "2", "cost_per_qty": "50,5", "start_date": "2020-01-01"}
            ],
            TASKRSRC=[
                {
                    "task_id": "1",
                    "rsrc_id": "3",
                    "target_qty_per_hr": "0.5",
                    "target_qty": "4",
                    "target_cost": "202.0000",
                }
            ],
            TASKACTV=[{"task_id": "1", "actv_code_id": "9"}],
        )
    )
    assert [(r.code, r.kind, r.availability, r.cost_per_hour) for r in draft.resources] == [
        ("ANN", "person", Decimal(2), Decimal("50.5"))
    ]
    assert [(a.units, a.effort, a.cost) for a in draft.assignments] == [
        (Decimal("0.5"), 240, Decimal("202.0000"))
    ]
    assert draft.activities[0].total_cost == Decimal(202)
    assert draft.dropped == [
        "1 resource of Primavera's pool, without work in this file",
        "1 activity code of an activity",
    ]


def test_a_file_that_was_cut_off_is_an_error_and_dangling_links_are_named() -> None:
    _, problems = xers.read(xers.xer([xers.task(1, "A")], end=""))
    assert ["cut off" in one.sentence for one in problems if one.severity == "error"] == [True]
    _, problems = xers.read(
        xers.xer(
            [xers.task(1, "A"), xers.task(2, "W", task_type="TT_WBS")],
            [xers.link(9, 1), xers.link(2, 1), xers.link(8, 1, pred_proj_id="99")],
        )
    )
    said = sorted((one.severity, one.sentence) for one in problems)
    assert said == [
        ("error", "No activity with this number is in the file."),
        ("warning", "A WBS summary activity was left out: the WBS element itself shows its dates."),
        ("warning", "Links to activities of projects outside of the file were left out."),
        ("warning", "This link leads to an activity that was left out; so was it."),
    ]
    with pytest.raises(ImportRefused, match="holds no activities"):
        read_upload(xers.xer([]), "empty.xer")


@pytest.mark.proof
def test_a_primavera_file_damaged_at_any_byte() -> None:
    refused, troubled, parsed = _sweep(PILOT, "plan.xer")
    assert refused + troubled + parsed == 3 * len(PILOT)
    assert min(refused, troubled, parsed) > 0


def test_every_xer_file_is_read_without_error() -> None:
    files = sorted(shared("plans").glob("*.xer")) + sorted(shared("12_exchange_formats").glob("*.xer"))
    assert len(files) == 12
    for file in files:
        read = read_path(file)
        assert (file.name, read.errors) == (file.name, 0), read.problems[:3]
