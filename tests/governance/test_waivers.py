"""A waiver of the budget policy is a decision with a last day: nobody else lets a clause not hold."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from finance.capex import services as capex
from finance.conformity import certificate, checking, waivers
from finance.conformity import services as policy
from finance.policy.models import PolicyClause, PolicyFinding, PolicyWaiver
from governance.authority import services as authority
from governance.decisions import services
from governance.decisions.models import Decision
from pmo import commands
from pmo.clocks import AsOf
from pmo.refusals import Conflict, Refused
from pmo.reports.models import ReportRun
from tests.governance.committee import SINCE, Committee, make_committee


@pytest.fixture
def committee(db: None) -> Iterator[Committee]:
    made = make_committee()
    made.does(
        made.program_manager, authority.delegate, program=made.program, code="A-9", subject_kind="waiver",
        body=made.steering, up_to_minor=None, valid_from=SINCE,
    )  # fmt: skip
    yield made


def threshold(committee: Committee, least: int = 700_000_00) -> PolicyClause:
    return committee.does(
        committee.controller, policy.add, program=committee.program, code="B-5", kind="capitalisation_threshold",
        parameters={"threshold_minor": least}, action="block", from_day=SINCE,
    )  # fmt: skip


def finding(committee: Committee) -> PolicyFinding | None:
    with committee.looking():
        return PolicyFinding.objects.filter(program=committee.program, cleared_at=None).first()


def asked(committee: Committee, clause: PolicyClause, days: int = 30, **more: Any) -> PolicyWaiver:
    until = datetime.now(UTC).date() + timedelta(days=days)
    return committee.does(
        committee.staff, waivers.ask, program=committee.program, clause=clause, until=until,
        reason="One array, bought with the next.", **more,
    )  # fmt: skip


def decided(committee: Committee, waiver: PolicyWaiver, votes: str = "+++") -> Decision:
    proposed = committee.does(
        committee.staff,
        services.propose,
        waiver=waiver,
        question="Shall B-5 not hold here?",
        recommendation="",
    )
    opened = committee.does(
        committee.chair,
        services.open_ballot,
        decision=proposed,
        closes_at=datetime.now(UTC) + timedelta(days=7),
    )
    committee.all_vote(opened, votes)
    with committee.looking():
        opened.refresh_from_db()
    return opened if opened.state == "decided" else committee.closes(opened, by=committee.chair)


def test_a_granted_waiver_clears_the_finding_and_lets_the_promise_pass_until_its_day(
    committee: Committee,
) -> None:
    clause = threshold(committee)
    request = committee.request(submitted=False)
    open_ = finding(committee)
    assert open_ is not None and open_.key == request.code
    with pytest.raises(Refused, match="clause B-5"):
        committee.does(committee.erp_manager, committee_submit, request=request)
    waiver = asked(committee, clause, finding=open_)
    before = timezone.now()
    decision = decided(committee, waiver)
    with committee.looking():
        waiver.refresh_from_db()
        open_.refresh_from_db()
        assert decision.warrant is not None
    assert (decision.outcome, waiver.state, waiver.warrant_id) == (
        "approved",
        "approved",
        decision.warrant_id,
    )
    assert open_.cleared_at is not None and open_.waiver_id == decision.warrant_id
    committee.does(committee.erp_manager, committee_submit, request=request)
    assert finding(committee) is None
    with committee.looking():
        now = timezone.now()
        said = certificate.build(
            ReportRun(program_id=committee.program.pk, kind="conformity", as_of=now, known=now),
            lambda *_: None,
        )
        assert said.summary == "1 of 1 clauses are kept under a waiver only."
        text = str(said.sections)
        assert waiver.code in text and decision.warrant.number in text and "Kept under waiver" in text
        held = certificate.held(committee.program, AsOf(now, before, False, "", now.date()))
        assert [checking.standing(one, held.granted) for one in held.found] == ["breached"]
    # The day after its last day the same breach is found again, by the clock alone.
    later = datetime.now(UTC) + timedelta(days=32)
    commands.run(
        checking.assess, actor=None, scope=[committee.program.pk], at=later, program=committee.program
    )
    again = finding(committee)
    assert again is not None and again.key == request.code and again.pk != open_.pk
    # A later wording of the clause is no matter of the certificate of before.
    assert held_as_of(committee, now) == ["waived"]
    committee.does(
        committee.controller, policy.change, clause=clause, version=clause.version, reason="Less.",
        parameters={"threshold_minor": 600_000_00}, action="block", text=clause.text,
    )  # fmt: skip
    assert held_as_of(committee, now) == ["waived"]


def held_as_of(committee: Committee, moment: datetime) -> list[str]:
    with committee.looking():
        held = certificate.held(committee.program, AsOf(moment, moment, False, "", moment.date()))
        return [checking.standing(one, held.granted) for one in held.found]


def committee_submit(*, request: Any, by: Any, at: datetime) -> Any:
    from finance.capex import services as capex

    return capex.submit(capital_request=request, by=by, at=at)


def test_a_rejected_waiver_changes_nothing(committee: Committee) -> None:
    clause = threshold(committee)
    committee.request(submitted=False)
    waiver = asked(committee, clause)
    assert decided(committee, waiver, "---").outcome == "rejected"
    with committee.looking():
        waiver.refresh_from_db()
    assert waiver.state == "rejected" and finding(committee) is not None


def test_who_asked_for_a_waiver_does_not_vote_on_it_and_nobody_writes_one_without_a_decision(
    committee: Committee,
) -> None:
    clause = threshold(committee)
    waiver = asked(committee, clause)
    proposed = committee.does(
        committee.staff, services.propose, waiver=waiver, question="Shall B-5 not hold?", recommendation=""
    )
    assert proposed.requested_by == committee.staff
    with pytest.raises(Refused), committee.looking():
        from django.db import IntegrityError

        try:
            PolicyWaiver.objects.filter(pk=waiver.pk).update(state="approved")
        except IntegrityError as error:
            raise Refused("only by a decision") from error


def test_a_withdrawn_waiver_cannot_be_decided(committee: Committee) -> None:
    waiver = asked(committee, threshold(committee))
    committee.does(committee.staff, waivers.withdraw, waiver=waiver)
    with pytest.raises(Conflict):
        committee.does(committee.staff, waivers.withdraw, waiver=waiver)
    with pytest.raises(Refused, match="already"):
        committee.does(
            committee.staff,
            services.propose,
            waiver=waiver,
            question="Shall B-5 not hold?",
            recommendation="",
        )


def test_it_is_asked_for_on_the_page_of_its_clause_and_proposed_from_there(committee: Committee) -> None:
    clause = threshold(committee)
    committee.request(submitted=False)
    open_ = finding(committee)
    assert open_ is not None
    client = Client()
    client.force_login(committee.staff)
    address = f"/p/ATLAS/policy/{clause.pk}/"
    bad = client.post(f"{address}waiver/", {"finding": open_.pk, "until": "2020-01-01", "reason": "Late"})
    assert bad.status_code == 422 and "A waiver ends today or later." in bad.content.decode()
    until = (datetime.now(UTC) + timedelta(days=9)).date().isoformat()
    done = client.post(f"{address}waiver/", {"finding": open_.pk, "until": until, "reason": "One array"})
    assert done.status_code == 302
    page = client.get(address).content.decode()
    assert "W-001" in page and "Propose for decision" in page and "One array" in page
    with committee.looking():
        waiver = PolicyWaiver.objects.get(program=committee.program)
    form = client.get(f"/p/ATLAS/decisions/propose/?subject=waiver:{waiver.pk}").content.decode()
    assert "W-001: waiver of B-5" in form


def test_a_waiver_of_one_finding_reaches_as_far_as_the_finding_did(committee: Committee) -> None:
    clause = threshold(committee)
    request = committee.request(submitted=False)  # 640,000.00, 60,000.00 below the threshold
    open_ = finding(committee)
    assert open_ is not None
    waiver = asked(committee, clause, finding=open_)
    assert waiver.amount_minor == open_.amount_minor
    decided(committee, waiver)
    assert finding(committee) is None
    committee.does(
        committee.erp_manager, capex.edit, capital_request=request, version=request.version,
        values={"amount_minor": 1_000_00},
    )  # fmt: skip
    again = finding(committee)
    assert again is not None and again.amount_minor > waiver.amount_minor
    with pytest.raises(Refused, match="clause B-5"):
        committee.does(committee.erp_manager, committee_submit, request=request)


def test_a_clause_that_was_changed_is_not_the_one_that_was_waived(committee: Committee) -> None:
    clause = threshold(committee)
    committee.request(submitted=False)
    granted, waiting = asked(committee, clause), asked(committee, clause, days=31)
    decided(committee, granted)
    assert finding(committee) is None
    committee.does(
        committee.controller, policy.change, clause=clause, version=clause.version, action="block",
        parameters={"threshold_minor": 800_000_00}, text="", reason="Prices rose.",
    )  # fmt: skip
    assert finding(committee) is not None
    with pytest.raises(Refused, match=r"B-5 was changed after W-002 was asked for"):
        committee.does(
            committee.staff,
            services.propose,
            waiver=waiting,
            question="Shall B-5 not hold?",
            recommendation="",
        )


def test_a_waiver_without_an_amount_goes_to_who_may_decide_everything(committee: Committee) -> None:
    committee.does(
        committee.program_manager, authority.delegate, program=committee.program, code="A-8", subject_kind="waiver",
        body=committee.sponsoring, up_to_minor=100_000_00, valid_from=SINCE,
    )  # fmt: skip
    clause = threshold(committee)
    committee.request(submitted=False)

    def asks(waiver: PolicyWaiver) -> str:
        made = committee.does(
            committee.staff,
            services.propose,
            waiver=waiver,
            question="Shall B-5 not hold?",
            recommendation="",
        )
        assert isinstance(made, Decision)
        return str(made.body.code)

    assert asks(asked(committee, clause, finding=finding(committee))) == "SPONSOR"
    assert asks(asked(committee, clause)) == "SC"
