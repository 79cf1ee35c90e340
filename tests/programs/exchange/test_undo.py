"""Undoing an accepted import: the plan before, row by row; what people did since is kept; records stay."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import IntegrityError, InternalError, connection, transaction
from django.test import Client

from pmo import commands
from pmo.refusals import Conflict, NotAllowed, Refused
from programs.baselines.models import Baseline, BaselineActivity
from programs.calendars.models import Calendar
from programs.exchange import sandbox, services, undoing
from programs.exchange.models import ImportEffect, PlanImport
from programs.exchange.reading import Read
from programs.exchange.undo_found import Undoing
from programs.portfolio.models import Program, Project
from programs.schedule import services as schedule
from programs.schedule.models import Activity, ComputedDates, Dependency, Progress
from programs.working_time import services as working_time
from tests.cast import Office, everything, make_office
from tests.programs.exchange.bundles import GOOD, zipped
from tests.shared import shared
from tests.warrants import write_warrant

pytestmark = pytest.mark.django_db
WITHOUT_MONEY = {name: text for name, text in GOOD.items() if name not in ("budget.csv", "actuals.csv")} | {
    "progress.csv": GOOD["progress.csv"].replace(",600.25", ",")
}
TABLES = (
    "calendar",
    "calendarexception",
    "project",
    "activity",
    "dependency",
    "resource",
    "assignment",
    "statusperiod",
    "progress",
    "baseline",
    "baselineactivity",
)


@pytest.fixture
def office() -> Office:
    return make_office()


def bundle(**files: str) -> Read:
    content = WITHOUT_MONEY | {f"{name}.csv": text for name, text in files.items()}
    return sandbox.read_upload(zipped({name: text.encode() for name, text in content.items()}), "retail.zip")


def brought_in(office: Office, read: Read) -> PlanImport:
    mona = office.program_manager
    staged = commands.run(
        services.stage, actor=mona, program=office.program, file_name="retail.zip", read=read
    )
    assert not staged.already
    done = commands.run(services.accept, actor=mona, plan_import=staged.plan_import)
    return done.plan_import


def undone(office: Office, found: PlanImport, role: str = "program_manager", **other: Any) -> Undoing:
    with everything(office.program):
        version = Program.objects.get(pk=office.program.pk).plan_version
    given = {"plan_version": version, "reason": "The wrong file."} | other
    return commands.run(undoing.undo, actor=office.people[role], plan_import=found, **given)


def plan(office: Office) -> dict[str, list[str]]:
    """Every row of the plan with its id, its computed dates, and the program's own row; counters aside."""
    found = {}
    with everything(office.program), connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(
                f"select (to_jsonb(t) - 'version')::text from programs_{table} t order by id"  # noqa: S608
            )
            found[table] = [row[0] for row in cursor.fetchall()]
        cursor.execute(
            "select (to_jsonb(t) - '{version,plan_version}'::text[])::text from programs_program t order by id"
        )
        found["program"] = [row[0] for row in cursor.fetchall()]
        cursor.execute(
            "select activity_id, early_start::text, early_finish::text, total_float from programs_computeddates"
            " where superseded_by_id is null order by 1"
        )
        found["dates"] = [str(row) for row in cursor.fetchall()]
    return found


def activity(office: Office, code: str) -> Activity:
    with everything(office.program):
        found: Activity = Activity.objects.get(code=code)
        return found


REAL = {
    "the insurer's program": "01_dslib_real_projects/it_programme_insurer",
    "MS Project": "plans/mspc_sf259_baselines.xml",
    "Primavera": "plans/p6_terminal_building.xer",
}


@pytest.mark.parametrize("what", REAL)
def test_an_import_undone_leaves_the_plan_as_it_was_row_by_row(office: Office, what: str) -> None:
    read = sandbox.read_path(shared(REAL[what]))
    with everything(office.program):
        currency = read.draft.program.currency or "EUR"
        Program.objects.filter(pk=office.program.pk).update(currency=currency)
    before = plan(office)
    found = brought_in(office, read)
    with everything(office.program):
        assert Activity.objects.count() == len(read.draft.activities)
    done = undone(office, found)
    assert (done.kept, done.staying, done.gone) == ([], {}, 0)
    assert plan(office) == before
    again = brought_in(office, read)
    assert again.pk != found.pk, "the same file may be accepted again"


