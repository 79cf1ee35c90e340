"""Every mutant of a module through its tests, the cheap ones first; what lived is a fault, unless it is explained."""

from __future__ import annotations

import os
import sys
import time
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass

from changes import Mutant, mutants
from forks import FEW, MANY, ROOT, Changed, allowed, forked, processor
from subjects import Tests


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


class OutOfTime(Exception):
    """The minutes that were asked for are over."""


Key = tuple[str, str, str]
"""The line as it is written, what was there, what is there instead."""


def sieve(
    module: str, tests: Sequence[str], given: Sequence[Mutant], examples: int, jobs: int, until: float
) -> list[Mutant]:
    """The mutants that these tests, with so many examples of each property, do not notice.

    Raises OutOfTime when the clock of `time.monotonic` has passed `until`; what was started then is waited for.
    """
    if not given:
        return []
    limit = allowed(tests, examples)
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


def run(module: str, tests: Tests, equivalent: set[Key], jobs: int, until: float) -> Score:
    """Run every mutant of one module; the faults are its survivors and what is wrong in the list of equivalents."""
    began = processor()
    source = (ROOT / module).read_text()
    lines = source.splitlines()
    score = Score(module)
    faults: list[str] = []
    every = list(mutants(source))
    survived = sieve(module, tests.own, every, FEW, jobs, until)
    survived = sieve(module, tests.own, survived, MANY, jobs, until)
    if tests.dear:
        survived = sieve(module, tests.dear, survived, MANY, jobs, until)
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
