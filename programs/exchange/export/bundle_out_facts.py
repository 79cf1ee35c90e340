"""The facts of a draft as rows of a bundle: status dates, progress, budget lines and actual costs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..draft import Draft, iso
from .spelling import Hours, Moments, plain


def status_dates(draft: Draft) -> Iterator[dict[str, Any]]:
    for one in draft.status_dates:
        yield {
            "project_id": one.project,
            "period": str(one.period),
            "name": one.name,
            "status_date": iso(one.at),
        }


def progress(draft: Draft) -> Iterator[dict[str, Any]]:
    hours, at = Hours(), Moments()
    for one in draft.progress:
        yield {
            "project_id": one.project,
            "period": str(one.period),
            "activity_id": one.activity,
            "actual_start": at[one.actual_start],
            "actual_finish": at[one.actual_finish],
            "actual_duration_hours": hours[one.actual_duration],
            "remaining_duration_hours": hours[one.remaining],
            "percent_complete": plain(one.percent_complete),
            "actual_cost": plain(one.actual_cost),
        }


def budget(draft: Draft) -> Iterator[dict[str, Any]]:
    for one in draft.budget:
        yield {
            "project_id": one.project,
            "category": one.category,
            "nature": one.nature,
            "period": one.period,
            "amount": plain(one.amount),
            "description": one.description,
        }


def actuals(draft: Draft) -> Iterator[dict[str, Any]]:
    for one in draft.actuals:
        yield {
            "project_id": one.project,
            "activity_id": one.activity,
            "date": one.date.isoformat(),
            "category": one.category,
            "nature": one.nature,
            "amount": plain(one.amount),
            "reference": one.reference,
            "description": one.description,
            "vendor": one.vendor,
        }
