"""Asking for a change of the plan: tried out on a copy, refused in words, and, once allowed, applied to the letter."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from pmo import commands
from pmo.refusals import Conflict, NotAllowed, Refused
from programs.baselines.models import Baseline
from programs.changes import deciding, revisions, services
from programs.changes.models import ChangeImpact, ChangeRequest, ChangeRevision
from programs.portfolio.models import Program
from programs.schedule import services as plan
from programs.schedule.models import Activity, Computation, ComputedDates, Dependency
from tests.cast import Office, everything, make_office
from tests.warrants import write_warrant
from tests.world import rolled_back

DAY = 480
REHEARSAL = {"code": "A9", "name": "Rehearsal"}
LINK = {"kind": "FS", "lag": 0, "lag_unit": "working"}


class Desk:
    """An office whose plan is A1 (5 d), A2 (3 d), and a milestone of IAM that waits for both, one after the other."""

    def __init__(self) -> None:
        self.office: Office = make_office()
        self.program = self.office.program
        self.a1 = self.add("A1", 5)
        self.a2 = self.add("A2", 3)
        self.gate = self.add("GO", 0, project=self.office.iam.pk, kind="finish_milestone")
        self.first = self.link(self.a1, self.a2)
        self.link(self.a2, self.gate)

    def does(self, who: str | None, service: Any, **arguments: Any) -> Any:
        actor = self.office.people[who] if who else None
        return commands.run(service, actor=actor, scope=None if who else [self.program.pk], **arguments)

    def add(self, code: str, days: int, *, project: int | None = None, **values: Any) -> Activity:
        made = self.does(
            "program_manager", plan.add_activity, program=self.program, project_id=project or self.office.erp.pk,
            values={"code": code, "name": f"Step {code}", "duration_minutes": days * DAY} | values,
        ).activity  # fmt: skip
        assert isinstance(made, Activity)
        return made

    def link(self, before: Activity, after: Activity) -> Dependency:
        made = self.does(
            "program_manager", plan.add_dependency, program=self.program, predecessor_id=before.pk,
            successor_id=after.pk, **LINK,
        ).dependency  # fmt: skip
        assert isinstance(made, Dependency)
        return made

    def request(self, *edits: dict[str, Any], who: str = "erp_manager") -> ChangeRequest:
        made = self.does(
            who, services.create, program=self.program, project=self.office.erp, title="Later cut-over",
            reason="The sandbox came late.",
        )  # fmt: skip
        for one in edits:
            made = self.propose(made, one, who=who)
        assert isinstance(made, ChangeRequest)
        return made

    def propose(self, request: ChangeRequest, edit: dict[str, Any], who: str = "erp_manager") -> Any:
        return self.does(who, services.propose, change_request=request, version=request.version, edit=edit)

    def longer(self, days: int = 8) -> dict[str, Any]:
        return {"do": "change", "activity": self.a1.pk, "to": {"duration_minutes": days * DAY}}

    def impact(self, request: ChangeRequest) -> dict[str, Any]:
        with everything(self.program):
            found = revisions.impact(ChangeRequest.objects.get(pk=request.pk))
            assert found is not None
            return found.result

    def approve(self, request: ChangeRequest) -> ChangeRequest:
        with everything(self.program):
            shown = revisions.impact(request)
        assert shown is not None
        warrant = write_warrant(self.program, "change_request", f"D-{shown.pk}", shown.sha256)
        done = self.does(None, deciding.approve, change_request=request, warrant=warrant)
        assert isinstance(done, ChangeRequest)
        return done


@pytest.fixture(scope="module")
def built(django_db_setup: None, django_db_blocker: Any) -> Iterator[Desk]:
    with django_db_blocker.unblock(), rolled_back():
        yield Desk()


@pytest.fixture
def desk(built: Desk) -> Iterator[Desk]:
    """The office as it was built; what a test does to it is undone."""
    with rolled_back():
        yield built


def test_an_edit_is_tried_out_and_the_plan_stays_as_it_is(desk: Desk) -> None:
    with everything(desk.program):
        before = Program.objects.get(pk=desk.program.pk).plan_version
    request = desk.request(desk.longer())
    found = desk.impact(request)
    assert (found["slip_minutes"], found["slip_days"], found["finish_minutes"]) == (3 * DAY, 3, 3 * DAY)
    assert [one["project"] for one in found["projects"]] == ["ERP-FIN", "IAM"]
    assert [(one["label"], one["minutes"]) for one in found["milestones"]] == [("IAM/GO Step GO", 3 * DAY)]
    with everything(desk.program):
        assert Program.objects.get(pk=desk.program.pk).plan_version == before
        assert Activity.objects.get(pk=desk.a1.pk).duration_minutes == 5 * DAY
    assert request.edits == [
        {
            "do": "change", "activity": desk.a1.pk, "label": "ERP-FIN/A1 Step A1",
            "was": {"duration_minutes": 5 * DAY}, "to": {"duration_minutes": 8 * DAY},
        }
    ]  # fmt: skip


def test_two_edits_of_one_activity_are_one_and_going_back_is_none(desk: Desk) -> None:
    request = desk.request(desk.longer(), desk.longer(6))
    assert [one["to"] for one in request.edits] == [{"duration_minutes": 6 * DAY}]
    assert desk.propose(request, desk.longer(5)).edits == []


def test_approval_applies_exactly_the_edits_with_a_new_baseline(desk: Desk) -> None:
    request = desk.request(
        desk.longer(),
        {"do": "add", "project": desk.office.erp.pk, "to": REHEARSAL | {"duration_minutes": DAY}},
        {"do": "link", "predecessor": desk.a2.pk, "successor": "ERP-FIN/A9", **LINK},
        {"do": "link", "predecessor": "ERP-FIN/A9", "successor": desk.gate.pk, **LINK},
        {"do": "relink", "link": desk.first.pk, "to": {"lag": DAY}},
    )  # fmt: skip
    shown = desk.impact(request)
    desk.does("erp_manager", services.submit, change_request=request)
    assert desk.approve(request).state == "applied"
    with everything(desk.program):
        computed = Computation.objects.filter(program=desk.program).latest("pk")
        assert computed.plan_finish is not None
        assert computed.plan_finish.isoformat().replace("+00:00", "Z") == shown["finish"][1]
        baseline = Baseline.objects.get(program=desk.program, is_current=True)
        assert (baseline.plan_version, baseline.activities.count()) == (computed.plan_version, 4)
        new = Activity.objects.get(program=desk.program, code="A9")
        assert set(new.predecessor_links.values_list("predecessor__code", flat=True)) == {"A2"}
        assert Dependency.objects.get(pk=desk.first.pk).lag == DAY
        go = ComputedDates.objects.get(activity=desk.gate, superseded_by=None)
        [told] = [one for one in shown["milestones"] if one["label"].startswith("IAM/GO")]
        assert go.early_finish.isoformat().replace("+00:00", "Z") == told["after"]


def test_a_plan_that_moved_makes_the_request_stale_until_it_is_computed_again(desk: Desk) -> None:
    request = desk.request(desk.longer())
    desk.does("erp_manager", services.submit, change_request=request)
    desk.does(
        "program_manager", plan.edit_activity, activity_id=desk.a2.pk, version=None,
        changes={"duration_minutes": 4 * DAY},
    )  # fmt: skip
    with pytest.raises(Refused, match="moved on to version"):
        desk.approve(request)
    with everything(desk.program):
        assert not Baseline.objects.exists()
        assert Activity.objects.get(pk=desk.a1.pk).duration_minutes == 5 * DAY
    desk.does("erp_manager", services.compute, change_request=request)
    assert desk.approve(request).state == "applied"


def test_nothing_stands_of_an_approval_for_other_figures(desk: Desk) -> None:
    request = desk.request(desk.longer())
    desk.does("erp_manager", services.submit, change_request=request)
    other = write_warrant(desk.program, "change_request", "D-2", "0" * 64)
    with pytest.raises(Conflict, match="is not what was shown"):
        desk.does(None, deciding.approve, change_request=request, warrant=other)
    with everything(desk.program):
        assert ChangeRequest.objects.get(pk=request.pk).state == "submitted"


def test_a_circle_is_refused_with_its_path(desk: Desk) -> None:
    edit = {"do": "link", "predecessor": desk.gate.pk, "successor": desk.a1.pk, **LINK}
    with pytest.raises(Refused, match=r"wait for each other: .*ERP-FIN/A1"):
        desk.propose(desk.request(), edit)


def test_an_edit_of_what_is_gone_says_so(desk: Desk) -> None:
    late = desk.add("A7", 1)
    request = desk.request({"do": "change", "activity": late.pk, "to": {"duration_minutes": 2 * DAY}})
    desk.does("program_manager", plan.remove_activity, activity_id=late.pk, version=None)
    with pytest.raises(Refused, match=r"Edit 1 \(ERP-FIN/A7 Step A7\): There is no such activity"):
        desk.does("erp_manager", services.compute, change_request=request)


def test_edits_that_no_longer_fit_can_be_taken_back_one_by_one(desk: Desk) -> None:
    gone = [desk.add("A7", 1), desk.add("A8", 1)]
    request = desk.request(
        *({"do": "change", "activity": one.pk, "to": {"duration_minutes": 2 * DAY}} for one in gone),
        desk.longer(),
    )
    for one in gone:
        desk.does("program_manager", plan.remove_activity, activity_id=one.pk, version=None)
    words = {"title": "Later cut-over, again"}
    request = desk.does(
        "erp_manager", services.edit, change_request=request, version=request.version, values=words
    )
    with pytest.raises(Refused, match="not computed yet"):
        desk.does("erp_manager", services.submit, change_request=request)
    for _ in gone:
        request = desk.does(
            "erp_manager", services.drop, change_request=request, version=request.version, number=1
        )
    assert desk.impact(request)["slip_days"] == 3
    assert desk.does("erp_manager", services.submit, change_request=request).state == "submitted"


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        ({"do": "burn"}, "not an edit"),
        ({"do": "change", "activity": 10**9, "to": {}}, "no such activity"),
        ({"do": "change", "activity": "a1", "to": {"percent_complete": 100}}, "progress is reported"),
        ({"do": "change", "activity": "a1", "to": {"constraint": "MSO"}}, "needs a date"),
        ({"do": "change", "activity": "a1", "to": {"constraint_at": "soon"}}, "Write an instant"),
        ({"do": "change", "activity": "a1", "to": {"calendar": 10**9}}, "no such calendar"),
        ({"do": "change", "activity": "gate", "to": {"duration_minutes": 5}}, "no duration"),
        ({"do": "link", "predecessor": "a1", "successor": "a2", **LINK}, "linked this way already"),
        ({"do": "link", "predecessor": "a1", "successor": "a1", **LINK}, "cannot wait for itself"),
        ({"do": "unlink", "link": 10**9}, "no such link"),
        ({"do": "add", "project": 10**9, "to": {"code": "Z"}}, "no such project"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(desk: Desk, edit: dict[str, Any], words: str) -> None:
    known = {"a1": desk.a1.pk, "a2": desk.a2.pk, "gate": desk.gate.pk}
    wanted = {
        name: known.get(value, value) if isinstance(value, str) else value for name, value in edit.items()
    }
    with pytest.raises(Refused, match=words):
        desk.propose(desk.request(), wanted)


def test_who_may_not_edit_the_plan_of_a_project_asks_for_nothing_there(desk: Desk) -> None:
    for who in ("iam_manager", "member", "auditor", "controller"):
        with pytest.raises(NotAllowed):
            desk.request(who=who)


def test_an_edit_made_on_an_older_version_is_a_conflict(desk: Desk) -> None:
    request = desk.request()
    desk.propose(request, desk.longer())
    with pytest.raises(Conflict, match="after you opened it"):
        desk.propose(request, desk.longer(9))


def test_every_state_is_a_revision_and_its_figures_are_kept(desk: Desk) -> None:
    request = desk.request(desk.longer(), desk.longer(9))
    with everything(desk.program):
        assert [one.n for one in ChangeRevision.objects.filter(request=request).order_by("n")] == [1, 2, 3]
        impacts = list(ChangeImpact.objects.filter(request=request).order_by("n"))
    assert [one.result["slip_days"] for one in impacts] == [3, 4]
    assert len({one.sha256 for one in impacts}) == 2


def test_a_new_activity_goes_with_its_links(desk: Desk) -> None:
    request = desk.request(
        {"do": "add", "project": desk.office.erp.pk, "to": REHEARSAL},
        {"do": "link", "predecessor": desk.a2.pk, "successor": "ERP-FIN/A9", **LINK},
    )
    left = desk.does("erp_manager", services.drop, change_request=request, version=request.version, number=1)
    assert left.edits == []


def test_an_activity_taken_out_goes_with_its_links(desk: Desk) -> None:
    late = desk.add("A7", 1)
    desk.link(desk.a2, late)
    request = desk.request({"do": "remove", "activity": late.pk})
    desk.does("erp_manager", services.submit, change_request=request)
    desk.approve(request)
    with everything(desk.program):
        assert not Activity.objects.filter(pk=late.pk).exists()
        assert not Dependency.objects.filter(successor_id=late.pk).exists()
