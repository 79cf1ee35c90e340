"""The rules by which the dates of a file's own tool and of our engine may differ, and which of them holds where."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from .draft import DAY, TASK, ActivityDraft, Draft
from .network import PRIMAVERA, Key, progress_of

EARLY, LATE, FLOAT = "early dates", "late dates", "floats"
GROUPS = {
    "early_start": EARLY,
    "early_finish": EARLY,
    "late_start": LATE,
    "late_finish": LATE,
    "total_float": FLOAT,
    "free_float": FLOAT,
}
BEFORE = "follows from an activity before it that differs"
AFTER = "follows from an activity behind it that differs"
ACROSS = "a link across calendars: a gap between two calendars' work is given to the other side"
MANDATORY = "a mandatory date before the data date: Primavera holds it at the data date"
STARTED = "progress override: Primavera keeps links of started work in late dates that are dropped here"
FREE = "free float runs to activities that differ"
NO_ROOM = "no schedule: between the file's own dates is less working time than the work takes"
OLD_FINISH = (
    "not brought up to date: the late finish is another activity's, not the plan's, though nothing follows"
)
DAYS = "days without a time: the file puts a finish at the beginning of its day"
UNEXPLAINED = "no rule known: look at this activity"

_BOUND = ("ALAP", "SNLT", "FNLT", "MSO", "MFO")
"""Constraints that set late dates."""

Gaps = dict[Key, dict[str, int]]
Work = Callable[[int], int]
"""A wall minute as working minutes done on a calendar."""


@dataclass(slots=True)
class _Facts:
    """The draft in the shape in which the rules ask."""

    draft: Draft
    work: dict[Key, Work]
    ones: dict[Key, ActivityDraft]
    before: dict[Key, list[Key]] = field(default_factory=dict)
    after: dict[Key, list[Key]] = field(default_factory=dict)


def rules_of(draft: Draft, gaps: Gaps, work: dict[Key, Work]) -> dict[Key, str]:
    """Per differing activity the rule that explains it: its own, else the neighbour it follows from.

    `work` converts on each compared activity's own calendar.
    """
    facts = _Facts(draft, work, {(one.project, one.code): one for one in draft.activities})
    for link in draft.dependencies:
        source, target = (link.from_project, link.from_activity), (link.to_project, link.to_activity)
        facts.before.setdefault(target, []).append(source)
        facts.after.setdefault(source, []).append(target)
    late = {key for key, found in gaps.items() if any(GROUPS[name] is not EARLY for name in found)}
    early = {key for key, found in gaps.items() if any(GROUPS[name] is EARLY for name in found)}
    data_dates = {one.code: one.status_date for one in draft.projects}
    primavera = draft.source in PRIMAVERA
    override = primavera and progress_of(draft) == "progress_override"
    finishes = {} if primavera else _finishes(draft)
    by_day = not primavera and _by_day(draft)
    before, after, ones = facts.before, facts.after, facts.ones
    rules = {}
    for key, found in gaps.items():
        crosses = any(ones[one].calendar != ones[key].calendar for one in after.get(key, ()))
        if key in draft.marks:
            rules[key] = draft.marks[key]
        elif by_day and found.keys() <= {"early_finish", "late_finish"}:
            rules[key] = DAYS
        elif _no_room(facts, key):
            rules[key] = NO_ROOM
        elif primavera and _mandatory_before(ones[key], data_dates[key[0]]):
            rules[key] = MANDATORY
        elif key in early and any(one in early for one in before.get(key, ())):
            rules[key] = BEFORE
        elif key not in early and any(one in late for one in after.get(key, ())):
            rules[key] = AFTER
        elif override and key not in early and ones[key].actual_start is not None:
            rules[key] = STARTED
        elif key not in early and crosses and primavera:
            rules[key] = ACROSS
        elif key not in early and not primavera and _old_finish(facts, key, finishes.get(key[0], [])):
            rules[key] = OLD_FINISH
        elif found.keys() == {"free_float"} and any(one in gaps for one in after.get(key, ())):
            rules[key] = FREE
        else:
            rules[key] = draft.marks.get((key[0], ""), UNEXPLAINED)
    return rules


def _mandatory_before(one: ActivityDraft, data_date: int | None) -> bool:
    """Whether the activity must start or finish on a date that the data date has passed."""
    if one.constraint not in ("MSO", "MFO") or one.constraint_date is None or data_date is None:
        return False
    return one.constraint_date < data_date


def _no_room(facts: _Facts, key: Key) -> bool:
    """Whether the work does not fit between the file's own early start and finish: nobody's schedule says that.

    Primavera's early start of begun work is that of what remains.
    """
    one, stored = facts.ones[key], facts.draft.stored[key]
    if one.kind != TASK or stored.early_start is None or stored.early_finish is None:
        return False
    remains = facts.draft.source in PRIMAVERA and one.actual_start is not None and one.remaining is not None
    needed = (one.remaining or 0) if remains else one.duration
    work = facts.work[key]
    return work(stored.early_finish) - work(stored.early_start) < needed - 1


def _by_day(draft: Draft) -> bool:
    """Whether the file keeps days only: every finish at midnight, that of some work not after its start."""
    finishes = [
        at for one in draft.stored.values() for at in (one.early_finish, one.late_finish) if at is not None
    ]
    lengths = {(one.project, one.code): one.duration for one in draft.activities if one.kind == TASK}
    return all(at % DAY == 0 for at in finishes) and any(
        lengths.get(key, 0)
        and one.early_start is not None
        and one.early_start >= (one.early_finish or one.early_start + 1)
        for key, one in draft.stored.items()
    )


def _finishes(draft: Draft) -> dict[str, list[int]]:
    """By project, the early finishes that the file stores, the last one at the end."""
    found: dict[str, set[int]] = {}
    for key, one in draft.stored.items():
        if one.early_finish is not None:
            found.setdefault(key[0], set()).add(one.early_finish)
    return {code: sorted(each) for code, each in found.items()}


def _old_finish(facts: _Facts, key: Key, finishes: list[int]) -> bool:
    """Whether nothing follows the activity and yet its late finish is an earlier finish than the plan's.

    MS Project runs the late dates of such an activity back from the plan's finish. One that it runs back from the
    finish of another activity was computed while that one was the last, and not since.
    """
    one, stored = facts.ones[key], facts.draft.stored[key]
    if stored.late_finish is None or one.deadline is not None or one.constraint in _BOUND:
        return False
    above: str = one.code
    while above:
        if (one.project, above) in facts.after:
            return False
        above = facts.ones[one.project, above].parent
    work = facts.work[key]
    last = work(finishes[-1])
    return work(stored.late_finish) < last - 1 and stored.late_finish in finishes
