"""The kinds of clauses: what each says, which parameters it takes, and how it is evaluated (see `conformity`).

Source: domain.md 6 (budget policy).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from finance.engine import clause_rules as rules
from finance.engine.clause_rules import share_of
from finance.engine.conformity import ANYWHERE, Clause, Facts, Kind, Place, Result


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter: `type` is money (minor units), percent (text such as "12.5"), year, days, count or category."""

    name: str
    label: str
    type: str


@dataclass(frozen=True, slots=True)
class ClauseKind:
    """A kind of clause; `blockable` where a breach can be a promise, which a blocking clause then refuses."""

    label: str
    says: str
    parameters: Sequence[Parameter]
    blockable: bool
    evaluate: Callable[[Clause, Facts], Result]


def evaluate(clause: Clause, facts: Facts) -> Result:
    """Hold one clause against the facts. The parameters must be those that `checked` has let through.

    A clause of one project looks at what lies in that project only, and says so.
    """
    look = KINDS[clause.kind].evaluate
    if clause.project_id is None:
        return look(clause, facts)
    found = look(clause, _within(facts, clause.project_id))
    where = Place(clause.project_id, facts.project_codes.get(clause.project_id, ""))
    breaches = [
        replace(one, sentence=f"{where.project}: {one.sentence}", place=where)
        if one.place == ANYWHERE
        else one
        for one in found.breaches
    ]
    named = bool(breaches) and found.breaches[0].place != ANYWHERE
    said = found.sentence if named else f"{where.project}: {found.sentence}"
    return replace(found, clause=replace(clause, project=where.project), sentence=said, breaches=breaches)


def _within(facts: Facts, project_id: int) -> Facts:
    """What of the facts lies in one project."""
    return replace(
        facts,
        bases=[
            replace(one, cells=[cell for cell in one.cells if cell.place.project_id == project_id])
            for one in facts.bases
        ],
        positions=[one for one in facts.positions if one.place.project_id == project_id],
        requests=[one for one in facts.requests if one.place.project_id == project_id],
        accruals=[one for one in facts.accruals if one.place.project_id == project_id],
    )


def checked(kind: Kind, parameters: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with the parameters of a clause of this kind: parameter's name -> sentence; empty when nothing.

    Types and ranges: money is a whole number of minor units from 0 to 10**15, a percentage text from 0 to 100 with up
    to two decimals, a year from 1900 to 2199, days from 1 to 3650, a count from 1 to 20, a category one that money is
    spent in.
    """
    wrong: dict[str, str] = {}
    wanted = {one.name: one for one in KINDS[kind].parameters}
    for name in parameters:
        if name not in wanted:
            wrong[name] = "A clause of this kind has no such parameter."
    for name, one in wanted.items():
        if name not in parameters:
            wrong[name] = f"{one.label} is missing."
        elif not _fits(one.type, parameters[name]):
            wrong[name] = f"{one.label}: {_EXPECTED[one.type]}"
    if (
        kind == Kind.CONTINGENCY_BAND
        and not wrong
        and share_of(parameters["low"]) > share_of(parameters["high"])
    ):
        wrong["high"] = "The upper end of the band is not below its lower end."
    return wrong


_EXPECTED = {
    "money": "an amount of zero or more.",
    "percent": "a percentage from 0 to 100, with two decimals at most.",
    "year": "a year such as 2027.",
    "days": "a number of days from 1 to 3650.",
    "count": "a whole number from 1 to 20.",
    "category": "a cost category that money is spent in.",
}
CATEGORIES = frozenset({"labour", "hardware", "software", "services", "facilities", "travel", "other"})


RANGES = {"money": (0, 10**15), "year": (1900, 2199), "days": (1, 3650), "count": (1, 20)}
"""Lowest and highest value of each whole parameter."""


def _fits(kind: str, value: Any) -> bool:
    if kind == "percent":
        whole, _, part = value.partition(".") if isinstance(value, str) else ("x", "", "")
        digits = whole + part
        return (
            digits.isascii()
            and digits.isdigit()
            and 0 < len(whole) <= 3
            and len(part) <= 2
            and not value.endswith(".")
            and Fraction(value) <= 100
        )
    if kind == "category":
        return isinstance(value, str) and value in CATEGORIES
    low, high = RANGES[kind]
    return type(value) is int and low <= value <= high


KINDS: dict[Kind, ClauseKind] = {
    Kind.FISCAL_YEAR_CEILING: ClauseKind(
        "Fiscal-year ceiling",
        "The budget of a fiscal year, reserves included, stays within an amount.",
        (Parameter("year", "Fiscal year", "year"), Parameter("ceiling_minor", "Ceiling", "money")),
        True,
        rules.ceiling,
    ),
    Kind.CONTINGENCY_BAND: ClauseKind(
        "Contingency band",
        "Contingency lies within a band, in percent of the budget without reserves.",
        (
            Parameter("low", "At least (percent)", "percent"),
            Parameter("high", "At most (percent)", "percent"),
        ),
        True,
        rules.band,
    ),
    Kind.CATEGORY_CAP: ClauseKind(
        "Category cap",
        "A cost category is at most a share of the budget of each project.",
        (Parameter("category", "Category", "category"), Parameter("cap", "At most (percent)", "percent")),
        True,
        rules.cap,
    ),
    Kind.BEYOND_BUDGET: ClauseKind(
        "Nothing beyond approved budget",
        "At each place no more is promised or spent than a decision approved, and no request asks for more than is "
        "available.",
        (),
        True,
        rules.beyond_budget,
    ),
    Kind.CAPITALISATION_THRESHOLD: ClauseKind(
        "Capitalisation threshold",
        "Capital is asked for from an amount on; below, cost is operating expense.",
        (Parameter("threshold_minor", "From", "money"),),
        True,
        rules.threshold,
    ),
    Kind.SEPARATION_OF_DUTIES: ClauseKind(
        "Separation of duties",
        "Cost is read in and accepted by two persons, and nobody who pays also votes.",
        (),
        False,
        rules.duties,
    ),
    Kind.ACCRUAL_AGEING: ClauseKind(
        "Ageing of accruals",
        "What is accrued is invoiced or reversed within a number of days.",
        (Parameter("days", "Days", "days"),),
        False,
        rules.ageing,
    ),
    Kind.QUOTES_ABOVE: ClauseKind(
        "Quotes above an amount",
        "A capital request of more than an amount comes with quotes of so many different vendors.",
        (Parameter("above_minor", "Above", "money"), Parameter("quotes", "Quotes", "count")),
        True,
        rules.quotes,
    ),
}
