"""A committee and its money, on the fixed cast: bodies, seats, delegated limits, a funded line, requests."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

from django.db import transaction
from django.utils import timezone

from finance.budgets import services as budgets
from finance.capex import services as capex
from finance.capex.models import CapitalRequest
from finance.ledger.models import Account, Journal
from governance.authority import services as authority
from governance.authority.models import AuthorityRule
from governance.bodies import services as bodies
from governance.bodies.models import Body
from governance.decisions import services
from governance.decisions.models import Decision, Vote
from pmo import commands
from pmo.accounts.models import Membership, User
from pmo.accounts.roles import Role
from pmo.refusals import Refused
from tests.cast import Office, everything, make_office

T = TypeVar("T")
SINCE = date(2020, 1, 1)
SPONSOR_LIMIT = 50_000_00
FUNDED = 1_000_000_00


def in_days(days: float) -> datetime:
    return timezone.now() + timedelta(days=days)


@dataclass
class Committee:
    """The office with its steering committee (chair, two members, a lead with a vote) and its sponsor."""

    office: Office
    steering: Body
    sponsoring: Body
    sponsor_rule: AuthorityRule
    steering_rule: AuthorityRule
    counter: list[int] = field(default_factory=lambda: [0])

    def __getattr__(self, name: str) -> Any:
        return getattr(self.office, name)

    def does(self, who: User | None, service: Callable[..., T], **arguments: Any) -> T:
        """One command for a person of the cast, or for the office itself."""
        if who is None:
            return commands.run(service, actor=None, scope=[self.program.pk], **arguments)
        return commands.run(service, actor=who, **arguments)

    @contextmanager
    def looking(self) -> Iterator[None]:
        with transaction.atomic(), everything(self.program):
            yield

    def request(
        self,
        amount: int = 640_000_00,
        *,
        vendor: str = "Acme",
        category: str = "hardware",
        title: str = "Storage arrays",
        submitted: bool = True,
        by: User | None = None,
    ) -> CapitalRequest:
        """A capital request of the ERP project (minor units), by its project manager."""
        who = by or self.erp_manager
        made = self.does(
            who,
            capex.create,
            program=self.program,
            project=self.erp,
            title=title,
            justification="The old ones are full.",
            amount_minor=amount,
            category=category,
            vendor=vendor,
        )
        return self.does(who, capex.submit, capital_request=made) if submitted else made

    def proposed(self, request: CapitalRequest, **more: Any) -> Decision:
        return self.does(
            self.staff,
            services.propose,
            capital_request=request,
            question="Shall this be bought?",
            recommendation="Approve.",
            **more,
        )

    def opened(self, request: CapitalRequest | None = None, *, days: float = 7, **more: Any) -> Decision:
        """A ballot open for some days from now."""
        decision = self.proposed(request or self.request(), **more)
        return self.does(
            self.chair,
            services.open_ballot,
            decision=decision,
            closes_at=in_days(days),
            auth_at=datetime.now(UTC),
        )

    def over(self, request: CapitalRequest | None = None) -> Decision:
        """A ballot whose time has just ended, without a vote."""
        decision = self.opened(request, days=0.3 / 86_400)
        time.sleep(0.35)
        return decision

    def votes(self, decision: Decision, who: User, choice: str = "approve", **more: Any) -> Vote:
        given = {"digest": decision.figures_sha256, "auth_at": datetime.now(UTC), **more}
        return self.does(who, services.cast, decision=decision, choice=choice, **given)

    def closes(self, decision: Decision, by: User | None = None, **more: Any) -> Decision:
        return self.does(by, services.close, decision=decision, **more)

    def all_vote(self, decision: Decision, choices: str = "+++", also: User | None = None) -> None:
        """Chair, Ken, Maria (and one more) vote: `+` approve, `-` reject, `0` abstain, `.` not."""
        names = {"+": "approve", "-": "reject", "0": "abstain"}
        people = [self.chair, self.member, self.member2, *([also] if also else [])]
        for who, sign in zip(people, choices, strict=False):
            if sign in names:
                self.votes(decision, who, names[sign])

    def balance(self, kind: str, category: str = "hardware") -> int:
        with self.looking():
            rows = Account.objects.filter(
                program=self.program, project=self.erp, category=category, nature="capital", kind=kind
            )
            return sum(rows.values_list("balance", flat=True))

    def journals(self, kind: str = "reserve") -> int:
        with self.looking():
            return Journal.objects.filter(program=self.program, kind=kind).count()


def make_committee(
    code: str = "ATLAS", suffix: str = "", *, quorum: int = 2, extra: str = "", **body: Any
) -> Committee:
    """The cast, a steering committee of three voting seats and a secretary, the sponsor, their limits, and money."""
    office = make_office(code, suffix)
    manager = office.program_manager

    def does(service: Callable[..., T], **arguments: Any) -> T:
        return commands.run(service, actor=manager, **arguments)

    steering = does(
        bodies.create_body,
        program=office.program,
        code="SC",
        name="Steering committee",
        kind=Body.Kind.STEERING,
        **{"voting_rule": Body.Rule.SIMPLE, "quorum_seats": quorum, **body},
    )
    for who, role, voting, title in (
        (office.chair, "chair", True, "COO"),
        (office.member, "member", True, "CFO"),
        (office.member2, "member", True, "CISO"),
        (office.staff, "secretary", False, ""),
    ):
        does(
            bodies.seat_person,
            body=steering,
            person=who,
            role=role,
            voting=voting,
            title=title,
            valid_from=SINCE,
        )
    sponsoring = does(
        bodies.create_body,
        program=office.program,
        code="SPONSOR",
        name="Executive sponsor",
        kind=Body.Kind.SPONSOR,
        voting_rule=Body.Rule.SIMPLE,
        quorum_seats=1,
    )
    does(
        bodies.seat_person,
        body=sponsoring,
        person=office.sponsor,
        role="chair",
        voting=True,
        valid_from=SINCE,
    )
    rules = [
        does(
            authority.delegate,
            program=office.program,
            code=name,
            subject_kind=kind,
            body=body_,
            up_to_minor=limit,
            valid_from=SINCE,
        )
        for name, kind, body_, limit in (
            ("A-1", "capital_request", sponsoring, SPONSOR_LIMIT),
            ("A-2", "capital_request", steering, None),
            ("A-3", "budget", steering, None),
            ("A-4", "baseline", steering, None),
        )
    ]
    committee = Committee(office, steering, sponsoring, rules[0], rules[1])
    if extra:
        also_member(committee, getattr(committee, extra))
    fund(committee)
    return committee


def fund(committee: Committee, amount: int = FUNDED, category: str = "hardware") -> Decision:
    """Budget the way the product does it: drafted, submitted, decided by the committee, granted in the ledger."""
    draft = committee.does(
        committee.controller, budgets.create_draft, program=committee.program, project=committee.erp
    )
    month = timezone.now().astimezone(UTC).strftime("%Y-%m")
    committee.does(
        committee.controller,
        budgets.set_line,
        budget=draft,
        category=category,
        nature="capital",
        period_code=month,
        amount_minor=amount,
    )
    budget = committee.does(committee.controller, budgets.submit, budget=draft)
    decision = committee.does(
        committee.staff, services.propose, budget=budget, question="Shall this budget hold?"
    )
    decision = committee.does(committee.chair, services.open_ballot, decision=decision)
    fourth = committee.erp_manager if committee.steering.quorum_seats == 4 else None
    committee.all_vote(decision, "++++", fourth)
    with committee.looking():
        decision.refresh_from_db()
    return decision if decision.state == Decision.State.DECIDED else committee.closes(decision)


def also_member(committee: Committee, who: User, *, seated: bool = True) -> None:
    """Give a project manager a seat in the committee that decides on her request."""
    with committee.looking():
        Membership.objects.create(
            program=committee.program, user=who, role=Role.COMMITTEE_MEMBER, valid_from=SINCE
        )
    if seated:
        commands.run(
            bodies.seat_person,
            actor=committee.program_manager,
            body=committee.steering,
            person=who,
            role="member",
            voting=True,
            valid_from=SINCE,
        )


def sentence(deed: Callable[[], Any]) -> str:
    """What the person reads when the deed is refused; a deed that is not refused fails the test."""
    try:
        deed()
    except Refused as refused:
        return refused.message
    raise AssertionError("it was not refused")