def test_a_second_file_undone_puts_every_former_value_back_and_the_first_stays(office: Office) -> None:
    dated = WITHOUT_MONEY["activities.csv"].replace(
        "fixed_cost,total_cost", "baseline_start,baseline_finish,fixed_cost,total_cost"
    )
    lines = dated.splitlines()
    at = lines[0].split(",").index("baseline_start")
    with_dates = [lines[0]]
    for line in lines[1:]:
        cells = line.split(",")
        cells[at:at] = ["2027-01-04T08:00", "2027-01-05T17:00"] if cells[2] == "N1" else ["", ""]
        with_dates.append(",".join(cells))
    first = "\n".join(with_dates) + "\n"
    brought_in(office, bundle(activities=first))
    before = plan(office)
    second = first.replace("Build,,,40,", "Build,,,48,").replace("Roll out", "Roll it out")
    second = second.replace("2027-01-05T17:00", "2027-01-06T17:00")
    second += "NET,activity,N4,1.4,Test it,N,,8,,,,,,,,,\n"
    found = brought_in(
        office,
        bundle(
            activities=second,
            dependencies=WITHOUT_MONEY["dependencies.csv"] + "NET,,,N3,N4,FS,,\n",
            status_dates=WITHOUT_MONEY["status_dates.csv"] + "NET,2,Second,2027-01-07T17:00\n",
            progress=WITHOUT_MONEY["progress.csv"] + "NET,2,N1,2027-01-04T08:00,16,0,100,\n",
            calendars=WITHOUT_MONEY["calendars.csv"] + ",late,12:00-20:00,5 6,\n",
        ),
    )
    assert plan(office) != before
    with everything(office.program):
        assert Baseline.objects.get(is_current=True).number == 2
    undone(office, found)
    assert plan(office) == before
    with everything(office.program):
        assert Baseline.objects.get(is_current=True).number == 1
        assert ComputedDates.objects.filter(superseded_by=None).count() == Activity.objects.count()


def test_what_people_did_since_is_listed_with_both_values_and_kept(office: Office) -> None:
    brought_in(office, bundle())
    longer = (
        WITHOUT_MONEY["activities.csv"]
        .replace("Build,,,40,", "Build,,,48,")
        .replace("Roll out", "Roll it out")
    )
    longer += "NET,activity,N4,1.4,Test it,N,,8,,,,,,,\nNET,activity,N5,1.5,Sign it,N,,8,,,,,,,\n"
    longer += "APP,activity,A3,3,Close,,,8,,,,,,,\n"
    found = brought_in(
        office,
        bundle(activities=longer, dependencies=WITHOUT_MONEY["dependencies.csv"] + "NET,,,N4,N5,FS,,\n"),
    )
    mona = office.program_manager
    commands.run(
        schedule.edit_activity,
        actor=mona,
        activity_id=activity(office, "A1").pk,
        changes={"duration_minutes": 56 * 60},
        version=None,
    )
    commands.run(
        schedule.edit_activity,
        actor=mona,
        activity_id=activity(office, "N4").pk,
        changes={"name": "Test it well"},
        version=None,
    )
    commands.run(  # a link of ours holds what the import added
        schedule.add_dependency,
        actor=mona,
        program=office.program,
        predecessor_id=activity(office, "A1").pk,
        successor_id=activity(office, "A3").pk,
        kind="FS",
        lag=0,
        lag_unit="working",
    )
    done = undone(office, found)
    assert {(one.column, one.imported, one.now) for one in done.kept} == {
        ("duration_minutes", 48 * 60, 56 * 60),
        ("name", "Test it", "Test it well"),
    }
    assert sorted(done.staying.values()) == [
        "a row added or changed since stands on it (dependency)",
        "changed since",
    ]
    with everything(office.program):
        assert set(Activity.objects.values_list("code", flat=True)) >= {"N4", "A3"}
        assert not Activity.objects.filter(code="N5").exists(), "nobody touched it"
        assert not Dependency.objects.filter(predecessor__code="N4").exists()
        assert Activity.objects.get(code="A2").name == "Roll out"
        assert Activity.objects.get(code="A1").duration_minutes == 56 * 60


def test_an_import_on_which_a_baseline_or_a_role_stands_is_not_undone(office: Office) -> None:
    found = brought_in(office, bundle())
    before = plan(office)
    with everything(office.program):
        approved = Baseline.objects.create(
            program=office.program,
            number=9,
            name="Approved",
            origin="approved",
            warrant=write_warrant(office.program, "baseline", "D-1"),
            is_current=True,
            frozen_at=datetime.now(UTC),
        )
        BaselineActivity.objects.create(
            program=office.program,
            baseline=approved,
            activity=Activity.objects.get(code="A1"),
            starts_at=datetime(2027, 1, 4, tzinfo=UTC),
            finishes_at=datetime(2027, 1, 5, tzinfo=UTC),
            duration_minutes=480,
        )
    with pytest.raises(Refused, match="line of another baseline stands on rows that this import added"):
        undone(office, found)
    assert plan(office)["activity"] == before["activity"]
    with everything(office.program):
        assert PlanImport.objects.get(pk=found.pk).state == PlanImport.State.ACCEPTED


