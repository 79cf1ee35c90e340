"""From when to when each project lasts, and in how many rows: kept with a computation and with a baseline.

Kept as JSON by project id: `[earliest start, latest finish, rows]`, instants as whole seconds since 1970 (UTC).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Span:
    """One project: aware instants, and how many activities they were taken from."""

    start: datetime
    finish: datetime
    rows: int


def seconds(moment: datetime) -> int:
    """Whole seconds since 1970-01-01T00:00 UTC of an aware instant."""
    return (moment - _EPOCH) // timedelta(seconds=1)


def by_project(rows: Iterable[tuple[int, int, int]]) -> dict[str, list[int]]:
    """Rows of (project id, start, finish) in seconds, summed up as they are kept."""
    found: dict[int, list[int]] = {}
    for project, start, finish in rows:
        span = found.get(project)
        if span is None:
            found[project] = [start, finish, 1]
            continue
        if start < span[0]:
            span[0] = start
        if finish > span[1]:
            span[1] = finish
        span[2] += 1
    return {str(project): span for project, span in found.items()}


def in_order(projects: Sequence[int], starts: Sequence[int], finishes: Sequence[int]) -> dict[str, list[int]]:
    """The same of columns in which the rows of a project lie together."""
    found: dict[str, list[int]] = {}
    begin = 0
    for project, rows in groupby(projects):
        end = begin + len(list(rows))
        found[str(project)] = [min(starts[begin:end]), max(finishes[begin:end]), end - begin]
        begin = end
    return found


def read(kept: Mapping[str, Any]) -> dict[int, Span]:
    """What `by_project` made, by project id."""
    return {
        int(project): Span(_EPOCH + timedelta(seconds=start), _EPOCH + timedelta(seconds=finish), rows)
        for project, (start, finish, rows) in kept.items()
    }
