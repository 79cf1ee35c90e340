"""The management reserve month by month: so far by the books, ahead by its planned draws.

It is there for what nobody foresaw, so no risk of the register is set against it: its register is what is planned
to be drawn from it, with a reason each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from finance.engine.burn_down import Planned, ahead, as_planned
from finance.reserves.burn_down import Past, drawn_since, months_past
from finance.reserves.plans import Plans, amounts
from finance.structure.models import Category
from finance.structure.periods import code_of
from finance.transfers.selectors import Movement
from pmo import formats
from pmo.charts import Series, line_chart
from programs.portfolio.models import Program


@dataclass(frozen=True, slots=True)
class Course:
    """The management reserve: months so far, and months ahead as planned (minor units)."""

    past: list[Past]
    plan: list[Planned]

    @property
    def left(self) -> int:
        """What stands in it today."""
        return self.past[-1].left if self.past else 0

    @property
    def planned(self) -> int:
        """All planned draws that are still ahead."""
        return sum(one.draw for one in self.plan)


def course_of(program: Program, movements: Sequence[Movement], plans: Plans, today: date) -> Course:
    """From the movements of the reserves and the draws that are planned. No query."""
    now = code_of(today)
    past = months_past(program, movements, Category.MANAGEMENT_RESERVE, now)
    draws = amounts(plans, Category.MANAGEMENT_RESERVE)
    months = [step.month for step in ahead(0, (), now=now, last=max([now, *draws]))]
    left = past[-1].left if past else 0
    drawn = drawn_since(program, movements, plans, Category.MANAGEMENT_RESERVE, now)
    return Course(past, as_planned(left, draws, drawn=drawn, months=months))


def shown(found: Course, program: Program) -> dict[str, Any] | None:
    """Chart, table twin and sentence for a page; None where there is neither reserve nor plan."""
    if not found.past and not found.planned:
        return None
    currency = program.currency

    def amount(minor: int) -> str:
        return formats.money_exact(minor, currency)

    rows = [
        [formats.period(one.month), amount(one.granted), amount(one.drawn), "", amount(one.left)]
        for one in found.past
    ]
    rows += [
        [f"{formats.period(one.month)}, ahead", "", "", amount(one.draw), amount(one.left)]
        for one in found.plan
    ]
    months = sorted({*(one.month for one in found.past), *(one.month for one in found.plan)})
    at = {month: float(n) for n, month in enumerate(months)}
    step = max(1, -(-len(months) // 4))  # half a page: four names of months stand beside each other
    now = at[found.plan[0].month]
    chart = line_chart(
        [
            *(
                [Series("Left", [(at[one.month], float(one.left)) for one in found.past], 5)]
                if len(found.past) > 1
                else []
            ),
            Series(
                "Left as planned",
                [(now, float(found.left)), *((at[one.month] + 1, float(one.left)) for one in found.plan)],
                6,
                dashed=True,
            ),
        ],
        title="Management reserve",
        description=f"Management reserve left at the end of each month in {currency}, and what would be left if it is"
        " drawn as planned.",
        key="management",
        x_labels=[(at[month], formats.period(month)) for n, month in enumerate(months) if n % step == 0],
        y_text=lambda value: formats.money_text(int(value), currency, unit=False),
        status_x=now,
        status_text="planned from here",
    )
    return {
        "chart": chart,
        "has_past": len(found.past) > 1,
        "twin": {
            "caption": f"Management reserve by month, {currency}",
            "head": ["Month", "Granted", "Drawn", "Planned draw", "Left"],
            "rows": rows,
        },
        "left": formats.money_text(found.left, currency),
        "planned": formats.money_text(found.planned, currency) if found.planned else "",
        "plan_left": formats.money_text(abs(found.left - found.planned), currency),
        "over": found.planned > found.left,
    }
