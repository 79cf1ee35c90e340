"""A baseline freezes what is handed over with the dates and costs, and two of them say what differs in it."""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from pmo import commands
from programs.baselines import scoping, services
from programs.baselines.models import Baseline, BaselineScope
from programs.deliverables.models import Deliverable, Requirement
from programs.schedule import services as plans
from programs.schedule.models import Activity
from tests.cast import Office, everything, make_office
from tests.fresh import sign_in
from tests.warrants import write_warrant

pytestmark = pytest.mark.django_db
PATH = "/p/ATLAS/baselines/compare/scope/"


def handed_over(office: Office, code: str, *asks: str) -> None:
    made = Deliverable.objects.create(
        program=office.program, project=office.erp, code=code, name=f"<{code}>", due_on=date(2026, 6, 30)
    )
    for one in asks:
        Requirement.objects.create(
            program=office.program, deliverable=made, code=one, text=f"Does {one}", due_on=date(2026, 6, 1)
        )


@pytest.fixture
def office() -> Office:
    """The ledger (R-1, R-2) is to be handed over; one activity makes a plan."""
    office = make_office()
    with everything(office.program):
        Activity.objects.create(
            program=office.program,
            project=office.erp,
            code="A",
            name="Work",
            position=1,
            duration_minutes=480,
        )
        handed_over(office, "LEDGER", "R-1", "R-2")
    commands.run(plans.recompute, actor=office.program_manager, program=office.program)
    return office


def freeze(office: Office, number: str) -> Baseline:
    made: Baseline = commands.run(
        services.freeze, actor=office.chair, program=office.program, name=number,
        warrant=write_warrant(office.program, "baseline", number),
    )  # fmt: skip
    return made


def change(office: Office) -> None:
    """R-1 asks for more and later, and a training (R-3) is handed over, too."""
    with everything(office.program):
        asked = Requirement.objects.get(code="R-1")
        asked.text, asked.due_on = "Does R-1 twice", date(2026, 6, 9)
        asked.save()
        handed_over(office, "TRAINING", "R-3")


def get(office: Office, path: str, **query: Any) -> Any:
    client = Client()
    sign_in(client, office.auditor)
    return client.get(path, query)


CHANGED = [
    ("added", "TRAINING", "", "", "due 30 Jun 2026"),
    ("added", "TRAINING", "R-3", "", "due 1 Jun 2026"),
    ("due", "LEDGER", "R-1", "due 1 Jun 2026", "due 9 Jun 2026"),
    ("reworded", "LEDGER", "R-1", "Does R-1", "Does R-1 twice"),
]


def test_dates_money_and_scope_are_frozen_in_one_act_and_told_apart_from_now(office: Office) -> None:
    baseline = freeze(office, "D-1")
    assert (baseline.scope_kept, baseline.links_kept) == (3, 0)
    with everything(office.program):
        assert scoping.scoped(office.program, baseline, None).changes == []
    change(office)
    with everything(office.program):
        found = scoping.scoped(office.program, baseline, None).changes
        back = scoping.scoped(office.program, None, baseline).changes
    assert (
        sorted((one.what, one.deliverable, one.requirement, one.before, one.after) for one in found)
        == CHANGED
    )
    opposite = {"added": "removed", "removed": "added"}
    assert (
        sorted(
            (opposite.get(one.what, one.what), one.deliverable, one.requirement, one.after, one.before)
            for one in back
        )
        == CHANGED
    )


def test_two_baselines_tell_their_scope_by_page_file_and_api_alike(office: Office) -> None:
    first = freeze(office, "D-1")
    change(office)
    freeze(office, "D-2")
    page = get(office, PATH, a="B1", b="B2").content.decode()
    assert "4 differences" in page.replace("\xa0", " ").replace("\u202f", " ")
    assert "&lt;TRAINING&gt;" in page
    text = get(office, PATH, a="B1", b="B2", show="added", format="csv").getvalue().decode("utf-8-sig")
    assert [(row["deliverable"], row["requirement"]) for row in csv.DictReader(io.StringIO(text))] == [
        ("TRAINING", ""),
        ("TRAINING", "R-3"),
    ]
    api = get(office, f"/api/v1/programs/ATLAS/baselines/{first.pk}/compare-scope/", to="B2").json()
    assert api["counts"] == {"added": 2, "removed": 0, "reworded": 1, "due": 1}
    assert len(api["changes"]) == 4
    assert "Nothing differs" in get(office, PATH, a="B2", b="now").content.decode()
    assert "Scope →" in get(office, "/p/ATLAS/baselines/compare/", a="B1", b="B2").content.decode()


def test_a_baseline_that_came_with_an_import_says_that_it_keeps_no_scope(office: Office) -> None:
    with everything(office.program):
        lines = services.lines_of_plan(office.program)
    commands.run(
        services.record_imported,
        actor=office.program_manager,
        program=office.program,
        name="Old",
        lines=lines,
    )
    assert "B1 keeps no deliverables and requirements" in get(office, PATH, a="B1").content.decode()


def test_what_a_baseline_keeps_of_the_scope_is_neither_changed_nor_taken_out(office: Office) -> None:
    baseline = freeze(office, "D-1")
    with everything(office.program):
        rows = BaselineScope.objects.filter(baseline=baseline)
        assert rows.count() == 3
        for harm in (lambda: rows.update(name="x"), lambda: rows.delete()):
            with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
                harm()
