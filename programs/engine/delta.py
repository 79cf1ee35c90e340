"""What differs between two schedules of a plan: who moved, milestones, path, finishes, findings."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from programs.engine.plan import Kind
from programs.engine.result import Finding, FindingKind, Schedule


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
) -> Difference:
    """Compare two schedules of which the second may have activities more or less.

    `numbers` and `links` give, per activity and link of the first plan and then of the added ones, the number in
    the second (-1: removed). `kind` and `duration` are the second plan's, in the common numbering, and tell
    milestones. `among` names the activities that may differ in dates or floats, where that is known. Linear.
    """
    known = len(before.early_start)
    both = range(known) if among is None else sorted(i for i in among if i < known)
    if among is None or len(after.early_start) != len(numbers):
        both = [i for i in both if numbers[i] >= 0]
    moved, late_moved = (
        _differ(before, after, both, numbers, *names)
        for names in (("early_start", "early_finish"), ("late_start", "late_finish"))
    )
    old, new = before.critical, after.critical
    joined: list[int] = []
    left: list[int] = []
    for i, (was, number) in enumerate(zip(old, numbers, strict=False)):
        if number >= 0 and new[number] is not was:
            (left if was else joined).append(i)
    gone_findings, new_findings = _findings(before, after, numbers, links)
    return Difference(
        moved=moved,
        late_moved=late_moved,
        floats_changed=_differ(before, after, both, numbers, "total_float", "free_float"),
        milestones_moved=[
            i
            for i in moved
            if (not duration[i] and (not kind or kind[i] == Kind.TASK))
            or (kind and kind[i] in (Kind.START_MILESTONE, Kind.FINISH_MILESTONE))
        ],
        became_critical=joined,
        no_longer_critical=left,
        added=[i for i in range(known, len(numbers)) if numbers[i] >= 0],
        removed=[i for i in range(known) if numbers[i] < 0],
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


def _differ(
    before: Schedule, after: Schedule, among: Collection[int], numbers: Sequence[int], one: str, other: str
) -> list[int]:
    """Who differs in one of two columns."""
    was, now = getattr(before, one), getattr(after, one)
    was_too, now_too = getattr(before, other), getattr(after, other)
    return [i for i in among if was[i] != now[(number := numbers[i])] or was_too[i] != now_too[number]]


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
