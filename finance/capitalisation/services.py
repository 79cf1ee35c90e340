"""What can happen to the capitalisation of a project's cost: a policy is recorded, an activity is marked. Never undone:
the newest says it all, the older ones stay to be read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from finance.capitalisation.models import CapitalisationMark, CapitalisationPolicy
from finance.engine.capitalisation import CRITERIA
from pmo.accounts.access import current_access
from pmo.accounts.models import User
from pmo.accounts.roles import Permission
from pmo.refusals import Refused
from programs.portfolio.models import Project
from programs.schedule.models import Activity

DAYS = (
    "development_from", "ready_on", "funding_authorised_on", "completion_probable_on", "uncertainty_resolved_on",
)  # fmt: skip


def record_policy(
    *,
    project: Project,
    standard: str,
    from_day: date,
    evidence: str,
    by: User,
    at: datetime,
    criteria: Mapping[str, date | None] | None = None,
    uncertain: bool = False,
    **days: date | None,
) -> CapitalisationPolicy:
    """Say which standard holds for a project from a day on, and what was shown of it, with where it can be read.

    `days` are those of `DAYS`; `criteria` the six of IAS 38.57 with the day on which each was shown. Raises Refused
    at the field that does not fit.
    """
    current_access().require(Permission.EDIT_POLICY, project.program_id)
    if standard not in CapitalisationPolicy.Standard.values:
        raise Refused("Choose the standard that holds.", field="standard")
    if not evidence.strip():
        raise Refused("Say where the evidence can be read.", field="evidence")
    if set(days) - set(DAYS) or set(criteria or {}) - set(CRITERIA):
        raise Refused("This cannot be recorded here.", code="not-editable")
    begins, ready = days.get("development_from"), days.get("ready_on")
    if begins and ready and ready < begins:
        raise Refused("It is not ready for use before its development begins.", field="ready_on")
    if days.get("uncertainty_resolved_on") and not uncertain:
        raise Refused(
            "Only what was uncertain is resolved: say that it was, too.", field="uncertainty_resolved_on"
        )
    return CapitalisationPolicy.objects.create(
        program_id=project.program_id,
        project=project,
        standard=standard,
        from_day=from_day,
        uncertain=uncertain,
        criteria={name: day.isoformat() for name, day in (criteria or {}).items() if day},
        evidence=evidence.strip(),
        author=by,
        **days,
    )


def mark_activity(
    *, activity: Activity, stage: str, cost_kind: str, reason: str, by: User, at: datetime
) -> CapitalisationMark:
    """Say of an activity and all below it which stage it belongs to and what kind of cost it is ("" takes it back)."""
    current_access().require(Permission.EDIT_POLICY, activity.program_id)
    if stage and stage not in CapitalisationMark.Stage.values:
        raise Refused("This stage does not exist.", field="stage")
    if cost_kind and cost_kind not in CapitalisationMark.CostKind.values:
        raise Refused("This kind of cost does not exist.", field="cost_kind")
    if not reason.strip():
        raise Refused("Say why.", field="reason")
    values: dict[str, Any] = {"stage": stage, "cost_kind": cost_kind, "reason": reason.strip(), "author": by}
    made: CapitalisationMark = CapitalisationMark.objects.create(
        program_id=activity.program_id, activity=activity, **values
    )
    return made
