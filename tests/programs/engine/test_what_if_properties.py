"""Whatever is edited, the answer is the schedule of the whole edited plan, and the plan itself stays as it was."""

from __future__ import annotations

import copy
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from programs.engine import (
    Alap,
    BeyondCalendar,
    Constraint,
    CycleFound,
    Kind,
    LagCalendar,
    LagUnit,
    LatestFinish,
    LinkKind,
    Plan,
    Progress,
    Project,
    Rules,
    StartFloor,
    schedule,
    validate,
)
from programs.engine.critical_path import computed
from programs.engine.edits import Edits, EditsRefused, NewLink
from programs.engine.what_if import Scheduled, WhatIf, what_if
from tests.programs.engine.planner import CALENDARS, minute

START = minute("01-04")
SEVERAL = [CALENDARS[name] for name in ("office", "six", "always", "holiday", "nights")]
DATES = st.one_of(st.none(), st.integers(START - 5000, START + 30000))
MINUTES = st.integers(0, 3000)

RULES = st.builds(
    Rules,
    progress=st.sampled_from(Progress),
    start_floor=st.sampled_from(StartFloor),
    late_constraints_pull=st.booleans(),
    alap=st.sampled_from([Alap.FREE_FLOAT, Alap.FREE_FLOAT, Alap.TOTAL_FLOAT]),
    float_to=st.sampled_from(LatestFinish),
    longest_path_to=st.sampled_from(LatestFinish),
    late_finish_at_next_work=st.booleans(),
)
KINDS = st.sampled_from(
    [*[Kind.TASK] * 5, Kind.START_MILESTONE, Kind.FINISH_MILESTONE, Kind.LEVEL_OF_EFFORT, Kind.SUMMARY]
)
FRAMES = st.builds(
    Project,
    start=st.integers(START, START + 9999),
    status_date=st.one_of(st.none(), st.integers(START, START + 15000)),
    must_finish_by=st.one_of(st.none(), st.none(), st.integers(START, START + 30000)),
    lag_calendar=st.sampled_from(LagCalendar),
    calendar=st.integers(0, len(SEVERAL) - 1),
    critical_float=st.sampled_from([None, None, 0, 480]),
)


def constraint(draw: st.DrawFn, prefix: str) -> dict[str, Any]:
    """A constraint with a date where it needs one."""
    kind = draw(st.sampled_from([Constraint.AS_SOON_AS_POSSIBLE, *Constraint]))
    at = draw(st.integers(START - 5000, START + 30000)) if kind > 1 else draw(DATES)
    return {f"{prefix}constraint": int(kind), f"{prefix}constraint_date": at}


def progress(draw: st.DrawFn) -> dict[str, Any]:
    """Not begun, begun or ended."""
    begun = draw(DATES)
    ended = None if begun is None else draw(st.one_of(st.none(), st.integers(begun, begun + 9000)))
    return {
        "actual_start": begun,
        "actual_finish": ended,
        "remaining": draw(st.one_of(st.none(), st.integers(0, 2000))),
    }


@st.composite
def networks(draw: st.DrawFn) -> Plan:
    """Any plan of up to ten activities with everything that the engine knows in it, columns left out at random."""
    count = draw(st.integers(1, 10))
    frames = draw(st.lists(FRAMES, min_size=2, max_size=2))
    kinds = draw(st.lists(KINDS, min_size=count, max_size=count))
    pairs = draw(st.lists(st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)), max_size=18))
    pairs = [(min(pair), max(pair)) for pair in pairs if pair[0] != pair[1]]
    per_link: Any = {"min_size": len(pairs), "max_size": len(pairs)}
    rows: list[dict[str, Any]] = []
    for i in range(count):
        row = {"calendar": draw(st.integers(0, len(SEVERAL) - 1)), "duration": draw(MINUTES)}
        row |= {"project": draw(st.integers(0, 1)), "kind": int(kinds[i])}
        above = [-1, *(j for j in range(i) if kinds[j] == Kind.SUMMARY)]
        row["parent"] = draw(st.sampled_from(above))
        row |= constraint(draw, "") | constraint(draw, "second_") | progress(draw) | {"deadline": draw(DATES)}
        rows.append(row)
    columns: dict[str, Any] = {name: [row[name] for row in rows] for name in rows[0]}
    left_out = draw(
        st.sets(
            st.sampled_from(["kind", "progress", "constraint", "second_constraint", "deadline", "project"])
        )
    )
    for name in left_out:
        names = {
            "progress": ("actual_start", "actual_finish", "remaining"),
            "kind": ("kind", "parent"),
            "constraint": ("constraint", "constraint_date"),
            "second_constraint": ("second_constraint", "second_constraint_date"),
        }
        for one in names.get(name, (name,)):
            columns[one] = ()
    plan = Plan(
        calendars=SEVERAL,
        projects=frames,
        predecessor=[i for i, _ in pairs],
        successor=[j for _, j in pairs],
        link_kind=draw(st.lists(st.sampled_from(LinkKind), **per_link)),
        lag=draw(st.lists(st.integers(-1500, 3000), **per_link)),
        lag_unit=draw(st.lists(st.sampled_from(LagUnit), **per_link)),
        **columns,
    )
    if draw(st.booleans()):
        plan = replace(plan, link_kind=(), lag=(), lag_unit=())
    else:
        percent = [
            abs(lag) % 150 if unit == LagUnit.PERCENT else lag
            for lag, unit in zip(plan.lag, plan.lag_unit, strict=True)
        ]
        plan = replace(plan, lag=percent)
    return plan


