"""Control totals of a draft: what a person compares with the tool the file came from before accepting it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any

from .codec import digest
from .draft import LEVEL_OF_EFFORT, MILESTONES, SUMMARY, TASK, Draft, iso


@dataclass(slots=True)
class ProjectTotals:
    """One project's totals. Duration is the plain sum of its activities' minutes, money in major units."""

    project: str
    name: str
    summaries: int
    tasks: int
    milestones: int
    levels_of_effort: int
    dependencies: int
    resources: int
    assignments: int
    status_dates: int
    progress_rows: int
    duration_minutes: int
    planned_cost: str
    actual_cost: str
    first_date: str
    last_date: str


@dataclass(slots=True)
class Totals:
    """The totals of a draft by project and of all of it, what was not understood, and the content's digest."""

    projects: list[ProjectTotals] = field(default_factory=list)
    calendars: int = 0
    calendar_exceptions: int = 0
    program_resources: int = 0
    cross_project_dependencies: int = 0
    activities: int = 0
    """Tasks, milestones and levels of effort; summaries not counted."""
    dependencies: int = 0
    resources: int = 0
    assignments: int = 0
    status_dates: int = 0
    progress_rows: int = 0
    duration_minutes: int = 0
    planned_cost: str = "0"
    budget: str = "0"
    actual_costs: str = "0"
    currency: str = ""
    first_date: str = ""
    last_date: str = ""
    unknown: list[str] = field(default_factory=list)
    digest: str = ""
    dates: dict[str, Any] = field(default_factory=dict)
    """The file's own dates against the engine's, see `dates.compare_dates`."""

    def as_dict(self) -> dict[str, Any]:
        """The same as plain JSON values."""
        return asdict(self)


def totals_of(draft: Draft, *, identified: bool = True) -> Totals:
    """Count and add up a draft. Sums are exact; dates are the earliest and latest of any kind in the plan.

    Without `identified` the digest is left empty: a plan that cannot be accepted needs none.
    """
    by_kind = Counter((a.project, a.kind) for a in draft.activities)
    per = {
        "dependencies": Counter(d.to_project for d in draft.dependencies),
        "resources": Counter(r.project for r in draft.resources),
        "assignments": Counter(a.project for a in draft.assignments),
        "status_dates": Counter(s.project for s in draft.status_dates),
        "progress_rows": Counter(p.project for p in draft.progress),
    }
    duration: Counter[str] = Counter()
    cost: dict[str, Decimal] = {}
    dates: dict[str, list[int]] = {project.code: [] for project in draft.projects}
    for project in draft.projects:
        dates[project.code] += [at for at in (project.start, project.finish) if at is not None]
    for a in draft.activities:
        duration[a.project] += a.duration
        cost[a.project] = cost.get(a.project, Decimal(0)) + a.total_cost
        known = (
            a.baseline_start,
            a.baseline_finish,
            a.constraint_date,
            a.deadline,
            a.actual_start,
            a.actual_finish,
        )
        dates.setdefault(a.project, []).extend(at for at in known if at is not None)
    spent = _latest_cost(draft)
    for each in draft.projects:
        code = each.code
        dates[code].extend(s.at for s in draft.status_dates if s.project == code)
    result = Totals(
        projects=[
            ProjectTotals(
                project=p.code,
                name=p.name,
                summaries=by_kind[p.code, SUMMARY],
                tasks=by_kind[p.code, TASK],
                milestones=sum(by_kind[p.code, kind] for kind in MILESTONES),
                levels_of_effort=by_kind[p.code, LEVEL_OF_EFFORT],
                duration_minutes=duration[p.code],
                planned_cost=money(cost.get(p.code, Decimal(0))),
                actual_cost=money(spent.get(p.code, Decimal(0))),
                first_date=iso(min(dates[p.code])) if dates[p.code] else "",
                last_date=iso(max(dates[p.code])) if dates[p.code] else "",
                **{name: count[p.code] for name, count in per.items()},
            )
            for p in draft.projects
        ],
        calendars=len(draft.calendars),
        calendar_exceptions=sum(len(c.exceptions) for c in draft.calendars),
        program_resources=per["resources"][""],
        cross_project_dependencies=sum(d.from_project != d.to_project for d in draft.dependencies),
        activities=sum(a.kind != SUMMARY for a in draft.activities),
        dependencies=len(draft.dependencies),
        resources=len(draft.resources),
        assignments=len(draft.assignments),
        status_dates=len(draft.status_dates),
        progress_rows=len(draft.progress),
        duration_minutes=sum(duration.values()),
        planned_cost=money(_sum(cost.values())),
        budget=money(_sum(line.amount for line in draft.budget)),
        actual_costs=money(_sum(line.amount for line in draft.actuals)),
        currency=draft.program.currency,
        unknown=list(draft.unknown),
        digest=digest(draft) if identified else "",
    )
    every = [at for known in dates.values() for at in known]
    if every:
        result.first_date, result.last_date = iso(min(every)), iso(max(every))
    return result


def _latest_cost(draft: Draft) -> dict[str, Decimal]:
    """Actual cost by project: the latest status date's cumulative costs, else what stands on the activities."""
    latest = {s.project: s.period for s in sorted(draft.status_dates, key=lambda s: s.at)}
    spent: dict[str, Decimal] = {}
    for record in draft.progress:
        if latest.get(record.project) == record.period and record.actual_cost is not None:
            spent[record.project] = spent.get(record.project, Decimal(0)) + record.actual_cost
    for activity in draft.activities:
        if activity.project not in latest and activity.actual_cost is not None and activity.kind != SUMMARY:
            spent[activity.project] = spent.get(activity.project, Decimal(0)) + activity.actual_cost
    return spent


def money(amount: Decimal) -> str:
    """An exact amount without exponent and without needless zeros, two decimals at least."""
    text = format(amount, "f")
    whole, _, decimals = text.partition(".")
    return f"{whole}.{decimals.rstrip('0').ljust(2, '0')}"


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, Decimal(0))
