"""Contingency month by month: granted, drawn and left so far, and ahead against the open risks of the register."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.safestring import SafeString

from finance.engine.burn_down import Ahead, Expected, Planned, ahead, as_planned
from finance.reserves import plans
from finance.reserves.scoring import Drawn
from finance.structure.models import Category, FiscalPeriod
from finance.structure.periods import code_of
from finance.transfers.selectors import Movement
from pmo import formats
from pmo.charts import Series, line_chart
from pmo.zones import zone
from programs.portfolio.models import Program
from programs.raid.models import Risk


@dataclass(slots=True)
class Past:
    """A month so far: put into contingency, drawn from it, left at its end (minor units)."""

    month: str
    granted: int = 0
    drawn: int = 0
    left: int = 0


@dataclass(frozen=True, slots=True)
class BurnDown:
    """Contingency of the program and its projects. `undated` counts open risks with money and without a day."""

    past: list[Past]
    ahead: list[Ahead]
    risks: int
    undated: int
    gross: int
    """What all open risks together would cost if each occurred."""
    expected: int
    plan: list[Planned]
    """The months ahead if contingency is drawn as planned; the same months as `ahead`."""

    @property
    def planned(self) -> int:
        """All planned draws that are still ahead."""
        return sum(one.draw for one in self.plan)

    @property
    def left(self) -> int:
        """What stands in contingency today."""
        return self.past[-1].left if self.past else 0

    @property
    def cover(self) -> int:
        """Left less what the open risks are expected to cost."""
        return self.left - self.expected


def months_past(program: Program, movements: Iterable[Movement], category: str, now: str) -> list[Past]:
    """A kind of reserve month by month so far, up to the month `now`; empty where nothing ever moved in it."""
    local = zone(program.time_zone)
    months: dict[str, Past] = {}
    for one in movements:
        if one.category != category:
            continue
        code = code_of(one.recorded_at.astimezone(local).date())
        month = months.setdefault(code, Past(code))
        if one.amount > 0:
            month.granted += one.amount
        else:
            month.drawn -= one.amount
    past = [months[code] for code in sorted(months)]
    left = 0
    for month in past:
        left += month.granted - month.drawn
        month.left = left
    if past and past[-1].month < now:
        past.append(Past(now, left=left))
    return past


def drawn_since(
    program: Program, movements: Iterable[Movement], planned: plans.Plans, category: str, month: str
) -> int:
    """What was drawn in a month after the plan that holds for it was set, minor units; 0 where nothing is planned.

    Who plans sees what was drawn before: that is not part of the plan.
    """
    setting = planned.get(category, {}).get(month)
    return Drawn(program, movements).after(setting.set_at, category, month) if setting else 0


def read(
    program: Program, movements: Sequence[Movement], today: date, planned: plans.Plans | None = None
) -> BurnDown:
    """From the movements of the reserves (see `selectors.movements`), the open risks that have money, and what is
    planned (read here unless given). Two queries, three with the plan.

    A risk without a day is drawn for in the last period of the program's books."""
    now = code_of(today)
    past = months_past(program, movements, Category.CONTINGENCY, now)
    left = past[-1].left if past else 0
    if planned is None:
        planned = plans.in_force(program.pk)
    draws = plans.amounts(planned, Category.CONTINGENCY)
    drawn = drawn_since(program, movements, planned, Category.CONTINGENCY, now)
    last = (
        FiscalPeriod.objects.filter(program_id=program.pk)
        .order_by("-starts_on")
        .values_list("code", flat=True)
        .first()
    )
    rows = (
        Risk.objects.filter(program_id=program.pk, exposure_minor__gt=0)
        .exclude(state__in=[Risk.State.CLOSED, Risk.State.OCCURRED])
        .values_list("exposure_minor", "probability", "due_on")
    )
    risks = [Expected(exposure, score, code_of(due) if due else "") for exposure, score, due in rows]
    steps = ahead(left, risks, now=now, last=max([last or now, *draws]))
    return BurnDown(
        past,
        steps,
        len(risks),
        sum(not risk.month for risk in risks),
        sum(risk.exposure for risk in risks),
        sum(risk.value for risk in risks),
        as_planned(left, draws, drawn=drawn, months=[step.month for step in steps]),
    )


def shown(found: BurnDown, program: Program) -> dict[str, Any] | None:
    """Chart, table twin and sentence for a page; None where there is neither contingency nor risk nor plan."""
    if not found.past and not found.risks and not found.planned:
        return None
    currency = program.currency

    def amount(minor: int) -> str:
        return formats.money_exact(minor, currency)

    rows = [
        [formats.period(one.month), amount(one.granted), amount(one.drawn), "", amount(one.left), "", "", ""]
        for one in found.past
    ]
    rows += [
        [
            f"{formats.period(one.month)}, ahead",
            "",
            "",
            amount(one.draw),
            amount(one.left),
            amount(one.exposure),
            amount(planned.draw),
            amount(planned.left),
        ]
        for one, planned in zip(found.ahead, found.plan, strict=True)
    ]
    return {
        "chart": _chart(found, currency),
        "has_past": len(found.past) > 1,  # one month alone is a point, which no line shows
        "twin": {
            "caption": f"Contingency by month, {currency}",
            "head": [
                "Month",
                "Granted",
                "Drawn",
                "Expected draw",
                "Left",
                "Still expected",
                "Planned draw",
                "Left as planned",
            ],
            "rows": rows,
        },
        "left": formats.money_text(found.left, currency),
        "expected": formats.money_text(found.expected, currency),
        "gross": formats.money_text(found.gross, currency),
        "cover": formats.money_text(abs(found.cover), currency),
        "short": found.cover < 0,
        "risks": found.risks,
        "undated": found.undated,
        "planned": formats.money_text(found.planned, currency) if found.planned else "",
        "plan_left": formats.money_text(abs(found.left - found.planned), currency),
        "plan_over": found.planned > found.left,
    }


def _chart(found: BurnDown, currency: str) -> SafeString:
    months = sorted({*(one.month for one in found.past), *(one.month for one in found.ahead)})
    at = {month: float(n) for n, month in enumerate(months)}
    now = at[found.ahead[0].month]
    past = [(at[one.month], float(one.left)) for one in found.past]
    step = max(1, -(-len(months) // 8))
    # The months ahead are drawn at their ends, from what is there now on.
    return line_chart(
        [
            *([Series("Left", past, 5)] if len(past) > 1 else []),
            Series(
                "Expected to be left",
                [(now, float(found.left)), *((at[one.month] + 1, float(one.left)) for one in found.ahead)],
                4,
                dashed=True,
            ),
            *(
                [
                    Series(
                        "Left as planned",
                        [
                            (now, float(found.left)),
                            *((at[one.month] + 1, float(one.left)) for one in found.plan),
                        ],
                        6,
                        dashed=True,
                    )
                ]
                if found.planned
                else []
            ),
            Series(
                "Still expected of open risks",
                [
                    (now, float(found.expected)),
                    *((at[one.month] + 1, float(one.exposure)) for one in found.ahead),
                ],
                2,
            ),
        ],
        title="Contingency burn-down",
        description=f"Contingency left at the end of each month in {currency}, and what is expected to be left as the"
        " open risks fall due and if it is drawn as planned, beside what the risks are still expected to cost.",
        key="burn-down",
        x_labels=[(at[month], formats.period(month)) for n, month in enumerate(months) if n % step == 0],
        y_text=lambda value: formats.money_text(int(value), currency, unit=False),
        status_x=now,
        status_text="expected from here",
        width=1080,
        height=230,
    )
