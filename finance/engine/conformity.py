"""Budget policy: clauses and the facts that they are held against; no database, no Django.

A clause is a rule with parameters ("contingency between 5 and 15 percent"). Evaluated against facts it is kept,
breached or not applicable, with a sentence that holds the figures and the evidence behind it. All amounts are whole
minor units of the program's currency; shares are compared exactly, as fractions, never as floats.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple


class Kind(StrEnum):
    FISCAL_YEAR_CEILING = "fiscal_year_ceiling"
    CONTINGENCY_BAND = "contingency_band"
    CATEGORY_CAP = "category_cap"
    BEYOND_BUDGET = "beyond_budget"
    CAPITALISATION_THRESHOLD = "capitalisation_threshold"
    SEPARATION_OF_DUTIES = "separation_of_duties"
    ACCRUAL_AGEING = "accrual_ageing"
    QUOTES_ABOVE = "quotes_above"


class State(StrEnum):
    KEPT = "kept"
    BREACHED = "breached"
    NOT_APPLICABLE = "not_applicable"


class Subject(NamedTuple):
    """What a breach is about besides its place: a budget version, a capital request, or nothing of the kind."""

    kind: str = ""
    id: int = 0


class Place(NamedTuple):
    """Whose money of which sort; empty where a breach is wider than that."""

    project_id: int | None = None
    project: str = ""
    category: str = ""
    nature: str = ""


NO_SUBJECT, ANYWHERE = Subject(), Place()


@dataclass(frozen=True, slots=True)
class Clause:
    """One rule as it stands in the policy; `parameters` as `finance.engine.clause_kinds` describes them."""

    id: int
    code: str
    kind: Kind
    parameters: Mapping[str, Any]
    blocks: bool = False
    project_id: int | None = None
    """The one project for which it holds; None: the whole program."""
    project: str = ""
    """Its code, as the facts have it that the clause was held against (`evaluate`)."""


class Cell(NamedTuple):
    """Budget of a place in a fiscal year."""

    place: Place
    year: int
    amount: int


@dataclass(frozen=True, slots=True)
class Basis:
    """A budget as a whole: the one in force (no subject), or the same with one version in preparation put in."""

    label: str
    cells: Sequence[Cell]
    subject: Subject = NO_SUBJECT


@dataclass(frozen=True, slots=True)
class Position:
    """The books at a place: what was granted, what of it is promised or spent, what was spent beyond (zero or more)."""

    place: Place
    budget: int
    used: int
    beyond: int


@dataclass(frozen=True, slots=True)
class Asked:
    """A capital request that waits or is drafted, what is available where it wants its money from, and who quotes."""

    id: int
    code: str
    place: Place
    amount: int
    available: int
    quoting: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Accrued:
    """What stands accrued at a place, and the accruals behind it, newest first: day and amount."""

    place: Place
    balance: int
    entries: Sequence[tuple[date, int]]


@dataclass(frozen=True, slots=True)
class Handled:
    """Two steps of one thing that two persons should do: what it is, and who did each."""

    key: str
    what: str
    first: str
    second: str
    same: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything the clauses ask about, as read at one moment; `money` writes an amount with its currency."""

    today: date
    money: Callable[[int], str]
    bases: Sequence[Basis] = ()
    positions: Sequence[Position] = ()
    requests: Sequence[Asked] = ()
    accruals: Sequence[Accrued] = ()
    handled: Sequence[Handled] = ()
    category_names: Mapping[str, str] = field(default_factory=dict)
    project_codes: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Evidence:
    """A figure that was looked at: what it is, and its value in words."""

    what: str
    value: str


@dataclass(frozen=True, slots=True)
class Breach:
    """One thing that is not as the clause wants it. `key` names it from one look to the next; `amount` says how far."""

    key: str
    sentence: str
    amount: int = 0
    place: Place = ANYWHERE
    subject: Subject = NO_SUBJECT


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a clause: the state, a sentence with figures, the evidence and every breach."""

    clause: Clause
    state: State
    sentence: str
    evidence: Sequence[Evidence] = ()
    breaches: Sequence[Breach] = ()


def result(
    clause: Clause, evidence: Sequence[Evidence], breaches: Sequence[Breach], kept: str, nothing: str
) -> Result:
    """The result from what was found: `kept` says that all is well, `nothing` why there was nothing to look at."""
    if breaches:
        more = f" And {len(breaches) - 1} more." if len(breaches) > 1 else ""
        return Result(clause, State.BREACHED, breaches[0].sentence + more, evidence, breaches)
    if not evidence:
        return Result(clause, State.NOT_APPLICABLE, nothing)
    return Result(clause, State.KEPT, kept, evidence)
