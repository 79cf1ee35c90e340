"""Reading what contributes to benefits, and which lose their last contributor when something is taken away."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import QuerySet

from programs.benefits.models import Contribution
from programs.portfolio.models import Objective, Project

MOST_DRAWN = 60
"""Contributions in the drawing; the table has all."""


@dataclass(frozen=True, slots=True)
class Contributor:
    """One end of a contribution: a deliverable of a project, or a project as a whole."""

    key: tuple[str, int]
    code: str
    name: str
    project_id: int
    project_code: str
    alive: bool


def contributions(program_id: int) -> QuerySet[Contribution]:
    """All of a program with both ends, by benefit."""
    rows: QuerySet[Contribution] = Contribution.objects.filter(program_id=program_id)
    return rows.select_related("objective", "project", "deliverable__project").order_by(
        "objective__code", "pk"
    )


def contributor(one: Contribution) -> Contributor:
    """What contributes; a cancelled project's things and withdrawn deliverables contribute nothing any more."""
    if one.deliverable is not None:
        project = one.deliverable.project
        key, code, name = ("deliverable", one.deliverable.pk), one.deliverable.code, one.deliverable.name
    else:
        assert one.project is not None  # noqa: S101 - the table holds that it is one of them
        project = one.project
        key, code, name = ("project", project.pk), project.code, project.name
    gone = one.deliverable is not None and one.deliverable.withdrawn_at is not None
    alive = project.state != Project.State.CANCELLED and not gone
    return Contributor(key, code, name, project.pk, project.code, alive)


def counts(one: Contribution) -> str:
    """Whether a contribution counts, or why not."""
    if one.objective.retired_at is not None:
        return "no: benefit retired"
    if one.deliverable is not None and one.deliverable.withdrawn_at is not None:
        return "no: deliverable withdrawn"
    return "yes" if contributor(one).alive else "no: project cancelled"


def losing(
    program_id: int,
    *,
    deliverables: Collection[int] = (),
    project: int | None = None,
    links: Collection[int] = (),
) -> list[Objective]:
    """Benefits that have a contributor now and none once these deliverables, project or links are gone; one query.

    A retired benefit loses nothing.
    """
    now: dict[int, Objective] = {}
    left: set[int] = set()
    for one in contributions(program_id):
        who = contributor(one)
        if not who.alive or one.objective.retired_at is not None:
            continue
        now[one.objective_id] = one.objective
        gone = (
            one.pk in links
            or (who.key[0] == "deliverable" and who.key[1] in deliverables)
            or (project is not None and who.project_id == project)
        )
        if not gone:
            left.add(one.objective_id)
    return [objective for pk, objective in now.items() if pk not in left]


def in_words(lost: Collection[Objective]) -> str:
    """`B-2 Invoices without touch, B-4 …`: the benefits of a list by code and name."""
    return ", ".join(f"{one.code} {one.name}" for one in lost)


def seal(lost: Collection[Objective]) -> str:
    """What was shown as lost, as a form carries it."""
    return ",".join(str(one.pk) for one in sorted(lost, key=lambda one: int(one.pk)))
