"""An approval with conditions: sealed with it, reported by their owners, and reopened when one is not met."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client

from finance.capex import services as capex
from governance.authority import services as authority
from governance.decisions import conditions, reopening, services
from governance.decisions.condition_models import Condition
from governance.decisions.conditions import Term
from governance.decisions.models import Decision, DecisionRecord
from pmo.accounts.models import Membership
from pmo.accounts.roles import Role
from pmo.refusals import Conflict, NotAllowed, Refused
from tests.cast import today
from tests.fresh import sign_in
from tests.governance.committee import SINCE, Committee, also_member, in_days


def term(committee: Committee, days: int = 10, text: str = "Offer three vendors", **more: Any) -> Term:
    return Term(text, more.get("owner", committee.erp_manager), today() + timedelta(days=days))


def approved(committee: Committee, *terms: Term, votes: str = "+++", amount: int = 640_000_00) -> Decision:
    ballot = committee.opened(committee.request(amount))
    committee.all_vote(ballot, votes)
    closed = committee.closes(ballot, by=committee.chair, conditions=list(terms))
    with committee.looking(), connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
        cursor.execute("set constraints all deferred")
    return closed


def first(committee: Committee) -> Condition:
    with committee.looking():
        return Condition.objects.select_related("decision").get()


def later(committee: Committee, on: date) -> list[Condition]:
    """The clock's turn on a later day."""
    at = datetime(on.year, on.month, on.day, 12, tzinfo=UTC)

    def turn(*, by: Any, at: datetime, then: datetime) -> list[Condition]:
        return reopening.fall_due(program_id=committee.program.pk, by=by, at=then)

    return committee.does(None, turn, then=at)


def test_conditions_are_sealed_with_the_approval_and_shown_with_their_owner_and_day(
    committee: Committee,
) -> None:
    closed = approved(committee, term(committee), term(committee, 20, "Keep <b>one</b> spare"))
    with committee.looking():
        sealed = json.loads(bytes(DecisionRecord.objects.get(decision=closed).canonical))
    assert [one["text"] for one in sealed["terms"]] == ["Offer three vendors", "Keep <b>one</b> spare"]
    assert sealed["terms"][0]["owner"] == committee.erp_manager.pk
    page = (
        sign_in(Client(), committee.erp_manager).get(f"/p/ATLAS/decisions/{closed.number}/").content.decode()
    )
    assert "Keep &lt;b&gt;one&lt;/b&gt; spare" in page and "Report" in page
    listed = (
        sign_in(Client(), committee.member).get("/p/ATLAS/decisions/conditions/?state=open").content.decode()
    )
    assert "Offer three vendors" in listed and committee.erp_manager.name in listed


@pytest.mark.parametrize(
    ("made", "says"),
    [
        ({"days": -1}, "from today on"),
        ({"days": 3000}, "within five years"),
        ({"text": "  "}, "Say what the condition is"),
    ],
)
def test_a_condition_that_nobody_could_keep_is_refused_and_the_ballot_stays_open(
    committee: Committee, made: dict[str, Any], says: str
) -> None:
    with pytest.raises(Refused, match=says):
        approved(committee, term(committee, **made))
    with committee.looking():
        assert Decision.objects.filter(state="open").exists() and not Condition.objects.exists()


def test_a_rejection_has_no_conditions(committee: Committee) -> None:
    with pytest.raises(Refused, match="Only an approval"):
        approved(committee, term(committee), votes="---")


def test_the_owner_reports_and_somebody_else_says_that_it_is_met(committee: Committee) -> None:
    approved(committee, term(committee, owner=committee.chair))
    one = first(committee)
    with pytest.raises(NotAllowed, match="Only its owner"):
        committee.does(committee.member, conditions.tell, condition=one, report="Done.", version=1)
    told = committee.does(
        committee.chair, conditions.tell, condition=one, report="Done, see file 3.", version=1
    )
    assert conditions.standing(told, today()) == "Reported, to be looked at"
    with pytest.raises(NotAllowed, match="Somebody else"):  # the chair may settle, but not her own
        committee.does(committee.chair, conditions.settle, condition=told, evidence="I know.", version=2)
    with pytest.raises(Conflict, match="changed this condition"):
        committee.does(
            committee.program_manager, conditions.settle, condition=told, evidence="Seen.", version=1
        )
    met = committee.does(
        committee.program_manager, conditions.settle, condition=told, evidence="Seen.", version=2
    )
    assert met.state == "met" and met.settled_by == committee.program_manager
    assert later(committee, today() + timedelta(days=30)) == []
    with pytest.raises(Conflict, match="met already"):
        committee.does(committee.chair, conditions.tell, condition=met, report="More.", version=met.version)


