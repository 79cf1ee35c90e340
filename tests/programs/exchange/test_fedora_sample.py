"""The Fedora 20 release plan: our dates against those that TaskJuggler computed (see samples/fedora20/README.md)."""

from __future__ import annotations

import csv
import runpy
from dataclasses import dataclass
from datetime import UTC, timedelta
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from programs.engine.critical_path import schedule
from programs.engine.result import Schedule
from programs.exchange.draft import SUMMARY, ActivityDraft, Draft, from_wall, wall
from programs.exchange.network import Network, network_of, rules_for
from programs.exchange.sandbox import read_folder
from tests.shared import shared

ROOT = Path(__file__).resolve().parents[3]
SAMPLE = ROOT / "samples" / "fedora20"
NEW_YORK = ZoneInfo("America/New_York")


def test_the_sample_is_read_without_a_problem() -> None:
    read = read_folder(SAMPLE)
    assert read.problems == []
    assert (len(read.draft.activities), read.totals.activities, read.totals.dependencies) == (414, 380, 367)
    assert "Permission is hereby granted" in (SAMPLE / "NOTICE").read_text(encoding="utf-8")


def test_the_sample_is_what_its_tool_makes_of_the_source(tmp_path: Path) -> None:
    source = shared("11_release_plan_fedora20/f-20.tjp")
    tool = runpy.run_path(str(ROOT / "tools" / "make_fedora_sample.py"))
    tool["main"](source, shared("11_release_plan_fedora20/f-20_schedule_by_taskjuggler.csv"), tmp_path)
    made = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert made == {path.name: path.read_bytes() for path in SAMPLE.glob("*.csv")}


@dataclass
class TaskJuggler:
    """TaskJuggler's clock times, worked out from its conventions over the sample's links.

    A task begins at the very instant at which the last of its predecessors (and their gaps) ended, be it in the
    evening; a gap or length of working time ends in the evening; counted backwards it begins in the morning; time
    on the clock is real time, also across a change to winter time. Milestones have no calendar.
    """

    draft: Draft
    network: Network

    def __post_init__(self) -> None:
        self._known: dict[str, tuple[int, int]] = {}
        self.week = self.network.plan.calendars[0]

    @cached_property
    def activities(self) -> dict[str, ActivityDraft]:
        return {activity.code: activity for activity in self.draft.activities}

    def times(self, code: str) -> tuple[int, int]:
        """Start and end in wall minutes."""
        if code not in self._known:
            activity = self.activities[code]
            inside = [a.code for a in self.draft.activities if a.parent == code]
            if activity.kind == SUMMARY:
                self._known[code] = (
                    min(self.times(c)[0] for c in inside),
                    max(self.times(c)[1] for c in inside),
                )
            else:
                self._known[code] = self._leaf(activity)
        return self._known[code]

    def _leaf(self, activity: ActivityDraft) -> tuple[int, int]:
        groups, above = {activity.code}, activity.parent
        while above:
            groups.add(above)
            above = self.activities[above].parent
        links = [d for d in self.draft.dependencies if d.to_activity in groups]
        backwards = [d for d in links if d.type == "SF"]
        if backwards:
            end = min(self._before(self.times(d.from_activity)[0], -d.lag) for d in backwards)
            on_the_clock = activity.calendar == "24-hours"
            return _later(end, -activity.duration) if on_the_clock else self._before(
                end, activity.duration
            ), end
        starts = [
            self.draft.projects[0].start or 0,
            *([activity.constraint_date] if activity.constraint_date else []),
        ]
        for link in links:
            ended = self.times(link.from_activity)[1]
            starts.append(
                _later(ended, link.lag) if link.lag_unit == "elapsed" else self._after(ended, link.lag)
            )
        start = max(starts)
        if activity.calendar == "24-hours":
            return start, _later(start, activity.duration)
        return start, self._after(start, activity.duration)

    def _after(self, at: int, minutes: int) -> int:
        return self.week.finish_time(self.week.work_at(at) + minutes) if minutes else at

    def _before(self, at: int, minutes: int) -> int:
        return self.week.start_time(self.week.work_at(at) - minutes) if minutes else at


def _later(at: int, minutes: int) -> int:
    real = from_wall(at).replace(tzinfo=NEW_YORK).astimezone(UTC) + timedelta(minutes=minutes)
    return wall(real.astimezone(NEW_YORK).replace(tzinfo=None))


@pytest.fixture(scope="module")
def plan() -> tuple[Draft, Network, Schedule]:
    draft = read_folder(SAMPLE).draft
    network = network_of(draft)
    return draft, network, schedule(network.plan, rules_for(draft))


@pytest.fixture(scope="module")
def printed() -> dict[str, tuple[str, str]]:
    """TaskJuggler's days, start and end, by task path."""
    with shared("11_release_plan_fedora20/f-20_schedule_by_taskjuggler.csv").open(encoding="utf-8") as rows:
        return {row["task_id"]: (row["start"], row["end"]) for row in csv.DictReader(rows)}


ON_THE_CLOCK = {
    f"f20.elections.{name}"
    for name in [
        "collect_answers",
        "present_answers",
        "town_hall",
        "voting_application",
        "voting",
        "announce_results",
    ]
}


@pytest.mark.proof
def test_days_agree_with_taskjuggler_for_410_of_414_tasks(
    plan: tuple[Draft, Network, Schedule], printed: dict[str, tuple[str, str]]
) -> None:
    draft, network, computed = plan
    other = set()
    for at, activity in enumerate(draft.activities):
        calendar = network.plan.calendars[network.plan.calendar[at]]
        for ours, theirs in zip(
            (computed.early_start[at], computed.early_finish[at]), printed[activity.notes], strict=True
        ):
            work = calendar.work_at(ours)
            names = {
                from_wall(t).date().isoformat()
                for t in (calendar.start_time(work), calendar.finish_time(work))
            }
            if theirs not in names:
                other.add(activity.notes)
    assert other == {
        "f20.TestingPhase.alpha",
        "f20.elections.collect_answers",
        "f20.elections.present_answers",
        "f20.elections.question_deadline",
    }


@pytest.mark.proof
def test_to_the_minute_the_same_point_in_working_time_for_408_of_414_tasks(
    plan: tuple[Draft, Network, Schedule], printed: dict[str, tuple[str, str]]
) -> None:
    draft, network, computed = plan
    theirs = TaskJuggler(draft, network)
    unlike_printed, unlike_ours = set(), set()
    for at, activity in enumerate(draft.activities):
        start, end = theirs.times(activity.code)
        if tuple(from_wall(t).date().isoformat() for t in (start, end)) != printed[activity.notes]:
            unlike_printed.add(activity.notes)
        work = network.plan.calendars[network.plan.calendar[at]].work_at
        if (work(start), work(end)) != (work(computed.early_start[at]), work(computed.early_finish[at])):
            unlike_ours.add(activity.notes)
    assert unlike_printed == {"f20.TestingPhase.alpha"}
    assert unlike_ours == ON_THE_CLOCK