def test_posted_costs_hold_the_rows_they_are_booked_to(office: Office) -> None:
    content = {name: text.encode() for name, text in GOOD.items()}
    client = Client()
    client.force_login(office.program_manager)
    read = sandbox.read_upload(zipped(content), "retail.zip")
    staged = commands.run(
        services.stage, actor=office.program_manager, program=office.program, file_name="r.zip", read=read
    )
    client.post(f"/p/ATLAS/import/{staged.plan_import.pk}/accept/")
    with pytest.raises(Refused, match="posted cost"):
        undone(office, staged.plan_import)
    page = client.get(f"/p/ATLAS/import/{staged.plan_import.pk}/undo/").content.decode()
    assert "posted cost" in page
    assert "Undo the import</button>" not in page


def test_who_may_not_accept_may_not_undo_and_a_stale_page_or_no_reason_undoes_nothing(office: Office) -> None:
    found = brought_in(office, bundle())
    for role in ("controller", "erp_manager", "chair", "sponsor", "auditor", "administrator"):
        with pytest.raises(NotAllowed):
            undone(office, found, role)
    with pytest.raises(Conflict, match="edited after you opened"):
        undone(office, found, plan_version=0)
    with pytest.raises(Refused, match="Say why"):
        undone(office, found, reason="  ")
    undone(office, found, "staff")
    with pytest.raises(Refused, match="undone already"):
        undone(office, found)
    other = make_office("OTHER", " Two")
    with pytest.raises(NotAllowed):
        commands.run(
            undoing.undo, actor=other.program_manager, plan_import=found, plan_version=0, reason="Mine."
        )


@pytest.mark.parametrize(
    "statement",
    [
        "delete from programs_progress",
        "delete from programs_project where code = 'NET'",
        "delete from programs_baselineactivity",
        "update programs_planimport set state = 'undone', undone_at = now(), undone_why = 'x' where state = 'read'",
    ],
)
def test_the_database_lets_nobody_delete_records_but_by_undoing_their_import(
    office: Office, statement: str
) -> None:
    brought_in(office, bundle())
    commands.run(
        services.stage,
        actor=office.program_manager,
        program=office.program,
        file_name="x.zip",
        read=bundle(resources="project_id,resource_id,name\n,R1,Gang\n"),
    )
    with everything(office.program), connection.cursor() as cursor:
        if "baselineactivity" in statement:
            record = Baseline.objects.create(
                program=office.program, number=3, name="x", origin="imported", frozen_at=datetime.now(UTC)
            )
            BaselineActivity.objects.create(
                program=office.program,
                baseline=record,
                activity=Activity.objects.get(code="A1"),
                starts_at=datetime(2027, 1, 4, tzinfo=UTC),
                finishes_at=datetime(2027, 1, 5, tzinfo=UTC),
                duration_minutes=480,
            )
        # A project that is not empty is kept by what names it, when the transaction ends: here at once.
        kept = r"taken away only|was accepted|foreign key"
        with pytest.raises((InternalError, IntegrityError), match=kept), transaction.atomic():
            cursor.execute(statement)
            cursor.execute("set constraints all immediate")
        assert Progress.objects.exists()
        assert Project.objects.filter(code="NET").exists()


def test_the_page_asks_first_with_counts_and_the_act_is_in_the_history(office: Office) -> None:
    found = brought_in(office, bundle())
    client = Client()
    client.force_login(office.program_manager)
    url = f"/p/ATLAS/import/{found.pk}/undo/"
    page = client.get(url).content.decode()
    assert "take away" in page
    assert page.count('Activities</th><td class="num" data-label="Taken away">6<') == 1
    with everything(office.program):
        version = Program.objects.get(pk=office.program.pk).plan_version
    stale = client.post(url, {"reason": "Wrong file.", "plan_version": version - 1})
    assert stale.status_code == 409
    empty = client.post(url, {"reason": "", "plan_version": version})
    assert empty.status_code == 422
    done = client.post(url, {"reason": "Wrong <b>file</b>.", "plan_version": version})
    assert done.status_code == 302
    page = client.get(done["Location"]).content.decode()
    assert "Wrong &lt;b&gt;file&lt;/b&gt;." in page
    with everything(office.program), connection.cursor() as cursor:
        assert not Activity.objects.exists()
        assert ImportEffect.objects.count() == 1
        cursor.execute(
            "select count(*), min(pgh_context->>'why') from programs_activityevent where pgh_label = 'delete'"
        )
        assert cursor.fetchone() == (6, "Wrong <b>file</b>.")


def test_a_calendar_that_was_removed_since_does_not_come_back_to_an_activity(office: Office) -> None:
    brought_in(office, bundle())
    other = GOOD["activities.csv"].replace("Lay cable,N,night,", "Lay cable,N,office,")
    later = brought_in(office, bundle(activities=other))
    with everything(office.program):
        night = Calendar.objects.get(code="night")
    commands.run(working_time.remove, actor=office.program_manager, calendar=night, version=night.version)
    done = undone(office, later)
    assert [(one.column, one.why) for one in done.kept] == [("calendar_id", "Its calendar was removed since")]
    with everything(office.program):
        assert Activity.objects.get(code="N2").calendar.code == "office"
