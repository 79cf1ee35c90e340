"""The dates that the file's own tool computed against those of our engine: how many agree, where not, by which rule.

Compared on the working time of the activity's own calendar (Friday 17:00 is Monday 08:00), to the minute. Not
compared are groups and levels of effort (they only span others) and, of Primavera, finished activities.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from programs.engine.critical_path import schedule
from programs.engine.worktime import BeyondCalendar

from .draft import LEVEL_OF_EFFORT, SUMMARY, ActivityDraft, Draft, StoredDraft, iso
from .network import PRIMAVERA, Key, network_of, progress_of, rules_for

LISTED = 100
"""Differences that are listed one by one; all are counted."""
_EARLY, _LATE, _FLOAT = "early dates", "late dates", "floats"
_GROUPS = {
    "early_start": _EARLY,
    "early_finish": _EARLY,
    "late_start": _LATE,
    "late_finish": _LATE,
    "total_float": _FLOAT,
    "free_float": _FLOAT,
}
_BEFORE = "follows from an activity before it that differs"
_AFTER = "follows from an activity behind it that differs"
_ACROSS = "a link across calendars: a gap between two calendars' work is given to the other side"
_MANDATORY = "a mandatory date before the data date: Primavera holds it at the data date"
_STARTED = "progress override: Primavera keeps links of started work in late dates that are dropped here"
_UNEXPLAINED = "no rule known: look at this activity"
_FREE = "free float runs to activities that differ"

Report = dict[str, Any]


def compare_dates(draft: Draft) -> Report:
    """The report as JSON values; empty where the file stores no dates or cannot be scheduled.

    `equal` and `compared` count activities by group of values, `rules` activities by the rule that explains the first
    group in which they differ, with the largest difference in working minutes.
    """
    if not any(_known(one) for one in draft.stored.values()):
        return {}
    network = network_of(draft)
    try:
        result = schedule(network.plan, rules_for(draft))
    except (BeyondCalendar, ValueError):
        return {}
    ours = {name: getattr(result, name) for name in _GROUPS}
    compared: Counter[str] = Counter()
    gaps: dict[Key, dict[str, int]] = {}
    rows: dict[tuple[Key, str], tuple[str, str]] = {}
    activities = 0
    for i, key in enumerate(network.keys):
        stored, one = draft.stored.get(key), draft.activities[i]
        if stored is None or not _known(stored) or one.kind in (SUMMARY, LEVEL_OF_EFFORT):
            continue
        if draft.source in PRIMAVERA and one.actual_finish is not None:
            continue
        activities += 1
        work = network.plan.calendars[network.plan.calendar[i]].work_at
        groups = set()
        for name, group in _GROUPS.items():
            value = getattr(stored, name)
            begun = draft.source in PRIMAVERA and one.actual_start is not None and name.endswith("start")
            if value is None or begun:
                continue
            groups.add(group)
            mine = ours[name][i]
            gap = mine - value if group is _FLOAT else work(mine) - work(value)
            if name == "free_float" and abs(max(mine, 0) - value) <= 1:
                gap = 0  # shown as nothing where it is negative
            if abs(gap) > 1:
                gaps.setdefault(key, {})[name] = gap
                shown = (_hours(value), _hours(mine)) if group is _FLOAT else (iso(value), iso(mine))
                rows[key, name] = shown
        compared.update(groups)
    if not activities:
        return {}
    differing: Counter[str] = Counter()
    for found in gaps.values():
        differing.update({_GROUPS[name] for name in found})
    rules = _rules(draft, gaps)
    largest: Counter[str] = Counter()
    for key, rule in rules.items():
        largest[rule] = max(largest[rule], *(abs(gap) for gap in gaps[key].values()))
    names = {(one.project, one.code): one.name for one in draft.activities}
    return {
        "activities": activities,
        "agree": activities - len(gaps),
        "compared": {group: compared[group] for group in (_EARLY, _LATE, _FLOAT) if compared[group]},
        "equal": {
            group: compared[group] - differing[group] for group in (_EARLY, _LATE, _FLOAT) if compared[group]
        },
        "rules": [
            {"rule": rule, "activities": count, "minutes": largest[rule], "hours": _hours(largest[rule])[:-2]}
            for rule, count in Counter(rules.values()).most_common()
        ],
        "listed": [
            {
                "project": key[0],
                "activity": key[1],
                "name": names[key][:80],
                "value": name.replace("_", " "),
                "file": file,
                "ours": mine,
                "minutes": gaps[key][name],
                "rule": rules[key],
            }
            for (key, name), (file, mine) in list(rows.items())[:LISTED]
        ],
        "values": len(rows),
    }


def _known(stored: StoredDraft) -> bool:
    return stored.early_start is not None or stored.early_finish is not None


def _hours(minutes: int) -> str:
    return f"{minutes / 60:.2f}".rstrip("0").rstrip(".") + " h"


def _rules(draft: Draft, gaps: dict[Key, dict[str, int]]) -> dict[Key, str]:
    """Per differing activity the rule that explains it: its own, else the neighbour it follows from."""
    before: dict[Key, list[Key]] = {}
    after: dict[Key, list[Key]] = {}
    for link in draft.dependencies:
        source, target = (link.from_project, link.from_activity), (link.to_project, link.to_activity)
        before.setdefault(target, []).append(source)
        after.setdefault(source, []).append(target)
    late = {key for key, found in gaps.items() if any(_GROUPS[name] is not _EARLY for name in found)}
    early = {key for key, found in gaps.items() if any(_GROUPS[name] is _EARLY for name in found)}
    ones = {(one.project, one.code): one for one in draft.activities}
    data_dates = {one.code: one.status_date for one in draft.projects}
    primavera = draft.source in PRIMAVERA
    override = primavera and progress_of(draft) == "progress_override"
    rules = {}
    for key, found in gaps.items():
        crosses = any(ones[one].calendar != ones[key].calendar for one in after.get(key, ()))
        if key in draft.marks:
            rules[key] = draft.marks[key]
        elif primavera and _mandatory_before(ones[key], data_dates[key[0]]):
            rules[key] = _MANDATORY
        elif key in early and any(one in early for one in before.get(key, ())):
            rules[key] = _BEFORE
        elif key not in early and any(one in late for one in after.get(key, ())):
            rules[key] = _AFTER
        elif override and key not in early and ones[key].actual_start is not None:
            rules[key] = _STARTED
        elif key not in early and crosses and primavera:
            rules[key] = _ACROSS
        elif found.keys() == {"free_float"} and any(one in gaps for one in after.get(key, ())):
            rules[key] = _FREE
        else:
            rules[key] = draft.marks.get((key[0], ""), _UNEXPLAINED)
    return rules


def _mandatory_before(one: ActivityDraft, data_date: int | None) -> bool:
    """Whether the activity must start or finish on a date that the data date has passed."""
    if one.constraint not in ("MSO", "MFO") or one.constraint_date is None or data_date is None:
        return False
    return one.constraint_date < data_date
