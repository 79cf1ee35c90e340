"""Accepting risks: asked for with a reason, a highest score and a last day, granted by a decision alone.

`approve` and `reject` are called by governance, in the decision's own transaction and with its own permission.
"""

from __future__ import annotations

import hashlib
import json
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import JSONObject

from pmo import formats
from pmo.accounts.access import current_access
from pmo.accounts.models import User
from pmo.accounts.roles import Permission
from pmo.numbering import next_code
from pmo.refusals import Conflict, Refused
from pmo.warrants import Warrant
from pmo.zones import zone
from programs.portfolio.models import Program
from programs.raid.models import Risk, RiskAcceptance

State = RiskAcceptance.State
OVER = (Risk.State.CLOSED, Risk.State.OCCURRED)
WORDS = {name: name for name in ("title", "cause", "event", "effect", "response")} | {"owner": "owner_id"}
"""What a risk says, by name: of what is accepted none may change (the keys of `RiskAcceptance.words`)."""


def local_day(program: Program, at: datetime) -> date:
    """The day in the program's own zone."""
    return at.astimezone(zone(program.time_zone)).date()


def ask(
    *,
    risk: Risk,
    reason: str,
    until: date,
    version: int,
    by: User,
    at: datetime,
    appetite: int | None = None,
) -> RiskAcceptance:
    """Ask to carry a risk, scored as it is now, until a day; `version` is the risk's as it was shown.

    `appetite` is the highest score that would be accepted (at least the present one, at most 25). Raises Refused for a
    risk that is closed or has occurred, Conflict where it was changed meanwhile or another asking waits.
    """
    current_access().require(Permission.PROPOSE_DECISION, risk.program_id)
    with transaction.atomic():
        found: Risk = Risk.objects.select_for_update(of=("self",)).select_related("program").get(pk=risk.pk)
        if found.version != version:
            raise Conflict("Somebody changed this risk after you opened it.", code="changed")
        if found.state in OVER:
            raise Refused(f"{found.code} is {found.get_state_display().lower()}: there is nothing to accept.")
        if not reason.strip():
            raise Refused("Say why the risk shall be carried.", field="reason")
        if until < local_day(found.program, at):
            raise Refused("An acceptance ends today or later.", field="until")
        highest = found.score if appetite is None else appetite
        if not found.score <= highest <= 25:
            raise Refused(
                f"The highest score accepted is from {found.score}, its score today, to 25.", field="appetite"
            )
        if RiskAcceptance.objects.filter(risk=found, state=State.SUBMITTED).exists():
            raise Conflict(f"That {found.code} be accepted is asked for already.")
        content = {
            "program": found.program_id,
            "risk": found.pk,
            "about": str(found),
            "probability": found.probability,
            "impact": found.impact,
            "appetite": highest,
            "exposure_minor": found.exposure_minor,
            "words": words(found),
            "reason": reason.strip(),
            "until": until.isoformat(),
        }
        text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        made: RiskAcceptance = RiskAcceptance.objects.create(
            program=found.program,
            risk=found,
            code=next_code(RiskAcceptance, found.program_id, "RA"),
            about=str(found)[:250],
            probability=found.probability,
            impact=found.impact,
            appetite=highest,
            exposure_minor=found.exposure_minor,
            words=content["words"],
            reason=reason.strip(),
            until=until,
            sha256=hashlib.sha256(text.encode()).hexdigest(),
            requester=by,
            asked_at=at,
        )
        return made


def withdraw(*, acceptance: RiskAcceptance, by: User, at: datetime) -> RiskAcceptance:
    """Take back what was asked for, while it is not decided."""
    current_access().require(Permission.PROPOSE_DECISION, acceptance.program_id)
    return _move(acceptance, State.WITHDRAWN)


def why_not(acceptance: RiskAcceptance, on: date) -> str:
    """Why it cannot be granted on a day any more ("" where it can)."""
    risk = acceptance.risk
    if risk.state in OVER:
        return f"{risk.code} is {risk.get_state_display().lower()}: there is nothing to accept."
    if (risk.probability, risk.impact, risk.exposure_minor) != (
        acceptance.probability,
        acceptance.impact,
        acceptance.exposure_minor,
    ):
        return f"{risk.code} was scored anew after {acceptance.code} was asked for: ask for it anew."
    if told := reworded(acceptance):
        return f"{risk.code} has another {told} than when {acceptance.code} was asked for: ask for it anew."
    if acceptance.until < on:
        return f"The last day of {acceptance.code} is over."
    return ""


