"""Indices and estimates at completion (EIA-748 and `standards.md`), each with its explanation.

Measures are named as the columns of the Ghent / OR-AS converter where it has them. All arithmetic is exact.
"""

from fractions import Fraction

from finance.engine.earned_schedule import EarnedSchedule
from finance.engine.earned_value import Figures
from finance.engine.explained import Measure, Term, Unit, difference, hours, money, product, quotient, ratio

CREDIBLE_GAP = Fraction(1, 10)
"""|TCPI to the estimate - CPI| above this: the estimate is not credible (standards.md)."""

_NOT_PLANNED = "nothing was planned by this date"
_NOT_SPENT = "no actual cost is recorded yet"


def measures(
    figures: Figures,
    currency: str,
    *,
    schedule: EarnedSchedule | None = None,
    three_back: Figures | None = None,
    bottom_up_etc: Fraction | int | None = None,
    chosen: str = "eac_cpi",
) -> dict[str, Measure]:
    """All measures of one activity, project or program at a status date, by name, in the order of a page.

    `schedule` adds the time-based ones; `three_back` are the figures of three periods ago (zeros where
    exactly three have been reported, None where fewer have); `bottom_up_etc` minor units that the owners
    expect the rest to cost; `chosen` the estimate that ETC, VAC and TCPI to the estimate are taken from.
    Raises `KeyError` when `chosen` is not an estimate's name.
    """
    found = variances(figures, currency)
    if schedule is not None:
        found |= time_measures(schedule, currency)
    found |= estimates(figures, currency, found, three_back=three_back, bottom_up_etc=bottom_up_etc)
    if not chosen.startswith("eac_"):
        raise KeyError(chosen)
    return found | outlook(figures, currency, found[chosen])


def credible(tcpi_eac: Fraction | None, cpi: Fraction | None) -> bool | None:
    """Whether an estimate asks for about the efficiency shown so far; None while either is not defined."""
    if tcpi_eac is None or cpi is None:
        return None
    return abs(tcpi_eac - cpi) <= CREDIBLE_GAP


def variances(figures: Figures, currency: str) -> dict[str, Measure]:
    """Variances, cost-based indices and shares of the budget."""
    bac, pv, ev, ac = _four(figures, currency)
    sv, cv = money("SV", figures.sv, currency), money("CV", figures.cv, currency)
    return _by_name(
        difference("sv", "Schedule variance", ev, pv),
        difference("cv", "Cost variance", ev, ac),
        quotient("spi", "Schedule performance index", ev, pv, _NOT_PLANNED),
        quotient("cpi", "Cost performance index", ev, ac, _NOT_SPENT),
        quotient("sv_percent", "Schedule variance, share of planned", sv, pv, _NOT_PLANNED, Unit.SHARE),
        quotient("cv_percent", "Cost variance, share of earned", cv, ev, "nothing is earned yet", Unit.SHARE),
        quotient("percent_scheduled", "Scheduled", pv, bac, "there is no budget", Unit.SHARE),
        quotient("percent_complete", "Complete", ev, bac, "there is no budget", Unit.SHARE),
        quotient("percent_spent", "Spent", ac, bac, "there is no budget", Unit.SHARE),
    )


def time_measures(schedule: EarnedSchedule, currency: str) -> dict[str, Measure]:
    """Earned schedule, the time-based indices and the adherence to the schedule."""
    in_order = money("in order", schedule.in_order, currency)
    by_then = money("PV at ES", schedule.planned_by_then, currency)
    t = schedule.time
    es, at, pd = hours("ES", t.earned), hours("AT", t.actual), hours("PD", t.planned)
    spi_t = quotient("spi_t", "Schedule performance index (time)", es, at, "no working time has passed yet")
    pace = ratio("SPI(t)", spi_t.value)
    return _by_name(
        Measure("es", "Earned schedule", Unit.TIME, "planned time at which PV = EV", es.shown, t.earned),
        Measure("sv_t", "Schedule variance (time)", Unit.TIME, "ES - AT", f"{es.shown} - {at.shown}", t.sv_t),
        spi_t,
        _measure(
            "ieac_t",
            "Estimated duration at completion",
            Unit.TIME,
            "PD / SPI(t)",
            f"{pd.shown} / {pace.shown}",
            t.ieac_t,
            "nothing is earned or no time has passed yet",
        ),
        _measure(
            "tspi",
            "To-complete schedule index",
            Unit.RATIO,
            "(PD - ES) / (PD - AT)",
            f"({pd.shown} - {es.shown}) / ({pd.shown} - {at.shown})",
            t.tspi,
            "the planned time has passed",
        ),
        _measure(
            "p_factor",
            "Schedule adherence (P-factor)",
            Unit.RATIO,
            "sum of min(PV at ES, EV) / sum of PV at ES, over activities",
            f"{in_order.shown} / {by_then.shown}",
            schedule.p_factor,
            "nothing was planned by the earned date",
        ),
    )


