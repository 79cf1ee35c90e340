#!/usr/bin/env python3
"""Mutation testing of the modules where a wrong sign costs money: change one thing, and see whether a test notices.

`tools/mutate.py` runs every mutant of every module in `SUBJECTS`, `tools/mutate.py pmo/money.py` those of one;
`--jobs 4` at a time, for `--minutes 60` at most: what was not measured by then is named, and is a fault too.
Nothing on disk is changed: each mutant is a forked process in which the module is loaded from the changed source. A
mutant that lives is printed with its line and the change. Those that change nothing that anybody could notice stand in
`tools/equivalent_mutants.toml`, each with its reason; they are run like the others, and one that is killed after all,
or no longer occurs, is a fault. Exit code 1 for any fault, and when fewer than 95 % of a module's other mutants are
killed. What is changed and what has to notice: `subjects.py`; how: `changes.py`, `forks.py`, `sieve.py`.
"""

from __future__ import annotations

import argparse
import os
import sys
import time

from forks import ROOT, compiled_once
from sieve import OutOfTime, Score, equivalents, run
from subjects import SUBJECTS

NEEDED = 0.95  # fraction killed, of those that are not equivalent


def main() -> int:
    """Run what was asked for, print a line for each module, and what survived."""
    asked = argparse.ArgumentParser(description="Change one thing, and see whether a test notices.")
    asked.add_argument("modules", nargs="*", metavar="MODULE", help="one of " + ", ".join(SUBJECTS))
    asked.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)), help="mutants at a time")
    asked.add_argument(
        "--minutes", type=float, default=float("inf"), help="by the clock, for everything together"
    )
    given = asked.parse_args()
    for module in given.modules:
        if module not in SUBJECTS:
            asked.error(f"no tests are named for {module}")
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    same = equivalents()
    scores: list[Score] = []
    until, wanted = time.monotonic() + 60 * given.minutes, list(given.modules or SUBJECTS)
    with compiled_once():
        for module in wanted:
            try:
                score = run(module, SUBJECTS[module], same.get(module, set()), max(1, given.jobs), until)
            except OutOfTime:
                break
            scores.append(score)
            print(score, *score.faults, sep="\n", flush=True)
    if len(scores) > 1:
        parts = [
            sum(getattr(one, name) for one in scores) for name in ("killed", "total", "equivalent", "seconds")
        ]
        whole = Score("together", parts[1], parts[2], parts[0], parts[3])
        print(whole)
    if late := wanted[len(scores) :]:
        print(f"Out of time after {given.minutes:g} minutes. Not measured: {', '.join(late)}.")
    wrong = bool(late) or any("called equivalent" in fault for one in scores for fault in one.faults)
    return int(wrong or any(one.share < NEEDED for one in scores))


if __name__ == "__main__":
    sys.exit(main())
