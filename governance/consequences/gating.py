"""What voters see of a gate: criteria and evidence, reviewers, forecast, and the project's money, as they stand."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from django.db.models import Sum
from django.utils import timezone

from finance.budgets.models import Budget, BudgetLine
from finance.capex import holds
from finance.ledger.models import Account, Kind
from governance.consequences.measures import measure, stamp
from pmo import formats
from programs.gates import deciding, selectors
from programs.gates.models import Gate, Outcome
from programs.portfolio.models import Program
from programs.schedule.models import Computation, ComputedDates

AFTER = {
    Outcome.PROCEED: "passed",
    Outcome.CONDITIONS: "passed, with conditions",
    Outcome.REWORK: "in preparation, everything to be shown again",
    Outcome.STOP: "stopped",
}


def approved_budget(project_id: int) -> int:
    """The active budget of a project, all years, categories and natures; minor units, 0 without one."""
    lines = BudgetLine.objects.filter(budget__project_id=project_id, budget__state=Budget.State.ACTIVE)
    return int(lines.aggregate(total=Sum("amount_minor"))["total"] or 0)


def gate_figures(gate: Gate, program: Program) -> dict[str, Any]:
    """Plain rows for the ballot: nothing in them is typed by anybody but the evidence and the remarks."""
    told = deciding.shown(gate)
    must = [one for one in told["criteria"] if one["mandatory"]]
    met = sum(one["state"] in selectors.SHOWN for one in must)
    without = sum(not one["evidence"] and not one["link"] for one in must)
    said = [one for one in told["reviewers"] if one["opinion"] and not one["stale"]]
    against = sum(one["opinion"] == "not_ready" for one in said)
    forecast = (
        ComputedDates.objects.filter(activity=gate.activity, superseded_by=None)
        .values_list("early_finish", flat=True)
        .first()
        if gate.activity is not None
        else None
    )
    today = selectors.day_of(program, timezone.now())
    due = datetime.combine(gate.due_on, datetime.min.time(), UTC)
    late = _late(program, gate, forecast, today)
    money = dict(
        Account.objects.filter(program=program, project=gate.project_id)
        .values_list("kind")
        .annotate(total=Sum("balance"))
    )
    spent = int(money.get(Kind.SPENT, 0)) + int(money.get(Kind.ACCRUED, 0))
    budget = approved_budget(gate.project_id)
    open_ones = f"{met} of {len(must)} met"
    spoke = f"{len(said)} of {len(told['reviewers'])} spoke"
    after = AFTER[Outcome(gate.asked)] if gate.asked else "nothing is asked for"
    return {
        "gate": told,
        "measures": [
            measure(
                "gate", f"Gate {gate.code} of {gate.project.code}", "put forward", after, unit="text",
                state="red" if gate.asked == Outcome.STOP else "",
            ),
            measure(
                "criteria", "Mandatory criteria", open_ones, open_ones, unit="text",
                state="green" if met == len(must) else "red",
            ),
            measure(
                "evidence", "Mandatory criteria without evidence", str(without), str(without), unit="text",
                state="amber" if without else "green",
            ),
            measure(
                "reviewers", "Reviewers", spoke, spoke, unit="text",
                state="red" if against else "green" if len(said) == len(told["reviewers"]) and said else "amber",
            ),
            measure(
                "forecast", "To be passed by, and forecast of its milestone", stamp(due), stamp(forecast), unit="date",
                state="amber" if late else "", said=f"{formats.counted(late, 'day', 'days')} late" if late else "",
            ),
            measure("finish", "Finish of the project", *[stamp(_finish(gate, program))] * 2, unit="date"),
            measure("budget", f"Approved budget of {gate.project.code}", budget, budget),
            measure("money", "Spent and accrued of it", spent, spent, state="red" if spent > budget else ""),
            *_waiting(gate),
        ],
        "findings": [
            *(f"Not met: {one['text']}" for one in must if one["state"] not in selectors.SHOWN),
            *(f"A reviewer says not ready: {one['remarks']}" for one in said if one["opinion"] == "not_ready"),
            *(
                ["A reviewer has not spoken about what is put forward."]
                if len(said) < len(told["reviewers"])
                else []
            ),
        ],
    }  # fmt: skip


def _waiting(gate: Gate) -> list[Any]:
    """What of approved capital requests waits for the gate, and what would still wait; nothing where none does."""
    now, rest = holds.waiting_for(gate)
    if not now:
        return []
    after = (
        {Outcome.PROCEED: 0, Outcome.CONDITIONS: rest}.get(Outcome(gate.asked), now) if gate.asked else now
    )
    return [measure("waits", "Approved capital that waits for it", now, after)]


def _late(program: Program, gate: Gate, forecast: datetime | None, today: date | None) -> int:
    day = selectors.day_of(program, forecast) or today
    assert day is not None  # noqa: S101 - an instant has a day
    return max((max(day, today or day) - gate.due_on).days, 0)


def _finish(gate: Gate, program: Program) -> datetime | None:
    """When the schedule ends the project, by the newest computation."""
    computed = Computation.objects.filter(program=program).order_by("-pk").first()
    dates = computed.project_dates.get(str(gate.project_id)) if computed else None
    return datetime.fromtimestamp(dates[1], UTC) if dates else None
