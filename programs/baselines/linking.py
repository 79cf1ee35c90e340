"""Links, constraints and critical path of two baselines (or of one and the plan of now), put into words.

Baselines keep their links since links are kept with them; an older one, and one that came with an import, keeps none,
and says so. Five queries at most.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pmo import formats
from programs.baselines.found import Found
from programs.baselines.models import Baseline, BaselineActivity, BaselineLink
from programs.engine.compare_links import LinkDifference, Tie, compare_links, compare_paths, compare_wishes
from programs.portfolio.models import Program
from programs.schedule.clock import ProgramClock
from programs.schedule.models import Activity, ComputedDates, Constraint, Dependency

KINDS = {
    "added": "Link added",
    "removed": "Link removed",
    "type": "Type changed",
    "lag": "Lag changed",
    "constraint": "Constraint",
    "critical": "Became critical",
    "relaxed": "No longer critical",
}


@dataclass(frozen=True, slots=True)
class Change:
    """One row: what differs, of which activity (for a link: its successor), and how it was and is."""

    what: str
    activity_id: int
    project: str
    activity: str
    name: str
    other_id: int | None
    other: str
    before: str
    after: str


def linked(program: Program, before: Baseline | None, after: Baseline | None) -> Found[Change]:
    """What two sides have different in links, constraints and critical path; None stands for the plan of now."""
    silent = [str(one) for one in (before, after) if one is not None and one.links_kept is None]
    if silent:
        word = "keeps" if len(silent) == 1 else "keep"
        return Found([], KINDS, f"{' and '.join(silent)} {word} no links, constraints or critical path")
    clock = ProgramClock(program.time_zone)
    sides = [(_links(program, one), *_lines(program, one, clock)) for one in (before, after)]
    (links, wishes, paths), (links_now, wishes_now, paths_now) = sides
    known = {
        row[0]: row[1:]
        for row in Activity.objects.filter(program_id=program.pk).values_list(
            "pk", "project__code", "code", "name"
        )
    }
    found = [_link(one, known) for one in compare_links(links, links_now)]
    found += [
        _row("constraint", pk, known, _wish(was, clock), _wish(now, clock))
        for pk, was, now in compare_wishes(wishes, wishes_now)
    ]
    became, relaxed = compare_paths(paths, paths_now)
    found += [_row("critical", pk, known, "not critical", "critical") for pk in became]
    found += [_row("relaxed", pk, known, "critical", "not critical") for pk in relaxed]
    return Found(found, KINDS)


def _links(program: Program, side: Baseline | None) -> list[tuple[int, int, Tie]]:
    rows: Any = (
        Dependency.objects.filter(program_id=program.pk)
        if side is None
        else BaselineLink.objects.filter(program_id=program.pk, baseline_id=side.pk)
    )
    return [
        (before, after, Tie(kind, lag, unit))
        for before, after, kind, lag, unit in rows.order_by("pk").values_list(
            "predecessor_id", "successor_id", "kind", "lag", "lag_unit"
        )
    ]


def _lines(
    program: Program, side: Baseline | None, clock: ProgramClock
) -> tuple[dict[int, tuple[str, int | None]], dict[int, bool]]:
    """Constraints and criticality by activity, summaries left out."""
    rows: Any
    if side is None:
        rows = (
            ComputedDates.objects.filter(program_id=program.pk, superseded_by=None)
            .exclude(activity__kind=Activity.Kind.SUMMARY)
            .order_by("activity_id")
            .values_list("activity_id", "activity__constraint", "activity__constraint_at", "critical")
        )
    else:
        rows = (
            BaselineActivity.objects.filter(program_id=program.pk, baseline_id=side.pk)
            .order_by("activity_id")
            .values_list("activity_id", "constraint", "constraint_at", "critical")
        )
    listed: list[tuple[int, str, datetime | None, bool | None]] = list(rows)
    undated = (Constraint.ASAP, Constraint.ALAP)  # whatever date still stands beside them
    wishes = {pk: (wish, None if wish in undated else clock.wall_or_none(at)) for pk, wish, at, _ in listed}
    return wishes, {pk: bool(critical) for pk, _, _, critical in listed}


def _wish(wish: tuple[str, int | None], clock: ProgramClock) -> str:
    """A constraint in words, with its day."""
    kind, at = wish
    label = str(Constraint(kind).label) if kind else formats.UNKNOWN
    if at is None:
        return label
    return f"{label} {formats.moment(clock.instant(at).astimezone(clock.zone))}"


def tie(one: Tie | None) -> str:
    """`SS +2 h`, `FS −10 %`; empty where there is no link."""
    if one is None:
        return ""
    if not one.lag:
        return one.kind
    if one.unit == Dependency.LagUnit.PERCENT:
        return f"{one.kind} {formats.number(one.lag, sign=True)} %"
    hours = one.lag / 60
    text = f"{one.kind} {formats.number(hours, 0 if hours == int(hours) else 2, sign=True)} h"
    return f"{text} elapsed" if one.unit == Dependency.LagUnit.ELAPSED else text


def _link(one: LinkDifference[int], known: Mapping[int, tuple[str, str, str]]) -> Change:
    row = _row(one.what, one.successor, known, tie(one.before), tie(one.after))
    project, code, name = known.get(one.predecessor, ("", formats.UNKNOWN, ""))
    return Change(
        row.what, row.activity_id, row.project, row.activity, row.name,
        one.predecessor, f"{project}/{code} {name}", row.before, row.after,
    )  # fmt: skip


def _row(what: str, pk: int, known: Mapping[int, tuple[str, str, str]], before: str, after: str) -> Change:
    project, code, name = known.get(pk, ("", formats.UNKNOWN, ""))
    return Change(what, pk, project, code, name, None, "", before, after)