def answers(committee: Committee) -> None:
    committee.does(
        committee.program_manager, authority.delegate, program=committee.program, code="A-8",
        subject_kind="question", body=committee.steering, valid_from=SINCE,
    )  # fmt: skip


def test_a_condition_is_unmet_the_day_after_and_asks_the_body_anew(committee: Committee) -> None:
    answers(committee)
    closed = approved(committee, term(committee), term(committee, 40, "Later"))
    assert later(committee, today() + timedelta(days=10)) == []  # its last day still counts
    assert [one.n for one in later(committee, today() + timedelta(days=11))] == [1]
    assert later(committee, today() + timedelta(days=11)) == []
    with committee.looking():
        anew = Decision.objects.get(supersedes=closed)
        assert anew.state == "draft" and anew.body == committee.steering
        assert "Offer three vendors" in anew.figures["papers"]
        assert Condition.objects.get(n=1).state == "unmet"
        assert closed.outcome == "approved"  # what was done stays done
    assert [one.n for one in later(committee, today() + timedelta(days=41))] == [2]
    with committee.looking():
        assert Decision.objects.filter(supersedes=closed).count() == 1  # one question, not one for each
    page = sign_in(Client(), committee.member).get(f"/p/ATLAS/decisions/{closed.number}/").content.decode()
    assert "asked anew in" in page and anew.code in page


def test_who_should_have_met_it_does_not_vote_on_what_follows(committee: Committee) -> None:
    answers(committee)
    closed = approved(committee, term(committee, owner=committee.member))
    later(committee, today() + timedelta(days=11))
    with committee.looking():
        anew = Decision.objects.get(supersedes=closed)
    opened = committee.does(committee.chair, services.open_ballot, decision=anew, closes_at=in_days(5))
    with committee.looking():
        why = dict(opened.electors.values_list("person", "recusal_reason"))
    assert "condition that was not met" in why[committee.member.pk]


def test_who_requested_it_does_not_end_what_asks_about_his_unmet_condition(committee: Committee) -> None:
    answers(committee)
    with committee.looking():  # she may do in the program what its officers may
        Membership.objects.create(
            program=committee.program, user=committee.erp_manager, role=Role.PROGRAM_MANAGER, valid_from=SINCE
        )
    closed = approved(committee, term(committee, owner=committee.program_manager))
    later(committee, today() + timedelta(days=11))
    with committee.looking():
        anew = Decision.objects.get(supersedes=closed)
    for who in (committee.erp_manager, committee.program_manager):
        with pytest.raises(NotAllowed, match="does not withdraw it"):
            committee.does(who, services.withdraw, decision=anew, reason="It is settled.")
    committee.does(committee.chair, services.withdraw, decision=anew, reason="Asked too early.")
    later(committee, today() + timedelta(days=12))
    later(committee, today() + timedelta(days=12))
    with committee.looking():
        again = Decision.objects.get(supersedes=anew)
        assert again.state == "draft" and "Offer three vendors" in again.figures["papers"]
    with pytest.raises(NotAllowed, match="does not withdraw it"):  # through what was withdrawn in between
        committee.does(committee.program_manager, services.withdraw, decision=again, reason="Settled.")
    one = first(committee)
    committee.does(committee.chair, conditions.settle, condition=one, evidence="Seen.", version=one.version)
    committee.does(committee.chair, services.withdraw, decision=again, reason="It is met.")
    later(committee, today() + timedelta(days=13))
    with committee.looking():
        assert not Decision.objects.filter(supersedes=again).exists()  # met late: nothing is left to ask


def test_who_had_no_vote_on_the_approval_has_none_on_what_follows_from_it(committee: Committee) -> None:
    answers(committee)
    also_member(committee, committee.program_manager)
    draft = committee.request(submitted=False)
    written = committee.does(
        committee.program_manager, capex.edit, capital_request=draft, version=draft.version,
        values={"justification": "They are full since May."},
    )  # fmt: skip
    ballot = committee.opened(committee.does(committee.erp_manager, capex.submit, capital_request=written))
    committee.all_vote(ballot)
    closed = committee.closes(ballot, by=committee.chair, conditions=[term(committee)])
    later(committee, today() + timedelta(days=11))
    with committee.looking():
        anew = Decision.objects.get(supersedes=closed)
    opened = committee.does(committee.chair, services.open_ballot, decision=anew, closes_at=in_days(5))
    with committee.looking():
        why = dict(opened.electors.filter(recused=True).values_list("person", "recusal_reason"))
    assert why == {committee.program_manager.pk: f"had no vote on {closed.code}"}


