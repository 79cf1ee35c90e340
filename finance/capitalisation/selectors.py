"""Cost lines with what the policy in force proposes, and the same spend restated under each standard. Four queries."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Count, Sum

from finance.capitalisation.models import CapitalisationMark, CapitalisationPolicy
from finance.capitalisation.reclass_models import originals
from finance.engine.capitalisation import (
    CAPITAL,
    KIND_OF_CATEGORY,
    Cost,
    CostKind,
    Known,
    Stage,
    Standard,
    Treatment,
    stage_of,
    treat,
)
from finance.ledger.models import ActualLine
from programs.portfolio.models import Program, Project
from programs.schedule.models import Activity

Totals = dict[str, int]
"""Nature -> minor units."""


@dataclass(slots=True)
class Group:
    """Cost lines of a project that are treated alike: where they lie, what is proposed and why."""

    project: str
    activity: str
    name: str
    category: str
    posted: str
    stage: Stage
    kind: CostKind
    treatment: Treatment | None
    first: date
    last: date
    lines: int = 0
    amount: int = 0

    @property
    def differs(self) -> bool:
        """Is it posted otherwise than the policy in force proposes?"""
        return self.treatment is not None and self.treatment.nature != self.posted


@dataclass(slots=True)
class ProjectSums:
    """What a project spent: as posted, as the policy in force proposes, and under each standard (capital part)."""

    code: str
    name: str
    policy: CapitalisationPolicy | None
    spent: int = 0
    posted_capital: int = 0
    proposed_capital: int | None = None
    restated: dict[Standard, int] = field(default_factory=lambda: dict.fromkeys(Standard, 0))


@dataclass(frozen=True, slots=True)
class Capitalisation:
    """All of it: sums by project and their total, and the groups of lines, those that differ first."""

    projects: list[ProjectSums]
    total: ProjectSums
    groups: list[Group]


def known_of(policy: CapitalisationPolicy | None) -> Known:
    """What was shown of a project by its newest record; nothing where there is none."""
    if policy is None:
        return Known()
    return Known(
        policy.development_from,
        policy.ready_on,
        policy.funding_authorised_on,
        policy.completion_probable_on,
        policy.uncertain,
        policy.uncertainty_resolved_on,
        {name: date.fromisoformat(day) for name, day in policy.criteria.items()},
    )


def capitalisation(program: Program, project: str = "") -> Capitalisation:
    """The cost lines of the program (or of one project, by code) against the policies as they are recorded now."""
    chosen = Project.objects.filter(program=program).order_by("position", "pk")
    if project:
        chosen = chosen.filter(code__iexact=project)
    projects = {one.pk: one for one in chosen}
    records: dict[int, list[CapitalisationPolicy]] = {}
    for one in CapitalisationPolicy.objects.filter(program=program, project_id__in=projects).order_by("-pk"):
        records.setdefault(one.project_id, []).append(one)
    sums = {
        pk: ProjectSums(one.code, one.name, records[pk][0] if pk in records else None)
        for pk, one in projects.items()
    }
    known = {pk: known_of(one.policy) for pk, one in sums.items()}
    marks, names = marks_of(program)
    groups: dict[tuple[Any, ...], Group] = {}
    for row in _lines(program, list(projects)):
        pk, activity, amount = row["project_id"], row["activity_id"], int(row["amount"])
        stage, kind = marks.get(activity, (None, None))
        cost = Cost(row["effective"], kind or KIND_OF_CATEGORY[row["category"]], stage)
        holding = in_force(records.get(pk, []), cost.day)
        treatment = treat(Standard(holding.standard), known[pk], cost) if holding else None
        mine = sums[pk]
        mine.spent += amount
        if row["now_is"] == CAPITAL:
            mine.posted_capital += amount
        if treatment is not None:
            mine.proposed_capital = (mine.proposed_capital or 0) + (
                amount if treatment.nature == CAPITAL else 0
            )
        elif mine.policy is not None:  # spent before any policy held: as it was posted
            mine.proposed_capital = (mine.proposed_capital or 0) + (amount if row["now_is"] == CAPITAL else 0)
        for standard in Standard:
            if treat(standard, known[pk], cost).nature == CAPITAL:
                mine.restated[standard] += amount
        at = stage_of(known[pk], cost)
        key = (pk, activity, row["category"], row["now_is"], at, cost.kind, treatment)
        code, name = names.get(activity, ("", ""))
        group = groups.get(_hashable(key))
        if group is None:
            group = groups[_hashable(key)] = Group(
                mine.code,
                code,
                name,
                row["category"],
                row["now_is"],
                at,
                cost.kind,
                treatment,
                cost.day,
                cost.day,
            )
        group.lines += row["n"]
        group.amount += amount
        group.first, group.last = min(group.first, cost.day), max(group.last, cost.day)
    shown = [one for one in sums.values() if one.spent or one.policy]
    listed = sorted(
        groups.values(), key=lambda one: (not one.differs, one.project, one.activity, one.category, one.first)
    )
    return Capitalisation(shown, _total(shown), listed)


def _hashable(key: tuple[Any, ...]) -> tuple[Any, ...]:
    treatment = key[-1]
    return (*key[:-1], (treatment.nature, treatment.clause, treatment.why) if treatment else None)


def in_force(records: list[CapitalisationPolicy], day: date) -> CapitalisationPolicy | None:
    """The record that holds on a day: of those that begin by then the latest to begin, the newest of equals."""
    begun = [one for one in records if one.from_day <= day]
    return max(begun, key=lambda one: (one.from_day, one.pk)) if begun else None


def _lines(program: Program, projects: list[int]) -> Iterator[dict[str, Any]]:
    rows: Any = (
        originals(ActualLine.objects.filter(program=program, project_id__in=projects))
        .values("project_id", "activity_id", "category", "effective", "now_is")
        .annotate(amount=Sum("amount_minor"), n=Count("pk"))
        .order_by("project_id", "activity_id", "category", "now_is", "effective")
    )
    found: Iterator[dict[str, Any]] = rows.iterator(chunk_size=5000)
    return found


def marks_of(
    program: Program,
) -> tuple[dict[int | None, tuple[Stage | None, CostKind | None]], dict[int | None, tuple[str, str]]]:
    """Of each activity what is said of it, or of the nearest one above it; and its code and name. Two queries."""
    said: dict[int, CapitalisationMark] = {}
    for mark in CapitalisationMark.objects.filter(program=program).order_by("pk"):
        said[mark.activity_id] = mark  # the newest stays
    rows = Activity.objects.filter(program=program).values_list("pk", "parent_id", "code", "name")
    above: dict[int, int | None] = {}
    names: dict[int | None, tuple[str, str]] = {}
    for pk, parent_id, code, name in rows.iterator(chunk_size=5000):
        above[pk], names[pk] = parent_id, (code, name)
    marks: dict[int | None, tuple[Stage | None, CostKind | None]] = {}
    if said:
        for pk in above:
            stage, kind, place, steps = "", "", pk, 0
            while place is not None and steps < 100 and not (stage and kind):
                found = said.get(place)
                stage = stage or (found.stage if found else "")
                kind = kind or (found.cost_kind if found else "")
                place, steps = above.get(place), steps + 1  # type: ignore[assignment]
            if stage or kind:
                marks[pk] = (Stage(stage) if stage else None, CostKind(kind) if kind else None)
    return marks, names


def _total(projects: list[ProjectSums]) -> ProjectSums:
    total = ProjectSums("", "Program", None)
    total.spent = sum(one.spent for one in projects)
    total.posted_capital = sum(one.posted_capital for one in projects)
    if any(one.proposed_capital is not None for one in projects):
        total.proposed_capital = sum(
            one.posted_capital if one.proposed_capital is None else one.proposed_capital for one in projects
        )
    for standard in Standard:
        total.restated[standard] = sum(one.restated[standard] for one in projects)
    return total
