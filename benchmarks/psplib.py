"""Reads the published test sets of resource-constrained scheduling that lie beside the checkout.

PSPLIB: R. Kolisch, A. Sprecher, "PSPLIB - a project scheduling problem library", EJOR 96 (1997). MPSPLIB: J.
Homberger, "A multi-agent system for the decentralized resource-constrained multi-project scheduling problem"
(2007), with the total makespans that a published add-on for MS Project needed.
"""

from __future__ import annotations

import csv
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from programs.engine.levelling import Levelling, Share

FOLDER = Path(__file__).resolve().parent.parent.parent / "shared" / "data" / "psplib"
EVERY = {"j30": 24, "j60": 24, "j90": 24, "j120": 30}
"""Our sample: every so many instances, starting with the fourth."""


@dataclass(frozen=True, slots=True)
class Instance:
    """One problem and the total makespan to be compared with."""

    name: str
    problem: Levelling
    known: int
    """Best known makespan (PSPLIB), or the one of the add-on (MPSPLIB)."""
    closed: bool = False
    """Whether no schedule can be shorter than `known`."""


def psplib(name: str, folder: Path = FOLDER) -> Iterator[Instance]:
    """The instances of `j30`, `j60`, `j90` or `j120` in the order of their numbers."""
    with (folder / "best_known.csv").open() as file:
        best = {row["instance"]: row for row in csv.DictReader(file)}
    pattern = re.compile(rf"{name}\.sm/({name}(\d+)_(\d+))\.sm")
    with zipfile.ZipFile(folder / "psplib_rcpsp.zip") as archive:
        found = [match for entry in archive.namelist() if (match := pattern.fullmatch(entry))]
        for match in sorted(found, key=lambda match: (int(match[2]), int(match[3]))):
            row = best[match[1]]
            text = archive.read(match[0]).decode()
            yield Instance(match[1], _problem(text), int(row["best_known"]), row["closed"] == "1")


def sample(name: str, folder: Path = FOLDER) -> list[Instance]:
    """Every 24th (30th of J120) instance starting with the fourth."""
    return list(psplib(name, folder))[3 :: EVERY[name]]


def multi_project(folder: Path = FOLDER) -> Iterator[Instance]:
    """The multi-project instances, smallest first, with one project to each subnetwork of the start node."""
    with zipfile.ZipFile(folder / "mpsplib_multi_project.zip") as archive:
        found: dict[str, dict[str, Any]] = json.loads(archive.read("mpsplib.json"))
    for name, given in sorted(found.items(), key=lambda item: (len(item[1]["durations"]), item[0])):
        problem = Levelling(
            duration=given["durations"],
            demand=[[(k, a) for k, a in enumerate(needs) if a] for needs in given["demand"]],
            capacity=[[(0, amount)] for amount in given["capacity"]],
            predecessor=[i for i, after in enumerate(given["successors"]) for _ in after],
            successor=[j for after in given["successors"] for j in after],
            projects=[Share()],
        )
        yield Instance(name, problem, given["tms_psgs_minslk"])


def _problem(text: str) -> Levelling:
    """One file in PSPLIB's `.sm` format, its dummy start and end included as milestones."""
    lines = text.splitlines()

    def after(title: str, skip: int) -> int:
        return next(at for at, line in enumerate(lines) if line.startswith(title)) + skip

    count = int(lines[after("jobs", 0)].split(":")[1])
    first = after("PRECEDENCE RELATIONS", 2)
    links = [[int(word) for word in line.split()] for line in lines[first : first + count]]
    first = after("REQUESTS/DURATIONS", 3)
    rows = [[int(word) for word in line.split()] for line in lines[first : first + count]]
    capacity = [int(word) for word in lines[after("RESOURCEAVAILABILITIES", 2)].split()]
    return Levelling(
        duration=[row[2] for row in rows],
        demand=[[(k, amount) for k, amount in enumerate(row[3:]) if amount] for row in rows],
        capacity=[[(0, amount)] for amount in capacity],
        predecessor=[row[0] - 1 for row in links for _ in row[3:]],
        successor=[j - 1 for row in links for j in row[3:]],
    )
