"""Progress of activities as it was before a status date, kept and put back onto them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q

from programs.exchange.writing import update_rows
from programs.portfolio.models import Program
from programs.schedule.models import Activity

FACTS = ("actual_start", "actual_finish", "remaining_minutes", "percent_complete")
Facts = list[Any]
"""Actual start, actual finish (ISO 8601), remaining working minutes, percent complete (text)."""
NOTHING: Facts = [None, None, None, "0"]


def facts_of(program: Program, projects: Iterable[int]) -> dict[str, Facts]:
    """Progress now of the activities of these projects that have any, by id as JSON keeps it. One query."""
    rows = Activity.objects.filter(program_id=program.pk, project_id__in=list(projects)).exclude(
        kind=Activity.Kind.SUMMARY
    )
    told = rows.filter(Q(actual_start__isnull=False) | Q(percent_complete__gt=0)).order_by()
    return {str(pk): _plain(values) for pk, *values in told.values_list("pk", *FACTS)}


def put_back(program: Program, projects: Iterable[int], facts: Mapping[str, Facts]) -> int:
    """Give activities of these projects the progress in `facts` again, the others none. Returns how many changed."""
    now = facts_of(program, projects)
    there = set(
        Activity.objects.filter(
            program_id=program.pk, pk__in=[int(pk) for pk in facts], project_id__in=list(projects)
        ).values_list("pk", flat=True)
    )
    wanted = {pk: facts.get(pk, NOTHING) for pk in {*now, *(str(one) for one in there)}}
    changed = {pk: row for pk, row in wanted.items() if row != now.get(pk, NOTHING)}
    if changed:
        update_rows(Activity, list(FACTS), [[int(pk), *_typed(row)] for pk, row in sorted(changed.items())])
    return len(changed)


def _plain(values: Sequence[Any]) -> Facts:
    start, finish, remaining, percent = values
    return [
        start.isoformat() if start else None,
        finish.isoformat() if finish else None,
        remaining,
        format(percent.normalize(), "f") if percent else "0",
    ]


def _typed(row: Facts) -> list[Any]:
    start, finish, remaining, percent = row
    return [
        datetime.fromisoformat(start) if start else None,
        datetime.fromisoformat(finish) if finish else None,
        remaining,
        Decimal(percent),
    ]
