"""Waivers of the budget policy: asked for with a reason and a last day, granted by a decision alone.

`approve` and `reject` are called by governance, in the decision's own transaction and with its own permission.
"""

from __future__ import annotations

import hashlib
import json
from datetime import date, datetime

from django.db import transaction

from finance.policy import guard
from finance.policy.models import PolicyClause, PolicyFinding, PolicyWaiver
from finance.structure import periods
from pmo.accounts.access import current_access
from pmo.accounts.models import User
from pmo.accounts.roles import Permission
from pmo.numbering import next_code
from pmo.refusals import Conflict, Refused
from pmo.warrants import Warrant
from programs.portfolio.models import Program, Project

State = PolicyWaiver.State


def ask(
    *,
    program: Program,
    clause: PolicyClause,
    reason: str,
    until: date,
    by: User,
    at: datetime,
    finding: PolicyFinding | None = None,
    project: Project | None = None,
) -> PolicyWaiver:
    """Ask not to be held to a clause until a day: in the matter of one finding, for one project, or altogether.

    The waiver of a finding reaches as far as the finding does now (minor units); one for a project or altogether has
    no limit. It is about the clause as it stands: another wording needs another waiver.
    """
    current_access().require(Permission.PROPOSE_DECISION, program.pk)
    if clause.to_day is not None:
        raise Refused(f"{clause.code} was ended: nobody is held to it.")
    if finding is not None and (finding.clause_id != clause.pk or finding.cleared_at is not None):
        raise Refused("This finding is not open any more.", field="finding")
    if not reason.strip():
        raise Refused("Say why the clause shall not hold here.", field="reason")
    if until < periods.local_day(program, at):
        raise Refused("A waiver ends today or later.", field="until")
    about = (
        finding.sentence
        if finding
        else f"{clause.code} for {project.code if project else 'the whole program'}"
    )
    if finding is not None:
        project = finding.project
    content = {
        "program": program.pk,
        "clause": clause.code,
        "clause_version": clause.version,
        "key": finding.key if finding else "",
        "project": project.pk if project else None,
        "amount_minor": finding.amount_minor if finding else None,
        "about": about,
        "reason": reason.strip(),
        "until": until.isoformat(),
    }
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    with transaction.atomic():
        made: PolicyWaiver = PolicyWaiver.objects.create(
            program=program,
            code=next_code(PolicyWaiver, program.pk, "W"),
            clause=clause,
            key=finding.key if finding else "",
            project=project,
            amount_minor=finding.amount_minor if finding else None,
            clause_version=clause.version,
            about=about[:400],
            reason=reason.strip(),
            until=until,
            sha256=hashlib.sha256(text.encode()).hexdigest(),
            requester=by,
            asked_at=at,
        )
        return made


def withdraw(*, waiver: PolicyWaiver, by: User, at: datetime) -> PolicyWaiver:
    """Take back what was asked for, while it is not decided."""
    current_access().require(Permission.PROPOSE_DECISION, waiver.program_id)
    return _move(waiver, State.WITHDRAWN)


def why_not(waiver: PolicyWaiver, on: date) -> str:
    """Why a waiver that was asked for cannot be granted on a day any more ("" where it can)."""
    clause = waiver.clause
    if clause.to_day is not None:
        return f"{clause.code} was ended: nobody is held to it."
    if clause.version != waiver.clause_version:
        return f"{clause.code} was changed after {waiver.code} was asked for: ask for it anew."
    if waiver.until < on:
        return f"The last day of {waiver.code} is over."
    return ""


def approve(*, waiver: PolicyWaiver, warrant: Warrant, by: User | None, at: datetime) -> PolicyWaiver:
    """A decision granted it: until its last day the findings meant are cleared by this warrant, and not opened."""
    if warrant.kind != Warrant.Kind.WAIVER or warrant.program_id != waiver.program_id:
        raise Refused("This decision is not about a waiver of this program.")
    if warrant.digest != waiver.sha256:
        raise Conflict(f"{waiver.code} is not what was shown: the decision does not hold for it.")
    if reason := why_not(waiver, periods.local_day(waiver.program, at)):
        raise Conflict(reason)
    with transaction.atomic():
        granted = _move(waiver, State.APPROVED, warrant=warrant, decided_at=at)
        guard.noted(granted.program, at=at)
        return granted


def reject(*, waiver: PolicyWaiver, by: User | None, at: datetime) -> PolicyWaiver:
    """A decision said no."""
    return _move(waiver, State.REJECTED, decided_at=at)


def _move(waiver: PolicyWaiver, target: str, **more: object) -> PolicyWaiver:
    changed = PolicyWaiver.objects.filter(pk=waiver.pk, state=State.SUBMITTED).update(state=target, **more)
    waiver.refresh_from_db()
    if not changed:
        raise Conflict(f"{waiver.code}: {waiver.get_state_display().lower()} already.")
    return waiver
