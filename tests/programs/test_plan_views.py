"""What the plan shows is chosen in its address, kept under a name, and leaves as a file."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from django.test import Client

from pmo import commands
from programs.baselines.models import Baseline, BaselineActivity
from programs.master_plan import export
from programs.master_plan.columns import COLUMNS
from programs.master_plan.models import PlanView
from programs.schedule import services
from programs.schedule.models import Activity, ComputedDates, Dependency
from tests.cast import Office, everything, make_office
from tests.sheets import read

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> Office:
    """Four activities: A1 leads to A2, A3 stands alone, A4 begins in a year; A2 was promised two days earlier."""
    office = make_office()
    with everything(office.program):
        made = [
            Activity.objects.create(
                program=office.program, project=office.erp, code=code, name=f"Step {code}", position=n,
                duration_minutes=days * 480, level=level,
                constraint="SNET" if code == "A4" else "ASAP",
                constraint_at=office.program.starts_at + timedelta(days=365) if code == "A4" else None,
            )
            for n, (code, days, level) in enumerate([("A1", 5, 0), ("A2", 3, 1), ("A3", 1, 0), ("A4", 2, 0)], 1)
        ]  # fmt: skip
        for one, other in ((made[0], made[1]), (made[1], made[3])):
            Dependency.objects.create(program=office.program, predecessor=one, successor=other)
    commands.run(services.recompute, actor=office.program_manager, program=office.program)
    with everything(office.program):
        baseline = Baseline.objects.create(
            program=office.program, number=1, name="As planned", origin="imported", is_current=True,
            frozen_at=office.program.starts_at,
        )  # fmt: skip
        for dates in ComputedDates.objects.filter(superseded_by=None).select_related("activity"):
            early = timedelta(days=2) if dates.activity.code == "A2" else timedelta()
            BaselineActivity.objects.create(
                program=office.program, baseline=baseline, activity=dates.activity,
                starts_at=dates.early_start - early, finishes_at=dates.early_finish - early, duration_minutes=0,
            )  # fmt: skip
    return office


def signed_in(office: Office, role: str = "program_manager") -> Client:
    client = Client()
    client.force_login(office.people[role])
    return client


def codes(office: Office, query: str) -> list[str]:
    """The activities of the file of what is shown, in its order."""
    text = signed_in(office).get(f"/p/ATLAS/plan/export.csv?{query}").content.decode()
    return [line.split(",")[1] for line in text.splitlines()[1:]]


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", ["A1", "A2", "A3", "A4"]),
        ("slipping=1", ["A2"]),
        ("unlinked=1", ["A3"]),
        ("ahead=6", ["A1", "A2", "A3"]),
        ("depth=1", ["A1", "A3", "A4"]),
        ("sort=-days", ["A1", "A2", "A4", "A3"]),
        ("sort=start&ahead=6", ["A1", "A3", "A2"]),
        ("sort=password&ahead=soon&depth=-1", ["A1", "A2", "A3", "A4"]),
        ("project=IAM", []),
    ],
)
def test_rows_levels_and_order_are_chosen_in_the_address(
    office: Office, query: str, shown: list[str]
) -> None:
    with everything(office.program):
        type(office.program).objects.filter(pk=office.program.pk).update(status_at=office.program.starts_at)
    assert codes(office, query) == shown
    page = signed_in(office).get(f"/p/ATLAS/plan/?{query}").content.decode()
    assert [code for code in ("A1", "A2", "A3", "A4") if f">Step {code}</a>" in page] == sorted(shown)


def test_near_critical_work_is_what_few_days_separate_from_the_path(office: Office) -> None:
    def lasts(days: int) -> None:
        with everything(office.program):
            Activity.objects.filter(code="A4").update(constraint="ASAP", constraint_at=None)
            Activity.objects.filter(code="A3").update(duration_minutes=days * 480)
        commands.run(services.recompute, actor=office.program_manager, program=office.program)

    lasts(4)  # beside a path of ten days: six days of float
    assert codes(office, "near=1") == []
    lasts(5)
    assert codes(office, "near=1") == ["A3"] and codes(office, "critical=1") == ["A1", "A2", "A4"]
    assert "Near-critical" in signed_in(office).get("/p/ATLAS/plan/?near=1&group=critical").content.decode()


def test_what_is_shown_leaves_as_a_workbook(office: Office) -> None:
    answer = signed_in(office, "sponsor").get("/p/ATLAS/plan/export.xlsx?unlinked=1")
    rows = read(answer.content)
    assert [row[1] for row in rows] == ["activity", "A3"]


def test_a_view_is_kept_found_replaced_and_dropped(office: Office) -> None:
    client = signed_in(office, "sponsor")
    form = {"name": "Late things", "query": "slipping=1&cols=days,slip&at=2026-01-01&next=//evil"}
    answer = client.post("/p/ATLAS/plan/views/", form)
    assert answer["Location"] == "/p/ATLAS/plan/?slipping=1&cols=days%2Cslip"
    assert "Late things" in client.get("/p/ATLAS/plan/").content.decode()
    client.post("/p/ATLAS/plan/views/", form | {"query": "critical=1"})
    with everything(office.program):
        view = PlanView.objects.get()
    assert (view.query, view.shared) == ("critical=1", False)
    others = signed_in(office)
    assert "Late things" not in others.get("/p/ATLAS/plan/").content.decode()
    assert others.post(f"/p/ATLAS/plan/views/{view.pk}/drop/").status_code == 404
    assert client.post(f"/p/ATLAS/plan/views/{view.pk}/drop/").status_code == 302
    with everything(office.program):
        assert not PlanView.objects.exists()


def test_a_view_is_shared_by_who_edits_the_plan(office: Office) -> None:
    form = {"name": "Look ahead", "query": "ahead=4", "shared": "on"}
    assert signed_in(office, "sponsor").post("/p/ATLAS/plan/views/", form).status_code == 403
    signed_in(office, "erp_manager").post("/p/ATLAS/plan/views/", form)
    assert "Look ahead" in signed_in(office, "sponsor").get("/p/ATLAS/plan/").content.decode()
    with everything(office.program):
        pk = PlanView.objects.get().pk
    assert signed_in(office, "sponsor").post(f"/p/ATLAS/plan/views/{pk}/drop/").status_code == 403
    url = "/api/v1/programs/ATLAS/plan-views/"
    assert signed_in(office, "sponsor").get(url).json()["results"][0]["query"] == "ahead=4"
    made = signed_in(office).post(
        url, {"name": "Mine", "query": "?sort=float&known=x"}, content_type="application/json"
    )
    assert made.status_code == 201 and made.json()["query"] == "sort=float"
    assert signed_in(office).delete(f"{url}{made.json()['id']}/").status_code == 204
    assert signed_in(office).delete(f"{url}{pk}/").status_code == 204


def test_a_file_has_every_column_that_is_shown(office: Office) -> None:
    client = signed_in(office)

    def rows(cols: str) -> list[dict[str, str]]:
        text = client.get(f"/p/ATLAS/plan/export.csv?cols={cols}").content.decode()
        return list(csv.DictReader(io.StringIO(text)))

    every = rows(",".join(COLUMNS))
    assert {name for names in export.MORE.values() for name in names} <= set(every[0])
    page = client.get(f"/p/ATLAS/plan/?cols={','.join(COLUMNS)}").context["lines"]
    seen = {line.cells["code"]: line.cells for line in page if line.pk}
    for row in every:
        cells = seen[row["activity"]]
        for name in ("predecessors", "resources", "calendar"):
            assert row[name] == cells[name]
    assert any(row["predecessors"] for row in every)
    assert "days_against_baseline" in rows("")[0] and "predecessors" not in rows("")[0]  # as the overview
    book = client.get("/p/ATLAS/plan/export.xlsx?cols=predecessors,constraint")
    assert book.status_code == 200
