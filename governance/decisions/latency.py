"""How long decisions took, and what waiting cost where the waiting project was on the critical path (ADR 110)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Sum

from finance.ledger.models import Account, Kind
from governance.decisions.models import Decision
from programs.portfolio.models import Program
from programs.schedule.models import ComputedDates

DAY_SECONDS = 86_400


def days_waited(proposed_at: datetime, decided_at: datetime | None, now: datetime) -> int:
    """Whole calendar days from the proposal to the end, or to `now` while it is under way; never negative."""
    return max(0, int(((decided_at or now) - proposed_at).total_seconds()) // DAY_SECONDS)


@dataclass(frozen=True, slots=True)
class CostOfDelay:
    """What a calendar day of waiting costs (minor units; none: not known), and which projects are critical now."""

    per_day_minor: int | None
    critical: frozenset[int]

    def of(self, decision: Decision, now: datetime) -> int | None:
        """Days waited times the cost of a day; None where the subject's project is not critical, or none is named."""
        project = project_of(decision)
        if self.per_day_minor is None or project is None or project not in self.critical:
            return None
        return days_waited(decision.proposed_at, decision.decided_at, now) * self.per_day_minor


def project_of(decision: Decision) -> int | None:
    """The project that waits for this decision; None for what is about the whole program, or about none."""
    subject: Any = (
        decision.capital_request
        or decision.budget
        or decision.change_request
        or decision.waiver
        or decision.gate
        or (decision.risk_acceptance.risk if decision.risk_acceptance else None)
    )
    return getattr(subject, "project_id", None)


def cost_of_delay(program: Program, today: date) -> CostOfDelay:
    """The program's labour cost so far, per calendar day since its start, in two queries.

    People who wait are paid: that is what the ledger knows of a day's delay. Rounded down to whole minor units.
    """
    labour = Account.objects.filter(
        program=program, category="labour", kind__in=[Kind.SPENT, Kind.ACCRUED]
    ).aggregate(total=Sum("balance"))["total"]
    days = (today - program.starts_at.date()).days if program.starts_at else 0
    critical = ComputedDates.objects.filter(program=program, superseded_by=None, critical=True)
    return CostOfDelay(
        int(labour) // days if labour and days > 0 else None,
        frozenset(critical.values_list("project_id", flat=True).distinct()),
    )
