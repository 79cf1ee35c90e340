"""The six colours, each from its figures by a published rule. Pure: figures in; colour, sentence and rule out.

What cannot be computed is "not rated" with the reason in words: an unknown state is never green.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from governance.health.thresholds import Limit
from pmo import formats
from pmo.formats import GAP, day, delta_days, money_text, month, number

WORST = {"red": 3, "amber": 2, "green": 1, "": 0}


@dataclass(frozen=True, slots=True)
class Rating:
    """One dimension: its colour ("" where not rated), a sentence with its figures, and the rule that decided."""

    dimension: str
    colour: str
    sentence: str
    rule: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class Earned:
    """Earned value at a status date, minor units (exact)."""

    bac: Decimal
    pv: Decimal
    ev: Decimal
    ac: Decimal

    @property
    def cpi(self) -> Decimal | None:
        """EV / AC; not defined without actual cost."""
        return self.ev / self.ac if self.ac else None

    @property
    def eac(self) -> Decimal | None:
        """Estimate at completion by CPI: BAC / CPI = BAC x AC / EV; not defined without earned value or cost."""
        return self.bac * self.ac / self.ev if self.ac and self.ev else None


@dataclass(frozen=True, slots=True)
class Load:
    """A resource's average demand in a month, in percent of its capacity."""

    resource: str
    month: date
    percent: Decimal


@dataclass(frozen=True, slots=True)
class Measure:
    """A benefit: where it was to go by when, and the latest reading (None: never read)."""

    code: str
    baseline: Decimal
    target: Decimal
    baseline_on: date
    target_on: date
    reading: Decimal | None
    read_on: date | None


def not_rated(dimension: str, why: str, href: str = "") -> Rating:
    return Rating(dimension, "", why, "not rated", href)


def counted(count: int, one: str, many: str) -> str:
    """`44 requirements`, with a space at which a narrow card may break the line."""
    return formats.counted(count, one, many).replace(GAP, " ")


def rule_text(what: str, exact: Decimal, limit: Limit, unit: str = "", places: int = 0) -> str:
    """`CPI 0.86 < 0.90`: the value, how it stands to the limit that decided, and that limit.

    With as many more decimals as it takes that a value beyond its limit does not look equal to it.
    """
    edge = limit.broken(exact)
    while places < 4 and exact != edge and number(exact, places) == number(edge, places):
        places += 1
    tail = GAP + unit if unit else ""
    return f"{what} {number(exact, places)}{tail} {limit.sign(exact)} {number(edge, places)}{tail}".strip()


def schedule(
    finish: date | None,
    committed: date | None,
    baseline: date | None,
    limits: Mapping[str, Limit],
    href: str = "",
) -> Rating:
    """The forecast finish against the committed date, or without one against the baseline."""
    if finish is None:
        return not_rated("schedule", "The plan has no computed finish yet.", href)
    if committed is not None:
        margin = Decimal((committed - finish).days)
        limit = limits["schedule_margin_days"]
        late = -int(margin)
        where = (
            f"{counted(late, 'day', 'days')} after the committed date"
            if late > 0
            else f"{counted(-late, 'day', 'days')} before the committed date"
            if late < 0
            else "on the committed date"
        )
        rule = rule_text("margin", margin, limit, "d")
        return Rating("schedule", limit.colour(margin), f"Finish {day(finish)}, {where}", rule, href)
    if baseline is None:
        return not_rated(
            "schedule", f"Finish {day(finish)}; no committed date and no baseline to hold it against.", href
        )
    return slip(finish, baseline, limits, href)


def slip(finish: date | None, baseline: date | None, limits: Mapping[str, Limit], href: str = "") -> Rating:
    """A finish against its baseline (a project's rule)."""
    if finish is None or baseline is None:
        return not_rated("schedule", "No computed finish." if finish is None else "No baseline.", href)
    days = Decimal((finish - baseline).days)
    limit = limits["schedule_slip_days"]
    sentence = f"Finish {day(finish)}, {delta_days(int(days))} against the baseline"
    return Rating("schedule", limit.colour(days), sentence, rule_text("slip", days, limit, "d"), href)


def cost(earned: Earned | None, currency: str, limits: Mapping[str, Limit], href: str = "") -> Rating:
    """The worse of CPI and the estimate at completion against the cost baseline (BAC)."""
    if earned is None or not earned.bac:
        return not_rated("cost", "No earned value: no status date with a cost baseline yet.", href)
    if earned.cpi is None:
        return not_rated("cost", "No actual cost yet, so CPI is not defined.", href)
    if earned.eac is None:
        return not_rated(
            "cost", f"{_money(earned.ac, currency)} spent and nothing earned: EAC is not defined.", href
        )
    over = earned.eac - earned.bac
    share = over * 100 / earned.bac
    against = (
        "on the cost baseline"
        if not round(over)
        else f"{_money(abs(over), currency)} {'over' if over > 0 else 'under'} the cost baseline"
    )
    by_cpi, by_eac = limits["cost_cpi"], limits["cost_overrun_percent"]
    candidates = [
        (by_cpi.colour(earned.cpi), rule_text("CPI", earned.cpi, by_cpi, places=2)),
        (by_eac.colour(share), rule_text("EAC over baseline", share, by_eac, "%")),
    ]
    colour, rule = max(candidates, key=lambda one: WORST[one[0]])
    return Rating("cost", colour, f"EAC {_money(earned.eac, currency)}, {against}", rule, href)


