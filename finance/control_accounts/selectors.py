"""Earned value of control accounts: the sums of the activities under each, and what no account holds.

An activity counts in the nearest account above it, so that nothing counts twice. The accounts of a project and the
rest outside them add up to the project, to the cent.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from django.db import connection

from finance.control_accounts.models import ControlAccount
from finance.earned_value import selectors as earned
from finance.earned_value.models import EarnedValueRun, EarnedValueSnapshot
from finance.engine.earned_value import Figures, Minor, to_the_cent
from finance.engine.explained import Measure
from finance.engine.measures import measures
from pmo.money import round_half_even
from programs.portfolio.models import Program, Project

UNDER = """
with recursive under(account_id, node) as (
  select c.id, c.activity_id from finance_controlaccount c where c.program_id = %(program)s
  union all
  select u.account_id, a.id from under u join programs_activity a on a.parent_id = u.node
   where a.program_id = %(program)s
     and not exists (select 1 from finance_controlaccount c where c.activity_id = a.id))
"""
SUMS = f"""{UNDER}, behind as (
  select distinct on (w.id, r.activity_id) w.id as snapshot_id, r.activity_id, r.bac, r.pv, r.ev, r.ac, r.absent
    from finance_earnedvaluesnapshot w
    join finance_earnedvaluerun k on k.id = w.run_id and k.rows_kept
    join finance_earnedvaluesnapshot s on s.project_id = w.project_id and s.at = w.at and s.run_id >= w.run_id
    join finance_earnedvaluerow r on r.snapshot_id = s.id
   where w.id = any(%(snapshots)s)
   order by w.id, r.activity_id, s.run_id)
select r.snapshot_id, u.account_id, sum(r.bac), sum(r.pv), sum(r.ev), sum(r.ac), count(*)
  from under u join behind r on r.activity_id = u.node and not r.absent group by 1, 2
"""  # noqa: S608 - made of constants
INSIDE = UNDER + "select node from under where account_id = %(account)s"  # noqa: S608 - made of constants


@dataclass(frozen=True, slots=True)
class AccountValue:
    """A control account (None: what no account of the project holds) at a status date of its project."""

    account: ControlAccount | None
    project: Project
    snapshot: EarnedValueSnapshot
    exact: Figures
    minor: Minor
    activities: int

    def measures(self, currency: str) -> dict[str, Measure]:
        """All measures of the account's figures."""
        return measures(self.exact, currency)


def accounts_of(program: Program) -> list[ControlAccount]:
    """The program's control accounts in the order of the plan. One query."""
    return list(
        ControlAccount.objects.filter(program_id=program.pk)
        .select_related("project", "activity", "manager")
        .order_by("project__position", "project_id", "activity__position", "pk")
    )


def at_snapshots(
    program: Program, accounts: list[ControlAccount], snapshots: list[EarnedValueSnapshot]
) -> list[AccountValue]:
    """Each account, and what lies outside all, at each of these snapshots of projects. One query."""
    with connection.cursor() as cursor:
        cursor.execute(SUMS, {"program": program.pk, "snapshots": [one.pk for one in snapshots]})
        sums = {(row[0], row[1]): row[2:] for row in cursor.fetchall()}
    found = []
    for snapshot in snapshots:
        if snapshot.project is None:
            continue
        mine = [one for one in accounts if one.project_id == snapshot.project_id]
        exact, counts = [], []
        for account in mine:
            bac, pv, ev, ac, count = sums.get((snapshot.pk, account.pk), (0, 0, 0, 0, 0))
            exact.append(Figures(Fraction(bac), Fraction(pv), Fraction(ev), Fraction(ac)))
            counts.append(count)
        total = Figures(
            Fraction(snapshot.bac), Fraction(snapshot.pv), Fraction(snapshot.ev), Fraction(snapshot.ac)
        )
        inside = sum(exact, Figures())
        rest = Figures(
            total.bac - inside.bac, total.pv - inside.pv, total.ev - inside.ev, total.ac - inside.ac
        )
        minor = _to_the_cent([*exact, rest], total)
        found += [
            AccountValue(account, snapshot.project, snapshot, figures, shown, count)
            for account, figures, shown, count in zip(mine, exact, minor, counts, strict=False)
        ]
        if rest != Figures():
            found.append(AccountValue(None, snapshot.project, snapshot, rest, minor[-1], 0))
    return found


def _to_the_cent(parts: list[Figures], total: Figures) -> list[Minor]:
    columns = [
        to_the_cent([getattr(one, name) for one in parts], round_half_even(getattr(total, name)))
        for name in ("bac", "pv", "ev", "ac")
    ]
    return [Minor(*row) for row in zip(*columns, strict=True)]


def latest(program: Program, run: EarnedValueRun, at: datetime) -> list[AccountValue]:
    """Every account at the latest status of its project by `at`; projects without accounts stand as the rest."""
    snapshots = [one.snapshot for one in earned.projects_at(run, at)]
    return at_snapshots(program, accounts_of(program), snapshots)


def course(
    program: Program, run: EarnedValueRun, account: ControlAccount, at: datetime
) -> list[AccountValue]:
    """One account at each status date of its project up to `at`, in order of time."""
    snapshots = list(
        EarnedValueSnapshot.objects.filter(
            program_id=program.pk, run=run, project_id=account.project_id, at__lte=at
        )
        .select_related("project", "period")
        .order_by("at")
    )
    found = at_snapshots(program, accounts_of(program), snapshots)
    return [one for one in found if one.account == account]


def inside(account: ControlAccount) -> list[int]:
    """Ids of everything under an account: work packages, and the summaries between."""
    with connection.cursor() as cursor:
        cursor.execute(INSIDE, {"program": account.program_id, "account": account.pk})
        return [row[0] for row in cursor.fetchall()]


def rows(account: ControlAccount, snapshot: EarnedValueSnapshot) -> list[Any]:
    """The activities under an account at a snapshot, in the order of the plan."""
    ids = set(inside(account))
    return [row for row in earned.rows(snapshot) if row.activity_id in ids]
