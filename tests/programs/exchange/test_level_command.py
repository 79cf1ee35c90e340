"""`manage.py level`: a plan file that its people can carry out, from the command line, without a database."""

from __future__ import annotations

import csv
import io
import os
import subprocess
import sys
from argparse import ArgumentTypeError
from pathlib import Path

import pytest
from django.core.management.base import CommandError

from programs.engine.critical_path import schedule
from programs.engine.levelling import check, level
from programs.engine.levelling.axis import one_calendar
from programs.engine.levelling.plans import of_plan
from programs.exchange.levelling import Supply, supply_of
from programs.exchange.network import network_of, rules_for
from programs.exchange.neutral import dumps_in
from programs.exchange.sandbox import read_path
from programs.management.commands.level import Command, Finding, seconds
from tests.shared import shared

from .bundles import as_bytes, zipped

ROOT = Path(__file__).resolve().parents[3]
CREW = {
    "program.csv": "code,name,currency,time_zone\nP,Cabling,EUR,Europe/Brussels\n",
    "projects.csv": "project_id,name,hours_per_day,start\nP,Cabling,8,2027-01-04T08:00\n",
    "calendars.csv": (
        "project_id,calendar_id,working_hours,non_working_weekdays_mon0,holidays\n"
        "P,,8 9 10 11 13 14 15 16,5 6,\n"
    ),
    "activities.csv": (
        "project_id,kind,activity_id,wbs,name,duration_hours\n"
        "P,activity,A,1,Dig,16\nP,activity,B,2,Lay,24\nP,activity,C,3,Test,8\nP,milestone,M,4,Laid,0\n"
    ),
    "dependencies.csv": "project_id,from_activity,to_activity,type\nP,A,C,FS\nP,B,M,FS\n",
    "resources.csv": "project_id,resource_id,name,type,availability\n,crew,Crew,renewable,1\n,van,Van,renewable,0\n",
    "assignments.csv": "project_id,activity_id,resource_id,units\nP,A,crew,1\nP,B,crew,1\nP,C,van,1\n",
}


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own; no database can be reached from it."""
    environment = os.environ | {"DATABASE_URL": "postgres://nobody@127.0.0.1:1/none"}
    command = [sys.executable, str(ROOT / "manage.py"), "level", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False, timeout=120)


def levelled(path: Path) -> Finding:
    """The same within this process."""
    read = read_path(path)
    assert read.acceptable, read.problems
    network = network_of(read.draft)
    return Finding.of(network.plan, rules_for(read.draft), network.keys, supply_of(read.draft), None, seed=1)


def bundle(folder: Path, **changes: tuple[str, str]) -> Path:
    """The crew's plan as a zip, in named files one text replaced by another."""
    files = dict(CREW)
    for name, (old, new) in changes.items():
        assert old in files[f"{name}.csv"]
        files[f"{name}.csv"] = files[f"{name}.csv"].replace(old, new)
    path = folder / "crew.zip"
    path.write_bytes(zipped(as_bytes(files)))
    return path


def test_the_crew_digs_first_and_the_delay_says_whom_it_waits_for(tmp_path: Path) -> None:
    done = run(str(bundle(tmp_path)), "--csv", "--seconds", "1", "--seed", "7")
    assert done.returncode == 0, done.stderr
    dig, lay, test, laid = csv.DictReader(io.StringIO(done.stdout))
    assert (dig["start"], dig["finish"], dig["delay_minutes"]) == (
        "2027-01-04T08:00",
        "2027-01-05T17:00",
        "0",
    )
    assert (lay["start_before"], lay["start"]) == ("2027-01-04T08:00", "2027-01-06T08:00")
    assert (lay["delay_minutes"], lay["resource"]) == ("960", "crew")
    assert (lay["waits_from"], lay["held_by"]) == ("2027-01-04T08:00", "P A")
    assert (test["start_before"], test["start"], test["resource"]) == (*["2027-01-06T08:00"] * 2, "")
    assert (laid["finish"], laid["predecessor"], laid["resource"]) == ("2027-01-08T17:00", "P B", "")
    assert "note: Without available units, so not levelled: van." in done.stderr
    assert (
        "P: finish 2027-01-08T17:00, before levelling 2027-01-06T17:00; 2 of 4 activities begin later"
        in done.stderr
    )
    assert "makespan 2,400 working minutes, lower bound 2,400, gap 0.0% (no plan is shorter)" in done.stderr
    assert "seed 7" in done.stderr