@st.composite
def batches(draw: st.DrawFn, plan: Plan) -> Edits:
    """Edits of every kind at once, few of each."""
    count, links = len(plan.duration), len(plan.predecessor)
    gone = draw(st.sets(st.integers(0, count - 1), max_size=2)) if draw(st.booleans()) else set()
    cut = draw(st.sets(st.integers(0, links - 1), max_size=3)) if links and draw(st.booleans()) else set()
    activities: dict[int, Any] = {}
    for i in (
        draw(st.sets(st.sampled_from(sorted(set(range(count)) - gone)), max_size=3))
        if gone != set(range(count))
        else ()
    ):
        row: dict[str, Any] = {}
        for what in draw(
            st.sets(
                st.sampled_from(["calendar", "duration", "first", "second", "deadline", "progress"]),
                min_size=1,
            )
        ):
            if what == "calendar":
                row["calendar"] = draw(st.integers(0, len(SEVERAL) - 1))
            elif what == "duration":
                row["duration"] = draw(MINUTES)
            elif what == "deadline":
                row["deadline"] = draw(DATES)
            elif what == "progress":
                row |= progress(draw)
            else:
                row |= constraint(draw, "" if what == "first" else "second_")
        activities[i] = row
    changed = {
        k: {"link_kind": int(draw(st.sampled_from(LinkKind))), "lag": draw(st.integers(-1500, 3000))}
        for k in (draw(st.sets(st.integers(0, links - 1), max_size=2)) if links else set()) - cut
    }
    added: list[Any] = []
    for offset in range(draw(st.sampled_from([0, 0, 0, 1, 2]))):
        row = {"duration": draw(MINUTES), "calendar": draw(st.integers(0, 4)), "kind": int(draw(KINDS))}
        row |= {"project": draw(st.integers(0, 1))} | constraint(draw, "") | progress(draw)
        above = [-1] + [i for i, kind in enumerate(plan.kind) if kind == Kind.SUMMARY and i not in gone]
        above += [count + at for at in range(offset) if added[at]["kind"] == Kind.SUMMARY]
        row["parent"] = draw(st.sampled_from(above))
        added.append(row)
    everybody = [i for i in range(count + len(added)) if i not in gone]
    pairs = (
        draw(st.lists(st.tuples(st.sampled_from(everybody), st.sampled_from(everybody)), max_size=3))
        if everybody
        else []
    )
    uphill = draw(st.booleans())  # else circles are likely
    new_links = [
        NewLink(
            *(sorted(pair) if uphill else pair),
            int(draw(st.sampled_from(LinkKind))),
            draw(st.integers(-900, 900)),
        )
        for pair in pairs
        if pair[0] != pair[1]
    ]
    frames = {0: draw(FRAMES)} if draw(st.sampled_from([False, False, True])) else {}
    return Edits(activities, added, gone, changed, new_links, cut, frames)


