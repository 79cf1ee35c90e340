"""A plan that leaves as a file comes back equal: by chance, from real programs, and into the program it is from."""

from __future__ import annotations

import csv
import io
import zipfile
from dataclasses import fields
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings

from pmo import commands
from pmo.accounts.models import User
from programs.calendars.models import CalendarException
from programs.exchange import dry_run as trial
from programs.exchange import sandbox, services
from programs.exchange.draft import Draft
from programs.exchange.export.bundle_out import bundle_files, bundle_zip
from programs.exchange.export.files import plan_file
from programs.exchange.export.kept import kept
from programs.exchange.export.mspdi_out import mspdi
from programs.exchange.export.spelling import plain
from programs.exchange.reading import Read, parse_upload
from programs.portfolio import services as portfolio
from programs.portfolio.models import Program
from programs.resources.models import Assignment, Resource
from programs.schedule.models import Activity, Progress
from tests.cast import MORNING, Office, everything, make_office, person, stranger
from tests.programs.exchange.bundles import GOOD, as_bytes, zipped
from tests.programs.exchange.drafts import drafts
from tests.programs.wild import wild_office
from tests.shared import shared

INSURER = "01_dslib_real_projects/it_programme_insurer"
some = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


TABLES = ("projects", "activities", "dependencies", "resources", "assignments", "status_dates", "progress", "budget",
          "actuals", "seconds", "baselines", "baseline_costs", "progress_now")  # fmt: skip


def content(draft: Draft) -> dict[str, Any]:
    """What a draft says, without the lines of the file it was on and the order of rows that have none."""
    said: dict[str, Any] = {name: [_said(one) for one in getattr(draft, name)] for name in TABLES}
    for name in set(TABLES) - {"projects", "activities"}:
        said[name].sort(key=str)
    calendars = {one.code: (one.name, one.week, one.exceptions) for one in draft.calendars}
    return said | {"calendars": calendars, "program": draft.program, "dropped": draft.dropped}


def _said(one: Any) -> dict[str, Any]:
    return {
        each.name: plain(value) if isinstance(value := getattr(one, each.name), Decimal) else value
        for each in fields(one)
        if each.name != "row"
    }


def read(data: bytes, name: str = "plan.zip") -> Read:
    found = parse_upload(data, name)
    assert found.acceptable, found.problems[:5]
    return found


def dry_run(program: Program, found: Read) -> trial.DryRun:
    with everything(program):
        return trial.dry_run(Program.objects.get(pk=program.pk), found, "plan")


def exported(program: Program, kind: str) -> bytes:
    with everything(program):
        return plan_file(Program.objects.get(pk=program.pk), kind).content


def of_now(program: Program) -> Draft:
    with everything(program):
        return kept(Program.objects.get(pk=program.pk))


def empty_program(code: str) -> tuple[Program, User]:
    """Another program, with nothing in it, and its manager."""
    manager = person(f"Manager of {code}")
    program = commands.run(
        portfolio.create_program,
        actor=person("Ada Admin", is_administrator=True),
        code=code, name=f"{code} anew", currency="EUR", time_zone="UTC", starts_at=MORNING,
    )  # fmt: skip
    commands.run(
        portfolio.add_member,
        actor=None,
        scope=[program.pk],
        program=program,
        user=manager,
        role="program_manager",
    )
    return program, manager


def brought_into(program: Program, manager: User, found: Read) -> None:
    staged = commands.run(services.stage, actor=manager, program=program, file_name="plan", read=found)
    commands.run(services.accept, actor=manager, plan_import=staged.plan_import)


def nothing_to_do(program: Program, kind: str) -> None:
    result = dry_run(program, read(exported(program, kind)))
    changed = {one["many"]: one["rows_changed"][:3] or one["names_created"][:3] for one in result.changes["kinds"]
               if one["changed"] or one["created"]}  # fmt: skip
    assert changed == {}
    assert result.changes["nothing"]
    assert not any(one["kept"] for one in result.changes["kinds"]), "every row is in the file"


@some
@given(drafts())
def test_a_plan_written_as_a_bundle_reads_back_equal(draft: Draft) -> None:
    found = read(bundle_zip(draft))
    assert found.warnings == 0, found.problems
    assert content(found.draft) == content(draft)


def test_the_same_plan_gives_the_same_bytes_and_a_file_without_rows_is_left_out() -> None:
    first = parse_upload(zipped(as_bytes(GOOD)), "a.zip").draft
    assert bundle_zip(first) == bundle_zip(parse_upload(zipped(as_bytes(GOOD)), "a.zip").draft)
    assert "actuals.csv" in bundle_files(first)
    assert content(read(bundle_zip(first)).draft) == content(first), (
        "with budget and actuals, which no export has"
    )
    first.actuals.clear()
    assert "actuals.csv" not in bundle_files(first)


