"""Which limits of variances hold for a control account: its own, else its project's, else the program's."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any

from finance.control_accounts.limits import Limits, plain
from finance.control_accounts.models import ControlAccount, OwnLimits, VarianceLimits
from pmo import formats
from programs.portfolio.models import Program, Project


@dataclass(frozen=True, slots=True)
class Held:
    """The limits that hold for an account, whose they are in words, and the setting (None: the program's)."""

    limits: Limits
    whose: str
    row: OwnLimits | None = None

    @property
    def said(self) -> str:
        """The limits in words."""
        return said(self.limits)


def said(limits: Limits) -> str:
    """Limits in words, or that nothing is asked about."""
    parts = [
        f"CPI below {plain(limits.cpi_low)}" if limits.cpi_low is not None else "",
        f"CPI above {plain(limits.cpi_high)}" if limits.cpi_high is not None else "",
        f"SPI below {plain(limits.spi_low)}" if limits.spi_low is not None else "",
        f"estimate more than {limits.vac_percent.normalize():f}{formats.GAP}% above the budget"
        if limits.vac_percent is not None
        else "",
    ]
    return ", ".join(one for one in parts if one) or "nothing"


def values(row: Any) -> Limits:
    """The limits of a row that keeps them."""
    return Limits(**{one.name: getattr(row, one.name) for one in fields(Limits)})


def limits_of(program: Program) -> Limits:
    """The program's limits, or the defaults. One query."""
    row = VarianceLimits.objects.filter(program_id=program.pk).first()
    return values(row) if row else Limits()


def newest(program: Program) -> Iterable[OwnLimits]:
    """The newest setting of each project and account, ended ones among them. One query."""
    rows = OwnLimits.objects.filter(program_id=program.pk).select_related("project", "account", "set_by")
    found: Iterable[OwnLimits] = rows.order_by("project_id", "account_id", "-n").distinct(
        "project_id", "account_id"
    )
    return found


def last(program: Program, project: Project | None, account: ControlAccount | None) -> OwnLimits | None:
    """The newest setting of a project or an account. One query."""
    rows = OwnLimits.objects.filter(program_id=program.pk, project=project, account=account)
    found: OwnLimits | None = rows.select_related("project", "account").order_by("-n").first()
    return found


class Book:
    """The limits of a program: its own, and those of projects and accounts that have others. Two queries."""

    def __init__(self, program: Program) -> None:
        self.program = Held(limits_of(program), "the program")
        self._projects: dict[int, OwnLimits] = {}
        self._accounts: dict[int, OwnLimits] = {}
        for row in newest(program):
            if row.account_id is not None:
                self._accounts[row.account_id] = row
            elif row.project_id is not None:
                self._projects[row.project_id] = row

    def of(self, account: ControlAccount) -> Held:
        """The account's own, else its project's, else the program's."""
        for row in (self._accounts.get(account.pk), self._projects.get(account.project_id)):
            if row is not None and not row.ends:
                return Held(values(row), row.whose, row)
        return self.program
