"""Edits of the plan of a closed project: that plan stays as it is, whoever would say yes."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q

from pmo.refusals import Refused
from programs.changes.edits import Edit, links_in, named
from programs.lives.services import CLOSED, stays
from programs.portfolio.models import Project
from programs.schedule.models import Activity, Dependency


def why_closed(program_id: int, edits: Sequence[Edit]) -> str:
    """The sentence where an edit is about the plan of a closed project ("" where none is); one query, or none."""
    if not edits:
        return ""
    removed = named(edits, "remove", "activity")
    activities = removed | named(edits, "change", "activity") | named(edits, "assign", "activity")
    activities |= named(edits, "link", "successor")
    # A link that goes with what it leads from is its successor's loss.
    links = Dependency.objects.filter(Q(pk__in=links_in(edits)) | Q(predecessor_id__in=removed))
    closed = (
        Project.objects.filter(program_id=program_id, state__in=CLOSED)
        .filter(
            Q(pk__in=named(edits, "add", "project"))
            | Q(pk__in=Activity.objects.filter(pk__in=activities).values("project_id"))
            | Q(pk__in=links.values("successor__project_id"))
        )
        .values_list("code", flat=True)
        .first()
    )
    return stays(closed) if closed else ""


def refuse_closed(program_id: int, edits: Sequence[Edit]) -> None:
    """Raise Refused with that sentence."""
    if why := why_closed(program_id, edits):
        raise Refused(why, code="closed")
