"""Is a cost of internal-use software capital or expense? Three standards over the same facts; no Django, no database.

Sources, as `standards.md` sums them up: ASC 350-40 with stages (paragraphs 25-1 to 25-14, 30-1 to 30-3), ASU 2025-06,
which takes the stages away, and IAS 38 (paragraphs 20, 54, 57, 65 to 67). A treatment names the paragraph it follows
from and the evidence that the standard asks for, with the day on which each was shown or that it is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class Standard(StrEnum):
    ASC_350_40 = "asc350_40_stages"
    ASU_2025_06 = "asu_2025_06"
    IAS_38 = "ias_38"


class Stage(StrEnum):
    PRELIMINARY = "preliminary"
    DEVELOPMENT = "development"
    POST = "post_implementation"


class CostKind(StrEnum):
    EXTERNAL_DIRECT = "external_direct"
    PAYROLL = "payroll"
    TRAINING = "training"
    DATA_CONVERSION = "data_conversion"
    OVERHEAD = "overhead"
    MAINTENANCE = "maintenance"


CAPITAL, EXPENSE = "capital", "operating"

CRITERIA: Mapping[str, str] = {
    "feasible": "technical feasibility",
    "intended": "intention to complete and use it",
    "usable": "ability to use it",
    "benefits": "probable future benefits",
    "resources": "resources to complete it",
    "measurable": "reliable measurement of its cost",
}
"""The six criteria of IAS 38.57 (a) to (f)."""

KIND_OF_CATEGORY: Mapping[str, CostKind] = {
    "labour": CostKind.PAYROLL,
    "hardware": CostKind.EXTERNAL_DIRECT,
    "software": CostKind.EXTERNAL_DIRECT,
    "services": CostKind.EXTERNAL_DIRECT,
    "facilities": CostKind.OVERHEAD,
    "travel": CostKind.OVERHEAD,
    "other": CostKind.OVERHEAD,
}
"""What a cost category is taken for where nobody said it of the activity."""


@dataclass(frozen=True, slots=True)
class Known:
    """What was shown of a project, each by its day (None: not shown). Days count from the day itself on.

    `uncertain`: its functions are novel or its performance requirements unsettled; until `uncertainty_resolved_on`
    that blocks capitalisation under ASU 2025-06. `criteria` are those of IAS 38.57 by the names of `CRITERIA`.
    """

    development_from: date | None = None
    ready_on: date | None = None
    funding_authorised_on: date | None = None
    completion_probable_on: date | None = None
    uncertain: bool = False
    uncertainty_resolved_on: date | None = None
    criteria: Mapping[str, date | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Cost:
    """A cost: its day, what kind of cost it is, and the stage where somebody said it of the activity (else by day)."""

    day: date
    kind: CostKind
    stage: Stage | None = None


@dataclass(frozen=True, slots=True)
class Treatment:
    """`nature` is "capital" or "operating" (expense); the paragraph, why in words, the evidence asked for."""

    nature: str
    clause: str
    why: str
    evidence: Sequence[str] = ()


def stage_of(known: Known, cost: Cost) -> Stage:
    """The stage that was said, else by day: development from its first day, after the day of readiness none more."""
    if cost.stage is not None:
        return cost.stage
    if known.ready_on is not None and cost.day >= known.ready_on:
        return Stage.POST
    if known.development_from is not None and cost.day >= known.development_from:
        return Stage.DEVELOPMENT
    return Stage.PRELIMINARY


def treat(standard: Standard, known: Known, cost: Cost) -> Treatment:
    """What the standard makes of a cost."""
    return _RULES[standard](known, cost)


_NEVER: Mapping[CostKind, tuple[str, str, str]] = {
    # kind: paragraph in US GAAP, paragraph in IFRS, why
    CostKind.TRAINING: ("ASC 350-40-25-4", "IAS 38.67(c)", "training is expensed"),
    CostKind.DATA_CONVERSION: ("ASC 350-40-25-5", "IAS 38.67(b)", "converting data is expensed"),
    CostKind.OVERHEAD: ("ASC 350-40-30-3", "IAS 38.67(a)", "overhead is expensed"),
    CostKind.MAINTENANCE: ("ASC 350-40-25-6", "IAS 38.20", "maintenance is expensed"),
}


def _shown(what: str, on: date | None) -> str:
    return f"{what}: {'missing' if on is None else f'shown on {on.isoformat()}'}"


def _by(on: date | None, day: date) -> bool:
    return on is not None and on <= day


def _asc(known: Known, cost: Cost) -> Treatment:
    if cost.kind in _NEVER:
        return Treatment(EXPENSE, _NEVER[cost.kind][0], _NEVER[cost.kind][2])
    stage = stage_of(known, cost)
    if stage == Stage.PRELIMINARY:
        return Treatment(EXPENSE, "ASC 350-40-25-1", "the preliminary stage is expensed")
    if stage == Stage.POST:
        return Treatment(EXPENSE, "ASC 350-40-25-14", "it is ready for use: capitalisation has ended")
    evidence = (
        _shown("Authorisation of funds", known.funding_authorised_on),
        _shown("Completion probable", known.completion_probable_on),
    )
    if not (_by(known.funding_authorised_on, cost.day) and _by(known.completion_probable_on, cost.day)):
        return Treatment(
            EXPENSE, "ASC 350-40-25-12", "funds were not authorised or completion not probable yet", evidence
        )
    return Treatment(CAPITAL, "ASC 350-40-25-2", "direct cost of application development", evidence)


def _asu(known: Known, cost: Cost) -> Treatment:
    if cost.kind in _NEVER:
        return Treatment(EXPENSE, _NEVER[cost.kind][0], _NEVER[cost.kind][2])
    if cost.stage == Stage.POST or _by(known.ready_on, cost.day):
        return Treatment(EXPENSE, "ASC 350-40-25-14", "it is ready for use: capitalisation has ended")
    evidence = [
        _shown("Authorisation of funds", known.funding_authorised_on),
        _shown("Completion probable", known.completion_probable_on),
    ]
    if known.uncertain:
        evidence.append(
            _shown("Novel functions and performance requirements settled", known.uncertainty_resolved_on)
        )
        if not _by(known.uncertainty_resolved_on, cost.day):
            why = "novel functions or performance requirements were not settled yet"
            return Treatment(EXPENSE, "ASU 2025-06 (350-40-25-12)", why, evidence)
    if not (_by(known.funding_authorised_on, cost.day) and _by(known.completion_probable_on, cost.day)):
        why = "funds were not authorised or completion not probable yet"
        return Treatment(EXPENSE, "ASU 2025-06 (350-40-25-12)", why, evidence)
    why = "funds are authorised and completion is probable, whatever the stage"
    return Treatment(CAPITAL, "ASU 2025-06 (350-40-25-12)", why, evidence)


def _ias(known: Known, cost: Cost) -> Treatment:
    if cost.kind in _NEVER:
        return Treatment(EXPENSE, _NEVER[cost.kind][1], _NEVER[cost.kind][2])
    stage = stage_of(known, cost)
    if stage == Stage.PRELIMINARY:
        return Treatment(EXPENSE, "IAS 38.54", "research is expensed")
    if stage == Stage.POST:
        return Treatment(EXPENSE, "IAS 38.20", "it is in use: what keeps it as it is is expensed")
    evidence = [
        _shown(label[0].upper() + label[1:], known.criteria.get(name)) for name, label in CRITERIA.items()
    ]
    open_ = [label for name, label in CRITERIA.items() if not _by(known.criteria.get(name), cost.day)]
    if open_:
        return Treatment(
            EXPENSE,
            "IAS 38.65",
            f"not shown by then: {', '.join(open_)}; what was expensed is not reinstated",
            evidence,
        )
    return Treatment(CAPITAL, "IAS 38.57", "development with all six criteria shown", evidence)


_RULES: Mapping[Standard, Callable[[Known, Cost], Treatment]] = {
    Standard.ASC_350_40: _asc,
    Standard.ASU_2025_06: _asu,
    Standard.IAS_38: _ias,
}