def estimates(
    figures: Figures,
    currency: str,
    indices: dict[str, Measure],
    *,
    three_back: Figures | None = None,
    bottom_up_etc: Fraction | int | None = None,
) -> dict[str, Measure]:
    """Estimates at completion in minor units; `indices` as `variances` and `time_measures` found them."""
    cpi, spi, spi_t = (
        ratio(symbol, indices[name].value if name in indices else None)
        for name, symbol in (("cpi", "CPI"), ("spi", "SPI"), ("spi_t", "SPI(t)"))
    )
    recent = ratio("CPI of the last three periods", _recent_cpi(figures, three_back))
    mixed = Term("(0.8 x CPI + 0.2 x SPI)", None, f"(0.8 x {cpi.shown} + 0.2 x {spi.shown})")
    if cpi.value is not None and spi.value is not None:
        mixed = Term(mixed.symbol, (4 * cpi.value + spi.value) / 5, mixed.shown)

    def at(name: str, label: str, *pace: Term) -> Measure:
        return _estimate(figures, currency, name, label, pace)

    _, _, _, ac = _four(figures, currency)
    etc = money("bottom-up ETC", None if bottom_up_etc is None else Fraction(bottom_up_etc), currency)
    return _by_name(
        at("eac_remaining_at_budget", "Rest as budgeted"),
        at("eac_cpi", "Rest at the cost index", cpi),
        at("eac_spi", "Rest at the schedule index", spi),
        at("eac_spi_t", "Rest at the time index", spi_t),
        at("eac_cpi_x_spi", "Rest at cost x schedule", cpi, spi),
        at("eac_cpi_x_spi_t", "Rest at cost x time", cpi, spi_t),
        at("eac_80cpi_20spi", "Rest at 80 % cost and 20 % schedule", mixed),
        at("eac_last_three", "Rest at the cost index of the last three periods", recent),
        _measure(
            "eac_bottom_up",
            "Spent plus what its owners estimate",
            Unit.MONEY,
            "AC + bottom-up ETC",
            f"{ac.shown} + {etc.shown}",
            None if etc.value is None else figures.ac + etc.value,
            "its owners have not estimated the rest",
        ),
    )


def outlook(figures: Figures, currency: str, estimate: Measure) -> dict[str, Measure]:
    """What an estimate at completion means: ETC, VAC, and the efficiency that budget and estimate ask for."""
    bac, _, ev, ac = _four(figures, currency)
    eac = money("EAC", estimate.value, currency)
    value, why = eac.value, estimate.why_not
    left = f"({bac.shown} - {ev.shown})"
    return _by_name(
        _measure(
            "etc",
            "Estimate to complete",
            Unit.MONEY,
            "EAC - AC",
            f"{eac.shown} - {ac.shown}",
            None if value is None else value - figures.ac,
            why,
        ),
        _measure(
            "vac",
            "Variance at completion",
            Unit.MONEY,
            "BAC - EAC",
            f"{bac.shown} - {eac.shown}",
            None if value is None else figures.bac - value,
            why,
        ),
        _measure(
            "tcpi_bac",
            "To-complete index, to the budget",
            Unit.RATIO,
            "(BAC - EV) / (BAC - AC)",
            f"{left} / ({bac.shown} - {ac.shown})",
            figures.remaining / (figures.bac - figures.ac) if figures.ac < figures.bac else None,
            "the budget is spent",
        ),
        _measure(
            "tcpi_eac",
            "To-complete index, to the estimate",
            Unit.RATIO,
            "(BAC - EV) / (EAC - AC)",
            f"{left} / ({eac.shown} - {ac.shown})",
            None if value is None or value <= figures.ac else figures.remaining / (value - figures.ac),
            why or "the estimate leaves nothing to spend",
        ),
    )


def _estimate(figures: Figures, currency: str, name: str, label: str, pace: tuple[Term, ...]) -> Measure:
    """AC + (BAC - EV) / pace; finished work needs no index: what it has cost is the estimate."""
    bac, _, ev, ac = _four(figures, currency)
    formula, worked = "AC + (BAC - EV)", f"{ac.shown} + ({bac.shown} - {ev.shown})"
    if pace:
        formula += " / " + product([term.symbol for term in pace])
        worked += " / " + product([term.shown for term in pace])
    by = Fraction(1)
    for term in pace:
        by *= term.value or 0
    value = figures.ac if not figures.remaining else figures.ac + figures.remaining / by if by else None
    missing = " and ".join(term.symbol for term in pace if term.value is None)
    why = f"{missing} is not defined" if missing else "the index is zero"
    return _measure(name, label, Unit.MONEY, formula, worked, value, why)


def _recent_cpi(figures: Figures, three_back: Figures | None) -> Fraction | None:
    if three_back is None or figures.ac == three_back.ac:
        return None
    return (figures.ev - three_back.ev) / (figures.ac - three_back.ac)


def _four(figures: Figures, currency: str) -> tuple[Term, Term, Term, Term]:
    named = (("BAC", figures.bac), ("PV", figures.pv), ("EV", figures.ev), ("AC", figures.ac))
    bac, pv, ev, ac = (money(symbol, value, currency) for symbol, value in named)
    return bac, pv, ev, ac


def _measure(
    name: str, label: str, unit: Unit, formula: str, worked: str, value: Fraction | None, why: str
) -> Measure:
    return Measure(name, label, unit, formula, worked, value, "" if value is not None else why)


def _by_name(*found: Measure) -> dict[str, Measure]:
    return {measure.name: measure for measure in found}
