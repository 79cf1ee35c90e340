"""The published limits of each colour: defaults here, a program may set its own in `Program.thresholds`.

Each is (amber, red): at which value a dimension stops being green, and at which it turns red.
Units: days are calendar days; shares are percent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from pmo.refusals import Refused


@dataclass(frozen=True, slots=True)
class Limit:
    """Where green ends and where red begins, and whether less is worse."""

    amber: Decimal
    red: Decimal
    low_is_bad: bool
    words: str

    def colour(self, value: Decimal) -> str:
        """green, amber or red for a value (the limits themselves are still on the better side)."""
        if self.low_is_bad:
            return "red" if value < self.red else "amber" if value < self.amber else "green"
        return "red" if value > self.red else "amber" if value > self.amber else "green"

    def broken(self, value: Decimal) -> Decimal:
        """The limit that decided: the one broken, or the first one where none is."""
        return self.red if self.colour(value) == "red" else self.amber

    def sign(self, value: Decimal) -> str:
        """How the value stands to that limit, as a sign."""
        if self.colour(value) == "green":
            return "≥" if self.low_is_bad else "≤"
        return "<" if self.low_is_bad else ">"


D = Decimal
DEFAULTS: Final[dict[str, Limit]] = {
    "schedule_margin_days": Limit(D(10), D(-20), True, "days from the forecast finish to the committed date"),
    "schedule_slip_days": Limit(D(5), D(20), False, "days by which a finish is later than its baseline"),
    "cost_cpi": Limit(D("0.95"), D("0.90"), True, "cost performance index, EV / AC"),
    "cost_overrun_percent": Limit(
        D(5), D(10), False, "estimate at completion over the cost baseline, in percent"
    ),
    "scope_accepted_percent": Limit(
        D(90), D(75), True, "requirements due that were accepted on time, in percent"
    ),
    "risk_exposure_percent": Limit(
        D(75), D(100), False, "exposure of open risks in percent of the contingency left"
    ),
    "resource_peak_percent": Limit(
        D(115), D(130), False, "demand in percent of capacity in the busiest month"
    ),
    "benefit_on_track_percent": Limit(D(75), D(50), True, "measures on track, in percent of those read"),
}


def limits_of(own: Mapping[str, Any]) -> dict[str, Limit]:
    """The defaults with a program's own limits over them: {"cost_cpi": ["0.97", "0.92"]}.

    Raises Refused for an unknown name, a value that is no number, or red on the better side of amber.
    """
    made = dict(DEFAULTS)
    for name, pair in own.items():
        if name not in DEFAULTS:
            raise Refused(f"There is no threshold called {str(name)[:40]}.", field="thresholds")
        default = DEFAULTS[name]
        try:
            amber, red = (Decimal(str(value)) for value in pair)
        except (ArithmeticError, TypeError, ValueError):
            raise Refused(f"{name} needs two numbers: amber and red.", field="thresholds") from None
        if not (amber.is_finite() and red.is_finite()) or (
            red > amber if default.low_is_bad else red < amber
        ):
            raise Refused(f"{name}: red lies beyond amber, not before it.", field="thresholds")
        made[name] = Limit(amber, red, default.low_is_bad, default.words)
    return made
