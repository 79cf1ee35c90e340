"""Fields and dates of the plan's rows, checked before they are saved; for commands and what-ifs alike."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError

from pmo.refusals import Refused
from programs.portfolio.models import Program
from programs.schedule.models import Activity, Dependency


def clean(instance: Activity | Dependency, changes: Mapping[str, Any] | None = None) -> None:
    """Check the fields; of an edit (`changes`) those that it names, as each reference costs a statement."""
    kept = set() if changes is None else {one.name for one in instance._meta.fields} - set(changes)
    try:
        instance.full_clean(kept, validate_unique=False, validate_constraints=False)
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise Refused(messages[0], field=field) from error


def check_dates(activity: Activity, program: Program) -> None:
    """Facts lie in the past, milestones have no length, a dated constraint has its date: said at the field."""
    status = activity.project.status_at or program.status_at
    for name in ("actual_start", "actual_finish"):
        value: datetime | None = getattr(activity, name)
        if value is not None and status is not None and value > status:
            raise Refused("An actual date cannot lie after the status date.", field=name)
    if activity.actual_finish and not activity.actual_start:
        raise Refused("What is finished has also started: give the actual start.", field="actual_start")
    if activity.actual_finish and activity.actual_start and activity.actual_finish < activity.actual_start:
        raise Refused("It cannot finish before it started.", field="actual_finish")
    if activity.constraint not in ("ASAP", "ALAP") and activity.constraint_at is None:
        raise Refused("This constraint needs a date.", field="constraint_at")
    if not 0 <= activity.percent_complete <= 100:
        raise Refused("Percent complete lies between 0 and 100.", field="percent_complete")
    if activity.is_milestone and activity.duration_minutes:
        raise Refused("A milestone has no duration.", field="duration_minutes")