def scope(due: int, on_time: int, limits: Mapping[str, Limit], href: str = "") -> Rating:
    """Requirements due by the status date, and those of them accepted by their day."""
    if not due:
        return not_rated("scope", "No requirement was due yet.", href)
    share = Decimal(on_time * 100) / due
    limit = limits["scope_accepted_percent"]
    sentence = f"{on_time} of {counted(due, 'requirement', 'requirements')} accepted on time"
    return Rating("scope", limit.colour(share), sentence, rule_text("", share, limit, "%"), href)


def risk(
    exposure_minor: int,
    contingency_minor: int | None,
    currency: str,
    limits: Mapping[str, Limit],
    href: str = "",
) -> Rating:
    """Exposure of open risks against the contingency that is left (None: none was ever set aside)."""
    shown = money_text(exposure_minor, currency, unit=False)
    if contingency_minor is None:
        return not_rated("risk", f"Exposure {shown}; no contingency was set aside to hold it against.", href)
    if contingency_minor <= 0:
        if not exposure_minor:
            return not_rated("risk", "No contingency is left, and no open risk has an exposure.", href)
        return Rating(
            "risk", "red", f"Exposure {shown}, no contingency left", "exposure without contingency", href
        )
    share = Decimal(exposure_minor * 100) / contingency_minor
    limit = limits["risk_exposure_percent"]
    sentence = f"Exposure {shown} of {money_text(contingency_minor, currency, unit=False)} contingency"
    return Rating("risk", limit.colour(share), sentence, rule_text("", share, limit, "%"), href)


def resources(loads: Sequence[Load], limits: Mapping[str, Limit], href: str = "") -> Rating:
    """The busiest month of any resource from the status date on, on the plan's computed dates."""
    if not loads:
        return not_rated("resources", "No work after the status date has resources allocated.", href)
    peak = max(loads, key=lambda load: (load.percent, load.resource))
    over = {load.resource for load in loads if load.percent > 100}
    limit = limits["resource_peak_percent"]
    if over:
        in_peak = {load.resource for load in loads if load.percent > 100 and load.month == peak.month}
        sentence = (
            f"By month, {counted(len(in_peak), 'resource', 'resources')} over capacity in {month(peak.month)}"
        )
        if len(over) > len(in_peak):
            sentence += f", {len(over)} in all"
    else:
        sentence = f"By month, nobody over capacity; the busiest is {month(peak.month)}"
    return Rating(
        "resources", limit.colour(peak.percent), sentence, rule_text("peak", peak.percent, limit, "%"), href
    )


def on_track(measure: Measure, on: date) -> bool | None:
    """Has the measure come as far as the straight line from baseline to target asks on that day?

    A tenth of the way asked for is allowed to be missing. None where it was never read.
    """
    if measure.reading is None:
        return None
    way = measure.target - measure.baseline
    if not way:
        return measure.reading == measure.target
    span = (measure.target_on - measure.baseline_on).days
    elapsed = min(max((on - measure.baseline_on).days, 0), span)
    asked = Decimal(elapsed) / span
    return (measure.reading - measure.baseline) / way >= asked * Decimal("0.9")


def benefits(measures: Sequence[Measure], on: date, limits: Mapping[str, Limit], href: str = "") -> Rating:
    """Measures on the straight line from baseline to target, out of those that were read."""
    if not measures:
        return not_rated("benefits", "The program names no benefit to measure.", href)
    verdicts = [verdict for verdict in (on_track(one, on) for one in measures) if verdict is not None]
    if not verdicts:
        return not_rated(
            "benefits", f"None of {counted(len(measures), 'measure', 'measures')} was read yet.", href
        )
    good = sum(verdicts)
    share = Decimal(good * 100) / len(verdicts)
    limit = limits["benefit_on_track_percent"]
    sentence = f"{good} of {counted(len(verdicts), 'measure', 'measures')} on track"
    if len(verdicts) < len(measures):
        sentence += f", {len(measures) - len(verdicts)} never read"
    return Rating("benefits", limit.colour(share), sentence, rule_text("", share, limit, "%"), href)


def _money(minor: Decimal, currency: str) -> str:
    return money_text(round(minor), currency, unit=False)
