"""Who decides on this amount: routing by delegated authority."""

from __future__ import annotations

from datetime import date

from django.db.models import F

from governance.authority.models import AuthorityRule
from pmo.refusals import Refused


def covers(rule: AuthorityRule, minor: int, on: date, days: int = 0, score: int = 0) -> bool:
    """Does the rule hold on that day and reach to amount, slip in working days and risk score (limits included)?

    A rule that limits the slip and says nothing of money is of changes that cost nothing: it gives no authority over
    budget amendments.
    """
    silent = rule.up_to_minor is None and rule.up_to_days is not None
    return (
        on in rule.valid
        and (not minor if silent else rule.up_to_minor is None or minor <= rule.up_to_minor)
        and (rule.up_to_days is None or days <= rule.up_to_days)
        and (rule.up_to_score is None or score <= rule.up_to_score)
    )


def route(
    program_id: int, subject_kind: str, minor: int, on: date, days: int = 0, score: int = 0
) -> AuthorityRule:
    """The rule with the lowest limits that reaches to score, slip and amount on that day, in this order.

    Raises Refused where nobody may decide it.
    """
    rules = (
        AuthorityRule.objects.filter(program_id=program_id, subject_kind=subject_kind, valid__contains=on)
        .select_related("body")
        .order_by(*LOWEST_FIRST, "pk")
    )
    fitting = [rule for rule in rules if covers(rule, minor, on, days, score)]
    if not fitting:
        if score:
            what = f"on a risk of score {score}: no rule of delegated authority reaches to it today"
        elif days:
            what = f"on a slip of {days} working days: no rule of delegated authority reaches to it today"
        else:
            what = "this: no rule of delegated authority reaches to this amount today"
        raise Refused(
            f"Nobody has the authority to decide {what}. Add one on the authority page.", code="no-authority"
        )
    return fitting[0]


LOWEST_FIRST = (
    F("up_to_score").asc(nulls_last=True),
    F("up_to_days").asc(nulls_last=True),
    F("up_to_minor").asc(nulls_last=True),
)


def rules(program_id: int) -> list[AuthorityRule]:
    """All rules by kind of subject and limit, the unlimited one last."""
    return list(
        AuthorityRule.objects.filter(program_id=program_id)
        .select_related("body")
        .order_by("subject_kind", *LOWEST_FIRST, "code")
    )
