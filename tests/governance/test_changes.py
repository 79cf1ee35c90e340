"""A change of the plan is decided on frozen figures: applied to the letter with a new baseline, or nothing at all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from governance.authority import services as authority
from governance.decisions import services
from governance.decisions.models import Decision
from governance.packs import meeting as meeting_pack
from pmo.refusals import NotAllowed, Refused
from pmo.reports.document import Chart
from pmo.warrants import Warrant
from programs.baselines.models import Baseline
from programs.changes import before_after
from programs.changes import services as changes
from programs.changes.models import ChangeImpact, ChangeRequest
from programs.changes.revisions import add_simulation
from programs.changes.trail import trail
from programs.lives import services as lives
from programs.portfolio.models import Project
from programs.schedule import services as plan
from programs.schedule.models import Activity
from tests.governance.committee import SINCE, Committee, make_committee
from tests.governance.test_pages import signed_in
from tests.programs.changes.test_requests import DAY, LINK
from tests.world import rolled_back

FINISHES = {"before": "2026-03-02T16:00:00Z", "after": "2026-03-05T16:00:00Z", "minutes": 3 * DAY}


class Room:
    """The committee, a plan of two activities (5 d and 3 d), and its authority: up to 10 d of slip by the sponsor."""

    def __init__(self) -> None:
        self.committee: Committee = make_committee()
        for code, body, days in (("A-7", self.sponsoring, 10), ("A-8", self.steering, None)):
            self.does(
                self.program_manager, authority.delegate, program=self.program, code=code, body=body,
                subject_kind="change_request", valid_from=SINCE, up_to_days=days,
            )  # fmt: skip
        self.first, self.second = self.add("A1", 5), self.add("A2", 3)
        self.does(
            self.program_manager, plan.add_dependency, program=self.program, predecessor_id=self.first.pk,
            successor_id=self.second.pk, **LINK,
        )  # fmt: skip

    def __getattr__(self, name: str) -> Any:
        return getattr(self.committee, name)

    def add(self, code: str, days: int) -> Activity:
        made = self.does(
            self.program_manager, plan.add_activity, program=self.program, project_id=self.erp.pk,
            values={"code": code, "name": f"Step {code}", "duration_minutes": days * DAY},
        ).activity  # fmt: skip
        assert isinstance(made, Activity)
        return made

    def asked(self, days: int = 25) -> ChangeRequest:
        """A submitted request of the ERP project manager: A1 takes so many days instead of five."""
        made = self.does(
            self.erp_manager, changes.create, program=self.program, project=self.erp, title="Move the cut-over",
            reason="The sandbox came late.",
        )  # fmt: skip
        edit = {"do": "change", "activity": self.first.pk, "to": {"duration_minutes": days * DAY}}
        made = self.does(
            self.erp_manager, changes.propose, change_request=made, version=made.version, edit=edit
        )
        done = self.does(self.erp_manager, changes.submit, change_request=made)
        assert isinstance(done, ChangeRequest)
        return done

    def proposed(self, request: ChangeRequest, **more: Any) -> Decision:
        found = self.does(
            self.staff, services.propose, change_request=request, question="Shall it move?", **more
        )
        assert isinstance(found, Decision)
        return found

    def opened(self, request: ChangeRequest) -> Decision:
        found = self.does(self.chair, services.open_ballot, decision=self.proposed(request))
        assert isinstance(found, Decision)
        return found

    def moves_the_plan(self) -> None:
        self.does(
            self.program_manager, plan.edit_activity, activity_id=self.second.pk, version=None,
            changes={"duration_minutes": 4 * DAY},
        )  # fmt: skip

    def minutes(self) -> int:
        with self.looking():
            return int(Activity.objects.get(pk=self.first.pk).duration_minutes)


@pytest.fixture(scope="module")
def built(django_db_setup: None, django_db_blocker: Any) -> Iterator[Room]:
    with django_db_blocker.unblock(), rolled_back():
        yield Room()


@pytest.fixture
def room(built: Room) -> Iterator[Room]:
    """The room as it was built; what a test does to it is undone."""
    with rolled_back():
        yield built


def test_three_people_bring_a_request_to_a_new_baseline(room: Room) -> None:
    request = room.asked()
    decision = room.opened(request)
    assert (decision.body.code, decision.rule.code) == ("SC", "A-8")
    rows = {row["key"]: row for row in decision.figures["measures"]}
    assert rows["finish"]["said"] == "+20\N{NO-BREAK SPACE}working days" and rows["finish"]["state"] == "red"
    assert decision.figures["change"]["edits"] == request.edits
    room.all_vote(decision, "++.")
    closed = room.closes(decision, room.chair)
    assert (closed.state, closed.outcome) == ("decided", "approved")
    assert room.minutes() == 25 * DAY
    with room.looking():
        request.refresh_from_db()
        warrant = Warrant.objects.get(pk=request.warrant_id)
        baseline = Baseline.objects.get(program=room.program, is_current=True)
        assert request.state == "applied" and baseline.warrant_id == warrant.pk
        shown = ChangeImpact.objects.filter(request=request).latest("n")
        assert warrant.digest == closed.revision_sha256 == shown.sha256
        with connection.cursor() as cursor:
            cursor.execute("set constraints all immediate")  # what the database looks at when it commits
            cursor.execute("set constraints all deferred")


def test_a_ballot_about_the_plan_of_a_project_closed_meanwhile_is_void_and_says_so(room: Room) -> None:
    drafted = room.asked(30)
    request = room.asked()
    decision = room.opened(request)
    room.all_vote(decision, "+++")
    with room.looking():
        erp = Project.objects.get(pk=room.erp.pk)
    room.does(
        room.program_manager,
        lives.move,
        project=erp,
        version=erp.version,
        deed="complete",
        reason="It is done.",
    )
    closed = room.closes(decision, room.chair)
    assert (closed.state, closed.rationale) == (
        "withdrawn",
        "Void: ERP-FIN is closed: its plan stays as it is.",
    )
    assert room.minutes() == 5 * DAY
    edit = {"do": "change", "activity": room.second.pk, "to": {"name": "Later"}}
    for refused in (
        lambda: room.does(
            room.erp_manager, changes.propose, change_request=drafted, version=drafted.version, edit=edit
        ),
        lambda: room.does(room.erp_manager, changes.submit, change_request=drafted),
    ):
        with pytest.raises(Refused, match="ERP-FIN is closed"):
            refused()


def test_the_trail_of_a_request_names_everybody_who_moved_it(room: Room) -> None:
    request = room.asked()
    decision = room.opened(request)
    room.all_vote(decision, "++.")
    room.closes(decision, room.chair)
    with room.looking():
        request.refresh_from_db()
        said = [f"{step.who} {step.what} {step.note}".strip() for step in trail(request)]
    asker, chair = room.erp_manager.name, room.chair.name
    assert [line for line in said if "revision" not in line] == [
        f"{asker} submitted it for decision",
        f"{chair} opened the ballot on it",
        f"{chair} closed the ballot: approved and applied {decision.code}",
    ]
    assert said[0].startswith(f"{asker} wrote revision 1")


@pytest.mark.parametrize(("days", "body"), [(15, "SPONSOR"), (16, "SC"), (4, "SPONSOR")])
def test_a_slip_of_ten_days_is_the_sponsors_and_a_longer_one_the_committees(
    room: Room, days: int, body: str
) -> None:
    assert room.proposed(room.asked(days)).body.code == body


def test_who_asked_has_no_vote(room: Room) -> None:
    from tests.governance.committee import also_member

    also_member(room.committee, room.erp_manager)
    decision = room.opened(room.asked())
    with room.looking():
        elector = decision.electors.get(person=room.erp_manager)
        assert (elector.recused, elector.recusal_reason) == (True, "requested it")
    with pytest.raises((Refused, NotAllowed)):
        room.votes(decision, room.erp_manager)


def test_nobody_votes_on_figures_of_an_older_plan(room: Room) -> None:
    decision = room.opened(room.asked())
    room.moves_the_plan()
    with pytest.raises(Refused, match="moved on to version"):
        room.votes(decision, room.chair)


def test_a_ballot_is_void_when_the_plan_moved_under_its_votes(room: Room) -> None:
    request = room.asked()
    decision = room.opened(request)
    room.all_vote(decision, "++.")
    room.moves_the_plan()
    closed = room.closes(decision, room.chair)
    assert closed.state == "withdrawn" and closed.rationale.startswith("Void:")
    assert room.minutes() == 5 * DAY
    with room.looking():
        request.refresh_from_db()
        assert request.state == "submitted" and not Baseline.objects.exists()
    room.does(room.erp_manager, changes.compute, change_request=request)
    again = room.opened(request)
    room.all_vote(again, "++.")
    assert room.closes(again, room.chair).outcome == "approved"
    assert room.minutes() == 25 * DAY


def test_a_request_computed_again_voids_the_ballot_on_its_older_figures(room: Room) -> None:
    request = room.asked()
    decision = room.opened(request)
    room.all_vote(decision, "++.")
    room.moves_the_plan()
    room.does(room.erp_manager, changes.compute, change_request=request)
    with pytest.raises(Refused, match="is void"):
        room.votes(decision, room.member2)
    assert room.closes(decision, room.chair).state == "withdrawn"
    assert room.minutes() == 5 * DAY


def test_a_rejected_request_changes_nothing(room: Room) -> None:
    request = room.asked()
    decision = room.opened(request)
    room.all_vote(decision, "--.")
    assert room.closes(decision, room.chair).outcome == "rejected"
    assert room.minutes() == 5 * DAY
    with room.looking():
        request.refresh_from_db()
        assert request.state == "rejected" and not Baseline.objects.exists()


def test_a_request_in_review_cannot_be_edited(room: Room) -> None:
    request = room.asked()
    room.opened(request)
    with room.looking():
        request.refresh_from_db()
    with pytest.raises(Refused, match="in review cannot be edited"):
        room.does(
            room.erp_manager, changes.edit, change_request=request, version=request.version, values={"title": "Other"}
        )  # fmt: skip


def test_only_change_requests_are_routed_by_slip(room: Room) -> None:
    with pytest.raises(Refused, match="Only change requests"):
        room.does(
            room.program_manager, authority.delegate, program=room.program, code="A-9", subject_kind="budget",
            body=room.steering, valid_from=SINCE, up_to_days=3,
        )  # fmt: skip


def test_the_simulation_is_frozen_with_what_the_body_votes_on(room: Room) -> None:
    request = room.asked()
    found = {
        "iterations": 100,
        "p50": FINISHES,
        "p80": FINISHES,
        "sure": [600, 400],
        "projects": [],
        "cost": None,
    }
    found |= {
        "currency": "EUR",
        "curves": [[[0, 0], [1440, 1000]]] * 2,
        "ranges": [80, 150],
        "seed": 1,
        "risks": 2,
    }
    found |= {
        "run": None,
        "inputs": ["a", "b"],
        "own_ranges": 0,
        "enough": True,
        "notes": [],
        "plan_version": 0,
    }
    rows = room.proposed(request).figures["measures"]
    assert "not simulated" in [row.get("said") for row in rows]
    with room.looking():
        impact = ChangeImpact.objects.filter(request=request).latest("n")
    room.does(None, add_simulation, impact=impact, figures=found)
    with room.looking():
        decision = Decision.objects.get(change_request=request)
    decision = room.does(room.chair, services.open_ballot, decision=decision)
    assert decision.figures["change"]["simulation"] == found
    labels = [row["label"] for row in decision.figures["measures"]]
    assert {"Program finish, P50", "Program finish, P80", "Planned finish is sure to"} <= {*labels}
    assert decision.revision_sha256 != impact.sha256


def test_the_vote_and_its_pack_show_both_gantts_as_they_were_frozen(room: Room) -> None:
    decision = room.opened(room.asked())
    bars = decision.figures["change"]["bars"]
    assert [bar[0].partition(" ")[0] for bar in bars] == ["ERP-FIN/A1", "ERP-FIN/A2"]
    room.moves_the_plan()
    page = signed_in(room.chair).get(f"/p/ATLAS/decisions/{decision.number}/").content.decode()
    drawn = before_after.gantts({"bars": bars})
    assert len(drawn) == 2 and all(str(one.svg) in page and str(one.head) in page for one in drawn)
    with room.looking():
        blocks = list(meeting_pack._drawn(decision.figures["change"]))
    assert [block.caption for block in blocks if isinstance(block, Chart)] == ["Today", "If approved"]
