"""The example's planned draws on the reserves, and what is expected of them, kept as it is."""

from __future__ import annotations

from datetime import date

from finance.reserves import services as reserves
from governance.example.people import Cast
from pmo import commands
from programs.portfolio.models import Program

DRAWS: list[tuple[str, int, int, str]] = [
    ("contingency", 2, 90_000_00, "The second wave needs the old room two months longer."),
    ("contingency", 5, 60_000_00, "Parallel run of the ledgers over one more close."),
    ("management_reserve", 4, 40_000_00, "A possible change of the payroll law, not in any plan."),
]
"""Reserve, months from now, minor units, why."""


def plan_draws(cast: Cast, program: Program, today: date) -> None:
    """The controller plans three draws and keeps what is expected of the reserves now."""
    for category, ahead, amount, reason in DRAWS:
        years, month = divmod(today.year * 12 + today.month - 1 + ahead, 12)
        commands.run(
            reserves.plan_draw,
            actor=cast["controller"],
            program=program,
            category=category,
            month=f"{years:04d}-{month + 1:02d}",
            amount_minor=amount,
            reason=reason,
            seen=0,
        )
    commands.run(
        reserves.keep,
        actor=cast["controller"],
        program=program,
        note="As the committee saw it in its last meeting.",
    )
