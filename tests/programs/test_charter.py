"""What a program is, what it promised and by which rules its plan is computed: changed by who keeps it, with why."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from finance.structure import periods
from pmo.refusals import Conflict, NotAllowed, Refused
from programs.beginning import removing
from programs.beginning import services as beginning
from programs.charter import selectors, services
from programs.charter.views import LABELS, TEXTS
from programs.portfolio.models import Program, Project
from programs.portfolio.trail import steps
from programs.schedule import services as plan
from programs.schedule.models import ComputedDates
from tests.cast import person
from tests.governance.committee import Committee, make_committee, sentence
from tests.world import rolled_back


class Office:
    """The committee with its program."""

    def __init__(self) -> None:
        self.committee: Committee = make_committee()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.committee, name)

    def now(self) -> Program:
        with self.looking():
            return Program.objects.select_related("sponsor", "manager", "calendar").get(pk=self.program.pk)

    def sets(self, who: Any = None, reason: str = "Agreed.", **values: Any) -> services.Settled:
        given = {"version": self.now().version, "reason": reason}
        given |= {name: values.pop(name) for name in ("version",) if name in values}
        return self.does(
            who or self.program_manager, services.edit_program, program=self.program, values=values, **given
        )

    def client(self, who: Any = None) -> Client:
        client = Client()
        client.force_login(who or self.program_manager)
        return client

    def form(self, **more: Any) -> dict[str, Any]:
        now = self.now()
        return {
            "name": now.name, "mandate": now.mandate, "sponsor": now.sponsor_id or "",
            "manager": now.manager_id or "", "phase": now.phase,
            "committed_finish": now.committed_finish or "",
            "fiscal_year_start_month": now.fiscal_year_start_month, "progress_rule": now.progress_rule,
            "criticality_rule": now.criticality_rule, "critical_days": "0", "why": "",
            "version": now.version, **more,
        }  # fmt: skip

    def project(self) -> Project:
        with self.looking():
            return Project.objects.select_related("program").get(pk=self.erp.pk)


@pytest.fixture(scope="module")
def built(django_db_setup: None, django_db_blocker: Any) -> Iterator[Office]:
    with django_db_blocker.unblock(), rolled_back():
        yield Office()


@pytest.fixture
def office(built: Office) -> Iterator[Office]:
    with rolled_back():
        yield built


def test_a_promise_is_changed_with_a_reason_that_stays_beside_it(office: Office) -> None:
    page = office.client().post(
        "/p/ATLAS/settings/",
        office.form(committed_finish="2027-06-30", name="Atlas <anew>", why="The sponsor agreed on 2 Nov."),
        follow=True,
    )
    text = page.content.decode()
    assert "The settings are saved." in text and "Atlas &lt;anew&gt;" in text and "<anew>" not in text
    assert "committed finish: none → 30 Jun 2027" in text
    assert "The sponsor agreed on 2 Nov." in text and "Mona Ortiz" in text
    assert office.now().committed_finish == date(2027, 6, 30)
    with office.looking():
        found = steps("Program", office.program.pk, LABELS, TEXTS)
    assert found[0].why == "The sponsor agreed on 2 Nov." and "committed finish" in found[0].what


def test_without_a_reason_only_words_are_changed(office: Office) -> None:
    assert office.sets(reason="", name="Atlas again", mandate="One finance.").changed == {"name", "mandate"}
    for values in (
        {"committed_finish": date(2027, 1, 1)},
        {"sponsor": None},
        {"phase": "closure"},
        {"progress_rule": "progress_override"},
    ):
        with pytest.raises(Refused) as refused:
            office.sets(reason=" ", **values)
        assert refused.value.field == "why"
    assert not office.sets(reason="", name="Atlas again").changed


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": "  "}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"phase": "heyday"}, "phase"),
        ({"committed_finish": date(1989, 1, 1)}, "committed_finish"),
        ({"committed_finish": date(1999, 1, 1)}, "committed_finish"),
        ({"fiscal_year_start_month": 13}, "fiscal_year_start_month"),
        ({"progress_rule": "luck"}, "progress_rule"),
        ({"critical_float_minutes": -1}, "critical_float_minutes"),
        ({"critical_float_minutes": 10**7}, "critical_float_minutes"),
    ],
)
def test_what_does_not_fit_is_said_at_its_field(office: Office, values: dict[str, Any], field: str) -> None:
    with pytest.raises(Refused) as refused:
        office.sets(**values)
    assert refused.value.field == field
    with pytest.raises(Refused, match="cannot be edited"):
        office.sets(currency="USD")


def test_only_somebody_with_a_role_is_named(office: Office) -> None:
    stranger = person("Stray Nobody")
    for name in ("sponsor", "manager"):
        assert "holds no role" in sentence(lambda name=name: office.sets(**{name: stranger}))
    office.sets(sponsor=office.chair)
    assert office.now().sponsor == office.chair
    page = office.client().get("/p/ATLAS/settings/").content.decode()
    assert "Stray Nobody" not in page
    assert f"→ {office.chair.name}" in page


@pytest.mark.parametrize("who", ["staff", "erp_manager", "controller", "chair", "sponsor", "auditor"])
def test_who_does_not_keep_the_program_reads_its_settings(office: Office, who: str) -> None:
    with pytest.raises(NotAllowed):
        office.sets(getattr(office, who), name="Mine")
    client = office.client(getattr(office, who))
    page = client.get("/p/ATLAS/settings/").content.decode()
    assert "Who keeps the program changes these." in page and 'name="why"' not in page
    assert client.post("/p/ATLAS/settings/", office.form()).status_code == 403


def test_the_second_of_two_is_told_what_stands_there_now(office: Office) -> None:
    form = office.form(name="Mine", why="It is.")
    office.sets(name="Theirs")
    with pytest.raises(Conflict):
        office.sets(name="Mine", version=1)
    client = office.client()
    answer = client.post("/p/ATLAS/settings/", form)
    assert answer.status_code == 409 and "Name: Theirs" in answer.content.decode()
    assert client.post("/p/ATLAS/settings/", form | {"version": office.now().version}).status_code == 302
    assert office.now().name == "Mine"


def test_the_fiscal_year_keeps_its_month_once_months_are_in_use(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as before_any:
        before_any.setattr(selectors, "FISCAL_YEAR_HELD", [])
        office.sets(fiscal_year_start_month=4)
    assert office.now().fiscal_year_start_month == 4

    def used(*, by: Any, at: Any) -> None:
        periods.ensure(office.program, ["2026-03"])

    office.does(office.controller, used)
    assert "months are in use since 2026-03" in sentence(lambda: office.sets(fiscal_year_start_month=7))
    client = office.client()
    assert "months are in use since 2026-03" in client.get("/p/ATLAS/settings/").content.decode()
    assert (
        client.post("/p/ATLAS/settings/", office.form(fiscal_year_start_month=7, name="N")).status_code == 302
    )
    assert (office.now().fiscal_year_start_month, office.now().name) == (
        4,
        "N",
    )  # it stayed, the rest is saved


def two_ways(office: Office) -> None:
    """A long and a short task, side by side: with five days of float the short one is critical, too."""
    for code, days in (("L", 10), ("S", 7)):
        office.does(
            office.program_manager, plan.add_activity, program=office.program, project_id=office.erp.pk,
            values={"code": code, "name": f"Task {code}", "kind": "task", "duration_minutes": days * 480},
        )  # fmt: skip


def critical(office: Office) -> set[str]:
    with office.looking():
        rows = ComputedDates.objects.filter(superseded_by=None, critical=True, program_id=office.program.pk)
        return set(rows.values_list("activity__code", flat=True))


def test_other_rules_say_first_what_they_change_and_then_compute_anew(office: Office) -> None:
    two_ways(office)
    assert critical(office) == {"L"}
    client, url = office.client(), "/p/ATLAS/settings/"
    form = office.form(criticality_rule="total_float", critical_days="5", why="Our method.")
    held = client.post(url, form)
    text = held.content.decode()
    assert held.status_code == 422 and "Not saved yet" in text
    assert "Would become critical" in text and "Task S" in text
    assert critical(office) == {"L"}
    agreed = text.split('name="agreed" value="')[1].split('"')[0]
    assert client.post(url, form | {"critical_days": "4", "agreed": agreed}).status_code == 422
    saved = client.post(url, form | {"agreed": agreed}, follow=True)
    assert "The settings are saved." in saved.content.decode()
    said = saved.content.decode().replace("\N{NO-BREAK SPACE}", " ")
    assert "2 activities are critical, 1 before." in said
    assert "days of float: 0 → 5" in said  # in the history: working days, not minutes
    assert critical(office) == {"L", "S"}
    assert office.now().critical_float_minutes == 5 * 480


def test_the_api_changes_settings_with_the_same_rules(office: Office) -> None:
    client = office.client()

    def send(**body: Any) -> Any:
        return client.generic("PATCH", "/api/v1/programs/ATLAS/", json.dumps(body), "application/json")

    version = office.now().version
    made = send(version=version, committed_finish="2027-05-31", why="Agreed.", manager=office.staff.pk)
    assert made.status_code == 200, made.content
    assert (made.json()["committed_finish"], made.json()["manager"]) == ("2027-05-31", office.staff.name)
    assert send(version=version, name="Late").status_code == 409
    assert send(version=version + 1, phase="closure").status_code == 422
    assert send(version=version + 1, manager=10**9).status_code == 400
    assert send(version=version + 1, currency="USD").status_code == 400


# ------------------------------------------------------------------ projects
def test_a_project_gets_its_manager_and_rank_on_its_page(office: Office) -> None:
    live, client = office.project(), office.client()
    url = f"/p/ATLAS/plan/projects/{live.pk}/edit/"
    form = {
        "code": live.code, "name": live.name, "kind": live.kind, "outcomes": "", "priority": 1,
        "manager": office.staff.pk, "why": "Paul left.", "version": live.version,
    }  # fmt: skip
    page = client.post(url, form, follow=True).content.decode()
    assert f"manager {office.staff.name} · priority 1" in page
    again = client.post(url, form | {"priority": 2})
    assert again.status_code == 409 and "Save again" in again.content.decode()
    assert client.post(url, form | {"priority": 9}).status_code == 422
    assert client.post(url, form | {"manager": person("Stray One").pk}).status_code == 422
    sent = client.generic(
        "PATCH", f"/api/v1/programs/ATLAS/projects/{live.pk}/",
        json.dumps({"version": office.project().version, "priority": 4, "manager": None}), "application/json",
    )  # fmt: skip
    assert (sent.json()["priority"], sent.json()["manager"]) == (4, None)


def test_nobody_hands_over_the_project_that_they_manage(office: Office) -> None:
    def given(who: Any, to: Any) -> Any:
        live = office.project()
        return office.does(
            who, beginning.edit_project, project=live, version=live.version, changes={"manager": to}
        )

    given(office.program_manager, office.program_manager)
    assert "somebody else" in sentence(lambda: given(office.program_manager, None))
    assert "holds no role" in sentence(
        lambda: office.does(
            office.program_manager, beginning.edit_project, project=office.iam, version=office.iam.version,
            changes={"manager": person("Stray Two")},
        )
    )  # fmt: skip


def test_an_empty_project_is_removed_and_any_other_stays(office: Office) -> None:
    client = office.client()
    assert (
        client.post("/p/ATLAS/plan/projects/add/", {"code": "OOPS", "name": "Typed <twice>"}).status_code
        == 302
    )
    with office.looking():
        made = Project.objects.select_related("program").get(code="OOPS")
    page = client.get(f"/p/ATLAS/plan/projects/{made.pk}/edit/").content.decode()
    assert "Nothing is recorded of OOPS yet." in page and "Remove OOPS" in page
    with pytest.raises(Conflict):
        office.does(office.program_manager, removing.remove_project, project=made, version=9)
    with pytest.raises(NotAllowed):
        office.does(office.staff, removing.remove_project, project=made, version=made.version)
    url = f"/p/ATLAS/plan/projects/{made.pk}/remove/"
    assert "OOPS is removed." in client.post(url, {"version": made.version}, follow=True).content.decode()
    with office.looking():
        assert not Project.objects.filter(code="OOPS").exists()
    two_ways(office)
    kept = office.project()
    said = sentence(
        lambda: office.does(
            office.program_manager, removing.remove_project, project=kept, version=kept.version
        )
    )
    assert "ERP-FIN has" in said and "2\u00a0activities" in said and "closed, not removed" in said
    assert said in client.get(f"/p/ATLAS/plan/projects/{kept.pk}/edit/").content.decode()
    assert (
        client.post(f"/p/ATLAS/plan/projects/{kept.pk}/remove/", {"version": kept.version}).status_code == 422
    )
    assert (
        client.delete(f"/api/v1/programs/ATLAS/projects/{kept.pk}/?version={kept.version}").status_code == 422
    )


def test_the_database_lets_only_who_keeps_the_program_remove_a_project(office: Office) -> None:
    made = office.does(
        office.program_manager, beginning.add_project, program=office.program,
        values={"code": "OOPS", "name": "Twice"},
    )  # fmt: skip

    def typed(*, by: Any, at: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("delete from programs_project where id = %s", [made.pk])

    with pytest.raises(Refused, match="Who keeps the program"):
        office.does(office.staff, typed)
    office.does(office.program_manager, typed)
