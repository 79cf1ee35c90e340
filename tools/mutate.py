#!/usr/bin/env python3
"""Mutation testing of the modules where a wrong sign costs money: change one thing, and see whether a test notices.

`tools/mutate.py` runs every mutant of every module in `SUBJECTS`, `tools/mutate.py pmo/money.py` those of one;
`--jobs 4` at a time, for `--minutes 60` at most: what was not measured by then is named, and is a fault too.
Nothing on disk is changed: each mutant is a forked process in which the module is loaded from the changed source. A
mutant that lives is printed with its line and the change. Those that change nothing that anybody could notice stand in
`tools/equivalent_mutants.toml`, each with its reason; they are run like the others, and one that is killed after all,
or no longer occurs, is a fault. Exit code 1 for any fault, and when fewer than 95 % of a module's other mutants are
killed.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import importlib.abc
import importlib.util
import os
import resource
import signal
import sys
import time
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

from changes import Mutant, mutants

ROOT = Path(__file__).resolve().parent.parent
NEEDED = 0.95  # fraction killed, of those that are not equivalent
FEW, MANY = (
    15,
    100,
)  # examples of each property: few first, then as many as the test run has for what survived them
SPARE = 10  # a mutant may take so many times the CPU of the unchanged module, and at least so many seconds
# Neither Django nor the fixtures of those who need a database: pure modules have pure tests.
ALONE = ["-x", "-q", "-c", os.devnull, "--rootdir", ".", "--import-mode=importlib", "--noconftest"] + [
    f"-pno:{plugin}" for plugin in ("django", "xdist", "cacheprovider", "playwright")
]
ENGINE = "tests/finance/engine"
# Module -> the tests that must notice. Pure modules only: no mutant needs a database.
SUBJECTS = {
    "pmo/money.py": ["tests/pmo/test_money.py"],
    "finance/engine/appraisal.py": [f"{ENGINE}/test_appraisal.py"],
    "finance/engine/capitalisation.py": [f"{ENGINE}/test_capitalisation.py"],
    "finance/engine/clause_kinds.py": [f"{ENGINE}/test_conformity.py"],
    "finance/engine/clause_rules.py": [f"{ENGINE}/test_conformity.py"],
    "finance/engine/columns.py": [f"{ENGINE}/test_columns.py"],
    "finance/engine/conformity.py": [f"{ENGINE}/test_conformity.py"],
    "finance/engine/credibility.py": [f"{ENGINE}/test_credibility.py"],
    "finance/engine/depreciation.py": [f"{ENGINE}/test_depreciation.py"],
    "finance/engine/earned_schedule.py": [
        f"{ENGINE}/test_earned_value.py",
        f"{ENGINE}/test_earned_value_proof.py",
    ],
    "finance/engine/earned_value.py": [
        f"{ENGINE}/test_earned_value.py",
        f"{ENGINE}/test_earned_value_proof.py",
    ],
    "finance/engine/explained.py": [f"{ENGINE}/test_explained.py"],
    "finance/engine/forecasting.py": [f"{ENGINE}/test_forecasting.py"],
    "finance/engine/labour.py": [f"{ENGINE}/test_sensitivity.py"],
    "finance/engine/measures.py": [f"{ENGINE}/test_measures.py"],
    "finance/engine/phasing.py": [f"{ENGINE}/test_phasing.py"],
    "finance/engine/sensitivity.py": [f"{ENGINE}/test_sensitivity.py"],
    "finance/engine/three_way.py": [f"{ENGINE}/test_three_way.py"],
    "programs/engine/worktime.py": ["tests/programs/engine/test_worktime.py"],
    "governance/decisions/tally.py": ["tests/governance/test_tally.py"],
}


# ------------------------------------------------------------------ running them
class Changed(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Loads one module from a source in memory."""

    def __init__(self, module: str, source: str) -> None:
        self.name, self.source = module.removesuffix(".py").replace("/", "."), source

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Of this one module alone."""
        return importlib.util.spec_from_loader(fullname, self) if fullname == self.name else None

    def exec_module(self, module: ModuleType) -> None:
        """Run the changed source."""
        exec(compile(self.source, f"<mutant of {self.name}>", "exec"), module.__dict__)  # noqa: S102


def forked(
    tests: Sequence[str],
    change: Changed | None,
    limit: float,
    *,
    examples: int = MANY,
    told: Path | None = None,
) -> int:
    """Start the tests in a process of their own and return its id.

    `limit` is in seconds of CPU, `examples` of each property; `told` gets the names of the modules that were loaded
    from outside the project.
    """
    if child := os.fork():
        return child
    code = 70
    try:
        signal.setitimer(signal.ITIMER_PROF, limit)  # SIGPROF ends it
        quiet = os.open(os.devnull, os.O_WRONLY)
        if not os.environ.get("PMO_MUTATION_LOUD"):
            os.dup2(quiet, 1)
            os.dup2(quiet, 2)
        if change is not None:
            sys.meta_path.insert(0, change)
        import pytest
        from hypothesis import Phase, settings

        # The same cases for each mutant; whether one fails is asked, never for the smallest that does.
        phases = [Phase.explicit, Phase.generate]
        settings.register_profile(
            "mutants", max_examples=examples, derandomize=True, database=None, deadline=None, phases=phases
        )
        settings.load_profile("mutants")
        code = int(pytest.main([*ALONE, *tests]))
        if told is not None:
            told.write_text("\n".join(name for name, one in list(sys.modules.items()) if foreign(one)))
    finally:
        os._exit(code)


def foreign(module: ModuleType) -> bool:
    """Loaded from a file outside the tree: the project's own modules are loaded anew for each mutant."""
    file = getattr(module, "__file__", None)
    return bool(file) and (".venv" in str(file) or not Path(str(file)).is_relative_to(ROOT))


