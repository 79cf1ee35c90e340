"""Plans by chance, as drafts of what a program here can hold: for writing them to a file and reading them back."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from programs.exchange.draft import (
    SUMMARY,
    ActivityDraft,
    AssignmentDraft,
    BaselineCostDraft,
    CalendarDraft,
    DependencyDraft,
    Draft,
    ProgramDraft,
    ProgressDraft,
    ProjectDraft,
    ResourceDraft,
    StatusDateDraft,
    wall,
)

MONDAY = wall(datetime(2027, 1, 4, 8, 0))
OFFICE = ((480, 720), (780, 1020))
names = (
    st.text(
        # Of spaces only the plain one: what else is a space comes back as that from files made for other tools.
        st.characters(codec="utf-8", categories=("L", "N", "P", "S"), include_characters=" "),
        min_size=1,
        max_size=60,
    )
    .map(str.strip)
    .filter(bool)
)
money = st.integers(0, 10**11).map(lambda n: Decimal(n).scaleb(-6))
minutes = st.integers(0, 200_000)
moments = st.integers(MONDAY, MONDAY + 1440 * 700)
shifts = st.lists(st.integers(0, 96), min_size=2, max_size=6, unique=True).map(
    lambda edges: tuple(zip(*[iter(n * 15 for n in sorted(edges)[: len(edges) // 2 * 2])] * 2, strict=True))
)


@st.composite
def drafts(draw: Any) -> Draft:
    """A program of one to three projects with a little of everything."""
    draft = Draft("bundle", ProgramDraft("P", draw(names), "EUR", "Europe/Brussels"))
    for n in range(draw(st.integers(1, 3))):
        week = tuple(draw(st.one_of(st.just(OFFICE), st.just(()), shifts)) for _ in range(6))
        days = draw(st.dictionaries(st.integers(0, 900), st.one_of(st.just(()), shifts), max_size=4))
        exceptions = {date(2027, 1, 1) + timedelta(day): worked for day, worked in days.items()}
        draft.calendars.append(CalendarDraft(f"C{n}", draw(names), (*week, OFFICE), exceptions))
    for n in range(draw(st.integers(1, 3))):
        calendar = draw(st.sampled_from(draft.calendars)).code
        lag_calendar = draw(st.sampled_from(["predecessor", "successor", "project", "elapsed"]))
        draft.projects.append(
            ProjectDraft(
                f"P{n}", draw(names), "software", "", calendar, draw(moments), None, 480, lag_calendar
            )
        )
    for project in draft.projects:
        _work(draw, draft, project)
    _links(draw, draft)
    return draft


def _work(draw: Any, draft: Draft, project: ProjectDraft) -> None:
    for n in range(draw(st.integers(0, 2))):
        owner = draw(st.sampled_from(["", project.code]))
        kind = draw(st.sampled_from(["person", "role", "equipment", "environment", "material"]))
        code = f"R-{project.code}-{n}"
        draft.resources.append(
            ResourceDraft(owner, code, draw(names), kind, Decimal(draw(st.integers(0, 90_000))).scaleb(-4),
                          draw(money), draw(money))
        )  # fmt: skip
    count = draw(st.integers(1, 7))
    groups: list[str] = []
    for n in range(count):
        kind = draw(st.sampled_from(["summary", "task", "task", "task", "start_milestone", "finish_milestone",
                                     "level_of_effort"]))  # fmt: skip
        one = ActivityDraft(project.code, f"A{n}", draw(names), kind, position=n)
        one.parent = draw(st.sampled_from(["", *groups]))
        one.wbs = draw(st.sampled_from(["", f"1.{n}", f"{project.code}.{n}"]))
        draft.activities.append(one)
        if kind == SUMMARY:
            groups.append(one.code)
        else:
            _dates_and_costs(draw, draft, one)
    _progress(draw, draft, project, [a for a in draft.activities if a.project == project.code])


def _dates_and_costs(draw: Any, draft: Draft, one: ActivityDraft) -> None:
    maybe = lambda strategy: draw(st.one_of(st.none(), strategy))  # noqa: E731
    if one.kind not in ("start_milestone", "finish_milestone"):
        one.duration = draw(minutes)
        if draw(st.booleans()):
            one.optimistic, one.most_likely, one.pessimistic = sorted(draw(minutes) for _ in range(3))
    one.calendar = draw(st.sampled_from(["", *(c.code for c in draft.calendars)]))
    one.constraint = draw(
        st.sampled_from(["ASAP", "ASAP", "ALAP", "SNET", "SNLT", "FNET", "FNLT", "MSO", "MFO"])
    )
    if one.constraint not in ("ASAP", "ALAP"):
        one.constraint_date = draw(moments)
    one.deadline = maybe(moments)
    one.fixed_cost, one.cost_per_hour = draw(money), draw(money)
    one.percent_complete = Decimal(0)
    for resource in draft.resources:
        if draw(st.integers(0, 3)) == 0:
            units = Decimal(draw(st.integers(1, 90_000))).scaleb(-4)
            draft.assignments.append(
                AssignmentDraft(one.project, one.code, resource.project, resource.code, units)
            )
    if draw(st.booleans()):
        one.baseline_start = draw(moments)
        one.baseline_finish = one.baseline_start + draw(minutes)
        one.baseline_duration = 0 if one.kind.endswith("milestone") else draw(minutes)
        exact = BaselineCostDraft(one.project, one.code, draw(money), draw(money))
        one.baseline_cost = exact.start + exact.spread
        draft.baseline_costs.append(exact)
    assigned = [a for a in draft.assignments if (a.project, a.activity) == (one.project, one.code)]
    rates = {(r.project, r.code): r for r in draft.resources}
    for each in assigned:
        rate = rates[each.resource_project, each.resource]
        one.resource_cost += each.units * (rate.cost_per_use + rate.cost_per_hour * one.duration / 60)
    one.resource_cost = one.resource_cost.quantize(Decimal("0.000001"))
    one.total_cost = one.fixed_cost + one.cost_per_hour * one.duration / 60 + one.resource_cost


def _progress(draw: Any, draft: Draft, project: ProjectDraft, work: list[ActivityDraft]) -> None:
    at = (project.start or MONDAY) + 1440
    for number in range(1, draw(st.integers(0, 2)) + 1):
        at += 1440 * draw(st.integers(1, 30))
        draft.status_dates.append(
            StatusDateDraft(project.code, number, draw(st.sampled_from(["", "June"])), at)
        )
        project.status_date = at
        for one in work:
            if one.kind != SUMMARY and draw(st.booleans()):
                begun = at - draw(st.integers(0, 5000))
                done = draw(st.booleans())
                percent = Decimal(100) if done else Decimal(draw(st.integers(0, 10**12 - 1))).scaleb(-10)
                draft.progress.append(
                    ProgressDraft(project.code, number, one.code, begun, at if done else None, draw(minutes),
                                  0 if done else draw(minutes), percent)
                )  # fmt: skip
    newest = {p.activity: p for p in draft.progress if p.project == project.code}
    for one in work:
        if (last := newest.get(one.code)) is not None:
            one.actual_start, one.actual_finish = last.actual_start, last.actual_finish
            one.remaining, one.percent_complete = last.remaining, last.percent_complete


def _links(draw: Any, draft: Draft) -> None:
    """Links forwards only, so that no circle closes; none of summaries, whose rules are tested elsewhere."""
    leaves = [one for one in draft.activities if one.kind != SUMMARY]
    for at, after in enumerate(leaves):
        for before in leaves[max(0, at - 4) : at]:
            if draw(st.integers(0, 2)) == 0:
                unit = draw(st.sampled_from(["working", "elapsed", "percent"]))
                lag = draw(st.integers(-100, 300) if unit == "percent" else st.integers(-6000, 60_000))
                kind = draw(st.sampled_from(["FS", "SS", "FF", "SF"]))
                draft.dependencies.append(
                    DependencyDraft(before.project, before.code, after.project, after.code, kind, lag, unit)
                )
