"""A chain of causes in sentences that a committee understands, and folded where it is long."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo

from django.db import connection

from pmo import formats
from pmo.formats import GAP
from pmo.zones import zone
from programs.engine import Why
from programs.master_plan.causes import Cause, Causes, Held
from programs.portfolio.models import Program
from programs.schedule.models import Constraint, Dependency

A_DAY = 1440
SHOWN_FIRST, SHOWN_LAST = 6, 3
"""Steps of a long chain that are shown before and behind the fold."""
ENDS = {
    Why.PROJECT_START: "Nothing holds it but the start of its project.",
    Why.AS_LATE_AS_POSSIBLE: "It is planned as late as its successors allow.",
    Why.SPAN: "It lasts as long as the work it supports.",
    Why.CHILDREN: "It is a summary: it lasts from the first to the last of the activities under it.",
    Why.LINK: "It waits for a link that is not in the plan any more, or for work without dates yet.",
}
MEETS = {
    "FS": "It waits until {before} finishes, {left}",
    "SS": "It waits until {before} starts, {left}",
    "FF": "It can finish no earlier than {before} finishes, {left}",
    "SF": "It can finish no earlier than {before} starts, {left}",
}
MEETS_BEGUN = {
    "FS": "It began on {starts}; what remains waits until {before} finishes, {left}",
    "SS": "It began on {starts}; what remains waits until {before} starts, {left}",
    "FF": "It began on {starts}; it can finish no earlier than {before} finishes, {left}",
    "SF": "It began on {starts}; it can finish no earlier than {before} starts, {left}",
}
# What a group's link holds: links into the summaries above the activity, and its own from summaries.
GROUP_LINKS = """
with recursive above (id, depth) as (
  select %(activity)s::bigint, 0
  union all
  select a.parent_id, above.depth + 1 from above join programs_activity a on a.id = above.id
   where a.parent_id is not null and above.depth < 100
)
select above.depth > 0, s.code, s.name, p.code, p.name, l.kind
  from above join programs_dependency l on l.successor_id = above.id
  join programs_activity p on p.id = l.predecessor_id join programs_activity s on s.id = l.successor_id
 where l.program_id = %(program)s and (above.depth > 0 or p.kind = 'summary')
 order by above.depth, l.id limit 4
"""


@dataclass(frozen=True, slots=True)
class Line:
    """One step as a page shows it."""

    activity_id: int
    label: str
    project: str
    dates: str
    """`2 Mar 2027 08:00 to 9 Mar 2027 17:00`, or one moment."""
    sentence: str
    held_from: str
    """The code of the other project that holds it, empty where that is its own."""


@dataclass(frozen=True, slots=True)
class Chain:
    """The whole chain: steps before the fold, in it, and behind it; `summary` says it in one sentence."""

    summary: str
    first: list[Line]
    folded: list[Line]
    last: list[Line]

    @property
    def last_from(self) -> int:
        """The number of the first step behind the fold."""
        return len(self.first) + len(self.folded) + 1

    @property
    def folded_from(self) -> int:
        """The number of the first folded step."""
        return len(self.first) + 1


def told(program: Program, found: Causes) -> Chain | None:
    """The chain in words, None where there is none; one query more where it ends at a group's link."""
    if not found.steps:
        return None
    lines = [
        Line(
            one.held.activity_id,
            label(one.held),
            one.held.project,
            _dates(one, zone(program.time_zone)),
            words,
            one.before.project if one.before and one.crosses else "",
        )
        for one, words in zip(found.steps, sentences(program, found), strict=True)
    ]
    folds = len(lines) > SHOWN_FIRST + SHOWN_LAST + 1
    upto = len(lines) - SHOWN_LAST if folds else len(lines)
    first = SHOWN_FIRST if folds else len(lines)
    return Chain(_summary(found), lines[:first], lines[first:upto], lines[upto:])


def sentences(program: Program, found: Causes) -> list[str]:
    """Per step of the chain, what holds it. At most one query, where the last is held by a group's link."""
    on = zone(program.time_zone)
    words = [_sentence(one, on) for one in found.steps]
    if found.cut:
        words[-1] += " The chain goes on from here."
    elif found.steps and found.steps[-1].by_group:
        words[-1] = _of_group(program, found.steps[-1].held) or words[-1]
    return words


