"""The runs one after the other by `schedule` itself: for what the sweep does not do, and to check what it does."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from programs.engine.critical_path import schedule
from programs.engine.plan import Plan, Progress, Rules
from programs.engine.risk_sweep import Block


class EachRun:
    """Schedules every run anew: right for whatever `schedule` can do, and some hundred times slower than the sweep."""

    def __init__(self, plan: Plan, rules: Rules, rows: list[int]) -> None:
        self.plan, self.rules, self.varying = plan, rules, rows
        self.rows = np.arange(len(plan.duration))

    def run(self, lengths: npt.NDArray[np.int32]) -> Block:
        """As `Sweep.run`; every finish is a row."""
        runs, count = lengths.shape[1], len(self.plan.duration)
        finish = np.empty((count, runs), np.int32)
        projects = np.empty((len(self.plan.projects), runs), np.int64)
        critical = np.zeros(count, np.int64)
        work_at = [self.plan.calendars[c].work_at for c in self.plan.calendar]
        for run in range(runs):
            result = schedule(self.sampled(lengths[:, run].tolist()), self.rules)
            finish[:, run] = [at(t) for at, t in zip(work_at, result.early_finish, strict=True)]
            projects[:, run] = result.project_finish
            critical += np.array(result.on_longest_path, np.int64)
        return Block(finish, projects, critical)

    def sampled(self, lengths: list[int]) -> Plan:
        """The plan of one run, from the lengths that the passes are to give the varying activities."""
        plan = self.plan
        settled = self.rules.progress is Progress.ACTUAL_DATES
        duration = list(plan.duration)
        remaining = list(plan.remaining) or [None] * len(duration)
        for i, length in zip(self.varying, lengths, strict=True):
            begun = bool(plan.actual_start) and plan.actual_start[i] is not None
            left = remaining[i]
            if begun and settled and left is not None:
                remaining[i] = length - (duration[i] - left)
            elif begun and not settled:
                remaining[i] = length
            if settled or not begun:
                duration[i] = length
        return replace(plan, duration=duration, remaining=remaining)
