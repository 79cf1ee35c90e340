"""What is wrong has an owner and a day; who mended it does not close it; a risk that occurs becomes an issue."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from pmo import commands
from pmo.refusals import Conflict, NotAllowed, Refused
from programs.raid import issue_trail, issues, services
from programs.raid.issue_models import Issue, IssueNote
from programs.raid.models import Risk
from programs.schedule import services as plan
from programs.schedule.models import Activity
from tests.cast import Office, everything, make_office
from tests.furnish import plan_rows
from tests.world import rolled_back


@pytest.fixture(scope="module")
def built(django_db_setup: None, django_db_blocker: Any) -> Iterator[Office]:
    with django_db_blocker.unblock(), rolled_back():
        office = make_office()
        plan_rows(office, 2)
        yield office


@pytest.fixture
def office(built: Office) -> Iterator[Office]:
    with rolled_back():
        yield built


def run(who: Any, service: Any, **given: Any) -> Any:
    return commands.run(service, actor=who, **given)


def enter(office: Office, who: Any = None, **values: Any) -> Issue:
    activities = values.pop("activities", ())
    at = values.pop("at", timezone.now())
    given = {"title": "The pipe leaks", "project": office.erp, "owner": office.controller} | values
    return run(
        who or office.erp_manager,
        issues.add,
        program=office.program,
        values=given,
        activities=activities,
        at=at,
    )


def now(one: Issue) -> Issue:
    with everything(one.program):
        return Issue.objects.get(pk=one.pk)


def steps(one: Issue) -> list[tuple[str, str]]:
    with everything(one.program):
        return [(step.who, step.what) for step in issue_trail.trail(one)]


def test_an_issue_goes_from_its_entry_over_its_owners_words_to_somebody_elses_closing(office: Office) -> None:
    one = enter(office)
    one = run(office.controller, issues.note, issue=one, text="Plumber called.", version=one.version)
    assert one.state == "working"
    one = run(office.controller, issues.resolve, issue=one, text="A new pipe.", version=one.version)
    one = run(office.erp_manager, issues.close, issue=one, version=one.version)
    assert (one.state, one.resolved_by, one.closed_by) == ("closed", office.controller, office.erp_manager)
    said = [what for _, what in steps(one)]
    assert said[0] == "entered it as medium" and said[-2:] == ["resolved it", "closed it"]
    assert sorted(said[1:-2]) == ["noted", "took it up"]


def test_who_resolved_it_does_not_close_it_not_even_past_the_services(office: Office) -> None:
    one = enter(office, owner=office.erp_manager)
    one = run(office.erp_manager, issues.resolve, issue=one, text="Done.", version=one.version)
    with pytest.raises(NotAllowed, match="does not close"):
        run(office.erp_manager, issues.close, issue=one, version=one.version)
    with everything(office.program), pytest.raises(DatabaseError, match="four_eyes"), transaction.atomic():
        Issue.objects.filter(pk=one.pk).update(
            state="closed", closed_by=office.erp_manager, closed_at=timezone.now()
        )


def test_nobody_speaks_for_an_issue_that_is_not_his(office: Office) -> None:
    one = enter(office)
    for who in (office.iam_manager, office.auditor, office.chair):
        with pytest.raises(NotAllowed):
            run(who, issues.resolve, issue=one, text="Done.", version=one.version)
    with pytest.raises(NotAllowed):
        enter(office, office.iam_manager)  # of another project
    with pytest.raises(NotAllowed):
        enter(office, office.erp_manager, project=None)  # of the whole program


def test_a_stale_form_changes_nothing(office: Office) -> None:
    one = enter(office)
    run(office.program_manager, issues.edit, issue=one, changes={"priority": 1}, version=one.version)
    for service, more in (
        (issues.edit, {"changes": {"priority": 4}}),
        (issues.note, {"text": "x"}),
        (issues.resolve, {"text": "x"}),
    ):
        with pytest.raises(Conflict):
            run(office.program_manager, service, issue=one, version=one.version, **more)
    assert now(one).priority == 1


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"due_on": timezone.now().date() - timedelta(days=2)}, "due_on"),
        ({"priority": 9}, "priority"),
        ({"kind": "nonsense"}, "kind"),
        ({"title": "  "}, "title"),
    ],
)
def test_what_does_not_fit_is_refused_at_its_field(
    office: Office, values: dict[str, Any], field: str
) -> None:
    with pytest.raises(Refused) as refused:
        enter(office, **values)
    assert refused.value.field == field


def test_an_issue_that_is_not_over_is_opened_again_with_what_had_been_done(office: Office) -> None:
    one = enter(office)
    one = run(office.controller, issues.resolve, issue=one, text="A new pipe.", version=one.version)
    with pytest.raises(Refused, match="open it again"):
        run(office.erp_manager, issues.edit, issue=one, changes={"priority": 1}, version=one.version)
    one = run(office.erp_manager, issues.reopen, issue=one, text="It drips.", version=one.version)
    assert (one.state, one.resolution, one.resolved_at) == ("open", "", None)
    with everything(office.program):
        assert "A new pipe." in one.notes.get().text


def test_a_risk_that_occurs_is_an_issue_in_one_act_and_once(office: Office) -> None:
    with everything(office.program):
        risk = Risk.objects.filter(program=office.program).order_by("pk")[0]
    one = run(office.program_manager, services.occur, risk_id=risk.pk, version=risk.version)
    with everything(office.program):
        risk.refresh_from_db()
    assert (risk.state, one.source, one.risk_id, one.title) == ("occurred", "risk", risk.pk, risk.title)
    assert (one.project_id, one.owner_id) == (risk.project_id, risk.owner_id)
    run(office.program_manager, services.edit, risk_id=risk.pk, changes={"title": "x"}, version=risk.version)
    with everything(office.program):
        assert Issue.objects.filter(risk=risk).count() == 1


def test_a_risk_of_many_words_occurs_and_occurs_again_on_the_same_issue(office: Office) -> None:
    with everything(office.program):
        risk = Risk.objects.filter(program=office.program).order_by("pk")[0]
    long = {"event": "e" * 3_000, "effect": "f" * 3_000}
    risk = run(office.program_manager, services.edit, risk_id=risk.pk, changes=long, version=risk.version)
    one = run(office.program_manager, services.occur, risk_id=risk.pk, version=risk.version)
    assert len(one.description) == 5_000 and one.description.endswith("f…")
    one = run(office.program_manager, issues.resolve, issue=one, text="Paid.", version=one.version)
    one = run(office.erp_manager, issues.close, issue=one, version=one.version)
    for state, stands in (("occurred", "closed"), ("open", "closed"), ("occurred", "open")):
        with everything(office.program):
            risk.refresh_from_db()
        changes = {"state": state, "due_on": None}
        run(office.program_manager, services.edit, risk_id=risk.pk, changes=changes, version=risk.version)
        assert now(one).state == stands
    with everything(office.program):
        note = one.notes.get()
    assert note.by == office.program_manager and f"{risk.code} occurred again" in note.text
    assert "Paid." in note.text


def test_a_closed_issue_is_opened_again_or_stays_even_past_the_services(office: Office) -> None:
    one = enter(office)
    one = run(office.controller, issues.resolve, issue=one, text="A new pipe.", version=one.version)
    one = run(office.erp_manager, issues.close, issue=one, version=one.version)
    afresh = {
        "state": "open", "resolution": "", "resolved_by": None, "resolved_at": None, "closed_by": None,
        "closed_at": None,
    }  # fmt: skip
    for lie in (
        {"title": "x"},
        {"description": "x"},
        {"resolution": "x"},
        {"closed_by": office.program_manager},
        {"state": "resolved", "closed_by": None, "closed_at": None},
        afresh | {"title": "x"},
    ):
        with everything(office.program), pytest.raises(DatabaseError, match="is closed: open it again first"):  # noqa: SIM117
            with transaction.atomic():
                Issue.objects.filter(pk=one.pk).update(**lie)
    with everything(office.program), pytest.raises(DatabaseError), transaction.atomic():
        Issue.objects.filter(pk=one.pk).delete()
    one = run(office.erp_manager, issues.reopen, issue=one, text="It drips.", version=one.version)
    assert (
        run(office.erp_manager, issues.edit, issue=one, changes={"title": "x"}, version=one.version).title
        == "x"
    )


def test_an_activity_that_leaves_the_plan_leaves_the_issue(office: Office) -> None:
    with everything(office.program):
        activity = Activity.objects.create(
            program=office.program,
            project=office.erp,
            code="A9",
            name="Later",
            kind="task",
            duration_minutes=60,
        )
    one = enter(office, activities=[activity])
    run(office.program_manager, plan.remove_activity, activity_id=activity.pk, version=activity.version)
    with everything(office.program):
        assert not one.about.exists()


def test_the_notes_stay_as_they_were_written(office: Office) -> None:
    one = enter(office)
    run(office.controller, issues.note, issue=one, text="Plumber called.", version=one.version)
    with everything(office.program), pytest.raises(DatabaseError), transaction.atomic():
        IssueNote.objects.filter(issue=one).update(text="x")


def test_pages_show_the_register_and_take_an_issue_through_its_life(office: Office, client: Client) -> None:
    client.force_login(office.erp_manager)
    home = reverse("programs:issues", kwargs={"code": "ATLAS"})
    assert "None of these" in client.get(f"{home}?state=mine").content.decode()
    given = {
        "title": "=1+1 <b>leak</b>", "project": office.erp.pk, "kind": "quality", "priority": "2",
        "owner": office.controller.pk, "due_on": "", "description": "", "activities": "Z9",
    }  # fmt: skip
    wrong = client.post(f"{home}add/", given)
    assert wrong.status_code == 422 and "No such activity: Z9." in wrong.content.decode()
    answer = client.post(f"{home}add/", given | {"activities": "ERP-FIN/A0"})
    assert answer.status_code == 302, answer.content.decode()
    page = client.get(answer.url)
    assert "&lt;b&gt;leak" in page.content.decode() and "ERP-FIN/A0" in page.content.decode()
    version = page.context["found"].version
    for body in ({"do": "close", "version": "x"}, {"do": "resolve"}, {"do": "close", "version": version}):
        assert client.post(answer.url, body).status_code in (409, 422)
    client.force_login(office.controller)
    done = client.post(answer.url, {"do": "resolve", "text": "Mended.", "version": version})
    assert done.status_code == 302
    client.force_login(office.erp_manager)
    assert client.post(answer.url, {"do": "close", "version": version + 1}).status_code == 302
    csv = client.get(f"{home}?format=csv").content.decode()
    assert f"{page.context['found'].code} =1+1" in csv
    assert "Closed" in csv
