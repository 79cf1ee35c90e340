"""A gate is put forward with the outcome that is asked for; a decision of a body lets it happen, or not.

Deciding is governance's: it calls `approve` with a warrant, or `reject`. What was put forward stands still until then
(the database sees to it), so that its digest is the same at the vote and for ever after.
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db import transaction

from pmo.accounts.access import current_access
from pmo.accounts.models import User
from pmo.accounts.roles import Permission
from pmo.refusals import Refused
from pmo.warrants import Warrant
from programs.gates import selectors
from programs.gates.models import Gate, GateCriterion, Outcome
from programs.gates.services import locked, reopen, require_open

State = Gate.State
PASSING = (Outcome.PROCEED, Outcome.CONDITIONS)


def shown(gate: Gate) -> dict[str, Any]:
    """What is put forward, in plain values: criteria with their evidence, what reviewers said, its place.

    Where it is to pass also the gates before it as they stand: their order is voted on. Four statements.
    """
    before = Gate.objects.filter(project_id=gate.project_id, position__lt=gate.position).order_by("position")
    return {
        "gate": gate.pk,
        "project": gate.project_id,
        "code": gate.code,
        "name": gate.name,
        "position": gate.position,
        "before": [
            {"gate": pk, "position": position, "state": state}
            for pk, position, state in before.values_list("pk", "position", "state")
        ]
        if gate.asked in PASSING
        else [],
        "due_on": gate.due_on.isoformat(),
        "activity": gate.activity_id,
        "revision": gate.revision,
        "asked": gate.asked,
        "conditions": gate.conditions if gate.asked == Outcome.CONDITIONS else "",
        "criteria": [
            {
                "id": one.pk,
                "text": one.text,
                "mandatory": one.mandatory,
                "state": one.state,
                "evidence": one.evidence,
                "link": one.link,
                "person": one.assessed_by_id,
            }
            for one in GateCriterion.objects.filter(gate=gate).order_by("position", "pk")
        ],
        "reviewers": [
            {
                "person": one.reviewer.person_id,
                "opinion": one.opinion.opinion if one.opinion else "",
                "remarks": one.opinion.remarks if one.opinion else "",
                "stale": one.stale,
            }
            for one in sorted(selectors.said(gate), key=lambda one: int(one.reviewer.person_id))
        ],
    }


def digest(gate: Gate) -> str:
    """SHA-256 of what is put forward, in one spelling."""
    content = json.dumps(shown(gate), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(content.encode()).hexdigest()


def why_not(gate: Gate, asked: str) -> str:
    """Why this outcome cannot be asked for as things stand; "" where it can."""
    if asked not in PASSING:
        return ""
    before = Gate.objects.filter(project_id=gate.project_id, position__lt=gate.position)
    first = before.exclude(state=State.PASSED).order_by("position").first()
    if first is not None:
        return f"{first.code} has not passed: the gates of a project are passed in their order."
    criteria = GateCriterion.objects.filter(gate=gate, mandatory=True)
    if asked == Outcome.PROCEED and criteria.exclude(state__in=selectors.SHOWN).exists():
        return f"A mandatory criterion of {gate.code} is not met: ask to proceed with conditions, or meet it."
    if not GateCriterion.objects.filter(gate=gate).exists():
        return f"{gate.code} has no criteria: say first what must be true for it."
    return ""


def submit(*, gate: Gate, version: int, asked: str, by: User, at: datetime, conditions: str = "") -> Gate:
    """Put a gate forward with one outcome (`models.Outcome`); to proceed with conditions names them.

    By who may edit the project's plan. Raises Refused while an earlier gate has not passed, or where a mandatory
    criterion is not met and no condition is asked for.
    """
    with transaction.atomic():
        live = locked(gate, version)
        current_access().require(Permission.EDIT_PLAN, live.program_id, live.project_id)
        require_open(live)
        if asked not in Outcome.values:
            raise Refused("Say what is asked for.", field="asked")
        words = conditions.strip()
        if asked == Outcome.CONDITIONS and not words:
            raise Refused("Say which conditions.", field="conditions")
        if asked != Outcome.CONDITIONS and words:
            raise Refused("Conditions belong to “proceed with conditions”.", field="conditions")
        reason = why_not(live, asked)
        if reason:
            raise Refused(reason, field="asked")
        live.state, live.asked, live.conditions = State.SUBMITTED, asked, words
        live.submitted_by, live.submitted_at = by, at
        live.version += 1
        live.save()
        return live


def take_back(*, gate: Gate, version: int, by: User, at: datetime) -> Gate:
    """Prepare it further before it is decided; a ballot that is open on it is void."""
    with transaction.atomic():
        live = locked(gate, version)
        current_access().require(Permission.EDIT_PLAN, live.program_id, live.project_id)
        if live.state != State.SUBMITTED:
            raise Refused(
                f"{live.code} is {live.get_state_display().lower()}: there is nothing to take back."
            )
        return _prepared(live)


def _prepared(live: Gate) -> Gate:
    live.state, live.asked, live.conditions = State.OPEN, "", ""
    live.submitted_by = live.submitted_at = None
    live.version += 1
    live.save()
    return live


def approve(*, gate: Gate, warrant: Warrant, by: User | None, at: datetime, conditions: str = "") -> Gate:
    """What was asked for happens, as the warrant says: it passes, is stopped, or goes back into preparation.

    `conditions` are those that the body added when it closed. Rework reopens every criterion: its evidence stays, to
    be looked at again, and every opinion is stale. Raises Refused where the warrant is of something else.
    """
    with transaction.atomic():
        live = locked(gate)
        if warrant.kind != Warrant.Kind.GATE or warrant.program_id != live.program_id:
            raise Refused("This warrant is of something else.")
        if live.state != State.SUBMITTED or warrant.digest != digest(live):
            raise Refused(f"{live.code} is not what was voted on any more.")
        live.outcome, live.warrant, live.decided_at = live.asked, warrant, at
        if live.asked == Outcome.REWORK:
            live.revision += 1
            _prepared(live)
            for one in GateCriterion.objects.filter(gate=live).exclude(state=GateCriterion.State.OPEN):
                reopen(one)
                one.version += 1
                one.save()
            return live
        if live.asked == Outcome.PROCEED and conditions.strip():
            live.outcome, live.conditions = Outcome.CONDITIONS, conditions.strip()
        live.state = State.STOPPED if live.asked == Outcome.STOP else State.PASSED
        live.version += 1
        live.save()
        return live


def reject(*, gate: Gate, by: User | None, at: datetime) -> Gate:
    """The body does not follow what was asked for: the gate is in preparation again, as it was."""
    with transaction.atomic():
        live = locked(gate)
        return _prepared(live) if live.state == State.SUBMITTED else live


def editors(gate: Gate) -> dict[int, str]:
    """Who may not vote on it, and why: who wrote or assessed criteria or put the gate forward, ever."""
    forward = (
        apps.get_model("programs", "GateEvent")
        .objects.filter(pgh_obj_id=gate.pk, submitted_by__isnull=False)
        .values_list("submitted_by", flat=True)
        .distinct()
    )
    return selectors.writers(gate) | dict.fromkeys(forward, "put it forward")
