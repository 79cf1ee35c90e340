"""A program against its budget policy as of an earlier status date, as far as the facts of then are kept.

Clauses, requests and waivers are those of then by their history; budgets by when they came into force; the books by
the days of their journals and when they were recorded. What is not kept as it was then is in `NOT_KEPT`, in words,
and stands in every certificate of an earlier day: it is never silently that of now.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.apps import apps
from django.db.models import Exists, F, OuterRef, Sum

from finance.budgets.selectors import active_lines
from finance.conformity import gathering
from finance.engine.clause_kinds import evaluate
from finance.engine.conformity import Accrued, Asked, Basis, Cell, Facts, Kind, Place, Result
from finance.ledger.models import Journal, Posting
from finance.ledger.models import Kind as Money
from finance.ledger.selectors import recorded_by
from finance.policy.models import PolicyClause, PolicyWaiver
from finance.structure.models import Category
from pmo.attachments.selectors import quoted_then
from pmo.clocks import AsOf
from pmo.money import format_exact
from programs.portfolio.models import Program, Project

NOT_KEPT: dict[Kind | None, str] = {
    Kind.FISCAL_YEAR_CEILING: "Versions of budgets in preparation are not looked at: only those in force then.",
    Kind.CONTINGENCY_BAND: "Versions of budgets in preparation are not looked at: only those in force then.",
    Kind.CATEGORY_CAP: "Versions of budgets in preparation are not looked at: only those in force then.",
    Kind.SEPARATION_OF_DUTIES: "Who held which role then is taken from the terms of roles as they are recorded today.",
    None: "Names and codes of projects and persons are those of today.",
}


def results_at(program: Program, when: AsOf, clauses: Sequence[PolicyClause]) -> list[Result]:
    """The clauses of then (`clauses_at`) against the facts of then. Eleven queries at most."""
    asked = [gathering.as_clause(one) for one in clauses]
    if not asked:
        return []
    known = facts_at(program, when, {one.kind for one in asked})
    return [evaluate(one, known) for one in asked]


def not_kept(found: Sequence[Result]) -> tuple[str, ...]:
    """What of an earlier day cannot be known, for the clauses that ask for it."""
    kinds: list[Kind | None] = [*(one.clause.kind for one in found), None]
    return tuple(dict.fromkeys(NOT_KEPT[kind] for kind in kinds if kind in NOT_KEPT))


def clauses_at(program: Program, when: AsOf) -> list[PolicyClause]:
    """The clauses in force on the day, in the wording known at the instant, by code. One query."""
    rows = [
        PolicyClause(**{name: row[name] for name in _CLAUSE})
        for row in _then("PolicyClauseEvent", program, when.known, ("id", *_CLAUSE))
    ]
    return sorted(
        (one for one in rows if one.from_day <= when.day and (one.to_day is None or one.to_day > when.day)),
        key=lambda one: one.code,
    )


_CLAUSE = (
    "id",
    "program_id",
    "project_id",
    "code",
    "kind",
    "parameters",
    "action",
    "text",
    "from_day",
    "to_day",
    "version",
)


def waivers_at(program: Program, when: AsOf, clauses: Sequence[PolicyClause]) -> list[PolicyWaiver]:
    """The waivers that a decision had granted by then and that held on the day, in order. One query.

    Each has its clause as it was then (of `clauses`): whether it is a waiver of that
    wording is asked of then, not of today.
    """
    rows = PolicyWaiver.objects.filter(
        program=program, state="approved", until__gte=when.day, decided_at__lte=min(when.at, when.known)
    )
    found = list(rows.select_related("clause", "project", "warrant").order_by("decided_at", "pk"))
    then = {one.pk: one for one in clauses}
    for one in found:
        one.clause = then.get(one.clause_id, one.clause)
    return found


def facts_at(program: Program, when: AsOf, kinds: set[Kind]) -> Facts:
    """What clauses of these kinds ask about, as it stood then."""
    projects = dict(Project.objects.filter(program=program).values_list("pk", "code"))
    available: dict[Place, int] = {}
    needs_books = bool(kinds & (gathering.REQUESTS | {Kind.ACCRUAL_AGEING}))
    books = _books(program, when) if needs_books else []
    positions = gathering.positions_of(books, projects, available) if kinds & gathering.REQUESTS else []
    duties = Kind.SEPARATION_OF_DUTIES in kinds
    moment = min(when.at, when.known)
    return Facts(
        today=when.day,
        money=lambda minor: format_exact(minor, program.currency),
        bases=[_basis(program, projects, when)] if kinds & gathering.BUDGETS else [],
        positions=positions,
        requests=_requests(program, projects, available, when) if kinds & gathering.REQUESTS else [],
        accruals=_accruals(program, projects, books, when) if Kind.ACCRUAL_AGEING in kinds else [],
        handled=[*gathering.files(program, moment), *gathering.holders(program, when.day)] if duties else [],
        category_names=dict(Category.choices),
        project_codes=projects,
    )


def _then(model: str, program: Program, moment: Any, fields: tuple[str, ...]) -> Any:
    """The newest state by an instant of every row that a history table knows and that was not removed by then."""
    history: Any = apps.get_model("finance", model)
    newest = (
        history.objects.filter(program_id=program.pk, pgh_created_at__lte=moment)
        .order_by("pgh_obj_id", "-pgh_id")
        .distinct("pgh_obj_id")
    )
    return [row for row in newest.values("pgh_label", *fields) if row["pgh_label"] != "delete"]


def _books(program: Program, when: AsOf) -> list[tuple[int | None, str, str, str, int]]:
    """Project, category, nature, kind and balance of every account as it stood then. One query."""
    rows = (
        Posting.objects.filter(recorded_by(when, "journal__"), program=program, currency=program.currency)
        .values("account__project_id", "account__category", "account__nature", "account__kind")
        .annotate(balance=Sum("amount"))
    )
    return [
        (
            row["account__project_id"],
            row["account__category"],
            row["account__nature"],
            row["account__kind"],
            int(row["balance"]),
        )
        for row in rows
    ]


def _basis(program: Program, projects: dict[int, str], when: AsOf) -> Basis:
    sums: dict[tuple[int | None, int, str, str], int] = {}
    rows = active_lines(program, when).values_list(
        "budget__project_id", "period__code", "category", "nature", "amount_minor"
    )
    for project_id, period, category, nature, amount in rows:
        key = (project_id, gathering.fiscal_year(period, program.fiscal_year_start_month), category, nature)
        sums[key] = sums.get(key, 0) + amount
    cells = [
        Cell(gathering.place_of(projects, project_id, category, nature), year, amount)
        for (project_id, year, category, nature), amount in sums.items()
    ]
    return Basis("in force", cells)


def _requests(
    program: Program, projects: dict[int, str], available: dict[Place, int], when: AsOf
) -> list[Asked]:
    fields = ("id", "code", "project_id", "category", "amount_minor", "state")
    quotes = quoted_then(program.pk, "capital_request", min(when.at, when.known))
    found = []
    for row in _then("CapitalRequestEvent", program, min(when.at, when.known), fields):
        if row["state"] in gathering.WAITING:
            place = gathering.place_of(projects, row["project_id"], row["category"], "capital")
            free, quoting = available.get(place, 0), quotes.get(row["id"], [])
            found.append(Asked(row["id"], row["code"], place, row["amount_minor"], free, quoting))
    return sorted(found, key=lambda one: one.id)


def _accruals(
    program: Program, projects: dict[int, str], books: Sequence[tuple[Any, ...]], when: AsOf
) -> list[Accrued]:
    """What stood accrued at each place then, with the accruals not taken back by then. One query more."""
    balances = {
        (project_id, category, nature): balance
        for project_id, category, nature, kind, balance in books
        if kind == Money.ACCRUED and balance > 0
    }
    if not balances:
        return []
    taken_back = Journal.objects.filter(recorded_by(when), program=program, reverses=OuterRef("journal_id"))
    rows: Any = (
        Posting.objects.filter(
            recorded_by(when, "journal__"), program=program, account__kind=Money.ACCRUED, amount__gt=0
        )
        .filter(~Exists(taken_back))
        .values("account__project_id", "account__category", "account__nature", day=F("journal__effective"))
        .annotate(sum=Sum("amount"))
        .order_by("-day")
    )
    entries: dict[tuple[Any, ...], list[tuple[date, int]]] = {}
    for row in rows:
        key = (row["account__project_id"], row["account__category"], row["account__nature"])
        entries.setdefault(key, []).append((row["day"], int(row["sum"])))
    return [
        Accrued(gathering.place_of(projects, *key), balance, entries.get(key, []))
        for key, balance in balances.items()
    ]