@pytest.mark.parametrize(
    "name", ["=SUM(1)", "+1", "-x", "@home", "'=x", "''=x", "'quoted'", 'a, "b"', "x" * 250]
)
def test_a_name_that_a_spreadsheet_would_run_is_text_in_the_file_and_itself_again_when_read(
    name: str,
) -> None:
    draft = parse_upload(zipped(as_bytes(GOOD)), "a.zip").draft
    draft.activities[1].name = name
    files = bundle_files(draft)
    cells = [row["name"] for row in csv.DictReader(io.StringIO(files["activities.csv"]))]
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in cells)
    found = read(bundle_zip(draft))
    assert found.draft.activities[1].name == name
    assert found.warnings == 0


@some
@given(drafts())
def test_a_plan_written_for_ms_project_reads_back_equal(draft: Draft) -> None:
    found = read(mspdi(draft), "plan.xml")
    assert content(found.draft) == content(draft)


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["bundle", "mspdi"])
@pytest.mark.parametrize("seed", [3, 8])
def test_the_file_of_a_plan_has_nothing_to_do_in_that_plan_and_makes_it_anew_elsewhere(
    seed: int, kind: str
) -> None:
    """Begun and done work, constraints, all kinds of links, projects without start and calendar of their own."""
    office = wild_office(seed)
    with everything(office.program):
        foreign = Resource.objects.create(
            program=office.program, project=office.iam, code="CREW", name="Crew", cost_per_hour="8012.3456"
        )
        of_all = Resource.objects.create(program=office.program, code="CREW", name="All", capacity="2.5")
        CalendarException.objects.create(program=office.program, calendar=office.calendar, day="2026-05-01")
        for one in Activity.objects.filter(project=office.erp, kind="task")[:3]:
            Assignment.objects.create(program=office.program, activity=one, resource=foreign, units="0.3333")
            Assignment.objects.create(program=office.program, activity=one, resource=of_all)
        Activity.objects.filter(actual_start=None).update(remaining_minutes=None)
        Activity.objects.filter(code="W5").update(position=99, name="'=W5", percent_complete="33.3333333333")
    nothing_to_do(office.program, kind)
    anew, manager = empty_program("ANEW")
    brought_into(anew, manager, read(exported(office.program, kind)))
    nothing_to_do(anew, kind)
    same = of_now(office.program)
    same.program = of_now(anew).program
    assert content(of_now(anew)) == content(same)


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["bundle", "mspdi"])
def test_progress_typed_after_the_last_status_date_goes_along(kind: str) -> None:
    office = make_office()
    brought_into(office.program, office.program_manager, read(zipped(as_bytes(GOOD))))
    nothing_to_do(office.program, kind)
    with everything(office.program):
        assert Progress.objects.exists()
        later = datetime(2027, 2, 1, 9, 0, tzinfo=UTC)
        Activity.objects.filter(code="N2").update(
            actual_start=later, percent_complete=10, remaining_minutes=400
        )
    nothing_to_do(office.program, kind)
    anew, manager = empty_program("ANEW")
    brought_into(anew, manager, read(exported(office.program, kind)))
    with everything(anew):
        assert Activity.objects.get(program=anew, code="N2").actual_start == later


@pytest.mark.django_db
def test_the_insurers_program_goes_out_and_comes_into_another_program_equal() -> None:
    office = make_office()
    brought_into(office.program, office.program_manager, sandbox.read_path(shared(INSURER)))
    nothing_to_do(office.program, "bundle")
    anew, manager = empty_program("ANEW")
    brought_into(anew, manager, read(exported(office.program, "mspdi")))
    same = of_now(office.program)
    same.program = of_now(anew).program
    assert content(of_now(anew)) == content(same)


@pytest.fixture
def filled() -> Office:
    office = make_office()
    brought_into(office.program, office.program_manager, read(zipped(as_bytes(GOOD))))
    return office


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.django_db
def test_page_and_api_give_the_same_file_and_strangers_none(filled: Office) -> None:
    client = signed_in(filled.auditor)
    page = client.get("/p/ATLAS/plan/export/bundle/")
    assert page.status_code == 200
    assert page["Content-Disposition"] == 'attachment; filename="ATLAS-plan.zip"'
    api = client.get("/api/v1/programs/ATLAS/plan-files/bundle/")
    assert api.content == page.content
    assert "activities.csv" in zipfile.ZipFile(io.BytesIO(page.content)).namelist()
    assert client.get("/p/ATLAS/plan/export/mpp/").status_code == 404
    assert client.get("/api/v1/programs/ATLAS/plan-files/mpp/").status_code == 404
    assert "/p/ATLAS/plan/export/bundle/" in client.get("/p/ATLAS/plan/").content.decode()
    for nobody in (stranger(), filled.administrator):
        assert signed_in(nobody).get("/p/ATLAS/plan/export/bundle/").status_code in (403, 404)
        assert signed_in(nobody).get("/api/v1/programs/ATLAS/plan-files/bundle/").status_code in (403, 404)
