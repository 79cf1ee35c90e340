"""Who decides on this amount: routing by delegated authority."""

from __future__ import annotations

from datetime import date

from django.db.models import F

from governance.authority.models import AuthorityRule
from pmo.refusals import Refused


def covers(rule: AuthorityRule, minor: int, on: date) -> bool:
    """Does the rule hold on that day and reach to that amount (its limit included)?"""
    return on in rule.valid and (rule.up_to_minor is None or minor <= rule.up_to_minor)


def route(program_id: int, subject_kind: str, minor: int, on: date) -> AuthorityRule:
    """The rule with the lowest limit that reaches to the amount on that day. Refused where nobody may decide it."""
    rules = (
        AuthorityRule.objects.filter(program_id=program_id, subject_kind=subject_kind, valid__contains=on)
        .select_related("body")
        .order_by(F("up_to_minor").asc(nulls_last=True), "pk")
    )
    fitting = [rule for rule in rules if covers(rule, minor, on)]
    if not fitting:
        raise Refused(
            "Nobody has the authority to decide this: no rule of delegated authority reaches to this amount "
            "today. Add one on the authority page.",
            code="no-authority",
        )
    return fitting[0]


def rules(program_id: int) -> list[AuthorityRule]:
    """All rules by kind of subject and limit, the unlimited one last."""
    return list(
        AuthorityRule.objects.filter(program_id=program_id)
        .select_related("body")
        .order_by("subject_kind", F("up_to_minor").asc(nulls_last=True), "code")
    )
