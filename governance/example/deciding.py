"""The example's governance: bodies, authority, and decisions that real votes of the cast brought about."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import transaction

from finance.amendments import services as amendments
from finance.capex import holding, papers
from finance.capex import services as capex
from finance.capex.models import CapitalRequest
from governance.authority import services as authority
from governance.bodies import services as bodies
from governance.bodies.models import Body
from governance.decisions import services as decisions
from governance.decisions.conditions import Term
from governance.decisions.models import Decision
from governance.example.people import Cast
from pmo import commands
from pmo.accounts.models import User
from pmo.attachments.files import examined
from pmo.attachments.services import Paper
from pmo.money import format_exact
from pmo.outbox.models import Outbox
from pmo.scope import system_scope
from programs.changes import services as changes
from programs.changes import simulating
from programs.changes import tasks as change_tasks
from programs.changes.models import ChangeRequest
from programs.gates.models import Gate
from programs.portfolio.models import Program, Project

SPONSOR_LIMIT = 250_000_00
SPONSOR_SLIP = 10
"""Working days that the sponsor may let the finish slip alone."""
SPONSOR_SCORE = 6
"""Probability times impact of risks that the sponsor may accept alone."""


def found_bodies(
    *, program: Program, cast: Cast, since: date, by: User | None, at: datetime
) -> dict[str, Body]:
    """A steering committee of three and the sponsor as a body of one, with what each may decide."""
    committee = bodies.create_body(
        program=program,
        code="STEERCO",
        name="Steering committee",
        kind=Body.Kind.STEERING,
        voting_rule=Body.Rule.SIMPLE,
        quorum_seats=2,
        vote_days=5,
        charter="Decides on budget, baseline and capital above the sponsor's limit. Meets every second Friday.",
        by=by,
        at=at,
    )
    sponsor = bodies.create_body(
        program=program,
        code="SPONSOR",
        name="Executive sponsor",
        kind=Body.Kind.SPONSOR,
        voting_rule=Body.Rule.SIMPLE,
        quorum_seats=1,
        charter="Decides alone within the delegated limit.",
        by=by,
        at=at,
    )
    for body, key, role, title in (
        (committee, "chair", "chair", "Chief financial officer"),
        (committee, "member", "member", "Chief operating officer"),
        (committee, "member2", "member", "Chief information security officer"),
        (sponsor, "sponsor", "chair", "Chief information officer"),
    ):
        bodies.seat_person(
            body=body, person=cast[key], role=role, voting=True, valid_from=since, title=title, by=by, at=at
        )
    for code, kind, body, limit in (
        ("A-1", "capital_request", sponsor, SPONSOR_LIMIT),
        ("A-2", "capital_request", committee, None),
        ("A-3", "budget", committee, None),
        ("A-4", "baseline", committee, None),
        ("A-5", "change_request", sponsor, None),
        ("A-6", "change_request", committee, None),
        ("A-7", "risk_acceptance", sponsor, None),
        ("A-8", "risk_acceptance", committee, None),
        ("A-9", "question", committee, None),
        ("A-10", "gate", committee, None),
    ):
        authority.delegate(
            program=program,
            code=code,
            subject_kind=kind,
            body=body,
            up_to_minor=limit,
            up_to_days=SPONSOR_SLIP if code == "A-5" else None,
            up_to_score=SPONSOR_SCORE if code == "A-7" else None,
            valid_from=since,
            by=by,
            at=at,
        )
    return {"committee": committee, "sponsor": sponsor}


def put_to_vote(cast: Cast, *, question: str, recommendation: str, **subject: Any) -> Decision:
    """Propose a subject and open its ballot, as the program manager."""
    proposed: Decision = commands.run(
        decisions.propose, actor=cast["manager"], question=question, recommendation=recommendation, **subject
    )
    opened: Decision = commands.run(decisions.open_ballot, actor=cast["manager"], decision=proposed)
    return opened


def vote(cast: Cast, decision: Decision, **choices: tuple[str, str]) -> None:
    """Votes by the cast: key=(choice, reason)."""
    for key, (choice, reason) in choices.items():
        commands.run(
            decisions.cast,
            actor=cast[key],
            decision=decision,
            choice=choice,
            reason=reason,
            digest=decision.figures_sha256,
            auth_at=datetime.now(UTC),  # whoever makes the example has just shown to be all of its people
        )


def approve(cast: Cast, decision: Decision, *, rationale: str, conditions: Sequence[Term] = ()) -> None:
    """The whole committee approves, and its chair closes."""
    vote(cast, decision, chair=("approve", ""), member=("approve", ""), member2=("approve", ""))
    commands.run(
        decisions.close, actor=cast["chair"], decision=decision, rationale=rationale, conditions=conditions
    )


Quoted = tuple[str, int]
"""A vendor's name and what it asks for (minor units)."""


