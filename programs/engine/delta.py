"""What differs between two schedules of a plan: who moved, milestones, path, finishes, findings."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import compress
from operator import ne
from typing import Any, NamedTuple

from programs.engine.plan import Kind
from programs.engine.result import Finding, FindingKind, Schedule

_COMPARED = (
    "early_start",
    "early_finish",
    "late_start",
    "late_finish",
    "total_float",
    "free_float",
    "critical",
)


class Stand(NamedTuple):
    """One activity in one schedule: wall minutes, floats in working minutes."""

    early_start: int
    early_finish: int
    late_start: int
    late_finish: int
    total_float: int
    free_float: int
    critical: bool


class Change(NamedTuple):
    """One activity before and after; None where it is not in the plan."""

    activity: int
    before: Stand | None
    after: Stand | None


@dataclass(frozen=True, slots=True)
class Difference:
    """Two schedules compared. Activities and links go by one numbering: that of the plan before, added ones behind.

    Lists of activities are in ascending order and hold those that are in both plans.
    """

    moved: list[int]
    """Their early start or early finish differs."""
    late_moved: list[int]
    """Their late start or late finish differs."""
    floats_changed: list[int]
    """Their total or free float differs."""
    milestones_moved: list[int]
    """Those of `moved` that are milestones, or tasks of no length."""
    became_critical: list[int]
    no_longer_critical: list[int]
    added: list[int]
    removed: list[int]
    finish: tuple[int, int]
    """Finish of the program before and after, wall minutes."""
    project_finish: dict[int, tuple[int, int]]
    """Per project whose finish differs, before and after."""
    new_findings: list[Finding]
    gone_findings: list[Finding]
    before: Schedule
    after: Schedule
    """In its own numbering: `numbers` leads there."""
    numbers: Sequence[int]
    """Per activity of the common numbering, its number in `after`; -1 for removed ones."""

    def __bool__(self) -> bool:
        """Whether anything differs that a reader of dates, floats, path or findings would notice."""
        return bool(
            self.moved
            or self.late_moved
            or self.floats_changed
            or self.became_critical
            or self.no_longer_critical
            or self.added
            or self.removed
            or self.finish[0] != self.finish[1]
            or self.project_finish
            or self.new_findings
            or self.gone_findings
        )

    def change(self, activity: int) -> Change:
        """One activity before and after."""
        known, number = activity < len(self.before.early_start), self.numbers[activity]
        return Change(
            activity,
            _stand(self.before, activity) if known else None,
            _stand(self.after, number) if number >= 0 else None,
        )

    def changes(self) -> Iterator[Change]:
        """Everybody whose dates or floats differ, added and removed ones too, in ascending order."""
        everybody = {*self.moved, *self.late_moved, *self.floats_changed, *self.added, *self.removed}
        return (self.change(i) for i in sorted(everybody))


def _stand(schedule: Schedule, i: int) -> Stand:
    return Stand(
        schedule.early_start[i],
        schedule.early_finish[i],
        schedule.late_start[i],
        schedule.late_finish[i],
        schedule.total_float[i],
        schedule.free_float[i],
        schedule.critical[i],
    )


def difference(
    before: Schedule,
    after: Schedule,
    *,
    numbers: Sequence[int],
    links: Sequence[int],
    kind: Sequence[int] = (),
    duration: Sequence[int],
    among: Iterable[int] | None = None,
    gone: Collection[int] = (),
) -> Difference:
    """Compare two schedules of which the second may have activities more or less.

    `numbers` and `links` give, per activity and link of the first plan and then of the added ones, the number in
    the second (-1: removed). `kind` and `duration` are the second plan's, in the common numbering, and tell
    milestones. `among` names the activities that may differ in dates or floats, where that is known, and `gone` those
    taken out that the second schedule still has, as ghosts. Linear.
    """
    known = len(before.early_start)
    now, left_out = after, set(gone)
    if not isinstance(numbers, range):
        left_out.update(i for i in range(known) if numbers[i] < 0)
        columns: dict[str, Any] = {
            name: list(map([*getattr(after, name), 0].__getitem__, numbers[:known])) for name in _COMPARED
        }
        now = replace(after, **columns)

    some = None if among is None else sorted([i for i in among if i < known and i not in left_out])

    def differ(one: str, other: str) -> list[int]:
        """Who differs in one of two columns."""
        was, now_is = getattr(before, one), getattr(now, one)
        was_too, is_too = getattr(before, other), getattr(now, other)
        if some is not None:
            return [i for i in some if was[i] != now_is[i] or was_too[i] != is_too[i]]
        found = {*compress(range(known), map(ne, was, now_is))}
        found.update(compress(range(known), map(ne, was_too, is_too)))
        return sorted(found - left_out)

    moved = differ("early_start", "early_finish")
    turned = [i for i in compress(range(known), map(ne, before.critical, now.critical)) if i not in left_out]
    gone_findings, new_findings = _findings(before, after, numbers, links)
    return Difference(
        moved=moved,
        late_moved=differ("late_start", "late_finish"),
        floats_changed=differ("total_float", "free_float"),
        milestones_moved=[
            i
            for i in moved
            if (not duration[i] and (not kind or kind[i] == Kind.TASK))
            or (kind and kind[i] in (Kind.START_MILESTONE, Kind.FINISH_MILESTONE))
        ],
        became_critical=[i for i in turned if not before.critical[i]],
        no_longer_critical=[i for i in turned if before.critical[i]],
        added=[i for i in range(known, len(numbers)) if numbers[i] >= 0],
        removed=sorted(left_out),
        finish=(before.finish, after.finish),
        project_finish={
            p: pair
            for p, pair in enumerate(zip(before.project_finish, after.project_finish, strict=True))
            if pair[0] != pair[1]
        },
        new_findings=new_findings,
        gone_findings=gone_findings,
        before=before,
        after=after,
        numbers=numbers,
    )


def _findings(
    before: Schedule, after: Schedule, numbers: Sequence[int], links: Sequence[int]
) -> tuple[list[Finding], list[Finding]]:
    """Findings only before and only after, in the common numbering; one whose minutes alone differ is neither."""
    known = set(map(id, before.findings))
    same_numbers = isinstance(numbers, range) and isinstance(links, range)
    if same_numbers and len(known) == len(after.findings) and all(id(one) in known for one in after.findings):
        return [], []
    later = after.findings
    if not same_numbers:
        activity = {number: i for i, number in enumerate(numbers) if number >= 0}
        link = {number: k for k, number in enumerate(links) if number >= 0}
        later = [
            Finding(
                one.kind, activity.get(one.activity, -1), link.get(one.link, -1), one.project, one.minutes
            )
            for one in later
        ]
    old, new = {_key(one) for one in before.findings}, {_key(one) for one in later}
    return (
        [one for one in before.findings if _key(one) not in new],
        [one for one in later if _key(one) not in old],
    )


def _key(one: Finding) -> tuple[FindingKind, int, int, int]:
    return one.kind, one.activity, one.link, one.project
