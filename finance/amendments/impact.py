"""What a request's money does: budget, reserves, estimate at completion, policy; and whether it fits at all.

Plain values (text, integers, lists and mappings), part of the impact whose digest a ballot is held on.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from fractions import Fraction
from typing import Any

from django.db.models import Max

from finance.amendments.models import AmendmentLine
from finance.amendments.selectors import Spot, Standing, lines_of, plain, spot, standing, touched
from finance.budgets.amending import name_of
from finance.budgets.models import Budget
from finance.conformity.as_if import compared
from finance.earned_value import selectors as earned_value
from finance.earned_value.selectors import Shown
from finance.ledger.models import Journal
from finance.structure.models import RESERVES, Category, FiscalPeriod, Nature
from pmo.money import format_exact, round_half_even
from programs.changes.models import ChangeRequest
from programs.portfolio.models import Program

NAME = "money"
LISTED = 40
"""Cost lines, and sentences of each kind, that are named."""


def measured(request: ChangeRequest, *, at: datetime) -> dict[str, Any]:
    """The figures before and after, in minor units of the program's currency. About twenty queries."""
    program = Program.objects.get(pk=request.program_id)
    lines = lines_of(request)
    now = standing(program.pk)
    moved = _by_spot(lines)
    fresh, gone = compared(program, {(*spot(one), one.period.code): one.amount_minor for one in lines}, at)
    last = Journal.objects.filter(program=program).aggregate(last=Max("recorded_at"))["last"]
    codes = {one.project_id: one.project for one in lines}
    return {
        "currency": program.currency,
        "ledger_version": program.ledger_version,
        "ledger_to": None if last is None else last.isoformat(),
        "lines": [plain(one) for one in lines],
        "budget": _pair(now.approved(), _spendable(lines)),
        "reserves": {
            category: _pair(
                now.reserve(category), sum(one.amount_minor for one in lines if one.category == category)
            )
            for category in sorted(RESERVES)
        },
        "places": [
            {
                "project": code.code if (code := codes[where.project_id]) else "",
                "category": where.category,
                "nature": where.nature,
                "left": _pair(now.left(where), amount),
            }
            for where, amount in list(moved.items())[:LISTED]
        ],
        "eac": _estimates(program, lines, at),
        "exposure_minor": exposure(one.amount_minor for one in lines),
        "policy_new": fresh[:LISTED],
        "policy_gone": gone[:LISTED],
        "problems": problems(lines, now, program.currency),
        "stands": stands(lines, now),
    }


def exposure(amounts: Iterable[int]) -> int:
    """By how much money the decision is about: the greater of what is added and what is taken away."""
    signed = list(amounts)
    return max(sum(one for one in signed if one > 0), -sum(one for one in signed if one < 0))


def _pair(before: int, change: int) -> list[int]:
    return [before, before + change]


def _by_spot(lines: Sequence[AmendmentLine]) -> dict[Spot, int]:
    found: dict[Spot, int] = {}
    for one in lines:
        found[spot(one)] = found.get(spot(one), 0) + one.amount_minor
    return found


def _spendable(lines: Sequence[AmendmentLine], project_id: int | None = None) -> int:
    return sum(
        one.amount_minor
        for one in lines
        if one.category not in RESERVES and project_id in (None, one.project_id)
    )


def _estimates(program: Program, lines: Sequence[AmendmentLine], at: datetime) -> list[dict[str, Any]]:
    """EAC = AC + (BAC - EV) / CPI before and after: work that is added goes at the project's cost index so far.

    BAC + d instead of BAC gives EAC + d / CPI; where a project has no index yet, EAC + d. The program's is the sum of
    what its projects add. Without earned value there is none.
    """
    run = earned_value.newest_run(program)
    whole = earned_value.program_at(run, at) if run is not None else None
    if run is None or whole is None:
        return []
    own = {one.project.pk: one for one in earned_value.projects_at(run, at) if one.project}
    rows, added = [], 0
    for project in dict.fromkeys(one.project for one in lines if one.project):
        change = _spendable(lines, project.pk)
        shown = own.get(project.pk)
        more = _at_pace(change, shown)
        added += more
        before = shown.minor("eac_cpi") if shown else None
        if before is not None and change:
            rows.append({"project": project.code, "eac": _pair(before, more)})
    before = whole.minor("eac_cpi")
    return [] if before is None else [{"project": "", "eac": _pair(before, added)}, *rows]


