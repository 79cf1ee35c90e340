"""A change that costs something says what and from where; nothing moves before a decision, and then exactly that."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import InternalError, connection, transaction
from django.utils import timezone

from finance.amendments import services
from finance.amendments.models import AmendmentLine
from finance.budgets import services as budgets
from finance.budgets.models import Budget
from finance.ledger import services as ledger
from finance.ledger.books import Place
from finance.ledger.models import Account, Journal
from finance.ledger.services import reserve
from finance.structure.models import FiscalPeriod
from finance.verify import RULES
from governance import verify as governance
from governance.decisions import services as decisions
from pmo.refusals import Conflict, NotAllowed, Refused
from programs.baselines.models import Baseline
from programs.changes import revisions
from programs.changes import services as changes
from programs.changes.models import ChangeRequest
from tests.governance.committee import also_member
from tests.governance.test_changes import Room
from tests.world import rolled_back

K = 1_000_00


def committed() -> None:
    """What the database looks at when a transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
        cursor.execute("set constraints all deferred")


class Treasury(Room):
    """The room of changes with a contingency of 100 k, besides the million for ERP hardware."""

    def __init__(self) -> None:
        super().__init__()
        self.month = timezone.now().strftime("%Y-%m")
        draft = self.does(self.controller, budgets.create_draft, program=self.program, project=None)
        self.does(
            self.controller, budgets.set_line, budget=draft, category="contingency", nature="capital",
            period_code=self.month, amount_minor=100 * K,
        )  # fmt: skip
        held = self.does(self.controller, budgets.submit, budget=draft)
        asked = self.does(self.staff, decisions.propose, budget=held, question="Shall this be held back?")
        asked = self.does(self.chair, decisions.open_ballot, decision=asked)
        self.all_vote(asked)
        self.closes(asked)
        committed()

    def drafted(self) -> ChangeRequest:
        made = self.does(
            self.erp_manager, changes.create, program=self.program, project=self.erp, title="A second array",
            reason="The first is full.",
        )  # fmt: skip
        assert isinstance(made, ChangeRequest)
        return made

    def writes(self, request: ChangeRequest, amount: int, who: Any = None, **more: Any) -> ChangeRequest:
        given = {
            "project": self.erp, "category": "hardware", "nature": "capital", "period_code": self.month,
            "version": request.version, **more,
        }  # fmt: skip
        made = self.does(
            who or self.erp_manager, services.set_line, change_request=request, amount_minor=amount, **given
        )
        assert isinstance(made, ChangeRequest)
        return made

    def submitted(self, amount: int = 40 * K, source: str = "contingency") -> ChangeRequest:
        made = self.writes(self.drafted(), amount, source=source)
        done = self.does(self.erp_manager, changes.submit, change_request=made)
        assert isinstance(done, ChangeRequest)
        return done

    def sets_aside(self, amount: int) -> None:
        """The books move where the requests of these tests reach."""
        self.does(
            self.controller, reserve, program=self.program, place=Place(self.erp.pk, "hardware", "capital"),
            amount=amount, effective=timezone.now().date(), text="Set aside",
        )  # fmt: skip

    def money(self, request: ChangeRequest) -> dict[str, Any]:
        with self.looking():
            shown = revisions.impact(request)
            assert shown is not None
            found: dict[str, Any] = shown.result["money"]
            return found

    def available(self, project: Any, category: str = "hardware") -> int:
        with self.looking():
            kind = "reserve" if category == "contingency" else "available"
            rows = Account.objects.filter(program=self.program, project=project, category=category, kind=kind)
            return sum(rows.values_list("balance", flat=True))

    def uneven(self) -> list[Any]:
        rule = next(
            sql for sentence, sql in RULES.items() if sentence.startswith("change request %s was applied")
        )
        with self.looking(), connection.cursor() as cursor:
            cursor.execute(rule)
            return cursor.fetchall()

    def unapplied(self) -> list[Any]:
        """Approved change requests that governance's check finds not applied."""
        rule = next(sql for said, sql in governance.RULES.items() if "its change is not applied" in said)
        with self.looking(), connection.cursor() as cursor:
            cursor.execute(rule)
            return cursor.fetchall()


@pytest.fixture(scope="module")
def built(django_db_setup: None, django_db_blocker: Any) -> Iterator[Treasury]:
    with django_db_blocker.unblock(), rolled_back():
        yield Treasury()


@pytest.fixture
def room(built: Treasury) -> Iterator[Treasury]:
    with rolled_back():
        yield built


