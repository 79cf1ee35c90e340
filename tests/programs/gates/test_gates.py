"""Gates are planned by the office, shown by the project, looked at by somebody else, and passed in their order."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.utils import timezone

from pmo.refusals import Conflict, NotAllowed, Refused
from programs.gates import deciding, services
from programs.gates.models import Gate, GateCriterion, GateOpinion, GateReviewer
from programs.schedule import services as plan
from programs.schedule.models import Activity
from tests.cast import today
from tests.fresh import sign_in
from tests.governance.committee import Committee, make_committee, sentence
from tests.world import rolled_back


class Desk:
    """An office with a milestone of the ERP project and its gate G1 with one criterion."""

    def __init__(self) -> None:
        self.committee: Committee = make_committee()
        self.milestone = self.does(
            self.program_manager, plan.add_activity, program=self.program, project_id=self.erp.pk,
            values={"code": "GO", "name": "Ready to begin", "kind": "finish_milestone"},
        ).activity  # fmt: skip
        self.gate = self.plans("G1", 1)
        self.criterion = self.must("The rehearsal ended without a fault")

    def __getattr__(self, name: str) -> Any:
        return getattr(self.committee, name)

    def plans(self, code: str, position: int, project: Any = None, **more: Any) -> Gate:
        values = {
            "project": project or self.erp, "code": code, "name": f"Gate {code}", "position": position,
            "due_on": today() + timedelta(days=30), **more,
        }  # fmt: skip
        return self.does(self.staff, services.add, program=self.program, values=values)

    def must(self, text: str, gate: Gate | None = None, **more: Any) -> GateCriterion:
        live = self.now(gate or self.gate)
        return self.does(
            self.staff, services.add_criterion, gate=live, version=live.version, text=text, **more
        )

    def shows(self, state: str = "met", who: Any = None, of: Any = None, **more: Any) -> GateCriterion:
        with self.looking():
            one = GateCriterion.objects.select_related("gate").get(pk=(of or self.criterion).pk)
        return self.does(
            who or self.erp_manager, services.assess, criterion=one, version=one.version, state=state,
            **{"evidence": "Protocol of 3 May", **more},
        )  # fmt: skip

    def now(self, gate: Gate) -> Gate:
        with self.looking():
            found: Gate = Gate.objects.get(pk=gate.pk)
            return found

    def page(self, who: str, path: str = "") -> Any:
        return self.browser(who).get(f"/p/ATLAS/gates/{path}")

    def browser(self, who: str) -> Client:
        client = Client()
        sign_in(client, self.office.people[who])
        return client


@pytest.fixture(scope="module")
def built(django_db_setup: None, django_db_blocker: Any) -> Iterator[Desk]:
    with django_db_blocker.unblock(), rolled_back():
        yield Desk()


@pytest.fixture
def desk(built: Desk) -> Iterator[Desk]:
    with rolled_back():
        yield built


def test_a_criterion_is_met_by_evidence_and_by_whoever_plans_the_project(desk: Desk) -> None:
    assert "what shows it" in sentence(lambda: desk.shows(evidence=" "))
    assert "begins with https" in sentence(lambda: desk.shows(evidence="", link="javascript:alert(1)"))
    with pytest.raises(NotAllowed):
        desk.shows(who=desk.iam_manager)
    with pytest.raises(NotAllowed):
        desk.shows(who=desk.member)
    one = desk.shows(link="https://wiki.example/rehearsal")
    assert (one.state, one.assessed_by) == ("met", desk.erp_manager)
    with pytest.raises(Conflict):
        desk.does(desk.erp_manager, services.assess, criterion=one, version=one.version - 1, state="not_met")
    again = desk.shows("open")
    assert (again.assessed_by, again.evidence) == (None, "Protocol of 3 May")


def test_other_words_are_to_be_shown_anew(desk: Desk) -> None:
    one = desk.shows()
    same = desk.does(
        desk.staff, services.edit_criterion, criterion=one, version=one.version, changes={"mandatory": False}
    )
    assert same.state == "met"
    other = desk.does(
        desk.staff, services.edit_criterion, criterion=one, version=same.version, changes={"text": "Twice so"}
    )
    assert (other.state, other.assessed_by) == ("open", None)


def test_who_shows_does_not_look_and_who_looks_does_not_show(desk: Desk) -> None:
    desk.shows()
    name = lambda who: desk.does(  # noqa: E731
        desk.staff, services.name_reviewer, gate=desk.gate, person=who
    )
    assert "somebody else reviews it" in sentence(lambda: name(desk.erp_manager))
    reviewer = name(desk.program_manager)
    assert "reviews this gate already" in sentence(lambda: name(desk.program_manager))
    assert "You review this gate" in sentence(lambda: desk.shows(who=desk.program_manager))
    # The database refuses it as well, whoever asks.
    with desk.looking(), pytest.raises(DatabaseError, match="does not assess"), transaction.atomic():
        GateCriterion.objects.filter(pk=desk.criterion.pk).update(assessed_by=desk.program_manager)
    desk.does(desk.staff, services.release_reviewer, reviewer=reviewer, version=desk.now(desk.gate).version)
    assert desk.shows(who=desk.program_manager).assessed_by == desk.program_manager


def test_an_opinion_is_of_one_revision_and_grows_stale(desk: Desk) -> None:
    desk.does(desk.staff, services.name_reviewer, gate=desk.gate, person=desk.auditor)
    say = lambda who, revision, **more: desk.does(  # noqa: E731
        who, services.give_opinion, gate=desk.gate, revision=revision, **{"opinion": "ready", **more}
    )
    revision = desk.now(desk.gate).revision
    with pytest.raises(NotAllowed, match="Only the reviewers"):
        say(desk.member, revision)
    assert "what is missing" in sentence(lambda: say(desk.auditor, revision, opinion="not_ready"))
    with pytest.raises(Conflict):
        say(desk.auditor, revision - 1)
    made = say(desk.auditor, revision)
    assert "stale" not in desk.page("auditor", f"{desk.gate.pk}/").content.decode()
    desk.shows()
    assert "stale: the gate was changed since" in desk.page("auditor", f"{desk.gate.pk}/").content.decode()
    with desk.looking(), pytest.raises(DatabaseError), transaction.atomic():
        GateOpinion.objects.filter(pk=made.pk).update(opinion="not_ready")  # append-only


def test_who_said_not_ready_stays_before_those_who_vote(desk: Desk) -> None:
    reviewer = desk.does(desk.staff, services.name_reviewer, gate=desk.gate, person=desk.auditor)
    silent = desk.does(desk.staff, services.name_reviewer, gate=desk.gate, person=desk.chair)
    seen = desk.now(desk.gate)
    desk.does(
        desk.auditor, services.give_opinion, gate=desk.gate, revision=seen.revision, opinion="not_ready",
        remarks="No rehearsal",
    )  # fmt: skip
    release = lambda one, version: desk.does(  # noqa: E731
        desk.staff, services.release_reviewer, reviewer=one, version=version
    )
    assert "stays its reviewer" in sentence(lambda: release(reviewer, seen.version))
    desk.shows()  # a change makes it stale, not unsaid
    with pytest.raises(Conflict):
        release(silent, seen.version)
    now = desk.now(desk.gate).version
    assert "stays its reviewer" in sentence(lambda: release(reviewer, now))
    with desk.looking(), pytest.raises(DatabaseError, match="stays its reviewer"), transaction.atomic():
        GateReviewer.objects.filter(pk=reviewer.pk).delete()
    release(silent, now)
    with desk.looking():
        assert [one["opinion"] for one in deciding.shown(desk.now(desk.gate))["reviewers"]] == ["not_ready"]


def test_who_wrote_the_evidence_stands_for_it(desk: Desk) -> None:
    assert "goes with what you say" in sentence(lambda: desk.shows("open", evidence="My own words"))
    with desk.looking(), pytest.raises(DatabaseError, match="Evidence goes with"), transaction.atomic():
        GateCriterion.objects.filter(pk=desk.criterion.pk).update(evidence="My own words")
    desk.shows()
    one = desk.shows("open")  # who assessed it once does not review it, though nobody stands for it now
    with desk.looking(), pytest.raises(DatabaseError, match="does not review it"), transaction.atomic():
        GateReviewer.objects.create(program=desk.program, gate=desk.gate, person=desk.erp_manager)
    desk.does(
        desk.program_manager, services.edit_criterion, criterion=one, version=one.version,
        changes={"text": "A rehearsal took place"},
    )  # fmt: skip
    for who, how in (
        (desk.erp_manager, "assessed a criterion"),
        (desk.program_manager, "wrote its criteria"),
    ):
        name = lambda who=who: desk.does(  # noqa: E731
            desk.staff, services.name_reviewer, gate=desk.gate, person=who
        )
        assert how in sentence(name)
    with desk.looking():
        assert deciding.editors(desk.gate)[desk.program_manager.pk] == "wrote its criteria"


def test_what_was_written_for_a_gate_stays_with_it(desk: Desk) -> None:
    second = desk.plans("G2", 2)
    reviewer = desk.does(desk.staff, services.name_reviewer, gate=desk.gate, person=desk.auditor)
    with desk.looking():
        Gate.objects.filter(pk=desk.gate.pk).update(
            state="submitted", asked="rework", submitted_at=timezone.now()
        )
        for rows, change, words in (
            (GateCriterion.objects.filter(pk=desk.criterion.pk), {"gate": second}, "stays with it"),
            (GateReviewer.objects.filter(pk=reviewer.pk), {"gate": second}, "stays with it"),
            (GateReviewer.objects.filter(pk=reviewer.pk), {"person": desk.chair}, "not exchanged"),
        ):
            with pytest.raises(DatabaseError, match=words), transaction.atomic():
                rows.update(**change)


def test_a_gate_is_not_moved_over_another(desk: Desk) -> None:
    second = desk.plans("G2", 10)
    place = lambda gate, to: desk.does(  # noqa: E731
        desk.staff, services.edit, gate=gate, version=desk.now(gate).version, changes={"position": to}
    )
    assert "moved over G2" in sentence(lambda: place(desk.gate, 50))
    assert "moved over G1" in sentence(lambda: place(second, 0))
    with desk.looking(), pytest.raises(DatabaseError, match="over another gate"), transaction.atomic():
        Gate.objects.filter(pk=desk.gate.pk).update(position=50)
    assert place(desk.gate, 9).position == 9
    with desk.looking():
        Gate.objects.filter(pk=second.pk).update(
            state="submitted", asked="proceed", submitted_at=timezone.now()
        )
        told = deciding.shown(desk.now(second))
    assert told["position"] == 10
    assert told["before"] == [{"gate": desk.gate.pk, "position": 9, "state": "open"}]


def test_a_gate_hangs_on_a_milestone_of_its_own_project(desk: Desk) -> None:
    assert "own project" in sentence(lambda: desk.plans("G1", 1, desk.iam, activity=desk.milestone))
    assert "code already" in sentence(lambda: desk.plans("G1", 2))
    assert "place already" in sentence(lambda: desk.plans("G2", 1))
    late = desk.plans("G2", 2, activity=desk.milestone, due_on=today() - timedelta(days=400))
    page = desk.page("member", f"{late.pk}/").content.decode()
    assert "overdue by 400\N{NO-BREAK SPACE}days" in page and "GO Ready to begin" in page
    with pytest.raises(Refused, match="depend on this"):
        desk.does(
            desk.erp_manager, plan.remove_activity, activity_id=desk.milestone.pk,
            version=desk.milestone.version,
        )  # fmt: skip


def test_gates_pass_in_their_order_and_never_without_a_decision(desk: Desk) -> None:
    """Only a ballot passes a gate; here the serving login tries it by hand."""
    second = desk.plans("G2", 2)
    now = timezone.now()
    for values, words in (
        ({"state": "passed"}, "after it was put forward"),
        ({"state": "submitted"}, "programs_gate_asked"),
        (
            {"state": "submitted", "asked": "proceed_with_conditions", "submitted_at": now},
            "programs_gate_conditions",
        ),
        ({"outcome": "proceed"}, "by what was asked for"),
    ):
        with desk.looking(), pytest.raises(DatabaseError, match=words), transaction.atomic():
            Gate.objects.filter(pk=second.pk).update(**values)
    with desk.looking():
        Gate.objects.filter(pk=second.pk).update(state="submitted", asked="proceed", submitted_at=now)
        for values, words in (
            ({"state": "passed"}, "A gate before G2 has not passed"),
            ({"due_on": today()}, "take it back before"),
        ):
            with pytest.raises(DatabaseError, match=words), transaction.atomic():
                Gate.objects.filter(pk=second.pk).update(**values)
        with pytest.raises(DatabaseError, match="stays as it is"), transaction.atomic():
            GateCriterion.objects.create(program=desk.program, gate=second, text="Too late")
    live = desk.now(second)
    assert "take it back" in sentence(
        lambda: desk.does(
            desk.staff, services.edit, gate=live, version=live.version, changes={"name": "Other"}
        )
    )


def test_projects_by_gates_are_a_page_and_a_file(desk: Desk) -> None:
    desk.plans("G0", 0, desk.iam, name="=1+1 <b>")
    page = desk.page("member").content.decode()
    assert "Projects by gates" in page and "The rehearsal" not in page
    assert "&lt;b&gt;" in page and "<b>" not in page.split("Projects by gates")[1].split("</table>")[0]
    assert "Plan a gate" not in page
    only = desk.page("member", "?project=IAM").content.decode().split('id="register"')[1]
    assert "G0" in only and "Gate G1" not in only
    rows = list(csv.reader(io.StringIO(desk.page("member", "?format=csv").content.decode("utf-8-sig"))))
    assert [row[1] for row in rows[1:]] == ["ERP-FIN", "IAM"]
    assert not any(cell.startswith("=") for row in rows for cell in row)


def test_a_gate_is_planned_and_shown_by_pages(desk: Desk) -> None:
    staff, here = desk.browser("staff"), "/p/ATLAS/gates/"
    wrong = staff.post(
        f"{here}add/",
        {"project": "ERP-FIN", "code": "G1", "name": "x", "position": "7", "due_on": "2027-01-01"},
    )
    assert wrong.status_code == 422 and "code already" in wrong.content.decode()
    made = staff.post(
        f"{here}add/",
        {"project": "ERP-FIN", "code": "G7", "name": "Handed over", "position": "7", "due_on": "2027-01-01"},
    )
    assert made.status_code == 302
    url = made["Location"]
    assert staff.post(f"{url}criteria/add/", {"text": "", "version": "1"}).status_code == 422
    assert (
        staff.post(f"{url}criteria/add/", {"text": "It runs", "version": "1", "mandatory": "on"}).status_code
        == 302
    )
    stale = staff.post(f"{url}criteria/add/", {"text": "It runs well", "version": "1"})
    assert stale.status_code == 409 and "It runs well" in stale.content.decode()  # nothing typed is lost
    with desk.looking():
        one = GateCriterion.objects.get(text="It runs")
    lena = desk.browser("erp_manager")
    form = f"{url}criteria/{one.pk}/"
    assert lena.post(form, {"state": "met", "evidence": "", "version": "1"}).status_code == 422
    assert lena.post(form, {"state": "met", "evidence": "Log of May", "version": "1"}).status_code == 302
    assert lena.post(form, {"state": "not_met", "evidence": "", "version": "1"}).status_code == 409
    page = lena.get(url).content.decode()
    for words in ("Log of May", "1 of 1 mandatory", "met a criterion", "planned it"):
        assert words in page
    for path in (f"{url}criteria/{one.pk}/remove/", f"{url}opinion/", f"{url}reviewers/"):
        assert staff.post(path, {"version": "x" * 40, "revision": "-9", "person": "0"}).status_code in (
            409,
            422,
        )


def test_the_api_plans_and_shows_but_does_not_speak_for_a_reviewer(desk: Desk) -> None:
    api = "/api/v1/programs/ATLAS"
    staff, lena = desk.browser("staff"), desk.browser("erp_manager")
    send = lambda client, verb, path, body: getattr(client, verb)(  # noqa: E731
        f"{api}/{path}/", body, content_type="application/json"
    )
    made = send(staff, "post", "gates", {
        "project": desk.erp.pk, "code": "G3", "name": "Build", "position": 3, "due_on": "2027-02-01",
        "activity": desk.milestone.pk,
    })  # fmt: skip
    assert made.status_code == 201 and made.json()["forecast"] is not None
    gate = made.json()
    assert send(staff, "patch", f"gates/{gate['id']}", {"name": "Built", "version": 9}).status_code == 409
    body = {"gate": gate["id"], "text": "It is built", "version": gate["version"]}
    criterion = send(staff, "post", "gate-criteria", body).json()
    met = {"state": "met", "evidence": "Seen", "version": criterion["version"]}
    path = f"gate-criteria/{criterion['id']}/assess"
    assert send(desk.browser("iam_manager"), "post", path, met).status_code == 403
    assert send(lena, "post", path, met).json()["state"] == "met"
    found = lena.get(f"{api}/gates/?code=g3").json()["results"][0]
    assert (found["mandatory"], found["mandatory_met"], found["mandatory_without_evidence"]) == (1, 1, 0)
    assert send(lena, "post", "gate-opinions", {}).status_code == 405


def test_counts_of_the_page_do_not_grow_with_gates(desk: Desk) -> None:
    with desk.looking():
        Gate.objects.bulk_create(
            Gate(program=desk.program, project=desk.iam, code=f"X{n}", name="x", position=n, due_on=today())
            for n in range(40)
        )
        assert Activity.objects.filter(pk=desk.milestone.pk).exists()
    client = desk.browser("member")
    client.get("/p/ATLAS/gates/")
    with connection.execute_wrapper(counting := Counting()):
        assert client.get("/p/ATLAS/gates/").status_code == 200
    assert counting.of("programs_gate") <= 3, counting.seen


class Counting:
    """Statements as they go by."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def __call__(self, execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        self.seen.append(str(sql))
        return execute(sql, params, many, context)

    def of(self, table: str) -> int:
        return sum(table in one for one in self.seen)
