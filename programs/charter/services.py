"""Commands on what a program is: its names and people, what it promised, and the rules its plan is computed by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError

from pmo import formats
from pmo.accounts.access import current_access
from pmo.accounts.models import User
from pmo.accounts.roles import Permission
from pmo.refusals import Conflict, Refused
from pmo.zones import zone
from programs.charter import selectors
from programs.master_plan.services import hold, seal_of
from programs.master_plan.would_move import Tried, told
from programs.portfolio.models import Program
from programs.portfolio.selectors import members
from programs.schedule.following import follow
from programs.schedule.models import Computation, ComputedDates
from programs.schedule.services import Outcome, bump, lock_plan

RULES = frozenset({"progress_rule", "criticality_rule", "critical_float_minutes"})
"""A change of one of these computes the plan anew."""
PEOPLE = ("sponsor", "manager")
FIELDS = RULES | {
    "name",
    "mandate",
    *PEOPLE,
    "phase",
    "committed_finish",
    "fiscal_year_start_month",
}
NEEDS_REASON = FIELDS - {"name", "mandate"}
FIRST_YEAR, LAST_YEAR = 1990, 2199
MOST_FLOAT = 200 * 24 * 60
"""Working minutes of float up to which work may count as critical."""
CHANGED = "Somebody changed the settings after you opened them. Here is how they are now."


@dataclass(frozen=True)
class Settled:
    """The program as it is now, and what became of its dates (None where no rule changed)."""

    program: Program
    outcome: Outcome | None = None
    changed: frozenset[str] = field(default_factory=frozenset)
    critical: tuple[int, int] | None = None
    """Activities that were critical and are now; None where no dates were computed."""

    @property
    def words(self) -> str:
        """What became of the dates, in sentences; nothing where no rule changed."""
        said = self.outcome.words if self.outcome else ""
        if self.critical is None:
            return said
        before, now = self.critical
        activities = formats.counted(now, "activity is", "activities are")
        return f"{said} {activities} critical, {'as' if before == now else formats.number(before)} before."


def differing(program: Program, values: Mapping[str, Any]) -> dict[str, Any]:
    """Of values, those that are not the program's already."""
    return {
        name: value
        for name, value in values.items()
        if getattr(program, f"{name}_id" if name in PEOPLE else name)
        != (getattr(value, "pk", None) if name in PEOPLE else value)
    }


def edit_program(
    *,
    program: Program,
    version: int,
    values: Mapping[str, Any],
    reason: str,
    agreed: bool | str = True,
    dry: bool = False,
    by: User | None,
    at: datetime,
) -> Settled:
    """Change settings of a program; what stays the same may be among `values`.

    Whatever is promised, decides who is who, or how the plan is computed needs a `reason`, which the caller also
    gives to the runner as the history's why. The month a fiscal year begins in stays once something counts by it. A
    changed rule computes the plan anew, which is held where a committed milestone moves later and nobody `agreed` (see
    `hold`). `dry` raises Tried with what a changed rule moves, which undoes everything; no reason is asked for then.
    Conflict if somebody changed the settings meanwhile.
    """
    current_access().require(Permission.EDIT_PROGRAM, program.pk)
    if set(values) - FIELDS:
        raise Refused("This cannot be edited here.", code="not-editable")
    live = lock_plan(program.pk)
    if live.version != version:
        raise Conflict(CHANGED, code="changed")
    changes = differing(live, values)
    if not changes:
        return Settled(live)
    _check(live, changes, at)
    if set(changes) & NEEDS_REASON and not reason.strip() and not dry:
        raise Refused("Say why: this is kept with the change.", field="why")
    for name, value in changes.items():
        setattr(live, name, value)
    try:
        live.clean_fields(exclude=["calendar"])
    except ValidationError as error:
        name, messages = next(iter(error.message_dict.items()))
        raise Refused(messages[0], field=name) from error
    live.version += 1
    live.save(update_fields=[*changes, "version"])
    if not set(changes) & RULES:
        return Settled(live, None, frozenset(changes))
    bump(live)
    computation, moved = follow(live, at=at)
    outcome, what = (
        Outcome(computation, moved),
        repr(sorted((name, changes[name]) for name in set(changes) & RULES)),
    )
    if dry:
        raise Tried(told(live, outcome), seal_of(outcome, what))
    hold(outcome, agreed, what)
    return Settled(live, outcome, frozenset(changes), _critical(live.pk, computation))


def _critical(program_id: int, new: Computation | None) -> tuple[int, int] | None:
    """How many activities were critical before a computation, and with it: three counts of what it changed."""
    if new is None:
        return None
    rows = ComputedDates.objects.filter(program_id=program_id, critical=True)
    now = rows.filter(superseded_by=None).count()
    return now - rows.filter(computation=new).count() + rows.filter(superseded_by=new).count(), now


def _check(live: Program, changes: Mapping[str, Any], at: datetime) -> None:
    if "name" in changes and not changes["name"].strip():
        raise Refused("A program has a name.", field="name")
    promised: date | None = changes.get("committed_finish")
    if promised is not None and not FIRST_YEAR <= promised.year <= LAST_YEAR:
        raise Refused(f"Give a day from {FIRST_YEAR} to {LAST_YEAR}.", field="committed_finish")
    if promised is not None and promised < live.starts_at.astimezone(zone(live.time_zone)).date():
        raise Refused("The finish lies before the program starts.", field="committed_finish")
    if "fiscal_year_start_month" in changes:
        if not 1 <= changes["fiscal_year_start_month"] <= 12:
            raise Refused("The fiscal year starts in a month from 1 to 12.", field="fiscal_year_start_month")
        held = selectors.fiscal_year_held(live.pk)
        if held:
            raise Refused(held, field="fiscal_year_start_month")
    if not 0 <= changes.get("critical_float_minutes", 0) <= MOST_FLOAT:
        raise Refused("Give a float from none to 200 days.", field="critical_float_minutes")
    today = at.astimezone(zone(live.time_zone)).date()
    for name in PEOPLE:
        person = changes.get(name)
        if person is not None and not members(live.pk, today).filter(pk=person.pk).exists():
            raise Refused(f"{person.name} holds no role in this program.", field=name)
