"""Real plans: read without loss, and scheduled to the dates that other tools computed for them."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import datetime
from pathlib import Path
from xml.etree import ElementTree

import pytest

from programs.engine.critical_path import schedule
from programs.exchange.draft import SUMMARY, wall
from programs.exchange.network import network_of, rules_for
from programs.exchange.sandbox import Read, read_folder, read_path
from tests.shared import shared

NS = "{http://schemas.microsoft.com/project}"


def test_the_insurers_program_is_read_whole_and_without_a_problem() -> None:
    read = read_folder(shared("01_dslib_real_projects/it_programme_insurer"))
    totals = read.totals
    assert (read.problems, read.acceptable) == ([], True)
    assert (len(totals.projects), totals.activities, totals.dependencies) == (10, 515, 535)
    assert (totals.resources, totals.status_dates, totals.progress_rows) == (130, 44, 2434)
    assert (totals.planned_cost, totals.currency) == ("1115847.3684", "EUR")
    assert (totals.first_date, totals.last_date) == ("2013-04-19T08:00", "2014-10-13T08:00")


def test_the_insurers_actual_cost_by_project_is_the_published_one() -> None:
    folder = shared("01_dslib_real_projects/it_programme_insurer")
    read = read_folder(folder)
    with (folder / "projects.csv").open(encoding="utf-8") as rows:
        stated = {row["project_id"]: float(row["final_actual_cost"]) for row in csv.DictReader(rows)}
    assert {p.project: round(float(p.actual_cost), 2) for p in read.totals.projects} == stated


@pytest.mark.proof
@pytest.mark.parametrize(("name", "rows"), [("schedule_only_cpm", 162), ("other_it_projects", 41)])
def test_every_published_early_and_late_hour_float_and_critical_mark_is_reproduced(
    name: str, rows: int
) -> None:
    folder = shared(f"01_dslib_real_projects/{name}")
    draft = read_folder(folder).draft
    network = network_of(draft)
    computed = schedule(network.plan, rules_for(draft))
    at = {key: i for i, key in enumerate(network.keys)}
    wrong, compared = [], 0
    with (folder / "expected/cpm.csv").open(encoding="utf-8") as expected:
        for row in csv.DictReader(expected):
            i = at[row["project_id"], row["activity_id"]]
            work = network.plan.calendars[network.plan.calendar[i]]
            start = network.plan.projects[network.plan.project[i]].start
            dates = (computed.early_start, computed.early_finish, computed.late_start, computed.late_finish)
            ours = [work.between(start, each[i]) / 60 for each in dates]
            ours += [computed.total_float[i] / 60, computed.on_longest_path[i]]
            names = [
                "early_start_h",
                "early_finish_h",
                "late_start_h",
                "late_finish_h",
                "total_float_h",
                "critical",
            ]
            compared += 1
            if ours != [float(row[column]) for column in names]:
                wrong.append((row["project_id"], row["activity_id"], ours))
    assert (wrong, compared) == ([], rows)


@pytest.mark.proof
@pytest.mark.parametrize(
    ("name", "count"), [("it_programme_insurer", 10), ("other_it_projects", 3), ("schedule_only_cpm", 8)]
)
def test_every_projects_published_length_of_its_critical_path_is_reproduced(name: str, count: int) -> None:
    folder = shared(f"01_dslib_real_projects/{name}")
    draft = read_folder(folder).draft
    plan = network_of(draft).plan
    finish = schedule(plan, rules_for(draft)).project_finish
    ours = {
        each.code: plan.calendars[project.calendar].between(project.start, end) / 60
        for each, project, end in zip(draft.projects, plan.projects, finish, strict=True)
    }
    with (folder / "projects.csv").open(encoding="utf-8") as rows:
        stated = {row["project_id"]: float(row["cpm_duration_hours"]) for row in csv.DictReader(rows)}
    assert ours == stated
    assert len(ours) == count


def test_every_ms_project_file_is_read_without_refusal() -> None:
    files = sorted(shared("plans").glob("ms*.xml")) + sorted(shared("12_exchange_formats").glob("*mspdi.xml"))
    assert len(files) == 19
    for file in files:
        read = read_path(file)
        assert (file.name, read.errors, read.draft.unknown) == (file.name, 0, [])
        with_rows = ElementTree.parse(file).getroot().findall(f"{NS}Tasks/{NS}Task")  # noqa: S314 our own data
        own = [t for t in with_rows if t.findtext(f"{NS}UID") != "0" and t.findtext(f"{NS}IsNull") != "1"]
        assert len(read.draft.activities) == len(own)


def test_task_links_of_every_kind_and_costs_come_out_of_the_exchange_files() -> None:
    read = read_path(shared("12_exchange_formats/task-links-project2019-mspdi.xml"))
    assert Counter((d.type, d.lag_unit) for d in read.draft.dependencies) == {
        ("FS", "working"): 5,
        ("SS", "working"): 1,
        ("FF", "working"): 1,
        ("SF", "working"): 1,
    }
    assert sorted({d.lag for d in read.draft.dependencies}) == [0, 480, 960, 2400, 4800]
    assert (
        len(read_path(shared("12_exchange_formats/task-costs-project2019-mspdi.xml")).draft.activities) == 10
    )


# What each file stores: (dates and slacks compared, of them reproduced). Gold and silver files whole; the two files
# of manual tasks in their early dates only: MS Project gives a manual task late dates, our must-start-on pins it.
STORED = {
    "mspc_mp_j120_a2_nr5_AgentCopp3.xml": 1283,
    "mspc_mp_j30_a2_nr5.xml": 331,
    "mspc_mp_j30_a5_nr1.xml": 858,
    "mspc_mp_j90_a2_nr5.xml": 965,
    "mspc_sf259_baselines.xml": 64,
    "mspc_cost_rollup.xml": 28,
    "msp_task_links_2003.xml": 96,
    "msp_task_links_2007.xml": 96,
    "msp_task_links_2013.xml": 96,
    "msp_relations.xml": 30,
    "msp_caltest.xml": 18,
}
EARLY_ONLY = {"msp_task_links_2016.xml": 32, "msp_task_links_2019.xml": 32, "msp_durations.xml": 20}


@pytest.mark.proof
@pytest.mark.parametrize("name", [*STORED, *EARLY_ONLY])
def test_every_date_and_slack_that_ms_project_stored_is_reproduced(name: str) -> None:
    path = shared(f"plans/{name}")
    wrong, compared = _differences(path, read_path(path), early_only=name in EARLY_ONLY)
    assert wrong == []
    assert compared == (STORED | EARLY_ONLY)[name]


def _differences(path: Path, read: Read, *, early_only: bool) -> tuple[list[tuple[str, str, str]], int]:
    """Stored values that differ from ours by more than a minute of working time, and how many were compared."""
    network = network_of(read.draft)
    computed = schedule(network.plan, rules_for(read.draft))
    at = {code: i for i, (_, code) in enumerate(network.keys)}
    dates = {"EarlyStart": computed.early_start, "EarlyFinish": computed.early_finish}
    slacks: dict[str, list[int]] = {}
    if not early_only:
        dates |= {"LateStart": computed.late_start, "LateFinish": computed.late_finish}
        slacks = {"TotalSlack": computed.total_float, "FreeSlack": computed.free_float}
    wrong, compared = [], 0
    for task in ElementTree.parse(path).getroot().iter(f"{NS}Task"):  # noqa: S314 our own data
        i = at.get(task.findtext(f"{NS}UID", ""))
        if i is None or read.draft.activities[i].kind == SUMMARY:
            continue
        work = network.plan.calendars[network.plan.calendar[i]].work_at
        for tag, ours in (dates | slacks).items():
            stored = task.findtext(f"{NS}{tag}")
            if not stored:
                continue
            compared += 1
            off = (
                work(wall(datetime.fromisoformat(stored))) - work(ours[i])
                if tag in dates
                else int(stored) / 10 - ours[i]
            )
            if abs(off) > 1:
                wrong.append((network.keys[i][1], tag, stored))
    return wrong, compared
