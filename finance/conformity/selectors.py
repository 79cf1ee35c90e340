"""Reading a policy: its clauses with what each comes to now, and what became of one over time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps

from finance.conformity.checking import result_of, results, standing, waived, waiver_of
from finance.engine.clause_kinds import KINDS
from finance.engine.conformity import Kind, Result
from finance.policy.models import PolicyClause, PolicyWaiver
from finance.structure.models import Category
from finance.structure.periods import local_day
from pmo.money import format_exact
from programs.portfolio.models import Program

STATES = {
    "kept": "Kept",
    "waived": "Kept under waiver",
    "breached": "Breached",
    "not_applicable": "Not applicable",
}


@dataclass(frozen=True, slots=True)
class Row:
    """A clause of the policy and its result now (None: it is not in force today)."""

    clause: PolicyClause
    asks: str
    result: Result | None
    waived: str = ""
    standing: str = ""

    @property
    def state(self) -> str:
        """The state in words."""
        return STATES[self.standing or self.result.state] if self.result else "Not in force"


def asks(kind: str, parameters: dict[str, Any], currency: str, project: str = "") -> str:
    """The parameters of a clause in words: "Ceiling 5,000,000.00 EUR, fiscal year 2027"; of one project (code)."""
    said = []
    for one in KINDS[Kind(kind)].parameters:
        value = parameters.get(one.name, "")
        if one.type == "money":
            value = format_exact(value, currency)
        elif one.type == "category":
            value = str(dict(Category.choices).get(value, value)).lower()
        said.append(f"{one.label}: {value}")
    words = "; ".join(said) or KINDS[Kind(kind)].says
    return f"In {project}: {words}" if project else words


def policy(program: Program, user: Any, at: datetime) -> list[Row]:
    """Every clause of the policy, by code, with its result. Eleven queries at most."""
    now = {one.clause.id: one for one in results(program, at)}
    clauses = PolicyClause.objects.visible_to(user).filter(program=program)
    clauses = clauses.select_related("project").order_by("to_day", "code")
    granted = waived(program, local_day(program, at)) if any(one.breaches for one in now.values()) else []
    rows = [
        Row(
            one,
            asks(one.kind, one.parameters, program.currency, one.project.code if one.project else ""),
            now.get(one.pk),
            _waived(now.get(one.pk), granted),
            standing(now[one.pk], granted) if one.pk in now else "",
        )
        for one in clauses
    ]
    return sorted(rows, key=lambda row: (row.result is None, row.clause.code))


def _waived(result: Result | None, granted: list[PolicyWaiver]) -> str:
    """Which of the breaches stand under a waiver, in words."""
    under = [waiver_of(result, one, granted) for one in result.breaches] if result else []
    codes = sorted({one.code for one in under if one})
    if not codes:
        return ""
    return f"{sum(1 for one in under if one)} of {len(under)} waived: {', '.join(codes)}"


def waivers(clause: PolicyClause, user: Any) -> list[PolicyWaiver]:
    """What was asked not to be held to of a clause, newest first. One query."""
    rows = PolicyWaiver.objects.visible_to(user).filter(program_id=clause.program_id, clause=clause)
    return list(rows.select_related("requester", "warrant", "project").order_by("-pk")[:100])


def row_of(clause: PolicyClause, program: Program, at: datetime) -> Row:
    """One clause with its result. Six queries at most."""
    found = result_of(clause, program, at)
    granted = waived(program, local_day(program, at)) if found and found.breaches else []
    return Row(
        clause,
        asks(clause.kind, clause.parameters, program.currency, clause.project.code if clause.project else ""),
        found,
        _waived(found, granted),
        standing(found, granted) if found else "",
    )


@dataclass(frozen=True, slots=True)
class Change:
    """What a clause was after one change: when, by whom, why."""

    at: datetime
    who: str
    why: str
    asks: str
    action: str
    until: Any


def changes(clause: PolicyClause, currency: str) -> list[Change]:
    """The history of a clause, newest first (written by the database). One query."""
    events = apps.get_model("finance", "PolicyClauseEvent").objects.filter(pgh_obj_id=clause.pk)
    actions = dict(PolicyClause.Action.choices)
    return [
        Change(
            one.pgh_created_at,
            (one.pgh_context or {}).get("name", ""),
            (one.pgh_context or {}).get("why", ""),
            asks(one.kind, one.parameters, currency),
            actions[one.action],
            one.to_day,
        )
        for one in events.order_by("-pgh_id")[:100]
    ]
