"""What a file would do to the plan that is here, worked out and not stored."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from programs.portfolio.models import Program

from . import fitting, missing_words
from .comparison import Comparison, compare, described
from .draft import Draft
from .gone import Gone
from .missing import Missing, missing
from .origin import origin
from .present import present
from .problems import SHOWN, Problems
from .reading import Read


@dataclass(frozen=True)
class DryRun:
    """What a read file would do to a program, worked out and not stored. Without errors there is a comparison."""

    read: Read
    problems: list[dict[str, Any]]
    errors: int
    warnings: int
    more: int
    comparison: Comparison | None
    changes: dict[str, Any]
    nothing: bool = False
    """The plan is as the file has it, and nothing could be taken out."""


def dry_run(program: Program, read: Read, file_name: str, source: str = "") -> DryRun:
    """Compare what was read with the plan that is here. Reads only. `source` is by whose columns a table was read."""
    changes: dict[str, Any] = {"plan_version": program.plan_version, "kinds": []}
    if not read.acceptable:
        listed = [problem.as_dict() for problem in read.problems]
        return DryRun(read, listed, read.errors, read.warnings, read.more, None, changes)
    comparison, lost = compared(program, read.draft, source)
    could = lost.going(lost.projects())
    problems = fitted(program, read.draft, file_name, comparison, could=could)
    if not problems.blocking:
        changes = told(comparison, lost, read.draft, program)
    found = problems.shown()
    listed = [problem.as_dict() for problem in [*found, *read.problems]]
    return DryRun(
        read=read,
        problems=listed[:SHOWN],
        errors=problems.count["error"],
        warnings=read.warnings + problems.count["warning"],
        more=read.more + problems.rest() + max(len(listed) - SHOWN, 0),
        comparison=None if problems.blocking else comparison,
        changes=changes,
        nothing=comparison.nothing and not could,
    )


def compared(program: Program, draft: Draft, source: str) -> tuple[Comparison, Missing]:
    """What the file would change, and what it lost that an earlier import of the same source had brought."""
    codes = [project.code for project in draft.projects]
    here, came = present(program, codes), origin(program, draft, source)
    comparison = compare(draft, program, here, came)
    return comparison, missing(comparison.tables, here, came, program, codes)


def fitted(
    program: Program, draft: Draft, file_name: str, comparison: Comparison, could: Collection[Gone] = ()
) -> Problems:
    """What of the file does not fit the plan that is here. `could`: rows that might be taken out besides."""
    here, tables = comparison.here, comparison.tables
    return fitting.check(draft, program, here, tables, file_name, gone=comparison.gone, could=could)


def told(
    comparison: Comparison,
    lost: Missing,
    draft: Draft,
    program: Program,
    chosen: Collection[str] | None = None,
) -> dict[str, Any]:
    """All of it in words, to be kept with the import. `chosen`: projects of which lost rows are taken out."""
    return described(comparison, draft, program) | {
        "missing": missing_words.described(lost, comparison.here, chosen)
    }
