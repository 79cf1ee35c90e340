"""Steps of weighted milestones as they were known by an instant, from the history that triggers write."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.apps import apps
from django.db.models import QuerySet


def steps_known(known: datetime) -> QuerySet[Any]:
    """The steps that there were at an instant, as they were written then: the last of each that was not its removal."""
    events: Any = apps.get_model("finance", "EarningStepEvent")
    last = (
        events.objects.filter(pgh_created_at__lte=known)
        .order_by("pgh_obj_id", "-pgh_created_at", "-pgh_id")
        .distinct("pgh_obj_id")
        .values("pk")
    )
    found: QuerySet[Any] = events.objects.filter(pk__in=last).exclude(pgh_label="delete")
    return found
