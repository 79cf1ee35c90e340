"""A program begins: who may, with what, and what a copy takes along and leaves behind."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client

from pmo import commands
from pmo.accounts.models import Membership, User
from pmo.accounts.roles import Role
from pmo.refusals import Conflict, NotAllowed, Refused
from programs.baselines.models import Baseline
from programs.beginning import services, shipped
from programs.calendars.models import CalendarException
from programs.portfolio.models import Program, Project
from programs.resources.models import Assignment, Resource
from programs.schedule import services as schedule
from programs.schedule.models import Activity, Computation, ComputedDates, Dependency
from tests.cast import Office, everything, make_office, person, stranger
from tests.fresh import sign_in
from tests.furnish import plan_rows
from tests.programs.exchange.bundles import GOOD, as_bytes, zipped

pytestmark = pytest.mark.django_db
MONDAY = date(2027, 3, 1)


@pytest.fixture
def office() -> Office:
    return make_office()


def begin(by: User, **given: Any) -> services.Begun:
    values: dict[str, Any] = {"code": "NEW", "name": "New one", "starts_on": MONDAY} | given
    return commands.run(services.begin, actor=by, **values)


def refused(field: str | None, by: User, **given: Any) -> str:
    with pytest.raises(Refused) as said:
        begin(by, **given)
    assert said.value.field == field
    return said.value.message


# ------------------------------------------------------------------ who may
def test_pmo_staff_and_administrators_begin_programs_and_nobody_else(office: Office) -> None:
    begin(office.staff, code="ONE")
    begin(person("Olga Office", is_administrator=True), code="TWO")  # holds no role anywhere
    for who in (office.program_manager, office.controller, office.chair, office.auditor, stranger()):
        with pytest.raises(NotAllowed):
            begin(who, code="THREE")
    former = person("Fred Former")
    with everything(office.program):
        Membership.objects.create(
            program=office.program, user=former, role=Role.PMO_STAFF,
            valid_from=date(2020, 1, 1), valid_to=date(2021, 1, 1),
        )  # fmt: skip
    with pytest.raises(NotAllowed):
        begin(former, code="THREE")


def test_who_begins_a_program_leads_it_and_nobody_else_is_in_it(office: Office) -> None:
    program = begin(office.staff).program
    with everything(program):
        held = set(Membership.objects.filter(program=program).values_list("user_id", "role"))
        assert program.manager == office.staff
    assert held == {(office.staff.pk, Role.ADMINISTRATOR), (office.staff.pk, Role.PROGRAM_MANAGER)}


def test_a_token_begins_no_program(office: Office) -> None:
    for limits in ({"by_token": True}, {"by_token": True, "read_only": True}):
        with pytest.raises(NotAllowed) as said:
            commands.run(
                services.begin, actor=office.staff, limits=limits, code="NEW", name="New", starts_on=MONDAY
            )
        assert said.value.code == "person-needed"


def test_who_may_begin_finds_it_in_her_menu_though_she_has_one_program(office: Office) -> None:
    for who, finds in ((office.staff, True), (office.auditor, False)):
        client = Client()
        sign_in(client, who)
        page = client.get("/", follow=True).content.decode()
        assert ('href="/programs/begin/"' in page) is finds


# ------------------------------------------------------------------ blank
def test_a_new_program_is_in_its_first_phase_and_its_dashboard_leads_to_the_first_project(
    office: Office,
) -> None:
    program = begin(office.staff).program
    assert program.phase == Program.Phase.FORMULATION
    client = Client()
    sign_in(client, office.staff)
    page = client.get("/p/NEW/").content.decode()
    assert 'href="/p/NEW/plan/projects/add/"' in page and "Add the first project" in page


def test_a_blank_program_has_its_clock_its_calendar_and_its_holidays(office: Office) -> None:
    program = begin(
        office.staff, currency="CHF", time_zone="Europe/Zurich", fiscal_year_start_month=7, week="shifts",
        country="be",
    ).program  # fmt: skip
    with everything(program):
        program.refresh_from_db()
        assert program.calendar is not None
        assert (program.currency, program.fiscal_year_start_month) == ("CHF", 7)
        assert program.starts_at == datetime(2027, 3, 1, 5, tzinfo=UTC)  # six in the morning in Zurich
        days = CalendarException.objects.filter(calendar=program.calendar)
        assert days.filter(day=date(2027, 7, 21), shifts=[]).exists()
        assert {one.day.year for one in days} == {2027, 2028, 2029, 2030, 2031}


def test_what_does_not_fit_is_said_at_its_field_and_nothing_is_made(office: Office) -> None:
    assert "currency" in refused("currency", office.staff, currency="XXX")
    assert "time zone" in refused("time_zone", office.staff, time_zone="Europe/Atlantis")
    refused("starts_on", office.staff, starts_on=date(1, 1, 1))
    refused("fiscal_year_start_month", office.staff, fiscal_year_start_month=0)
    refused("week", office.staff, week="never")
    refused("country", office.staff, country="QQ")
    refused("code", office.staff, code="no blanks")
    refused("begin", office.staff, begin="template:nothing")
    refused("begin", office.staff, begin="copy:NOWHERE")
    assert "Another program" in refused(None, office.staff, code=office.program.code.lower())


# ------------------------------------------------------------------ templates
@pytest.mark.parametrize("key", sorted(shipped.PROGRAMS))
def test_a_template_is_a_linked_plan_with_dates_and_roles(key: str, office: Office) -> None:
    template = shipped.PROGRAMS[key]
    program = begin(office.staff, begin=f"template:{key}", time_zone="Europe/Brussels").program
    with everything(program):
        assert list(Project.objects.filter(program=program).values_list("code", flat=True)) == [
            code for code, _, _ in template.projects
        ]
        dates = ComputedDates.objects.filter(program=program, superseded_by=None)
        activities = Activity.objects.filter(program=program)
        assert dates.count() == activities.count() > 30
        assert min(one.early_start for one in dates) == datetime(2027, 3, 1, 7, tzinfo=UTC)
        work = activities.exclude(kind="summary")
        linked = Dependency.objects.filter(program=program)
        ends = set(linked.values_list("predecessor_id", flat=True)) | set(
            linked.values_list("successor_id", flat=True)
        )
        assert set(work.values_list("pk", flat=True)) == ends
        assert Computation.objects.filter(program=program).latest("pk").cross_links == len(template.links) > 0
        assert Assignment.objects.filter(program=program).exists()
        assert set(Resource.objects.filter(program=program).values_list("kind", "cost_per_hour")) == {
            ("role", 0)
        }


def test_a_project_begins_with_a_template_and_shares_the_roles_that_are_there(office: Office) -> None:
    for code in ("ONE", "TWO"):
        commands.run(
            services.add_project, actor=office.program_manager, program=office.program,
            values={"code": code, "name": code}, template="process",
        )  # fmt: skip
    with everything(office.program):
        one, two = Project.objects.filter(code__in=("ONE", "TWO")).order_by("position")
        assert one.kind == two.kind == "process"
        assert (
            one.activities.count()
            == two.activities.count()
            == sum(1 for _ in shipped.lines(shipped.PROJECTS["process"]))
        )
        assert Resource.objects.filter(program=office.program, code="TRAINER").count() == 1


# ------------------------------------------------------------------ copies
def furnished(office: Office) -> None:
    """A plan with a summary, dated wishes, a person, a role, money, progress, a baseline and a link across."""
    plan_rows(office, 4)
    with everything(office.program):
        first = Activity.objects.get(code="A0")
        Activity.objects.filter(pk=first.pk).update(
            constraint="SNET", constraint_at=datetime(2026, 2, 2, 8, tzinfo=UTC), fixed_cost=100,
            deadline_at=datetime(2026, 7, 6, 17, tzinfo=UTC), actual_start=datetime(2026, 2, 2, 8, tzinfo=UTC),
        )  # fmt: skip
        other = Activity.objects.create(
            program=office.program, project=office.iam, code="X1", name="Elsewhere", duration_minutes=480
        )
        Dependency.objects.create(
            program=office.program, predecessor=first, successor=other, kind="SS", lag=960
        )
        somebody = Resource.objects.create(
            program=office.program, code="MONA", name="Mona", kind="person", cost_per_hour=5
        )
        Assignment.objects.create(program=office.program, activity=other, resource=somebody)
    commands.run(schedule.recompute, actor=office.program_manager, program=office.program)


def test_a_copied_program_keeps_its_links_and_moves_to_its_new_start(office: Office) -> None:
    furnished(office)
    begun = begin(office.staff, begin="copy:ATLAS", starts_on=date(2027, 1, 4))
    moved = date(2027, 1, 4) - date(2026, 1, 5)
    with everything(office.program, begun.program):
        there = Activity.objects.filter(program=begun.program)
        assert there.count() == Activity.objects.filter(program=office.program).count()
        links = [
            sorted(
                Dependency.objects.filter(program=program).values_list(
                    "predecessor__code", "successor__code", "kind", "lag", "lag_unit"
                )
            )
            for program in (office.program, begun.program)
        ]
        assert links[0] == links[1] != []
        first = there.get(code="A0")
        assert first.constraint_at == datetime(2026, 2, 2, 8, tzinfo=UTC) + moved
        assert first.deadline_at == datetime(2026, 7, 6, 17, tzinfo=UTC) + moved
        assert (
            ComputedDates.objects.filter(program=begun.program, superseded_by=None).count() == there.count()
        )
        begun.program.refresh_from_db()
        assert begun.program.starts_at == datetime(2027, 1, 4, 8, tzinfo=UTC)
        assert begun.program.calendar is not None
        assert begun.program.calendar.program_id == begun.program.pk


def test_a_copied_program_leaves_people_progress_money_and_baselines_behind(office: Office) -> None:
    furnished(office)
    begun = begin(office.staff, begin="copy:ATLAS")
    assert begun.copied is not None
    assert begun.copied.people_left == 1
    with everything(begun.program):
        there = Activity.objects.filter(program=begun.program)
        assert not there.exclude(actual_start=None).exists()
        assert not there.exclude(percent_complete=0).exists()
        assert not there.exclude(fixed_cost=0, cost_per_hour=0).exists()
        resources = Resource.objects.filter(program=begun.program)
        assert resources.exists()
        assert not resources.filter(kind="person").exists()
        assert not resources.exclude(cost_per_hour=0).exists()
        assert (
            not Project.objects.filter(program=begun.program).exclude(manager=None, status_at=None).exists()
        )
        assert not Baseline.objects.filter(program=begun.program).exists()
        mixed = Assignment.objects.filter(program=begun.program).exclude(resource__program=begun.program)
        assert not mixed.exists()


def test_nobody_copies_a_program_that_she_does_not_see(office: Office) -> None:
    other = make_office("BOREAS", " II")
    assert "nothing of that name" in refused("begin", office.staff, begin="copy:BOREAS")
    keeper = other.administrator  # keeps members, sees no plan
    assert "nothing of that name" in refused("begin", keeper, begin="copy:BOREAS")


def test_a_copied_project_keeps_the_links_inside_it_and_counts_the_others(office: Office) -> None:
    furnished(office)
    copy, copied = commands.run(
        services.copy_project, actor=office.program_manager, project=office.erp, version=1, code="ERP-2",
        name="Again", starts_on=date(2027, 1, 4),
    )  # fmt: skip
    assert (copied.activities, copied.links, copied.links_left) == (4, 3, 1)
    with everything(office.program):
        early = ComputedDates.objects.filter(project=copy, superseded_by=None).order_by("early_start")
        assert early[0].early_start == datetime(2027, 1, 4, 8, tzinfo=UTC)
        assert copy.position > office.iam.position


def test_a_plan_too_large_to_copy_while_one_waits_says_the_way_round(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    furnished(office)
    monkeypatch.setattr("programs.beginning.copying.MOST_COPIED", 4)
    assert "bundle" in refused("begin", office.staff, begin="copy:ATLAS")
    begin(office.staff)  # of the refused one nothing was kept, not even the code


# ------------------------------------------------------------------ the list of projects
def test_projects_are_renamed_against_the_version_that_was_seen(office: Office) -> None:
    def rename(by: User, version: int, **changes: Any) -> Project:
        return commands.run(
            services.edit_project, actor=by, project=office.erp, version=version, changes=changes
        )

    assert rename(office.program_manager, 1, name="ERP").version == 2
    with pytest.raises(Conflict):
        rename(office.program_manager, 1, name="Another")
    with pytest.raises(Refused) as said:
        rename(office.program_manager, 2, code="iam")
    assert said.value.field == "code"
    with pytest.raises(NotAllowed):
        rename(office.erp_manager, 2, name="Mine")


def test_projects_change_places_and_stay_at_the_ends(office: Office) -> None:
    def move(up: bool) -> list[str]:
        commands.run(services.move_project, actor=office.program_manager, project=office.iam, up=up)
        with everything(office.program):
            return list(Project.objects.filter(program=office.program).values_list("code", flat=True))

    assert move(up=True) == ["IAM", "ERP-FIN"]
    assert move(up=True) == ["IAM", "ERP-FIN"]
    assert move(up=False) == ["ERP-FIN", "IAM"]


# ------------------------------------------------------------------ by browser and API
def signed_in(user: User) -> Client:
    client = Client()
    sign_in(client, user)
    return client


def test_a_newcomer_is_led_to_her_first_program_and_has_a_linked_plan(office: Office) -> None:
    """From nothing to two projects with a link between them, all by forms."""
    client = signed_in(person("Olga Office", is_administrator=True))
    assert b'href="/programs/begin/"' in client.get("/").content
    form = {
        "begin": "blank", "code": "FRESH", "name": "Fresh", "starts_on": "2027-03-01", "currency": "EUR",
        "time_zone": "Europe/Brussels", "fiscal_year_start_month": "1", "week": "office", "country": "",
    }  # fmt: skip
    answer = client.post("/programs/begin/", form | {"code": "no good"})
    assert answer.status_code == 422
    assert b"A code has letters" in answer.content
    assert client.post("/programs/begin/", form)["Location"] == "/p/FRESH/projects/"
    for code in ("ONE", "TWO"):
        made = client.post("/p/FRESH/plan/projects/add/", {"code": code, "name": f"<{code}>"})
        assert made.status_code == 302
    page = client.get("/p/FRESH/projects/").content.decode()
    assert "&lt;ONE&gt;" in page
    assert "<ONE>" not in page
    with everything(Program(pk=_newest())):
        projects = dict(Project.objects.filter(program__code="FRESH").values_list("code", "pk"))
    for project, after in (("ONE", ""), ("TWO", "ONE/A1")):
        added = client.post(
            "/p/FRESH/plan/add/",
            {
                "project": projects[project],
                "code": "A1",
                "name": "Do it",
                "kind": "task",
                "days": "5",
                "predecessor": after,
            },
        )
        assert added.status_code == 302, added.content
    with everything(Program(pk=_newest())):
        first, second = ComputedDates.objects.filter(superseded_by=None).order_by("early_start")
        assert first.early_start == datetime(2027, 3, 1, 7, tzinfo=UTC)
        assert second.early_start - first.early_finish == timedelta(hours=63)  # Friday 17 h to Monday 8 h
    assert client.get("/p/FRESH/plan/").status_code == 200
    gone = client.post("/programs/begin/", form | {"code": "FILED", "begin": "file"})
    assert gone["Location"] == "/p/FILED/import/"
    assert client.get("/p/FILED/").status_code == 200  # the dashboard of an empty program


def test_a_file_dropped_at_the_beginning_is_tried_in_the_new_program(office: Office) -> None:
    client = signed_in(office.staff)
    form = {
        "begin": "blank", "code": "DROP", "name": "Dropped", "starts_on": "2027-03-01", "currency": "EUR",
        "time_zone": "Europe/Brussels", "fiscal_year_start_month": "1", "week": "office", "country": "",
    }  # fmt: skip

    def post(content: bytes, **more: str) -> Any:
        return client.post("/programs/begin/", form | more | {"file": ContentFile(content, "till.zip")})

    plan = zipped(as_bytes(GOOD))
    both = post(plan, begin="template:software")
    assert both.status_code == 422
    assert "begins a program of its own" in both.content.decode()
    tried = post(plan)
    assert tried.status_code == 302, tried.content
    page = client.get(tried["Location"]).content.decode()
    assert tried["Location"].startswith("/p/DROP/import/")
    assert "nothing is stored yet" in page
    spoilt = post(b"no plan at all", code="BROKEN")
    assert spoilt["Location"] == "/p/BROKEN/import/"
    assert "Nothing was stored" in client.get("/p/BROKEN/import/").content.decode()


def test_the_sample_is_tried_in_a_new_program(office: Office) -> None:
    client = signed_in(office.staff)
    form = {
        "begin": "sample", "code": "TRY", "name": "Tried", "starts_on": "2013-01-07", "currency": "EUR",
        "time_zone": "UTC", "fiscal_year_start_month": "1", "week": "office", "country": "",
    }  # fmt: skip
    tried = client.post("/programs/begin/", form)
    assert tried["Location"].startswith("/p/TRY/import/")
    assert "dry run" in client.get(tried["Location"]).content.decode()


def _newest() -> int:
    with connection.cursor() as cursor:
        cursor.execute("select currval(pg_get_serial_sequence('programs_program', 'id'))")
        return int(cursor.fetchone()[0])


def test_the_api_begins_a_program_and_keeps_its_projects(office: Office) -> None:
    client = signed_in(office.staff)

    def send(method: str, path: str, **body: Any) -> Any:
        return client.generic(method, f"/api/v1/programs/{path}", json.dumps(body), "application/json")

    made = send("POST", "", code="API", name="By API", starts_on="2027-03-01", begin="template:software")
    assert made.status_code == 201, made.content
    assert made.json()["manager"] == office.staff.name
    rows = client.get("/api/v1/programs/API/projects/").json()["results"]
    first = rows[0]
    changed = send("PATCH", f"API/projects/{first['id']}/", version=first["version"], name="Better")
    assert changed.json()["name"] == "Better"
    assert send("PATCH", f"API/projects/{first['id']}/", version=1, name="Late").status_code == 409
    copied = send("POST", f"API/projects/{first['id']}/copy/", version=2, code="SYS-2", name="Second")
    assert copied.status_code == 201, copied.content
    assert copied.json()["activities"] == 22
    assert copied.json()["links_left_out"] == 3
    assert send("POST", f"API/projects/{first['id']}/move/", to="down").json()["position"] == 2
    assert send("POST", "API/projects/", code="P", name="Plain").json()["kind"] == "software"
    assert send("POST", "", code="API", name="Twice", starts_on="2027-03-01").status_code == 422
