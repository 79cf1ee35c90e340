"""The dates that the file's own tool computed against those of our engine: how many agree, where not, by which rule.

Compared on the working time of the activity's own calendar (Friday 17:00 is Monday 08:00), to the minute. Not
compared are groups and levels of effort (they only span others) and, of Primavera, finished activities.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from programs.engine.critical_path import schedule
from programs.engine.worktime import BeyondCalendar

from .date_rules import EARLY, FLOAT, GROUPS, LATE, Work, rules_of
from .draft import LEVEL_OF_EFFORT, SUMMARY, Draft, StoredDraft, iso
from .network import PRIMAVERA, Key, network_of, rules_for

LISTED = 100
"""Differences that are listed one by one; all are counted."""

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
    ours = {name: getattr(result, name) for name in GROUPS}
    compared: Counter[str] = Counter()
    gaps: dict[Key, dict[str, int]] = {}
    rows: dict[tuple[Key, str], tuple[str, str]] = {}
    works: dict[Key, Work] = {}
    activities = 0
    for i, key in enumerate(network.keys):
        stored, one = draft.stored.get(key), draft.activities[i]
        if stored is None or not _known(stored) or one.kind in (SUMMARY, LEVEL_OF_EFFORT):
            continue
        if draft.source in PRIMAVERA and one.actual_finish is not None:
            continue
        activities += 1
        work = works[key] = network.plan.calendars[network.plan.calendar[i]].work_at
        groups = set()
        for name, group in GROUPS.items():
            value = getattr(stored, name)
            begun = draft.source in PRIMAVERA and one.actual_start is not None and name.endswith("start")
            if value is None or begun:
                continue
            groups.add(group)
            mine = ours[name][i]
            gap = mine - value if group is FLOAT else work(mine) - work(value)
            if name == "free_float" and abs(max(mine, 0) - value) <= 1:
                gap = 0  # shown as nothing where it is negative
            if abs(gap) > 1:
                gaps.setdefault(key, {})[name] = gap
                shown = (_hours(value), _hours(mine)) if group is FLOAT else (iso(value), iso(mine))
                rows[key, name] = shown
        compared.update(groups)
    if not activities:
        return {}
    differing: Counter[str] = Counter()
    for found in gaps.values():
        differing.update({GROUPS[name] for name in found})
    rules = rules_of(draft, gaps, works)
    largest: Counter[str] = Counter()
    for key, rule in rules.items():
        largest[rule] = max(largest[rule], *(abs(gap) for gap in gaps[key].values()))
    names = {(one.project, one.code): one.name for one in draft.activities}
    return {
        "activities": activities,
        "agree": activities - len(gaps),
        "compared": {group: compared[group] for group in (EARLY, LATE, FLOAT) if compared[group]},
        "equal": {
            group: compared[group] - differing[group] for group in (EARLY, LATE, FLOAT) if compared[group]
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