def test_without_resources_the_dates_are_those_of_the_schedule_to_the_minute() -> None:
    found = levelled(ROOT / "samples" / "fedora20")
    rows = found.rows()
    assert len(rows) == 380
    assert all(row[2:4] == row[4:6] and not row[6] for row in rows)
    assert found.summary(None)[0].endswith("0 of 380 activities begin later")


def test_who_needs_more_than_there_is_gets_all_of_it_and_it_is_said(tmp_path: Path) -> None:
    found = levelled(bundle(tmp_path, assignments=("B,crew,1", "B,crew,2.5")))
    assert "P B needs 2.5 of crew, of which there is 1: it gets all of it." in found.supply.notes
    assert found.rows()[1][4] == "2027-01-06T08:00"


def test_half_a_crew_each_may_work_side_by_side(tmp_path: Path) -> None:
    found = levelled(bundle(tmp_path, assignments=("crew,1", "crew,0.5")))
    assert not any(row[6] for row in found.rows())


def test_what_must_start_on_a_date_stays_and_the_other_waits(tmp_path: Path) -> None:
    text = CREW["activities.csv"]
    head, dig, lay, *rest = text.splitlines()
    dated = [f"{head},constraint,constraint_date", f"{dig},,", f"{lay},MSO,2027-01-04T08:00"]
    found = levelled(
        bundle(tmp_path, activities=(text, "\n".join([*dated, *(f"{row},," for row in rest), ""])))
    )
    assert [row[4] for row in found.rows()[:2]] == ["2027-01-07T08:00", "2027-01-04T08:00"]


def test_wrong_wishes_are_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ArgumentTypeError, match="give a number of seconds"):
        seconds("long")
    with pytest.raises(ArgumentTypeError, match="more than 0"):
        seconds("0")
    with pytest.raises(CommandError, match=r"nowhere\.xml: cannot be read"):
        Command().handle(path=str(tmp_path / "nowhere.xml"), csv=True, seconds=None, seed=1, source=[])


@pytest.mark.parametrize(
    "name", ["mspc_mp_j30_a5_nr1.xml", "msp_sample.xml", "p6_small_sample.xer", "p6_task_se_sample.xer"]
)
def test_plans_of_other_tools_are_levelled_so_that_the_checker_finds_nothing(name: str) -> None:
    found = levelled(shared(f"plans/{name}"))
    assert check(found.problem, found.after.start, found.after.finish) == []
    assert all(row[6] >= 0 for row in found.rows())


def test_ten_projects_with_the_same_hours_are_levelled_on_one_axis() -> None:
    read = read_path(shared("01_dslib_real_projects/it_programme_insurer"))
    network, supply = network_of(read.draft), supply_of(read.draft)
    dates = schedule(network.plan, rules_for(read.draft))
    problem, members = of_plan(network.plan, dates, supply.demand, supply.capacity)
    assert len(network.plan.calendars) == 10
    assert one_calendar(problem)
    found = level(problem)
    assert check(problem, found.start, found.finish) == []
    assert all(dates.early_start[i] <= at for i, at in zip(members, found.start, strict=True))
    assert found.gap < 0.03


@pytest.mark.proof
def test_real_plans_without_resources_stay_where_their_tools_put_them_to_the_minute() -> None:
    dumps = dumps_in(shared("plans/neutral_dumps.zip")) or []
    for dump in dumps:
        if len(dump.keys) < 1000:
            found = Finding.of(dump.plan, dump.rules, dump.keys, Supply(), None, seed=1)
            assert all(row[2:4] == row[4:6] for row in found.rows()), dump.keys[0]
    assert len(dumps) > 10
