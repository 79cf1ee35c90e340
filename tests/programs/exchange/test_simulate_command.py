"""`manage.py simulate`, and its figures beside those that another tool published for the same real projects."""

from __future__ import annotations

import csv
import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from programs.engine.monte_carlo import Shape, simulate
from programs.engine.plan import LatestFinish
from programs.exchange.network import network_of, rules_for
from programs.exchange.sandbox import read_folder
from programs.management.commands.simulate import spreads
from tests.shared import shared

from .bundles import GOOD, as_bytes, zipped

ROOT = Path(__file__).resolve().parents[3]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own; no database can be reached from it."""
    environment = os.environ | {"DATABASE_URL": "postgres://nobody@127.0.0.1:1/none"}
    command = [sys.executable, str(ROOT / "manage.py"), "simulate", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False, timeout=120)


def test_a_zip_becomes_one_row_per_activity_with_percentiles_in_order(tmp_path: Path) -> None:
    (tmp_path / "plan.zip").write_bytes(zipped(as_bytes(GOOD)))
    asked = (str(tmp_path / "plan.zip"), "--csv", "--seed", "5", "--iterations", "400")
    done = run(*asked)
    assert (done.returncode, done.stderr) == (0, "")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert list(rows[0])[:8] == ["project", "activity", "planned_finish", "p10", "p50", "p80", "p90", "mean"]
    assert [row["activity"] for row in rows] == ["N1", "N2", "N3", "A1", "A2"]
    for row in rows:
        assert row["p10"] <= row["p50"] <= row["p80"] <= row["p90"]
    assert any(row["p10"] < row["p90"] for row in rows)
    assert run(*asked).stdout == done.stdout


def test_without_a_spread_every_percentile_is_the_planned_date() -> None:
    done = run(str(ROOT / "samples" / "fedora20"), "--csv", "--spread", "1,1,1", "--iterations", "5")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert len(rows) == 380
    for row in rows:
        assert {row[name] for name in ("p10", "p50", "p80", "p90", "mean")} == {row["planned_finish"]}
        assert float(row["criticality"]) in (0, 1)


def test_without_csv_it_says_how_sure_the_planned_date_is() -> None:
    done = run(str(ROOT / "samples" / "fedora20"), "--iterations", "300", "--spread", "0.9,1,2")
    assert done.stdout.startswith("F20: planned 29 Nov 2013 (")
    assert "300 runs, seed 1" in done.stdout
    assert "0 durations with a range of their own, " in done.stdout


def test_wrong_wishes_are_refused_in_a_sentence() -> None:
    sample = str(ROOT / "samples" / "fedora20")
    assert "give three numbers, such as 0.8,1,1.5" in run(sample, "--spread", "wide").stderr
    assert "ascending order" in run(sample, "--spread", "2,1,3").stderr
    refused = run(sample, "--iterations", "0")
    assert refused.returncode == 1
    assert "The plan cannot be simulated: 0 runs: give a number from 1 to 1,000,000." in refused.stderr


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.proof
@pytest.mark.parametrize("name", ["it_programme_insurer", "other_it_projects", "schedule_only_cpm"])
def test_p50_p80_and_criticality_are_those_that_another_tool_published(name: str) -> None:
    folder = shared(f"01_dslib_real_projects/{name}")
    draft = read_folder(folder).draft
    network = network_of(draft)
    ranges, given = spreads(draft, Shape.TRIANGULAR, (1, 1, 1))
    assert given > 100
    told = simulate(
        network.plan, rules_for(draft, LatestFinish.EACH_PROJECT), uncertainty=ranges, iterations=4000, seed=2
    )
    place = {project.code: at for at, project in enumerate(draft.projects)}
    published = _rows(folder / "expected/monte_carlo.csv")
    compared = 0
    for row in published:
        if row["usable_as_oracle"] != "1":
            continue
        p = place[row["project_id"]]
        frame = network.plan.projects[p]
        calendar = network.plan.calendars[frame.calendar]
        for percent in (50, 80):
            hours = calendar.between(frame.start, int(told.projects[p].at(percent))) / 60
            assert hours == pytest.approx(float(row[f"protrack_p{percent}"]), rel=0.02), row["project_id"]
        compared += 1
    assert compared >= {"it_programme_insurer": 5, "other_it_projects": 1, "schedule_only_cpm": 5}[name]
    ours = {
        network.keys[a.activity]: a.criticality for a in told.activities if a.activity < len(network.keys)
    }
    apart: dict[str, list[float]] = {}
    for row in _rows(folder / "expected/criticality.csv"):
        key = (row["project_id"], row["activity_id"])
        if row["protrack_criticality_index"]:
            apart.setdefault(key[0], []).append(abs(ours[key] - float(row["protrack_criticality_index"])))
    for row in published:
        if row["usable_as_oracle"] == "1":
            gaps = apart[row["project_id"]]
            assert sum(gaps) / len(gaps) <= 0.03, row["project_id"]
            assert sum(gap > 0.15 for gap in gaps) <= 1, row["project_id"]


def test_a_table_with_our_headings_is_simulated(tmp_path: Path) -> None:
    table = tmp_path / "north.csv"
    table.write_text("code,name,duration,start,predecessors\n1,Survey,2d,2027-01-04,\n2,Dig,3d,,1\n")
    done = run(str(table), "--csv", "--iterations", "100")
    assert (done.returncode, done.stderr) == (0, "")
    assert [row["activity"] for row in csv.DictReader(io.StringIO(done.stdout))] == ["1", "2"]
