"""Accepting a plan: the insurer's program end to end, the same again, what changed, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from pmo import commands
from pmo.money import round_half_even
from pmo.refusals import Conflict, NotAllowed, Refused
from programs.baselines.models import Baseline, BaselineActivity
from programs.calendars.models import Calendar
from programs.engine.plan import LatestFinish
from programs.exchange import sandbox, services
from programs.exchange.draft import iso
from programs.exchange.models import PlanImport
from programs.exchange.reading import Read
from programs.management.commands.schedule import computed
from programs.portfolio.models import Program, Project
from programs.resources.models import Assignment, Resource
from programs.schedule import services as schedule
from programs.schedule.clock import ProgramClock
from programs.schedule.models import Activity, ComputedDates, Dependency, Progress, StatusPeriod
from tests.cast import Office, everything, make_office
from tests.finance.engine import ghent
from tests.programs.exchange.bundles import GOOD, zipped
from tests.shared import shared
from tests.warrants import write_warrant

pytestmark = pytest.mark.django_db
INSURER = "01_dslib_real_projects/it_programme_insurer"
HISTORIES = (
    "programs_activityevent",
    "programs_progressevent",
    "programs_dependencyevent",
    "programs_projectevent",
    "programs_calendarevent",
    "programs_baselineevent",
    "programs_programevent",
    "programs_planimportevent",
)


@pytest.fixture
def office() -> Office:
    return make_office()


def good(**files: str) -> Read:
    """The small bundle, with some of its files replaced (named without their ending)."""
    content = GOOD | {f"{name}.csv": text for name, text in files.items()}
    return sandbox.read_upload(zipped({name: text.encode() for name, text in content.items()}), "retail.zip")


def stage(office: Office, read: Read, role: str = "program_manager") -> services.Staged:
    return commands.run(
        services.stage, actor=office.people[role], program=office.program, file_name="retail.zip", read=read
    )


def accept(office: Office, plan_import: PlanImport, role: str = "program_manager") -> services.Accepted:
    return commands.run(services.accept, actor=office.people[role], plan_import=plan_import)


def brought_in(office: Office, read: Read) -> services.Accepted:
    return accept(office, stage(office, read).plan_import)


def counts(office: Office) -> dict[str, int]:
    """Rows of the plan, and of its history."""
    found = {}
    with everything(office.program):
        for model in (Activity, Dependency, Resource, Assignment, StatusPeriod, Progress, BaselineActivity):
            found[model.__name__] = model.objects.count()
        with connection.cursor() as cursor:
            for table in HISTORIES:
                cursor.execute(f"select count(*) from {table}")  # noqa: S608 - names above
                found[table] = cursor.fetchone()[0]
    return found


def side(staged: services.Staged, kind: str) -> tuple[int, int, int, int]:
    """Created, changed, unchanged and kept rows of a kind in a dry run."""
    for one in staged.plan_import.changes["kinds"]:
        if one["kind"] == kind:
            return one["created"], one["changed"], one["unchanged"], one["kept"]
    return 0, 0, 0, 0


def test_the_insurers_program_comes_in_whole_and_a_second_time_changes_nothing(office: Office) -> None:
    read = sandbox.read_path(shared(INSURER))
    staged = stage(office, read)
    assert staged.plan_import.state == PlanImport.State.READ
    assert counts(office)["Activity"] == 0, "a dry run stores nothing of the plan"
    assert side(staged, "activity") == (621, 0, 0, 0)
    assert side(staged, "project") == (10, 0, 0, 2)
    done = accept(office, staged.plan_import)
    after = counts(office)
    assert {name: after[name] for name in after if not name.endswith("event")} == {
        "Activity": 621,
        "Dependency": 535,
        "Resource": 130,
        "Assignment": 476,
        "StatusPeriod": 44,
        "Progress": 2434,
        "BaselineActivity": 515,
    }
    assert after["programs_activityevent"] == 621
    assert after["programs_progressevent"] == 2434
    assert done.computation is not None
    assert done.baseline is not None
    with everything(office.program):
        assert ComputedDates.objects.filter(superseded_by=None).count() == done.computation.activities == 621
        assert done.baseline.origin == Baseline.Origin.IMPORTED
        assert done.baseline.is_current
        assert Project.objects.exclude(status_at=None).count() == 10
    again = stage(office, read)
    assert again.already
    assert again.plan_import.pk == staged.plan_import.pk
    assert accept(office, staged.plan_import).already
    assert counts(office) == after, "not a row, not a line of history"


def test_the_insurers_costs_and_progress_are_stored_as_its_oracle_needs_them(office: Office) -> None:
    """The split of cost and the restored percentages are those with which every figure of evm.csv comes out."""
    brought_in(office, sandbox.read_path(shared(INSURER)))
    planned, budget = {}, Fraction(0)
    expected = ghent.costs(ghent.INSURER)
    with everything(office.program):
        for line in BaselineActivity.objects.select_related("activity__project"):
            key = (line.activity.project.code, line.activity.code)
            planned[key] = (Fraction(line.start_cost), Fraction(line.spread_cost))
            budget += Fraction(line.start_cost) + Fraction(line.spread_cost)
        stored = {
            (one.period.project.code, one.period.number, one.activity.code): one.percent_complete
            for one in Progress.objects.select_related("period__project", "activity")
        }
    assert planned.keys() == expected.keys()
    assert all(
        abs(planned[key][part] - expected[key][part]) <= Fraction(1, 20_000)
        for key in planned
        for part in (0, 1)
    )
    assert round_half_even(budget) == 111_584_737
    for project in ghent.projects(ghent.INSURER).values():
        periods = {at: int(period) for period, at in project.status_dates}
        for activity in project.activities:
            for report in activity.reports:
                percent = stored[project.key, periods[report.at], str(activity.key)]
                assert abs(Fraction(percent) - Fraction(report.percent)) <= Fraction(1, 10**10)


def test_the_baseline_keeps_its_pinned_dates_and_the_schedule_computes_its_own(office: Office) -> None:
    read = sandbox.read_path(shared(INSURER))
    pinned = {
        (a.project, a.code): a.baseline_start for a in read.draft.activities if a.baseline_start is not None
    }
    brought_in(office, read)
    clock = ProgramClock(office.program.time_zone)
    differ = 0
    with everything(office.program):
        computed = dict(
            ComputedDates.objects.filter(superseded_by=None).values_list("activity_id", "early_start")
        )
        for line in BaselineActivity.objects.select_related("activity__project"):
            key = (line.activity.project.code, line.activity.code)
            assert clock.wall(line.starts_at) == pinned.pop(key)
            if line.activity.actual_start is None:
                continue
            assert computed[line.activity_id] == line.activity.actual_start, (
                "what has begun began when it did"
            )
            differ += computed[line.activity_id] != line.starts_at
    assert not pinned
    assert differ > 100


def test_what_a_later_file_changes_is_shown_from_what_to_what_and_only_that_is_written(
    office: Office,
) -> None:
    brought_in(office, good())
    before = counts(office)
    longer = GOOD["activities.csv"].replace("APP,activity,A1,1,Build,,,40,", "APP,activity,A1,1,Build,,,48,")
    longer = longer.replace("2000,2000,30,40,60", "2000,2000,30,40,60").replace("Roll out", "Roll it out")
    staged = stage(office, good(activities=longer))
    assert side(staged, "activity") == (0, 2, 4, 0)
    changed = next(kind for kind in staged.plan_import.changes["kinds"] if kind["kind"] == "activity")
    shown = {row["name"]: row["fields"] for row in changed["rows_changed"]}
    assert shown["APP/A1 Build"] == [{"field": "duration", "before": "40 h", "after": "48 h"}]
    assert shown["APP/A2 Roll it out"] == [{"field": "name", "before": "Roll out", "after": "Roll it out"}]
    accept(office, staged.plan_import)
    after = counts(office)
    assert after["programs_activityevent"] == before["programs_activityevent"] + 2
    for untouched in ("programs_progressevent", "programs_dependencyevent", "programs_calendarevent"):
        assert after[untouched] == before[untouched]
    with everything(office.program):
        one = Activity.objects.get(code="A1")
        assert (one.duration_minutes, one.version) == (48 * 60, 2)


def test_what_is_only_here_stays_and_is_said(office: Office) -> None:
    brought_in(office, good())
    with everything(office.program):
        app = Project.objects.get(code="APP")
    commands.run(
        schedule.add_activity,
        actor=office.program_manager,
        program=office.program,
        project_id=app.pk,
        values={"code": "OURS", "name": "Ours", "duration_minutes": 480},
    )
    staged = stage(
        office,
        good(
            resources="project_id,resource_id,name,type,availability,cost_per_hour\n,R1,Crew,role,3,80.25\n"
        ),
    )
    assert side(staged, "activity") == (0, 0, 6, 1)
    assert side(staged, "resource") == (0, 1, 0, 0)
    accept(office, staged.plan_import)
    with everything(office.program):
        assert Activity.objects.filter(code="OURS").exists()


def test_a_plan_edited_after_the_dry_run_has_to_be_compared_again(office: Office) -> None:
    brought_in(office, good())
    staged = stage(office, good(resources="project_id,resource_id,name\n,R1,Gang\n"))
    with everything(office.program):
        activity = Activity.objects.get(code="A1")
    commands.run(
        schedule.edit_activity,
        actor=office.program_manager,
        activity_id=activity.pk,
        changes={"name": "Built here"},
        version=None,
    )
    with pytest.raises(Conflict, match="edited after this dry run"):
        accept(office, staged.plan_import)
    renewed = commands.run(
        services.compare_again, actor=office.program_manager, plan_import=staged.plan_import
    )
    assert side(services.Staged(renewed), "activity") == (0, 1, 5, 0)
    assert accept(office, renewed).computation is not None


def test_progress_of_a_later_status_is_not_overwritten_by_an_older_file(office: Office) -> None:
    status = GOOD["status_dates.csv"] + "NET,2,Second,2027-01-07T17:00\n"
    progress = GOOD["progress.csv"] + "NET,2,N1,2027-01-04T08:00,16,0,100,1200\n"
    brought_in(office, good(status_dates=status, progress=progress))
    older = stage(office, good(resources="project_id,resource_id,name\n,R1,Gang\n"))
    assert side(older, "activity") == (0, 0, 6, 0)
    accept(office, older.plan_import)
    with everything(office.program):
        assert Activity.objects.get(code="N1").percent_complete == 100
        assert Project.objects.get(code="NET").status_at == datetime(2027, 1, 7, 17, tzinfo=UTC)


def test_a_status_numbered_anew_or_moved_does_not_fit(office: Office) -> None:
    brought_in(office, good())
    moved = stage(
        office,
        good(
            status_dates="project_id,period,name,status_date\nNET,1,First,2027-01-06T17:00\n",
        ),
    )
    assert moved.plan_import.state == PlanImport.State.REFUSED
    assert "known here with another date" in moved.plan_import.problems[0]["sentence"]
    numbered = stage(
        office,
        good(
            status_dates="project_id,period,name,status_date\nNET,2,First,2027-01-05T17:00\n",
            progress=GOOD["progress.csv"].replace("NET,1,N1", "NET,2,N1"),
        ),
    )
    assert "known here as number 1" in numbered.plan_import.problems[0]["sentence"]


def test_links_that_close_a_circle_only_together_with_ours_are_refused_before(office: Office) -> None:
    brought_in(office, good())
    with everything(office.program):
        ours = {one.code: one for one in Activity.objects.filter(code__in=["A1", "N1"])}
    commands.run(
        schedule.add_dependency,
        actor=office.program_manager,
        program=office.program,
        predecessor_id=ours["A1"].pk,
        successor_id=ours["N1"].pk,
        kind="FS",
        lag=0,
        lag_unit="working",
    )
    more = GOOD["dependencies.csv"] + ",NET,APP,N1,A1,FS,,\n"
    staged = stage(office, good(dependencies=more))
    assert staged.plan_import.state == PlanImport.State.REFUSED
    assert "only here" in staged.plan_import.problems[0]["sentence"]
    assert staged.plan_import.draft == {}


def test_an_approved_baseline_stays_the_current_one(office: Office) -> None:
    """An import must not be a way around a decision (threat I6)."""
    dated = GOOD["activities.csv"].replace(
        "fixed_cost,total_cost", "fixed_cost,total_cost,baseline_start,baseline_finish"
    )
    dated = dated.replace("100.50,100.50,", "100.50,100.50,2027-01-04T08:00,2027-01-05T17:00,")
    lines = dated.splitlines()
    width = lines[0].count(",")
    fixed = "\n".join(_padded(line, width) for line in lines) + "\n"
    brought_in(office, good(activities=fixed))
    with everything(office.program):
        Baseline.objects.update(is_current=False)
        warrant = write_warrant(office.program, "baseline", "D-1")
        approved = Baseline.objects.create(
            program=office.program,
            number=9,
            name="Approved",
            origin="approved",
            warrant=warrant,
            is_current=True,
            frozen_at=datetime.now(UTC),
        )
    staged = stage(office, good(activities=fixed.replace("2027-01-05T17:00", "2027-01-06T17:00")))
    assert "stays the current one" in staged.plan_import.changes["baseline"]
    done = accept(office, staged.plan_import)
    assert done.baseline is not None
    with everything(office.program):
        assert Baseline.objects.get(is_current=True) == approved
        assert Baseline.objects.get(pk=done.baseline.pk).number == 10


def _padded(line: str, width: int) -> str:
    cells = line.split(",")
    if len(cells) < width + 1:
        cells[12:12] = [""] * (width + 1 - len(cells))
    return ",".join(cells)


def test_who_may_import_but_not_edit_the_plan_may_try_and_not_accept(office: Office) -> None:
    staged = stage(office, good(), role="controller")
    with pytest.raises(NotAllowed, match="edit plan"):
        accept(office, staged.plan_import, role="controller")
    for role in ("erp_manager", "chair", "sponsor", "auditor", "administrator"):
        with pytest.raises(NotAllowed):
            stage(office, good(), role=role)
    assert accept(office, staged.plan_import, role="staff").computation is not None


def test_refused_dropped_and_foreign_imports_are_not_accepted(office: Office) -> None:
    bad = stage(office, good(dependencies=GOOD["dependencies.csv"].replace("NET,,,N1,N2", "NET,,,N1,N9")))
    assert bad.plan_import.state == PlanImport.State.REFUSED
    with pytest.raises(Refused, match="has errors"):
        accept(office, bad.plan_import)
    kept = stage(office, good()).plan_import
    commands.run(services.drop, actor=office.staff, plan_import=kept)
    with pytest.raises(Refused, match="dropped"):
        accept(office, kept)
    other = make_office("OTHER", " Two")
    with pytest.raises(NotAllowed):
        accept(other, kept)
    assert counts(office)["Activity"] == 0


def test_another_currency_is_refused_unless_there_is_no_money_in_the_plan(office: Office) -> None:
    read = good(program=GOOD["program.csv"].replace("EUR", "USD"))
    staged = stage(office, read)
    assert staged.plan_import.state == PlanImport.State.REFUSED
    assert staged.plan_import.problems[0]["sentence"] == "The plan is in USD, this program in EUR."
    links = sandbox.read_path(shared("12_exchange_formats/task-links-project2019-mspdi.xml"))
    assert links.draft.program.currency == "GBP"
    assert stage(office, links).plan_import.state == PlanImport.State.READ


@pytest.mark.parametrize(
    ("name", "activities", "links"),
    [("task-links-project2019-mspdi.xml", 16, 8), ("task-costs-project2019-mspdi.xml", 10, 0)],
)
def test_ms_project_plans_are_accepted_side_by_side(
    office: Office, name: str, activities: int, links: int
) -> None:
    with everything(office.program):
        Program.objects.filter(pk=office.program.pk).update(currency="GBP")
    read = sandbox.read_path(shared(f"12_exchange_formats/{name}"))
    done = brought_in(office, read)
    assert done.computation is not None
    with everything(office.program):
        mine = Activity.objects.filter(project__code=read.draft.projects[0].code)
        assert mine.count() == activities
        assert Dependency.objects.filter(successor__in=mine).count() == links
        calendar = Calendar.objects.exclude(code="OFFICE").get()
        assert calendar.code.endswith(".CAL1"), (
            "two files that both number their calendars from 1 do not meet"
        )
        starts = set(mine.filter(constraint="MSO").values_list("pk", "constraint_at"))
        computed = set(
            ComputedDates.objects.filter(
                activity__in=mine.filter(constraint="MSO"), superseded_by=None
            ).values_list("activity_id", "early_start")
        )
        assert starts == computed, "a manual task stays where the planner put it"


def test_a_plan_that_is_here_already_in_other_words_is_noted_and_nothing_is_written(office: Office) -> None:
    brought_in(office, good())
    before = counts(office)
    read = good()
    read.totals.digest = "f" * 64  # another file (say, with a further column) that says the same
    staged = stage(office, read)
    assert staged.plan_import.changes["nothing"]
    done = accept(office, staged.plan_import)
    assert (done.computation, done.baseline, done.already) == (None, None, False)
    after = counts(office)
    assert {k: v for k, v in after.items() if "planimport" not in k} == {
        k: v for k, v in before.items() if "planimport" not in k
    }


@pytest.mark.parametrize(
    ("file", "old", "new", "place"),
    [
        ("activities", "100.50,100.50", "99999999999999,", ("activities.csv", 3, "fixed_cost")),
        ("resources", "80.25", "100000000000000", ("resources.csv", 2, "cost_per_hour")),
        ("progress", "600.25", "99999999999999.99", ("progress.csv", 2, "actual_cost")),
        ("budget", "1000.00", "99999999999999.99", ("budget.csv", 2, "amount")),
    ],
)
def test_an_amount_no_column_holds_is_refused_with_its_row(
    office: Office, file: str, old: str, new: str, place: tuple[str, int, str]
) -> None:
    staged = stage(office, good(**{file: GOOD[f"{file}.csv"].replace(old, new)}))
    assert staged.plan_import.state == PlanImport.State.REFUSED
    told = staged.plan_import.problems[0]
    assert (told["file"], told["row"], told["column"]) == place


def test_the_sample_is_scheduled_here_as_the_schedule_command_schedules_its_file(office: Office) -> None:
    """Links to groups included: there is one in it."""
    read = sandbox.read_path(Path(settings.BASE_DIR) / "samples" / "fedora20")
    brought_in(office, read)
    expected = {
        (row[0], row[1]): row[2:4] for row in computed(read.draft, LatestFinish.PROGRAM, summaries=True)
    }
    clock = ProgramClock(office.program.time_zone)
    with everything(office.program):
        found = {
            (project, code): (iso(clock.wall(start)), iso(clock.wall(finish)))
            for project, code, start, finish in ComputedDates.objects.filter(superseded_by=None).values_list(
                "activity__project__code", "activity__code", "early_start", "early_finish"
            )
        }
        groups = Dependency.objects.filter(successor__kind="summary").count()
    assert groups == 1
    assert found == expected
