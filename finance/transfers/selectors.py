"""Reading transfers and reserves: what each rule was used for, what became of contingency and management reserve."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.db import connection

from finance.structure.fiscal import FiscalYear
from finance.structure.models import RESERVES, Category, Nature
from pmo.accounts.roles import GRANTS, Permission, Role

ROLES: Final = {role: Role(role).label for role in Role.values if Permission.EDIT_BUDGET in GRANTS[role]}
"""The roles that keep budgets: to these, transfers can be delegated."""


def moved(program_id: int, year: FiscalYear) -> dict[str, int]:
    """What was moved under each rule in a fiscal year (minor units), transfers taken back left out. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select j.source_id, sum(p.amount)::bigint
                 from finance_journal j
                 join finance_fiscalperiod f on f.id = j.period_id
                 join finance_posting p on p.journal_id = j.id and p.amount > 0
                where j.program_id = %s and j.kind = 'transfer' and j.source_kind = 'transfer_rule'
                  and f.code between %s and %s
                  and not exists (select 1 from finance_journal r where r.reverses_id = j.id)
                group by 1""",
            [program_id, year.periods[0], year.periods[-1]],
        )
        return dict(cursor.fetchall())


@dataclass(frozen=True, slots=True)
class Movement:
    """Money into (+) or out of (-) a reserve, minor units; `left` is what stands in that reserve afterwards."""

    journal: uuid.UUID
    recorded_at: datetime
    effective: date
    kind: str
    project: str
    category: str
    nature: str
    amount: int
    left: int
    text: str
    who: str
    decision: str

    @property
    def label(self) -> str:
        """`Program, contingency (operating)`."""
        return (
            f"{self.project}, {Category(self.category).label.lower()} ({Nature(self.nature).label.lower()})"
        )


def movements(program_id: int) -> list[Movement]:
    """Everything that ever went into or out of the reserves, oldest first. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select j.id, j.recorded_at, j.effective, j.kind, coalesce(r.code, 'Program'), a.category, a.nature,
                      p.amount,
                      (sum(p.amount) over (partition by a.id order by j.recorded_at, p.id))::bigint,
                      j.text, coalesce(u.name, 'the office'), coalesce(w.number, '')
                 from finance_posting p
                 join finance_account a on a.id = p.account_id and a.kind = 'reserve' and a.category = any(%s)
                 join finance_journal j on j.id = p.journal_id
                 left join programs_project r on r.id = a.project_id
                 left join pmo_user u on u.id = j.actor_id
                 left join pmo_warrant w on w.id = j.warrant_id
                where p.program_id = %s
                order by j.recorded_at, p.id""",
            [sorted(RESERVES), program_id],
        )
        return [Movement(*row) for row in cursor.fetchall()]


@dataclass(slots=True)
class Reserve:
    """A reserve: what decisions put in, what was drawn from it, what is left (minor units)."""

    label: str
    category: str
    granted: int = 0
    drawn: int = 0

    @property
    def left(self) -> int:
        return self.granted - self.drawn


def reserves(found: Iterable[Movement]) -> list[Reserve]:
    """The reserves by place: granted less drawn is left, always."""
    made: dict[str, Reserve] = {}
    for one in found:
        reserve = made.setdefault(one.label, Reserve(one.label, one.category))
        if one.amount > 0:
            reserve.granted += one.amount
        else:
            reserve.drawn -= one.amount
    return list(made.values())


def course(found: Iterable[Movement], category: str) -> list[tuple[datetime, int]]:
    """What stood in all reserves of a category after each movement."""
    total, points = 0, []
    for one in found:
        if one.category == category:
            total += one.amount
            points.append((one.recorded_at, total))
    return points


def used_percent(reserve: Reserve) -> float | None:
    """Drawn in percent of what was granted; None where nothing was."""
    return 100 * reserve.drawn / reserve.granted if reserve.granted else None


def movement_row(one: Movement) -> list[Any]:
    """A movement for a file (amounts still in minor units at places 6 and 7)."""
    return [
        one.recorded_at, one.kind, one.project, one.category, one.nature, one.decision, one.amount, one.left,
        one.text, one.who,
    ]  # fmt: skip