def label(held: Held) -> str:
    """`A10 Design`."""
    return f"{held.code} {held.name}"


def _summary(found: Causes) -> str:
    steps = found.steps
    if len(steps) == 1:
        return "Nothing before it holds this date."
    projects = {one.held.project_id for one in steps}
    across = f" through {formats.counted(len(projects), 'project', 'projects')}" if len(projects) > 1 else ""
    return (
        f"{formats.counted(len(steps) - 1, 'activity holds', 'activities hold')} this date, one the other{across}: "
        f"the first cause is {label(steps[-1].held)}."
    )


def _dates(one: Cause, on: tzinfo) -> str:
    if one.starts == one.finishes:
        return formats.moment(one.starts, on)
    return f"{formats.moment(one.starts, on)} to {formats.moment(one.finishes, on)}"


def _sentence(one: Cause, on: tzinfo) -> str:
    if one.before is not None:
        return _waits(one, one.before, on)
    held = one.held
    if held.actual_finish is not None:
        return f"It is done: begun on {_on(one.starts, on)}, finished on {_on(one.finishes, on)}."
    if one.why is Why.ACTUAL:
        return f"It began on {_on(one.starts, on)}; nothing but the status date holds what remains of it."
    if one.why is Why.STATUS_DATE:
        status = f", {_on(one.status_at, on)}" if one.status_at else ""
        return f"It has not begun, so it cannot start before the status date{status}."
    if one.why is Why.CONSTRAINT:
        name = str(Constraint(held.constraint).label).lower()
        at = f" {_on(held.constraint_at, on)}" if held.constraint_at else ""
        return f"Its own constraint holds it: {name}{at}."
    return ENDS[one.why]


def _waits(one: Cause, before: Held, on: tzinfo) -> str:
    kind = one.held.link_kind or "FS"
    form = (MEETS_BEGUN if one.held.actual_start is not None else MEETS)[kind]
    text = form.format(before=label(before), left=_on(one.left, on), starts=_on(one.starts, on))
    if one.lag:
        length = _lag(one)
        text += f", and {length} more (lag)" if one.lag > 0 else f", less {length} (lead)"
    if one.wait >= A_DAY:  # nights and lunch hours explain no date to a committee
        text += f"; then its calendar rests for {_clock(one.wait)}"
    return f"{text}."


def _lag(one: Cause) -> str:
    unit, given = one.held.lag_unit, abs(one.held.lag or 0)
    if unit == Dependency.LagUnit.PERCENT:
        return f"{given}{GAP}% of its duration"
    if unit == Dependency.LagUnit.ELAPSED:
        return f"{_clock(given)} on the clock"
    return working(abs(one.lag), one.day)


def working(minutes: int, day: int) -> str:
    """`5 d` of working time, or `4 h` where it is less than a day of `day` working minutes."""
    if minutes < day:
        return f"{_short(minutes / 60)}{GAP}h"
    return f"{_short(minutes / day)}{GAP}d"


def _clock(minutes: int) -> str:
    """`2 d 15 h` of the wall clock."""
    days, rest = divmod(minutes, A_DAY)
    hours = f"{_short(rest / 60)}{GAP}h" if rest else ""
    return " ".join(filter(None, (f"{days}{GAP}d" if days else "", hours)))


def _short(value: float) -> str:
    return formats.number(value, 1).removesuffix(".0")


def _on(moment: datetime | None, on: tzinfo) -> str:
    return formats.moment(moment, on)


def _of_group(program: Program, held: Held) -> str:
    """Why work under a summary, or behind one, waits: the group's links. Empty where none is left in the plan."""
    with connection.cursor() as cursor:
        cursor.execute(GROUP_LINKS, {"program": program.pk, "activity": held.activity_id})
        rows = cursor.fetchall()
    if not rows:
        return ""
    named = "; ".join(
        f"{code} {name} ({str(Dependency.Kind(kind).label).lower()})"
        for _, _, _, code, name, kind in rows[:3]
    )
    more = " and others" if len(rows) > 3 else ""
    above, code, name = rows[0][:3]
    if above:
        return f"It lies under {code} {name}, and all of that waits for {named}{more}."
    return f"It waits for everything under {named}{more}."