def test_what_is_added_comes_out_of_contingency_and_both_are_shown_before_anybody_votes(
    room: Treasury,
) -> None:
    request = room.submitted()
    shown = room.money(request)
    assert shown["budget"] == [1_000 * K, 1_040 * K]
    assert shown["reserves"]["contingency"] == [100 * K, 60 * K]
    assert shown["problems"] == [] and shown["exposure_minor"] == 40 * K
    assert [line[-1] for line in shown["lines"]] == [40 * K, -40 * K]
    with room.looking():
        assert Budget.objects.filter(project=room.erp).count() == 1  # the budget itself is as it was


def test_an_approval_amends_the_budget_and_grants_exactly_the_difference(room: Treasury) -> None:
    request = room.submitted()
    decision = room.opened(request)
    assert (decision.amount_minor, decision.rule.code) == (
        40 * K,
        "A-8",
    )  # A-7 limits the slip, and says no amount
    rows = {row["key"]: row for row in decision.figures["measures"]}
    assert (rows["money-contingency"]["today"], rows["money-contingency"]["after"]) == (100 * K, 60 * K)
    room.all_vote(decision, "++.")
    assert room.closes(decision, room.chair).outcome == "approved"
    assert room.available(room.erp) == 1_040 * K and room.available(None, "contingency") == 60 * K
    with room.looking():
        request.refresh_from_db()
        active = Budget.objects.get(project=room.erp, state="active")
        assert (active.origin, active.number, active.warrant_id) == ("amendment", 2, request.warrant_id)
        assert active.lines.get().amount_minor == 1_040 * K
        granted = Journal.objects.filter(source_kind="change_request", warrant_id=request.warrant_id)
        assert granted.count() == 1
        assert not Baseline.objects.exists()  # money alone leaves the plan as it is
        committed()
    assert room.uneven() == []
    assert room.unapplied() == []


def test_plan_and_money_of_one_request_come_together(room: Treasury) -> None:
    made = room.does(
        room.erp_manager, changes.propose, change_request=(drafted := room.drafted()), version=drafted.version,
        edit={"do": "change", "activity": room.first.pk, "to": {"duration_minutes": 25 * 480}},
    )  # fmt: skip
    made = room.writes(made, 5 * K)
    request = room.does(room.erp_manager, changes.submit, change_request=made)
    decision = room.opened(request)
    room.all_vote(decision, "++.")
    room.closes(decision, room.chair)
    assert room.minutes() == 25 * 480 and room.available(room.erp) == 1_005 * K
    with room.looking():
        assert Baseline.objects.filter(is_current=True).count() == 1


def test_a_request_is_stale_when_the_books_moved_where_it_reaches(room: Treasury) -> None:
    request = room.submitted()
    decision = room.opened(request)
    room.sets_aside(K)
    with pytest.raises(Refused, match="books moved where this reaches"):
        room.votes(decision, room.chair)
    again = room.does(room.erp_manager, changes.compute, change_request=request)
    assert room.money(again)["problems"] == []


def test_what_does_not_fit_is_said_at_once_and_cannot_be_submitted(room: Treasury) -> None:
    made = room.writes(room.drafted(), -2_000 * K)
    assert "cannot be taken from it" in room.money(made)["problems"][0]
    with pytest.raises(Refused, match="cannot be taken from it"):
        room.does(room.erp_manager, changes.submit, change_request=made)
    with pytest.raises(Refused, match="Contingency has only"):
        room.writes(room.drafted(), 500 * K, source="contingency")
    other = room.writes(room.drafted(), K, project=room.iam)
    assert room.money(other)["problems"] == ["There is no active budget of IAM that could be amended."]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"project": None}, "holds its reserves only"),
        ({"category": "management_reserve"}, "not a project's"),
        ({"category": "gold"}, "does not exist"),
        ({"period_code": "2026-13"}, "2026-11|month|period"),
        ({"amount_minor": 0, "source": "contingency"}, "Only what is added"),
        ({"amount_minor": -5, "source": "contingency"}, "Only what is added"),
        ({"source": "hardware"}, "no such reserve"),
        ({"amount_minor": 10**16}, "not larger than money"),
    ],
)
def test_senseless_amounts_are_refused_with_a_sentence(
    room: Treasury, more: dict[str, Any], said: str
) -> None:
    amount = more.pop("amount_minor", K) if "amount_minor" in more else K
    with pytest.raises(Refused, match=said):
        room.writes(room.drafted(), amount, **more)