def _at_pace(change: int, shown: Shown | None) -> int:
    index = shown.value("cpi") if shown else None
    if not index or index <= 0:
        return change
    return round_half_even(Fraction(change) / Fraction(index))


def problems(lines: Sequence[AmendmentLine], now: Standing, currency: str) -> list[str]:
    """Why an approval would be refused: sentences, none where everything fits."""
    found: list[str] = []
    projects = {one.project_id: one.project for one in lines}
    for project_id, cells in touched(lines).items():
        whose = name_of(projects[project_id])
        versions = now.budgets.get(project_id, {})
        if Budget.State.ACTIVE not in versions:
            found.append(f"There is no active budget of {whose} that could be amended.")
            continue
        if Budget.State.SUBMITTED in versions:
            found.append(
                f"Version {versions[Budget.State.SUBMITTED]} of the budget of {whose} waits for a decision and would "
                "take the amendment back: decide on it, or take it back, first."
            )
        for cell, amount in cells.items():
            held = now.amounts.get((project_id, cell), 0)
            if held + amount < 0:
                found.append(
                    f"The budget of {whose} holds {format_exact(held, currency)} for "
                    f"{_line(cell.category, cell.nature)} in {cell.period}: "
                    f"{format_exact(-amount, currency)} cannot be taken from it."
                )
            if Budget.State.DRAFT in versions and now.drafted.get((project_id, cell), 0) + amount < 0:
                found.append(
                    f"Version {versions[Budget.State.DRAFT]} of the budget of {whose} is being prepared and holds "
                    f"less in {cell.period} than is taken from it."
                )
    found += [
        f"{one.period.code} is closed: no budget of it is amended."
        for one in lines
        if one.period.state != FiscalPeriod.State.OPEN
    ]
    for where, amount in _by_spot(lines).items():
        left = now.left(where)
        if left + amount < 0:
            found.append(
                f"Of {_line(where.category, where.nature)} of {name_of(projects[where.project_id])} "
                f"{format_exact(left, currency)} are left: {format_exact(-amount, currency)} cannot be taken from it."
            )
    return list(dict.fromkeys(found))[:LISTED]


def _line(category: str, nature: str) -> str:
    return f"{Category(category).label.lower()}, {Nature(nature).label.lower()}"


def stands(lines: Sequence[AmendmentLine], now: Standing) -> list[list[Any]]:
    """What the figures were read from, place by place: they are stale when this is another."""
    rows: list[list[Any]] = []
    for project_id in sorted({one.project_id or 0 for one in lines}):
        versions = now.budgets.get(project_id or None, {})
        rows += [["budget", project_id, state, number] for state, number in sorted(versions.items())]
    rows += [
        ["left", where.project_id or 0, where.category, where.nature, now.left(where)]
        for where in sorted(_by_spot(lines), key=lambda one: (one.project_id or 0, one.category, one.nature))
    ]
    for owner, cells in touched(lines).items():
        rows += [["line", owner or 0, *cell, now.drafted.get((owner, cell), 0)] for cell in sorted(cells)]
    shut = sorted({one.period.code for one in lines if one.period.state != FiscalPeriod.State.OPEN})
    return [*rows, *(["closed", code] for code in shut)]


def why_not(request: ChangeRequest, shown: dict[str, Any]) -> str:
    """Why nobody can decide on these figures now: budget or books moved where they reach, or the money does not fit."""
    lines = lines_of(request)
    if stands(lines, standing(request.program_id)) != shown["stands"]:
        return (
            "The budget or the books moved where this reaches since the figures were computed on ledger version "
            f"{shown['ledger_version']}: compute them again."
        )
    return shown["problems"][0] if shown["problems"] else ""