def words(risk: Risk) -> dict[str, Any]:
    """What a risk says now, as an acceptance of it keeps it."""
    return {name: getattr(risk, column) for name, column in WORDS.items()}


def reworded(acceptance: RiskAcceptance) -> str:
    """Which words of the risk are others than those that were asked about ("" where none is)."""
    now = words(acceptance.risk)
    return " and ".join(name for name in WORDS if now[name] != acceptance.words.get(name))


def approve(*, acceptance: RiskAcceptance, warrant: Warrant, by: User | None, at: datetime) -> RiskAcceptance:
    """A decision granted it."""
    if warrant.kind != Warrant.Kind.RISK_ACCEPTANCE or warrant.program_id != acceptance.program_id:
        raise Refused("This decision is not about accepting a risk of this program.")
    if warrant.digest != acceptance.sha256:
        raise Conflict(f"{acceptance.code} is not what was shown: the decision does not hold for it.")
    if reason := why_not(acceptance, local_day(acceptance.program, at)):
        raise Conflict(reason)
    return _move(acceptance, State.APPROVED, warrant=warrant, decided_at=at)


def reject(*, acceptance: RiskAcceptance, by: User | None, at: datetime) -> RiskAcceptance:
    """A decision said no."""
    return _move(acceptance, State.REJECTED, decided_at=at)


def in_force(program_id: int, on: date) -> QuerySet[RiskAcceptance]:
    """What is accepted on a day: granted, its last day not over, the risk still at or below the score and the exposure
    accepted and in the words accepted.
    """
    return (
        RiskAcceptance.objects.filter(program_id=program_id, state=State.APPROVED, until__gte=on)
        .annotate(now_scores=F("risk__probability") * F("risk__impact"))
        .filter(
            now_scores__lte=F("appetite"),
            risk__exposure_minor__lte=F("exposure_minor"),
            words=JSONObject(**{name: f"risk__{column}" for name, column in WORDS.items()}),
        )
        .exclude(risk__state__in=OVER)
    )


def lapsed(program_id: int, on: date) -> QuerySet[RiskAcceptance]:
    """What was accepted and is not any more, though the risk is still there and no other acceptance covers it."""
    covered = in_force(program_id, on).values("risk")
    granted = RiskAcceptance.objects.filter(program_id=program_id, state=State.APPROVED)
    return granted.exclude(risk__state__in=OVER).exclude(risk__in=covered).select_related("risk", "warrant")


def in_words(acceptance: RiskAcceptance, on: date) -> str:
    """One sentence for the risk's page: accepted, ended, or where it stands."""
    until = formats.day(acceptance.until)
    if acceptance.state != State.APPROVED or acceptance.warrant is None:
        return f"{acceptance.code}, until {until}: {acceptance.get_state_display().lower()}."
    by = f"by decision {acceptance.warrant.number}"
    if acceptance.until < on:
        return f"Was accepted until {until} {by}; that day is over, the risk is open again."
    if acceptance.risk.score > acceptance.appetite:
        return (
            f"Was accepted {by} up to a score of {acceptance.appetite}; it scores {acceptance.risk.score} now and is "
            "open again."
        )
    currency = acceptance.program.currency
    highest = formats.money_exact(acceptance.exposure_minor, currency)
    if acceptance.risk.exposure_minor > acceptance.exposure_minor:
        now = formats.money_exact(acceptance.risk.exposure_minor, currency)
        return f"Was accepted {by} up to an exposure of {highest}; it is {now} now and open again."
    if told := reworded(acceptance):
        return f"Was accepted {by} with another {told}; it is open again."
    return (
        f"Accepted until {until} {by}, up to a score of {acceptance.appetite} and an exposure of {highest}."
    )


def _move(acceptance: RiskAcceptance, target: str, **more: object) -> RiskAcceptance:
    changed = RiskAcceptance.objects.filter(pk=acceptance.pk, state=State.SUBMITTED).update(
        state=target, **more
    )
    acceptance.refresh_from_db()
    if not changed:
        raise Conflict(f"{acceptance.code}: {acceptance.get_state_display().lower()} already.")
    return acceptance
