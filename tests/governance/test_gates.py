"""A body decides on a gate what was asked for, and nobody else does; rework shows everything anew, stop ends it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from governance import verify
from governance.authority import services as authority
from governance.decisions import services
from governance.decisions.conditions import Term
from governance.decisions.latency import CostOfDelay
from governance.decisions.models import Decision
from governance.decisions.subjects import facts_of
from pmo.refusals import Conflict, NotAllowed, Refused
from pmo.warrants import Warrant
from programs.gates import deciding
from programs.gates.models import Gate, GateCriterion
from tests.cast import today
from tests.governance.committee import SINCE, in_days, sentence
from tests.programs.gates.test_gates import Desk
from tests.world import rolled_back


class Board(Desk):
    """The desk, whose steering committee decides on gates."""

    def __init__(self) -> None:
        super().__init__()
        self.does(
            self.program_manager, authority.delegate, program=self.program, code="A-7", subject_kind="gate",
            body=self.steering, up_to_minor=None, valid_from=SINCE,
        )  # fmt: skip

    def forward(self, asked: str = "proceed", gate: Gate | None = None, who: Any = None, **more: Any) -> Gate:
        live = self.now(gate or self.gate)
        return self.does(
            who or self.erp_manager, deciding.submit, gate=live, version=live.version, asked=asked, **more
        )

    def ballot(self, gate: Gate | None = None) -> Decision:
        proposed = self.does(
            self.staff, services.propose, gate=gate or self.gate, question="May it pass?", recommendation=""
        )
        return self.does(self.chair, services.open_ballot, decision=proposed, closes_at=in_days(7))

    def decided(self, votes: str = "+++", gate: Gate | None = None, **more: Any) -> Decision:
        opened = self.ballot(gate)
        self.all_vote(opened, votes)
        with self.looking():
            opened.refresh_from_db()
        return opened if opened.state == "decided" else self.closes(opened, by=self.chair, **more)


@pytest.fixture(scope="module")
def built(django_db_setup: None, django_db_blocker: Any) -> Iterator[Board]:
    with django_db_blocker.unblock(), rolled_back():
        yield Board()


@pytest.fixture
def board(built: Board) -> Iterator[Board]:
    with rolled_back():
        yield built


def test_a_gate_passes_by_the_vote_on_what_was_shown(board: Board) -> None:
    assert "mandatory criterion" in sentence(board.forward)
    board.shows()
    with pytest.raises(NotAllowed):
        board.forward(who=board.iam_manager)
    board.forward()
    decision = board.decided()
    gate = board.now(board.gate)
    assert (gate.state, gate.outcome, gate.warrant_id) == ("passed", "proceed", decision.warrant_id)
    assert decision.figures["gate"]["criteria"][0]["evidence"] == "Protocol of 3 May"
    with board.looking():
        assert gate.warrant is not None and gate.warrant.digest == deciding.digest(gate)
    # What has passed stays: for the office, and for whoever has the serving login.
    with pytest.raises(Refused, match="is decided"):
        board.shows("not_met")
    for change in ({"state": "open"}, {"name": "Other"}, {"due_on": SINCE}):
        with board.looking(), pytest.raises(DatabaseError, match="stays as it is"), transaction.atomic():
            Gate.objects.filter(pk=gate.pk).update(**change)
    page = board.page("member", f"{gate.pk}/").content.decode()
    assert decision.code in page and "it passed" in page


def test_who_showed_it_and_who_put_it_forward_do_not_vote(board: Board) -> None:
    board.shows(who=board.staff)
    board.shows("open", who=board.staff)
    board.shows(who=board.program_manager)  # who said so before is remembered by the history
    board.forward()
    with board.looking():
        facts = facts_of(Decision(subject_kind="gate", subject_id=board.gate.pk))
    assert facts.recused == {
        board.staff.pk: "assessed a criterion of it",
        board.program_manager.pk: "assessed a criterion of it",
        board.erp_manager.pk: "put it forward",
    }


def test_it_is_routed_by_what_the_project_costs(board: Board) -> None:
    board.does(
        board.program_manager, authority.delegate, program=board.program, code="A-6", subject_kind="gate",
        body=board.sponsoring, up_to_minor=1_000_000_00 - 1, valid_from=SINCE,
    )  # fmt: skip
    board.shows()
    board.forward()
    propose = lambda gate: board.does(  # noqa: E731
        board.staff, services.propose, gate=gate, question="May it pass?", recommendation=""
    )
    assert (
        propose(board.gate).body == board.steering
    )  # the budget is a million: one cent too much for the sponsor
    other = board.plans("G1", 1, board.iam)
    board.must("Accepted", other)
    live = board.now(other)
    board.does(board.iam_manager, deciding.submit, gate=live, version=live.version, asked="rework")
    assert propose(other).body == board.sponsoring  # no budget yet


def test_conditions_are_part_of_what_is_voted_on_or_added_when_it_is_closed(board: Board) -> None:
    assert "which conditions" in sentence(lambda: board.forward("proceed_with_conditions", conditions=" "))
    assert "belong to" in sentence(lambda: board.forward("stop", conditions="Soon"))
    board.forward("proceed_with_conditions", conditions="The rehearsal is repeated by May.")
    decision = board.decided()
    gate = board.now(board.gate)
    assert (gate.state, gate.conditions) == ("passed", "The rehearsal is repeated by May.")
    assert decision.figures["findings"][0] == "Not met: The rehearsal ended without a fault"
    second = board.plans("G2", 2)
    board.shows(of=board.must("Two lines carry traffic", second))
    board.forward(gate=second)
    opened = board.ballot(second)
    for who in (board.chair, board.member):
        board.votes(opened, who)
    term = Term("A third line by June.", board.erp_manager, today() + timedelta(days=60))
    board.closes(opened, by=board.chair, conditions=[term])
    gate = board.now(second)
    assert gate.outcome == "proceed_with_conditions"
    assert gate.conditions.startswith("A third line by June. (")


def test_rework_shows_everything_anew_and_a_rejected_motion_changes_nothing(board: Board) -> None:
    board.shows()
    board.forward("rework")
    assert board.decided("---").outcome == "rejected"
    gate = board.now(board.gate)
    assert (gate.state, gate.outcome, gate.warrant_id) == ("open", "", None)
    board.forward("rework")
    decision = board.decided()
    gate = board.now(board.gate)
    with board.looking():
        one = GateCriterion.objects.get(gate=gate)
    assert (gate.state, gate.outcome, gate.warrant_id) == ("open", "rework", decision.warrant_id)
    assert (one.state, one.evidence) == ("open", "Protocol of 3 May")
    assert "every criterion is to be shown again" in board.page("member", f"{gate.pk}/").content.decode()
    board.shows()
    board.forward()
    assert board.decided().outcome == "approved"
    assert board.now(board.gate).state == "passed"


def test_gates_are_passed_in_their_order_and_a_stopped_one_ends_it(board: Board) -> None:
    second = board.plans("G2", 2)
    board.must("It runs", second)
    assert "G1 has not passed" in sentence(
        lambda: board.forward("proceed_with_conditions", second, conditions="Later")
    )
    board.forward("stop")
    board.decided()
    assert board.now(board.gate).state == "stopped"
    assert "G1 has not passed" in sentence(
        lambda: board.forward("proceed_with_conditions", second, conditions="Later")
    )
    with board.looking(), pytest.raises(DatabaseError, match="has not passed"), transaction.atomic():
        now = board.now(second)
        Gate.objects.filter(pk=now.pk).update(state="submitted", asked="proceed", submitted_at=timezone.now())
        Gate.objects.filter(pk=now.pk).update(state="passed", outcome="proceed")


def test_a_ballot_on_a_gate_that_was_taken_back_is_void(board: Board) -> None:
    board.shows()
    gate = board.forward()
    with pytest.raises(Conflict):
        board.does(board.erp_manager, deciding.take_back, gate=gate, version=gate.version - 1)
    opened = board.ballot()
    board.does(board.erp_manager, deciding.take_back, gate=gate, version=gate.version)
    board.shows("not_met")
    for who in (board.chair, board.member):
        board.votes(opened, who)
    closed = board.closes(opened, by=board.chair)
    assert closed.state == "withdrawn" and board.now(board.gate).state == "open"


def test_nobody_passes_a_gate_with_the_warrant_of_another(board: Board) -> None:
    board.shows()
    board.forward()
    board.decided()
    passed = board.now(board.gate)
    other = board.plans("G1", 1, board.iam)
    board.must("Accepted", other)
    live = board.now(other)
    board.does(
        board.iam_manager, deciding.submit, gate=live, version=live.version,
        asked="proceed_with_conditions", conditions="Soon",
    )  # fmt: skip
    with board.looking():
        warrant = Warrant.objects.get(pk=passed.warrant_id)
    with pytest.raises(Refused, match="not what was voted on"):
        board.does(None, deciding.approve, gate=other, warrant=warrant)
    with (
        board.looking(),
        pytest.raises(DatabaseError, match="decided about something else"),
        transaction.atomic(),
    ):
        Gate.objects.filter(pk=other.pk).update(
            state="passed", outcome="proceed_with_conditions", warrant=warrant, decided_at=timezone.now()
        )
        connection.cursor().execute("set constraints all immediate")


@pytest.mark.parametrize("asked", ["stop", "proceed"])
def test_a_gate_becomes_what_was_asked_for_by_a_decision_of_its_own(board: Board, asked: str) -> None:
    board.shows()
    board.forward("rework")
    board.decided()
    kept = board.now(board.gate).warrant_id
    board.shows()
    board.forward(asked)
    at = timezone.now()
    with board.looking():
        live = Gate.objects.filter(pk=board.gate.pk)
        other = (
            {"state": "stopped", "outcome": "stop"}
            if asked == "proceed"
            else {"state": "passed", "outcome": "proceed"}
        )
        same = (
            {"state": "passed", "outcome": "proceed"}
            if asked == "proceed"
            else {"state": "stopped", "outcome": "stop"}
        )
        for change, words in (
            ({**other, "decided_at": at}, "by what was asked for"),
            ({**same, "decided_at": at}, "a decision of its own"),
            ({"decided_at": at}, "by what was asked for"),
        ):
            with pytest.raises(DatabaseError, match=words), transaction.atomic():
                live.update(**change)
    decision = board.decided()
    gate = board.now(board.gate)
    assert (gate.outcome, gate.warrant_id) == (asked, decision.warrant_id) and gate.warrant_id != kept
    with board.looking(), connection.cursor() as cursor:
        for rule in ("D-%s was approved and its gate", "a gate stands on"):
            cursor.execute(next(query for words, query in verify.RULES.items() if words.startswith(rule)))
            assert cursor.fetchall() == []  # both decisions: rework, and what came of it


def test_a_gate_is_put_forward_and_proposed_by_pages(board: Board) -> None:
    board.shows()
    lena, staff, url = (
        board.browser("erp_manager"),
        board.browser("staff"),
        f"/p/ATLAS/gates/{board.gate.pk}/",
    )
    version = board.now(board.gate).version
    odd = lena.post(f"{url}submit/", {"asked": "proceed", "conditions": "Soon", "version": version})
    assert odd.status_code == 422 and "Soon" in odd.content.decode()
    assert lena.post(f"{url}submit/", {"asked": "maybe", "version": version}).status_code == 422
    assert lena.post(f"{url}submit/", {"asked": "proceed", "version": 1}).status_code == 409
    assert lena.post(f"{url}submit/", {"asked": "proceed", "version": version}).status_code == 302
    page = staff.get(url).content.decode()
    assert f"?subject=gate:{board.gate.pk}" in page and "stands still" in page
    choose = staff.get(f"/p/ATLAS/decisions/propose/?subject=gate:{board.gate.pk}").content.decode()
    assert "Gate G1 of ERP-FIN: proceed" in choose
    made = staff.post(
        "/p/ATLAS/decisions/propose/",
        {"subject": f"gate:{board.gate.pk}", "question": "May it pass?", "recommendation": ""},
    )
    assert made.status_code == 302
    shown = staff.get(made["Location"]).content.decode()
    for words in (
        "lets the project pass this gate",
        "Protocol of 3 May",
        "Approved budget of ERP-FIN",
        "1 of 1 met",
    ):
        assert words in shown
    api = "/api/v1/programs/ATLAS"
    back = {"version": board.now(board.gate).version}
    answer = lena.post(f"{api}/gates/{board.gate.pk}/take-back/", back, content_type="application/json")
    assert answer.json()["state"] == "open"


def test_the_log_of_a_project_shows_its_gates_and_what_waiting_for_one_costs(board: Board) -> None:
    board.shows()
    board.forward()
    ballot = board.ballot()
    assert (
        ballot.code in board.browser("member").get("/p/ATLAS/decisions/log/?project=ERP-FIN").content.decode()
    )
    other = board.browser("member").get("/p/ATLAS/decisions/log/?project=IAM").content.decode()
    assert ballot.code not in other
    with board.looking():
        waits = CostOfDelay(500_00, frozenset({board.erp.pk}))
        assert waits.of(ballot, ballot.proposed_at + timedelta(days=3)) == 1_500_00
