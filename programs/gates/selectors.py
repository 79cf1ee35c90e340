"""Reads of gates: their forecast, and how far they are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.apps import apps
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from pmo.accounts.models import User
from pmo.zones import zone
from programs.gates.models import Gate, GateOpinion, GateReviewer
from programs.portfolio.models import Program
from programs.schedule.models import ComputedDates

SHOWN = ("met", "not_applicable")


def people(program_id: int) -> QuerySet[User]:
    """Who holds a role in the program."""
    return User.objects.filter(memberships__program_id=program_id, is_active=True).distinct().order_by("name")


def gates(program_id: int) -> Any:
    """The gates of a program with forecast and counts, project by project in their order."""
    rows = counted(Gate.objects.filter(program_id=program_id))
    return rows.select_related("project", "activity", "warrant", "submitted_by").order_by(
        "project__position", "project_id", "position"
    )


def counted(rows: Any) -> Any:
    """Gates with `forecast` and counts.

    `forecast` is when the schedule reaches the milestone; `wanted`, `shown` (mandatory criteria, and those of
    them that are met or not applicable) and `without` (mandatory ones without any evidence).
    """
    dates = ComputedDates.objects.filter(activity=OuterRef("activity"), superseded_by=None)
    must = Q(criteria__mandatory=True)
    return rows.annotate(
        forecast=Subquery(dates.values("early_finish")[:1]),
        wanted=Count("criteria", filter=must),
        shown=Count("criteria", filter=must & Q(criteria__state__in=SHOWN)),
        without=Count("criteria", filter=must & Q(criteria__evidence="", criteria__link="")),
    )


def writers(gate: Gate) -> dict[int, str]:
    """Who said whether a criterion is met, or wrote criteria or their evidence, ever (by the history): id and how.

    What a ballot did to the criteria (rework reopens them) is not its chair's writing. Two statements.
    """
    history = apps.get_model("programs", "GateCriterionEvent").objects.filter(gate_id=gate.pk)
    wrote = (
        history.filter(pgh_context__command__startswith="programs.gates.services.")
        .values_list("pgh_context__user", flat=True)
        .distinct()
    )
    assessed = history.filter(assessed_by__isnull=False).values_list("assessed_by", flat=True).distinct()
    found = dict.fromkeys((pk for pk in wrote if pk is not None), "wrote its criteria")
    return found | dict.fromkeys(assessed, "assessed a criterion of it")


def day_of(program: Program, at: datetime | None) -> date | None:
    """The day of an instant on the program's clock."""
    return at.astimezone(zone(program.time_zone)).date() if at else None


def days_late(program: Program, gate: Any, today: date) -> int:
    """Calendar days by which a gate that is not decided will be later than its day (0 or less: it will not).

    Its forecast is the schedule's, and today where the milestone lies in the past: a gate is not passed yesterday.
    """
    expected = max(day_of(program, gate.forecast) or today, today)
    days: int = (expected - gate.due_on).days
    return days


@dataclass(frozen=True, slots=True)
class Said:
    """A reviewer with the latest opinion; `stale` where the gate was changed after it."""

    reviewer: GateReviewer
    opinion: GateOpinion | None
    stale: bool


def said(gate: Gate) -> list[Said]:
    """The reviewers of a gate, by name, each with what was said last. Two statements."""
    latest: dict[int, GateOpinion] = {}
    for one in GateOpinion.objects.filter(gate=gate).order_by("pk"):
        latest[one.person_id] = one
    rows = GateReviewer.objects.filter(gate=gate).select_related("person").order_by("person__name", "pk")
    return [
        Said(row, (found := latest.get(row.person_id)), found is not None and found.revision != gate.revision)
        for row in rows
    ]
