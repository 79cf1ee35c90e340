"""Two baselines hold their links against each other; an older one says that it keeps none."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from pmo import commands
from programs.baselines import linking, services
from programs.baselines.models import Baseline, BaselineLink
from programs.engine.compare_links import Tie, compare_links, compare_paths, compare_wishes
from programs.schedule import services as plans
from programs.schedule.models import Activity, Dependency
from tests.cast import Office, everything, make_office
from tests.fresh import sign_in
from tests.warrants import write_warrant

FS, LATE, SS = Tie("FS", 0, "working"), Tie("FS", 480, "working"), Tie("SS", 0, "working")


# ------------------------------------------------------------------ the engine
def test_links_are_added_removed_or_change_their_type_or_lag() -> None:
    found = compare_links(
        [("A", "B", FS), ("B", "C", FS), ("C", "D", FS), ("D", "E", FS)],
        [("D", "E", FS), ("A", "B", LATE), ("B", "C", SS), ("D", "F", FS)],
    )
    assert [(one.predecessor, one.successor, one.what) for one in found] == [
        ("A", "B", "lag"),
        ("B", "C", "type"),
        ("C", "D", "removed"),
        ("D", "F", "added"),
    ]


def test_one_of_two_links_between_the_same_two_is_held_against_its_own_kind() -> None:
    two = [("A", "B", FS), ("A", "B", SS)]
    assert compare_links(two, two[::-1]) == []
    (only,) = compare_links(two, two[1:])
    assert (only.what, only.before) == ("removed", FS)


def test_a_comparison_the_other_way_round_says_the_opposite() -> None:
    one, other = [("A", "B", FS), ("B", "C", LATE)], [("A", "B", SS), ("C", "D", FS)]
    forth, back = compare_links(one, other), compare_links(other, one)
    assert {(d.predecessor, d.successor, d.before, d.after) for d in forth} == {
        (d.predecessor, d.successor, d.after, d.before) for d in back
    }


def test_what_is_only_in_one_plan_has_no_other_constraint_or_path() -> None:
    assert compare_wishes({1: ("ASAP", None), 2: ("SNET", 5)}, {2: ("SNET", 6), 3: ("MSO", 1)}) == [
        (2, ("SNET", 5), ("SNET", 6))
    ]
    assert compare_paths({1: True, 2: False, 3: True}, {1: True, 2: True, 4: True}) == ([2], [])


# ------------------------------------------------------------------ baselines
@pytest.fixture
def office() -> Office:
    """A (5 days) before B (5 days) before the milestone D, and C (2 days) beside B."""
    office = make_office()
    made = {}
    with everything(office.program):
        for place, (code, days) in enumerate((("A", 5), ("B", 5), ("C", 2), ("D", 0))):
            made[code] = Activity.objects.create(
                program=office.program, project=office.erp, code=code, name=f"<{code}>", position=place,
                duration_minutes=480 * days, kind="task" if days else "finish_milestone",
            )  # fmt: skip
        for before, after in (("A", "B"), ("A", "C"), ("B", "D"), ("C", "D")):
            Dependency.objects.create(program=office.program, predecessor=made[before], successor=made[after])
    commands.run(plans.recompute, actor=office.program_manager, program=office.program)
    return office


def freeze(office: Office, number: str) -> Baseline:
    made: Baseline = commands.run(
        services.freeze, actor=office.chair, program=office.program, name=number,
        warrant=write_warrant(office.program, "baseline", number),
    )  # fmt: skip
    return made


def change(office: Office) -> None:
    """B waits a day more, C starts with A, C takes 9 days and must not start before the 12th, B no longer holds D."""
    with everything(office.program):
        at = {one.code: one.pk for one in Activity.objects.filter(program=office.program)}
        ends = {
            (one.predecessor_id, one.successor_id): one.pk
            for one in Dependency.objects.filter(program=office.program)
        }
    by = office.program_manager

    def edit(before: str, after: str, **changes: Any) -> None:
        commands.run(
            plans.edit_dependency,
            actor=by,
            dependency_id=ends[at[before], at[after]],
            changes=changes,
            version=None,
        )

    edit("A", "B", lag=480)
    edit("A", "C", kind="SS")
    commands.run(plans.remove_dependency, actor=by, dependency_id=ends[at["B"], at["D"]])
    commands.run(
        plans.edit_activity, actor=by, activity_id=at["C"], version=None,
        changes={
            "duration_minutes": 9 * 480, "constraint": "SNET", "constraint_at": datetime(2026, 1, 12, 8, tzinfo=UTC),
        },
    )  # fmt: skip


def get(office: Office, path: str, **query: Any) -> Any:
    client = Client()
    sign_in(client, office.auditor)
    return client.get(path, query)


@pytest.mark.django_db
def test_an_approved_baseline_keeps_its_links_and_tells_what_changed_since(office: Office) -> None:
    baseline = freeze(office, "D-1")
    assert baseline.links_kept == 4
    with everything(office.program):
        assert linking.linked(office.program, baseline, None).changes == []
    change(office)
    with everything(office.program):
        found = linking.linked(office.program, baseline, None)
    told = [(one.what, one.activity, one.before, one.after) for one in found.changes]
    assert told == [
        ("lag", "B", "FS", "FS +8 h"),
        ("type", "C", "FS", "SS"),
        ("removed", "D", "FS", ""),
        ("constraint", "C", "As soon as possible", "Start no earlier than 12 Jan 2026 08:00"),
        ("critical", "C", "not critical", "critical"),
        ("relaxed", "A", "critical", "not critical"),
        ("relaxed", "B", "critical", "not critical"),
    ]


@pytest.mark.django_db
def test_two_baselines_are_compared_by_page_file_and_api_alike(office: Office) -> None:
    first = freeze(office, "D-1")
    change(office)
    freeze(office, "D-2")
    path = "/p/ATLAS/baselines/compare/links/"
    page = get(office, path, a="B1", b="B2").content.decode().replace("\u202f", " ").replace("\xa0", " ")
    assert "7 differences" in page
    assert "&lt;B&gt;" in page
    assert "<B>" not in page
    text = get(office, path, a="B1", b="B2", show="type", format="csv").getvalue().decode("utf-8-sig")
    assert [(row["activity"], row["predecessor"]) for row in csv.DictReader(io.StringIO(text))] == [
        ("C", "ERP-FIN/A <A>")
    ]
    api = get(office, f"/api/v1/programs/ATLAS/baselines/{first.pk}/compare-links/", to="B2").json()
    assert api["counts"] == {
        "added": 0, "removed": 1, "type": 1, "lag": 1, "constraint": 1, "critical": 1, "relaxed": 2,
    }  # fmt: skip
    assert [one["what"] for one in api["changes"]].count("relaxed") == 2
    assert "Nothing differs" in get(office, path, a="B2", b="now").content.decode()
    assert (
        "Links and constraints" in get(office, "/p/ATLAS/baselines/compare/", a="B1", b="B2").content.decode()
    )


@pytest.mark.django_db
def test_a_baseline_without_links_says_so_instead_of_that_all_were_added(office: Office) -> None:
    with everything(office.program):
        lines = services.lines_of_plan(office.program)
    commands.run(
        services.record_imported,
        actor=office.program_manager,
        program=office.program,
        name="Old",
        lines=lines,
    )
    page = get(office, "/p/ATLAS/baselines/compare/links/", a="B1").content.decode()
    assert "B1 keeps no links, constraints or critical path" in page
    with everything(office.program):
        pk = Baseline.objects.get(number=1).pk
    api = get(office, f"/api/v1/programs/ATLAS/baselines/{pk}/compare-links/").json()
    assert api["keeps_none"].startswith("B1 keeps no links")
    assert api["changes"] == []


@pytest.mark.django_db
def test_links_of_a_baseline_are_neither_changed_nor_taken_out(office: Office) -> None:
    baseline = freeze(office, "D-1")
    with everything(office.program):
        rows = BaselineLink.objects.filter(baseline=baseline)
        assert rows.count() == 4
        for harm in (lambda: rows.update(lag=5), lambda: rows.delete()):
            with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
                harm()
