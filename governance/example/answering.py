"""The example's answers: a question that the committee answered, a risk that it carries, one that waits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.db import transaction

from governance.asking import services as questions
from governance.decisions import services as decisions
from governance.decisions.conditions import Term
from governance.decisions.models import Decision
from governance.example import deciding
from governance.example.people import Cast
from pmo import commands
from pmo.scope import system_scope
from programs.portfolio.models import Program
from programs.raid import acceptance
from programs.raid.models import Risk, RiskAcceptance

OPTIONS = (
    "Close it with the lease, at the end of next year",
    "Keep one room as a second site",
    "Rent a second site from a provider",
)


def answer(*, program: Program, cast: Cast) -> None:
    """Where the second site is, answered two to one; the risk of a late interface, accepted for a quarter."""
    asked: Decision = commands.run(
        questions.ask,
        actor=cast["manager"],
        program=program,
        title="The old data centre",
        question="What becomes of the old data centre when the migration is done?",
        options=OPTIONS,
        recommendation="Option 1: the lease ends, and the provider's offer can be taken up later.",
        papers="The lease ends by itself. One room costs a third of its rent. The provider's offer holds for a year.",
    )
    ballot: Decision = commands.run(decisions.open_ballot, actor=cast["manager"], decision=asked)
    for key, option, reason in (
        ("chair", 1, ""),
        ("member", 1, "We do not pay rent for a room that we hope not to need."),
        ("member2", 3, "A second site belongs into the first year."),
    ):
        commands.run(
            decisions.cast,
            actor=cast[key],
            decision=ballot,
            choice="approve",
            option=option,
            reason=reason,
            digest=ballot.figures_sha256,
            auth_at=datetime.now(UTC),  # whoever makes the example has just shown to be all of its people
        )
    commands.run(
        decisions.close,
        actor=cast["chair"],
        decision=ballot,
        rationale="The provider's offer is looked at again before it ends.",
    )
    today = acceptance.local_day(program, datetime.now(UTC))
    carried = _ask(program, cast, "RSK-09")
    decision = deciding.put_to_vote(
        cast,
        question=f"Shall {carried.about} be carried?",
        recommendation="Approve.",
        risk_acceptance=carried,
    )
    deciding.approve(
        cast,
        decision,
        rationale="A response would cost more than the risk.",
        conditions=[
            Term(
                "Ask payroll each month what the law's draft says now",
                cast["erp"],
                today + timedelta(weeks=4),
            ),
            Term("Keep five days in the integration test for it", cast["dc"], today + timedelta(weeks=8)),
        ],
    )
    _ask(program, cast, "RSK-07")


def _ask(program: Program, cast: Cast, code: str) -> RiskAcceptance:
    """Ask that a risk be carried for thirteen weeks, as it is scored."""
    with transaction.atomic(), system_scope([program.pk], reason="the example names a risk"):
        risk = Risk.objects.get(program=program, code=code)
    asked: RiskAcceptance = commands.run(
        acceptance.ask,
        actor=cast["manager"],
        risk=risk,
        version=risk.version,
        reason="What could be done about it costs more than it would.",
        until=acceptance.local_day(program, datetime.now(UTC)) + timedelta(weeks=13),
    )
    return asked
