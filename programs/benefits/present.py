"""A benefit as its page shows it: the asked line with what was read, and what became of each reading."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.utils.safestring import SafeString

from pmo import charts, formats
from programs.portfolio.models import Objective, Reading

MOST_SHOWN = 200
OFFICE = "the office"


@dataclass(frozen=True, slots=True)
class Line:
    """A reading, what the line from baseline to target asked for that day, and how they stand to each other."""

    pk: int
    taken_on: date
    value: Decimal
    asked: Decimal
    better: bool
    """On the target's side of the line, or on it."""
    corrections: list[str]

    @property
    def apart(self) -> Decimal:
        """Value less what was asked, in the measure's unit."""
        return self.value - self.asked


def number(value: Decimal | None) -> str:
    """A value as people write it: `11`, `2.5`, `0.0125`, with no decimal that says nothing."""
    if value is None:
        return formats.UNKNOWN
    exponent = value.normalize().as_tuple().exponent
    return formats.number(value, max(0, -exponent) if isinstance(exponent, int) else 0)


def lines(benefit: Objective) -> list[Line]:
    """The readings of a benefit, the newest first, at most 200. Two statements."""
    rows = list(Reading.objects.filter(objective=benefit).order_by("-taken_on")[:MOST_SHOWN])
    said = _corrections([one.pk for one in rows])
    upwards = benefit.target_value > benefit.baseline_value
    found = []
    for one in rows:
        asked = benefit.asked_on(one.taken_on)
        better = one.value >= asked if upwards else one.value <= asked
        found.append(Line(one.pk, one.taken_on, one.value, asked, better, said.get(one.pk, [])))
    return found


def _corrections(readings: list[int]) -> dict[int, list[str]]:
    """By reading what it was before each correction, by whom and why; the oldest first."""
    history: Any = apps.get_model("programs", "ReadingEvent")
    rows = history.objects.filter(pgh_obj_id__in=readings).order_by("pgh_id")
    found: dict[int, list[str]] = {}
    before: dict[int, tuple[Decimal, date]] = {}
    for pk, value, day, who, why, at in rows.values_list(
        "pgh_obj_id", "value", "taken_on", "pgh_context__name", "pgh_context__why", "pgh_created_at"
    ):
        if pk in before and before[pk] != (value, day):
            former, of = before[pk]
            was = number(former) + (f" of {formats.day(of)}" if of != day else "")
            words = f": {why}" if why else ""
            found.setdefault(pk, []).append(f"was {was} until {formats.day(at)}, {who or OFFICE}{words}")
        before[pk] = (value, day)
    return found


def chart(benefit: Objective, shown: Sequence[Line], day: date) -> SafeString:
    """Readings against the line from baseline to target; `day` is the status date."""
    last = max(benefit.target_on, *(one.taken_on for one in shown)) if shown else benefit.target_on
    asked = [
        (float(benefit.baseline_on.toordinal()), float(benefit.baseline_value)),
        (float(benefit.target_on.toordinal()), float(benefit.target_value)),
    ]
    if last > benefit.target_on:
        asked.append((float(last.toordinal()), float(benefit.target_value)))
    read = [(float(one.taken_on.toordinal()), float(one.value)) for one in reversed(shown)]
    series = [charts.Series("Asked", asked, 3, f"target {number(benefit.target_value)}", dashed=True)]
    if read:
        series.append(charts.Series("Read", read, 1, number(shown[0].value)))
    latest = (
        f"The latest reading is {number(shown[0].value)} {benefit.unit} of {formats.day(shown[0].taken_on)}, "
        f"{number(shown[0].asked.quantize(Decimal('0.1')))} was asked."
        if shown
        else "There is no reading yet."
    )
    return charts.line_chart(
        series,
        title=f"{benefit.code} {benefit.name}",
        description=f"From {number(benefit.baseline_value)} to {number(benefit.target_value)} {benefit.unit} "
        f"by {formats.day(benefit.target_on)}. {latest}",
        key="benefit",
        x_labels=[
            (float(one.toordinal()), formats.month(one)) for one in (benefit.baseline_on, benefit.target_on)
        ],
        y_text=lambda value: f"{value:g}",
        status_x=float(day.toordinal()) if benefit.baseline_on <= day <= last else None,
        width=640,
        height=230,
    )