def written_down(plan: Plan, edits: Edits) -> Plan:
    """The edited plan the obvious way: rows, changed one by one, and everything numbered anew."""
    usual = {
        "project": 0,
        "kind": 0,
        "parent": -1,
        "constraint": 0,
        "second_constraint": 0,
        "calendar": 0,
        "duration": 0,
    }
    names = [
        *usual,
        "constraint_date",
        "second_constraint_date",
        "deadline",
        "actual_start",
        "actual_finish",
        "remaining",
    ]
    count = len(plan.duration)
    rows = [
        {name: (getattr(plan, name) or [usual.get(name)] * count)[i] for name in names} for i in range(count)
    ]
    for i, row in edits.activities.items():
        rows[i] |= row
    rows += [dict.fromkeys(names) | usual | row for row in edits.added]
    for row in rows:
        while row["parent"] in edits.removed:
            row["parent"] = rows[row["parent"]]["parent"]
    link_usual = {"link_kind": 0, "lag": 0, "lag_unit": 0}
    links = [
        {"predecessor": i, "successor": plan.successor[k]}
        | {name: (getattr(plan, name) or [0] * len(plan.predecessor))[k] for name in link_usual}
        for k, i in enumerate(plan.predecessor)
    ]
    for k, link in edits.links.items():
        links[k] |= link
    links = [link for k, link in enumerate(links) if k not in edits.removed_links]
    links += [{f.name: getattr(new, f.name) for f in fields(new)} for new in edits.added_links]
    links = [
        x for x in links if x["predecessor"] not in edits.removed and x["successor"] not in edits.removed
    ]
    stay = [i for i in range(len(rows)) if i not in edits.removed]
    number = {i: at for at, i in enumerate(stay)} | {-1: -1}
    columns: dict[str, Any] = {name: [rows[i][name] for i in stay] for name in names}
    columns["parent"] = [number[above] for above in columns["parent"]]
    columns |= {name: [link[name] for link in links] for name in link_usual}
    columns |= {name: [number[link[name]] for link in links] for name in ("predecessor", "successor")}
    frames = [edits.projects.get(p, frame) for p, frame in enumerate(plan.projects)]
    return Plan(calendars=plan.calendars, projects=frames, **columns)


def filled(plan: Plan) -> dict[str, list[Any]]:
    """A plan's columns with nothing left out."""
    blank = written_down(plan, Edits())
    return {f.name: list(getattr(blank, f.name)) for f in fields(blank)}


def must_equal(base: Scheduled, edits: Edits) -> None:
    """The answer to the edits, or the refusal, against the whole."""
    wanted = written_down(base.plan, edits)
    before = copy.deepcopy((base.schedule, base.passes.early, base.passes.late, base.latest, base.net.into))
    try:
        answer = what_if(base, edits)
    except CycleFound as circle:
        path = circle.path
        assert path[0] == path[-1]
        with pytest.raises(CycleFound):
            schedule(wanted, base.rules)
    except EditsRefused:
        assert validate(wanted)
    except BeyondCalendar:
        with pytest.raises(BeyondCalendar):
            schedule(wanted, base.rules)
    else:
        assert filled(answer.plan()) == filled(wanted)
        whole = schedule(wanted, base.rules)
        for field in fields(whole):
            assert getattr(answer.schedule, field.name) == getattr(whole, field.name), field.name
        compare(base, answer, edits)
    assert before == (base.schedule, base.passes.early, base.passes.late, base.latest, base.net.into)
    again, passes = computed(base.plan, base.rules)
    assert again == base.schedule
    for name in (
        "order",
        "length",
        "base",
        "floor",
        "into",
        "out_of",
        "slot",
        "weight",
        "up_slot",
        "up_weight",
        "bounds",
    ):
        assert getattr(passes.layout, name) == getattr(base.passes.layout, name), name


def compare(base: Scheduled, answer: WhatIf, edits: Edits) -> None:
    """The difference against looking at every activity of both schedules."""
    told, old, new = answer.difference, base.schedule, answer.schedule
    stay = [i for i in range(len(base.plan.duration) + len(edits.added)) if i not in edits.removed]
    pairs = [(i, at) for at, i in enumerate(stay) if i < len(base.plan.duration)]

    def differ(*names: str) -> list[int]:
        return [i for i, at in pairs if any(getattr(old, n)[i] != getattr(new, n)[at] for n in names)]

    assert told.moved == differ("early_start", "early_finish")
    assert told.late_moved == differ("late_start", "late_finish")
    assert told.floats_changed == differ("total_float", "free_float")
    assert sorted(told.became_critical + told.no_longer_critical) == differ("critical")
    assert all(new.critical[stay.index(i)] for i in told.became_critical)
    assert told.finish == (old.finish, new.finish)
    assert told.removed == sorted(edits.removed)
    assert told.added == list(range(len(base.plan.duration), len(base.plan.duration) + len(edits.added)))
    for change in told.changes():
        if change.after is not None:
            assert change.after.early_start == new.early_start[stay.index(change.activity)]


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)
@given(st.data(), networks(), RULES)
def test_an_answer_is_the_schedule_of_the_edited_plan(data: st.DataObject, plan: Plan, rules: Rules) -> None:
    try:
        base = Scheduled.of(plan, rules)
    except BeyondCalendar:
        return
    for _ in range(2):  # one base answers many questions
        must_equal(base, data.draw(batches(plan)))