def test_two_people_at_once_and_who_may_write(room: Treasury) -> None:
    drafted = room.drafted()
    made = room.writes(drafted, K)
    with pytest.raises(Conflict):
        room.writes(drafted, 2 * K, who=room.program_manager, version=drafted.version - 1)
    room.writes(made, 3 * K, who=room.controller)
    with pytest.raises(NotAllowed):
        room.writes(made, K, who=room.member)


def test_who_wrote_an_amount_has_no_vote(room: Treasury) -> None:
    also_member(room.committee, room.controller)
    made = room.writes(room.writes(room.drafted(), K), 2 * K, who=room.controller)
    decision = room.opened(room.does(room.erp_manager, changes.submit, change_request=made))
    with room.looking():
        assert decision.electors.get(person=room.controller).recused


def test_a_draft_in_preparation_moves_along_and_does_not_take_the_amendment_back(room: Treasury) -> None:
    draft = room.does(room.controller, budgets.create_draft, program=room.program, project=room.erp)
    request = room.submitted()
    decision = room.opened(request)
    room.all_vote(decision, "++.")
    room.closes(decision, room.chair)
    with room.looking():
        assert draft.lines.get().amount_minor == 1_040 * K


def test_a_version_that_waits_for_a_decision_stands_in_the_way(room: Treasury) -> None:
    draft = room.does(room.controller, budgets.create_draft, program=room.program, project=room.erp)
    room.does(room.controller, budgets.submit, budget=draft)
    made = room.writes(room.drafted(), K)
    assert "waits for a decision" in room.money(made)["problems"][0]


def test_the_money_that_is_before_a_body_stays_even_by_hand(room: Treasury) -> None:
    request = room.submitted()
    room.opened(request)
    with pytest.raises(InternalError, match="stays as it is"), transaction.atomic(), room.looking():
        AmendmentLine.objects.filter(change_request=request).update(amount_minor=1)


def test_a_ballot_is_void_when_the_books_moved_under_its_votes(room: Treasury) -> None:
    request = room.submitted()
    decision = room.opened(request)
    room.all_vote(decision, "++.")
    room.sets_aside(K)
    closed = room.closes(decision, room.chair)
    assert closed.state == "withdrawn" and closed.rationale.startswith("Void:")
    with room.looking():
        assert Budget.objects.get(project=room.erp, state="active").number == 1


def test_a_later_budget_version_still_is_what_was_granted(room: Treasury) -> None:
    decision = room.opened(room.submitted())
    room.all_vote(decision, "++.")
    room.closes(decision, room.chair)
    committed()
    draft = room.does(room.controller, budgets.create_draft, program=room.program, project=room.erp)
    room.does(
        room.controller, budgets.set_line, budget=draft, category="software", nature="capital",
        period_code=room.month, amount_minor=7 * K,
    )  # fmt: skip
    held = room.does(room.controller, budgets.submit, budget=draft)
    asked = room.does(room.staff, decisions.propose, budget=held, question="And this?")
    asked = room.does(room.chair, decisions.open_ballot, decision=asked)
    room.all_vote(asked)
    room.closes(asked)
    committed()
    assert room.available(room.erp) == 1_040 * K and room.available(room.erp, "software") == 7 * K


def test_the_database_lets_no_other_amount_be_granted_under_the_decision(room: Treasury) -> None:
    request = room.submitted()
    decision = room.opened(request)
    room.all_vote(decision, "++.")
    room.closes(decision, room.chair)
    committed()
    with room.looking():
        request.refresh_from_db()
    with pytest.raises(InternalError, match="not what its change request asked for"):  # noqa: SIM117
        with transaction.atomic(), room.looking():
            month = FiscalPeriod.objects.get(program=room.program, code=room.month)
            line = ledger.GrantLine(Place(room.erp.pk, "hardware", "capital"), month, K)
            ledger.grant(
                program=room.program, lines=[line], warrant=request.warrant, source=("change_request", "x"),
                text="More", by=None, at=timezone.now(),
            )  # fmt: skip
            committed()


def test_verify_finds_an_applied_request_without_its_grant(room: Treasury) -> None:
    request = room.submitted()
    decision = room.opened(request)
    room.all_vote(decision, "++.")
    room.closes(decision, room.chair)
    with room.looking(), connection.cursor() as cursor:
        rule = next(sql for said, sql in RULES.items() if said.startswith("change request %s was applied"))
        cursor.execute(rule.replace("j.kind = 'grant'", "j.kind = 'none'"))
        assert cursor.fetchall() == [(request.code,)]
