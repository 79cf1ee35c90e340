"""The draws that are planned now: the newest setting of each reserve and month."""

from __future__ import annotations

from collections.abc import Iterable

from finance.reserves.models import PlannedDraw

Plans = dict[str, dict[str, PlannedDraw]]
"""Reserve (category) -> month -> the setting that holds."""


def in_force(program_id: int) -> Plans:
    """The settings that hold, those of nothing any more included. One query."""
    found: Plans = {}
    rows = PlannedDraw.objects.filter(program_id=program_id).select_related("set_by")
    for one in rows.order_by("category", "month", "-n").distinct("category", "month"):
        found.setdefault(one.category, {})[one.month] = one
    return found


def amounts(plans: Plans, category: str) -> dict[str, int]:
    """Planned draws of a reserve by month, minor units; months of nothing left out."""
    return {month: one.amount_minor for month, one in plans.get(category, {}).items() if one.amount_minor}


def ahead(plans: Plans, now: str) -> Iterable[PlannedDraw]:
    """What is planned from the month `now` on, in the order of months."""
    found = [one for months in plans.values() for one in months.values()]
    return sorted(
        (one for one in found if one.month >= now and one.amount_minor),
        key=lambda one: (one.month, one.category),
    )