def unchanged(tests: Sequence[str]) -> float:
    """Seconds of CPU that the tests take; loads into this process what they load from outside the project."""
    told = Path(os.environ.get("TMPDIR", "/tmp"), f"pmo-mutate-{os.getpid()}")  # noqa: S108 - a list of module names
    used = 0.0
    for _ in range(2):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        _, status = os.waitpid(forked(tests, None, 600, told=told), 0)
        if status:
            sys.exit(f"{' '.join(tests)}: red before anything was changed")
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        used = after.ru_utime - before.ru_utime
        for name in told.read_text().split():
            with contextlib.suppress(
                Exception
            ):  # some want Django to be set up first: then each loads its own
                importlib.import_module(name)
        told.unlink()
    return used


@dataclass
class Score:
    """What became of a module's mutants."""

    module: str
    total: int = 0
    equivalent: int = 0
    killed: int = 0
    seconds: float = 0.0
    faults: tuple[str, ...] = ()

    @property
    def share(self) -> float:
        """Killed, of those that are not equivalent."""
        return self.killed / max(1, self.total - self.equivalent)

    def __str__(self) -> str:
        return (
            f"{self.module}: {self.killed} of {self.total - self.equivalent} killed ({100 * self.share:.1f} %), "
            f"{self.equivalent} equivalent, {self.seconds:.0f} s of CPU"
        )


def processor() -> float:
    """Seconds of CPU of everything that was started and is over."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class OutOfTime(Exception):
    """The minutes that were asked for are over."""


Key = tuple[str, str, str]
"""The line as it is written, what was there, what is there instead."""


def sieve(
    module: str,
    tests: Sequence[str],
    given: Sequence[Mutant],
    limit: float,
    examples: int,
    jobs: int,
    until: float,
) -> list[Mutant]:
    """The mutants that these tests, with so many examples of each property, do not notice.

    Raises OutOfTime when the clock of `time.monotonic` has passed `until`; what was started then is waited for.
    """
    survived: list[Mutant] = []
    running: dict[int, Mutant] = {}

    def wait() -> None:
        child, status = os.wait()
        mutant = running.pop(child)
        if status == 0:
            survived.append(mutant)

    for mutant in given:
        if len(running) >= jobs:
            wait()
        if time.monotonic() > until:
            break
        running[forked(tests, Changed(module, mutant.source), limit, examples=examples)] = mutant
    while running:
        wait()
    if time.monotonic() > until:
        raise OutOfTime
    return survived


def run(module: str, tests: Sequence[str], equivalent: set[Key], jobs: int, until: float) -> Score:
    """Run every mutant of one module; the faults are its survivors and what is wrong in the list of equivalents."""
    began = processor()
    source = (ROOT / module).read_text()
    lines = source.splitlines()
    limit = max(SPARE, SPARE * unchanged(tests))
    score = Score(module)
    faults: list[str] = []
    every = list(mutants(source))
    survived = sieve(module, tests, every, limit, FEW, jobs, until)
    survived = sieve(module, tests, survived, limit, MANY, jobs, until)
    spared: set[Key] = set()  # those of the list that lived; each stands for one mutant
    for mutant in every:
        text = lines[mutant.line - 1].strip()
        key = (text, mutant.was, mutant.now)
        score.total += 1
        if mutant not in survived:
            score.killed += 1
        elif key in equivalent - spared:
            spared.add(key)
            score.equivalent += 1
        else:
            faults.append(f"  {module}:{mutant.line}: {mutant.was} -> {mutant.now}    | {text}")
    faults += [
        f"  {module}: called equivalent, and killed or gone: {was} -> {now}    | {line}"
        for line, was, now in equivalent - spared
    ]
    score.seconds, score.faults = processor() - began, tuple(sorted(faults))
    return score


def equivalents() -> dict[str, set[Key]]:
    """The mutants that change nothing to notice, by module; each gives its reason."""
    with (ROOT / "tools" / "equivalent_mutants.toml").open("rb") as file:
        listed = tomllib.load(file).get("mutant", [])
    found: dict[str, set[Key]] = {}
    for one in listed:
        if not one["why"].strip():
            sys.exit(f"{one['module']}: {one['was']} -> {one['now']} is called equivalent without a reason")
        found.setdefault(one["module"], set()).add((one["line"], one["was"], one["now"]))
    return found


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
