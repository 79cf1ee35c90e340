"""Anything people may do with one change request and its plan, in any order: a model of ten lines says what stands."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from governance.decisions import services
from governance.decisions.models import Decision
from pmo.refusals import Refused
from programs.baselines.models import Baseline
from programs.changes import holding
from programs.changes import services as changes
from programs.changes.models import ChangeRequest
from programs.portfolio.models import Program
from programs.schedule import services as plan
from programs.schedule.models import Activity
from tests.governance.test_changes import Room
from tests.programs.changes.test_requests import DAY
from tests.world import rolled_back

DAYS = st.integers(6, 30)


class Thread(RuleBasedStateMachine):
    """A request, its ballot and the plan; beside them what A1 and A2 take, and whether the figures are fresh."""

    room: Room

    @initialize(days=DAYS)
    def begin(self, days: int) -> None:
        self.undo = ExitStack()
        self.undo.enter_context(rolled_back())
        self.request = self.room.asked(days)
        self.asked, self.first, self.second = days, 5, 3
        self.state, self.fresh, self.current = "submitted", True, True
        self.decision: Decision | None = None
        self.baselines = 0

    def tries(self, possible: bool, who: str, service: Any, **arguments: Any) -> Any:
        """The deed succeeds exactly when the model says that it can; gives what it made, None where it is refused."""
        try:
            made = self.room.does(getattr(self.room, who), service, **arguments)
        except Refused:
            assert not possible, (service.__name__, arguments)
            return None
        assert possible, (service.__name__, arguments)
        return made

    def seen(self) -> ChangeRequest:
        with self.room.looking():
            found: ChangeRequest = ChangeRequest.objects.get(pk=self.request.pk)
            return found

    @property
    def editable(self) -> bool:
        return self.state in ("draft", "submitted")

    @rule(days=st.integers(1, 9))
    def somebody_edits_the_plan(self, days: int) -> None:
        self.tries(
            True, "program_manager", plan.edit_activity, activity_id=self.room.second.pk, version=None,
            changes={"duration_minutes": days * DAY},
        )  # fmt: skip
        self.second, self.fresh = days, False

    @rule(days=DAYS)
    def the_asker_proposes_something_else(self, days: int) -> None:
        edit = {"do": "change", "activity": self.room.first.pk, "to": {"duration_minutes": days * DAY}}
        made = self.tries(
            self.editable, "erp_manager", changes.propose, change_request=self.request,
            version=self.seen().version, edit=edit,
        )  # fmt: skip
        if made is not None:
            self.asked, self.state, self.fresh, self.current = days, "draft", True, False

    @rule()
    def it_is_computed_again(self) -> None:
        possible = self.state in ("draft", "submitted", "in_review")
        if self.tries(possible, "erp_manager", changes.compute, change_request=self.request) is not None:
            self.current, self.fresh = self.current and self.fresh, True

    @rule()
    def the_asker_submits(self) -> None:
        possible = self.state == "draft" and self.fresh
        if self.tries(possible, "erp_manager", changes.submit, change_request=self.request) is not None:
            self.state = "submitted"

    @rule()
    def it_is_put_to_the_vote(self) -> None:
        possible = self.state == "submitted" and self.fresh
        made = self.tries(
            possible, "staff", services.propose, change_request=self.request, question="Shall it move?"
        )
        if made is None:
            return
        self.decision = self.tries(True, "chair" if made.body.code == "SC" else "program_manager",
                                   services.open_ballot, decision=made)  # fmt: skip
        self.state, self.current = "in_review", True

    @rule(choice=st.sampled_from(["approve", "reject"]))
    def it_is_voted_on_and_closed(self, choice: str) -> None:
        if self.decision is None or self.state != "in_review":
            return
        voters = ("chair", "member") if self.decision.body.code == "SC" else ("sponsor",)
        possible = self.fresh and self.current
        for who in voters:
            self.tries(
                possible, who, services.cast, decision=self.decision, choice=choice,
                digest=self.decision.figures_sha256,
            )  # fmt: skip
        if not possible:
            self.room.does(
                self.room.program_manager, services.withdraw, decision=self.decision, reason="The plan moved."
            )
            self.state, self.decision = "submitted", None
            return
        self.tries(True, "program_manager", services.close, decision=self.decision)
        self.state = "applied" if choice == "approve" else "rejected"
        if choice == "approve":
            self.first, self.baselines, self.fresh = self.asked, 1, False

    @rule()
    def the_plan_moves_between_vote_and_close(self) -> None:
        if self.decision is None or self.state != "in_review" or not (self.fresh and self.current):
            return
        voters = ("chair", "member") if self.decision.body.code == "SC" else ("sponsor",)
        for who in voters:
            self.room.votes(self.decision, getattr(self.room, who))
        self.somebody_edits_the_plan(days=4 if self.second != 4 else 5)
        closed = self.room.does(self.room.program_manager, services.close, decision=self.decision)
        assert closed.state == "withdrawn"
        self.state, self.decision = "submitted", None

    @invariant()
    def what_stands_is_what_the_model_says(self) -> None:
        if not hasattr(self, "request"):
            return
        request = self.seen()
        assert request.state == self.state
        with self.room.looking():
            lengths = dict(
                Activity.objects.filter(program=self.room.program).values_list("code", "duration_minutes")
            )
            assert lengths == {"A1": self.first * DAY, "A2": self.second * DAY}
            assert Baseline.objects.filter(program=self.room.program).count() == self.baselines
            impact = request.impacts.latest("n")
            stale = holding.why_stale(request, impact, Program.objects.get(pk=self.room.program.pk))
        if self.state not in ("applied", "rejected"):
            assert (stale == "") == self.fresh

    def teardown(self) -> None:
        if hasattr(self, "undo"):
            self.undo.close()


@pytest.fixture(scope="module")
def room(django_db_setup: None, django_db_blocker: Any) -> Iterator[Room]:
    with django_db_blocker.unblock(), rolled_back():
        yield Room()


@pytest.mark.proof
def test_whatever_is_done_nothing_is_applied_but_what_was_shown(room: Room) -> None:
    machine = type("ThisThread", (Thread,), {"room": room})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=100 if os.environ.get("PMO_LONG") else 6,
            stateful_step_count=7,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
            phases=[
                Phase.explicit,
                Phase.generate,
            ],  # a failure is told as it was found: shrinking takes minutes
        ),
    )