def ask_for_capital(
    cast: Cast,
    *,
    project: Project,
    key: str,
    quotes: Sequence[Quoted] = (),
    waits: Sequence[tuple[str, int]] = (),
    **values: Any,
) -> CapitalRequest:
    """A capital request drafted, with quotes of some days ago, and submitted by its project manager.

    `waits`: gate codes of the project and what of the request waits for each.
    """
    drafted: CapitalRequest = commands.run(
        capex.create, actor=cast[key], program=project.program, project=project, **values
    )
    for n, (vendor, amount) in enumerate(quotes):
        day = datetime.now(UTC).date() - timedelta(days=20 + 3 * n)
        text = (
            f"{vendor}\nQuote of {day:%d %B %Y}\n\n{values['title']}\n"
            f"{format_exact(amount, project.program.currency)} without VAT, valid for 90 days\n"
        )
        commands.run(
            papers.add,
            actor=cast[key],
            capital_request=drafted,
            version=drafted.version + n,
            upload=examined(f"Quote {vendor}.txt", text.encode()),
            paper=Paper("quote", vendor, amount, day),
        )
    for n, (code, amount) in enumerate(waits, len(quotes)):
        with transaction.atomic(), system_scope([project.program_id], reason="the example looks up a gate"):
            gate = Gate.objects.get(project=project, code=code)
        commands.run(
            holding.add,
            actor=cast[key],
            capital_request=drafted,
            version=drafted.version + n,
            gate=gate,
            amount_minor=amount,
        )
    submitted: CapitalRequest = commands.run(capex.submit, actor=cast[key], capital_request=drafted)
    return submitted


def ask_for_change(
    cast: Cast,
    *,
    project: Project,
    key: str,
    edits: list[dict[str, Any]],
    money: list[dict[str, Any]] | None = None,
    **words: Any,
) -> ChangeRequest:
    """A change request drafted, planned, with its amounts and submitted by its project manager."""
    drafted: ChangeRequest = commands.run(
        changes.create, actor=cast[key], program=project.program, project=project, **words
    )
    planned: ChangeRequest = commands.run(
        changes.propose_all, actor=cast[key], change_request=drafted, version=drafted.version, edits=edits
    )
    for amount in money or []:
        planned = commands.run(
            amendments.set_line,
            actor=cast[key],
            change_request=planned,
            version=planned.version,
            project=project,
            **amount,
        )
    _simulated(cast[key], planned)
    submitted: ChangeRequest = commands.run(changes.submit, actor=cast[key], change_request=planned)
    return submitted


def _simulated(who: User, request: ChangeRequest) -> None:
    """What a worker does with the wish to simulate it, at once: figures are there before anybody votes."""
    asked = commands.run(simulating.simulate, actor=who, change_request=request)
    with transaction.atomic(), system_scope([request.program_id], reason="the example is its own worker"):
        row = Outbox.objects.get(key=f"{simulating.KEY}:{asked.pk}")
    change_tasks.simulate(row.pk, request.program_id)


def months(today: date, ahead: int, amounts: list[int]) -> dict[str, int]:
    """Minor units by month, from so many months ahead of today; months without cash are left out."""
    first = today.year * 12 + today.month - 1 + ahead
    return {f"{n // 12}-{n % 12 + 1:02}": amount for n, amount in enumerate(amounts, first) if amount}
