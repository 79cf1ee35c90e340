"""The example's bottom-up estimate: labour of the data centre's plan at a new tariff, quotes for the rest."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from finance.estimates import services as estimates
from finance.estimates.models import Estimate
from governance.example.people import Cast
from pmo import commands
from programs.portfolio.models import Program, Project
from programs.resources.models import Assignment, Resource

BASIS = (
    "Labour: the plan's allocations at the tariff of the day. Storage arrays: two quotes of Northwind Storage, one of "
    "a reseller. Circuits and disposal: the framework contracts."
)
ASSUMES = (
    "The lease of the old data centre ends as agreed. No import duty on arrays. "
    "Own engineers are not drawn to other projects during the cut-over weekends."
)
# text, category, nature, months ahead, low, likely, high, basis
QUOTED: list[tuple[str, str, str, int, int, int, int, str]] = [
    ("Storage arrays", "hardware", "capital", 0, 600_000_00, 640_000_00, 760_000_00, "Three quotes"),
    ("Backup appliances", "hardware", "capital", -3, 150_000_00, 160_000_00, 175_000_00, "Order of August"),
    (
        "Circuits and cut-over watch",
        "services",
        "operating",
        -3,
        170_000_00,
        184_000_00,
        230_000_00,
        "Framework",
    ),
    ("Certified disposal", "services", "operating", 2, 30_000_00, 35_000_00, 52_000_00, "Price by weight"),
    ("Travel to the new site", "travel", "operating", 1, 6_000_00, 9_000_00, 15_000_00, "Last move"),
]


def estimate(program: Program, project: Project, cast: Cast, today: date) -> None:
    """The controller enters a dated rate, estimates the project, and issues the estimate."""
    engineer: Resource | None = commands.run(_most_used, actor=cast["controller"], project=project)
    if engineer is not None:
        commands.run(
            estimates.add_rate,
            actor=cast["controller"],
            program=program,
            resource=engineer,
            from_day=today.replace(day=1),
            cost_per_hour=(engineer.cost_per_hour * Decimal("1.04")).quantize(Decimal(1)),
            note="Tariff of the works agreement",
        )
    made: Estimate = commands.run(
        estimates.create,
        actor=cast["controller"],
        program=program,
        project=project,
        values={
            "maturity": 2,
            "as_of": today,
            "basis": BASIS,
            "assumptions": ASSUMES,
            "labour_nature": "capital",
            "labour_low_percent": 92,
            "labour_high_percent": 125,
        },
    )
    for text, category, nature, ahead, low, likely, high, basis in QUOTED:
        month = today.year * 12 + today.month - 1 + ahead
        values = {
            "text": text, "category": category, "nature": nature, "basis": basis,
            "period": f"{month // 12}-{month % 12 + 1:02}",
            "low_minor": low, "likely_minor": likely, "high_minor": high,
        }  # fmt: skip
        commands.run(estimates.add_line, actor=cast["controller"], estimate=made, values=values)
    commands.run(estimates.issue, actor=cast["controller"], estimate=made)


def _most_used(*, project: Project, by: Any, at: Any) -> Resource | None:
    """The resource with most allocations in the project."""
    used: dict[int, int] = {}
    for resource in Assignment.objects.filter(activity__project=project).values_list(
        "resource_id", flat=True
    ):
        used[resource] = used.get(resource, 0) + 1
    most = max(used, key=lambda pk: (used[pk], -pk), default=None)
    found: Resource | None = Resource.objects.filter(pk=most).first() if most else None
    return found