def test_who_requested_it_does_not_say_that_its_condition_is_met(committee: Committee) -> None:
    with committee.looking():
        Membership.objects.create(
            program=committee.program, user=committee.erp_manager, role=Role.PROGRAM_MANAGER, valid_from=SINCE
        )
    closed = approved(committee, term(committee, owner=committee.member))
    one = first(committee)
    with pytest.raises(NotAllowed, match="Who requested it"):
        committee.does(
            committee.erp_manager, conditions.settle, condition=one, evidence="I have it.", version=1
        )
    page = sign_in(Client(), committee.erp_manager).get(f"/p/ATLAS/decisions/{closed.number}/")
    assert "It is met" not in page.content.decode()
    with pytest.raises(DatabaseError, match="Who requested it"), transaction.atomic(), committee.looking():
        Condition.objects.filter(pk=one.pk).update(
            state="met", evidence="Seen.", settled_by=committee.erp_manager, settled_at=datetime.now(UTC)
        )


def test_without_authority_over_questions_it_is_marked_and_listed_all_the_same(committee: Committee) -> None:
    approved(committee, term(committee))
    assert len(later(committee, today() + timedelta(days=11))) == 1
    assert first(committee).state == "unmet"
    with committee.looking():
        assert not Decision.objects.filter(supersedes__isnull=False).exists()
    page = sign_in(Client(), committee.member).get("/p/ATLAS/decisions/log/?end=unmet").content.decode()
    assert "0 of 1 met" in page


def test_the_database_keeps_conditions_as_they_were_sealed(committee: Committee) -> None:
    approved(committee, term(committee))
    approved(committee, amount=60_000_00)
    lies = (
        ("update governance_condition set due_on = due_on + 90", "never changed"),
        (
            "update governance_condition set owner_id = (select id from pmo_user limit 1 offset 1)",
            "never changed",
        ),
        (
            "insert into governance_condition (program_id, decision_id, n, text, owner_id, due_on, state, report,"
            " evidence, version) select program_id, (select max(id) from governance_decision), 1, text, owner_id,"
            " due_on, 'open', '', '', 1 from governance_condition",
            "was not given with its decision",
        ),
    )
    for lie, says in lies:
        with pytest.raises(DatabaseError, match=says), transaction.atomic(), committee.looking():  # noqa: SIM117
            with connection.cursor() as cursor:
                cursor.execute(lie)
                cursor.execute("set constraints all immediate")


def test_the_closing_form_takes_whole_conditions_and_names_what_is_missing(committee: Committee) -> None:
    ballot = committee.opened()
    committee.all_vote(ballot)
    chair = sign_in(Client(), committee.chair)
    close = f"/p/ATLAS/decisions/{ballot.number}/close/"
    half = chair.post(close, {"rationale": "So.", "condition_1": "Do it", "due_1": today().isoformat()})
    assert half.status_code == 422 and "needs its words, its owner and its day" in half.content.decode()
    whole = {"condition_1": "Do it", "due_1": today().isoformat(), "owner_1": committee.erp_manager.pk}
    assert chair.post(close, {"rationale": "So.", **whole}).status_code == 302
    owner = sign_in(Client(), committee.erp_manager)
    one = first(committee)
    said = owner.post(f"/p/ATLAS/decisions/conditions/{one.pk}/report/", {"report": "Done.", "version": 1})
    assert said.status_code == 302
    odd = owner.post(f"/p/ATLAS/decisions/conditions/{one.pk}/report/", {"report": "Done.", "version": "x"})
    assert odd.status_code == 422
    assert (
        chair.post(
            f"/p/ATLAS/decisions/conditions/{one.pk}/met/", {"evidence": "Seen.", "version": 2}
        ).status_code
        == 302
    )


def test_the_log_is_searched_filtered_and_says_how_long_it_took(committee: Committee) -> None:
    closed = approved(committee, term(committee))
    reader = sign_in(Client(), committee.auditor)
    log = "/p/ATLAS/decisions/log/"
    assert closed.title in reader.get(log).content.decode()
    assert (
        closed.title
        in reader.get(f"{log}?kind=capital_request&body=SC&project=ERP-FIN&end=approved").content.decode()
    )
    assert closed.title not in reader.get(f"{log}?end=rejected").content.decode()
    assert closed.title not in reader.get(f"{log}?to=2020-01-01").content.decode()
    assert closed.title in reader.get(f"{log}?from=2020-13-99&kind=zzz&end=zzz").content.decode()
    file = reader.get(f"{log}?format=csv&end=approved").content.decode()
    assert "Days" in file.splitlines()[0] and closed.title in file
