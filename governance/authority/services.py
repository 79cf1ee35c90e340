"""What happens to the table of delegated authority."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from governance.authority.models import AuthorityRule, SubjectKind
from governance.bodies.models import Body
from governance.bodies.services import require_present
from pmo.accounts.access import current_access
from pmo.accounts.models import User
from pmo.accounts.roles import Permission
from pmo.refusals import Conflict, Refused


def delegate(
    *,
    program: Any,
    code: str,
    subject_kind: str,
    body: Body,
    valid_from: date,
    by: User | None,
    at: datetime,
    up_to_minor: int | None = None,
    up_to_days: int | None = None,
    up_to_score: int | None = None,
    valid_to: date | None = None,
) -> AuthorityRule:
    """Give a body authority over a kind of subject up to an amount (minor units; none: without limit).

    `up_to_days` are working days of slip, of change requests only; `up_to_score` (1 to 25) is the risk score, of risk
    acceptances only. `valid_to` is the first day on which it no longer
    holds. Raises Refused for a rule that would stand beside another of the same kind and limit: which of them decides
    would be a matter of luck.
    """
    require_present()
    current_access().require(Permission.EDIT_PROGRAM, program.pk)
    if valid_to is not None and valid_to <= valid_from:
        raise Refused("The rule ends before it begins.", field="valid_to")
    if up_to_days is not None and subject_kind != SubjectKind.CHANGE_REQUEST:
        raise Refused("Only change requests are routed by slip.", field="up_to_days")
    if up_to_score is not None and subject_kind != SubjectKind.RISK_ACCEPTANCE:
        raise Refused("Only risk acceptances are routed by score.", field="up_to_score")
    valid = DateRange(valid_from, valid_to)
    with transaction.atomic():
        Body.objects.select_for_update().get(pk=body.pk)
        twin = AuthorityRule.objects.filter(
            program=program,
            subject_kind=subject_kind,
            up_to_minor=up_to_minor,
            up_to_days=up_to_days,
            up_to_score=up_to_score,
            valid__overlap=valid,
        ).first()
        if twin is not None:
            raise Refused(f"Rule {twin.code} already delegates exactly this. End it first.", field="up_to")
        rule: AuthorityRule = AuthorityRule.objects.create(
            program=program,
            code=code,
            subject_kind=subject_kind,
            body=body,
            up_to_minor=up_to_minor,
            up_to_days=up_to_days,
            up_to_score=up_to_score,
            valid=valid,
        )
    return rule


def end_rule(
    *, rule: AuthorityRule, last_day: date, version: int, by: User | None, at: datetime
) -> AuthorityRule:
    """Let a rule end after its last day. An open ballot under it can then no longer approve."""
    require_present()
    current_access().require(Permission.EDIT_PROGRAM, rule.program_id)
    after = date.fromordinal(last_day.toordinal() + 1)
    if after <= rule.valid.lower:
        raise Refused("The rule would end before it began.", field="last_day")
    with transaction.atomic():
        changed = AuthorityRule.objects.filter(pk=rule.pk, version=version).update(
            valid=DateRange(rule.valid.lower, after), version=version + 1
        )
        if not changed:
            raise Conflict("Somebody changed this rule meanwhile. Please look again.")
    rule.refresh_from_db()
    return rule
