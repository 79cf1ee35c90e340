"""The facts of a program that its budget policy asks about: nine queries at most, whatever the number of rows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db.models import Exists, F, OuterRef, Q, Sum

from finance.budgets.models import Budget, BudgetLine
from finance.capex.models import CapitalRequest
from finance.engine.conformity import (
    Accrued,
    Asked,
    Basis,
    Cell,
    Clause,
    Facts,
    Handled,
    Kind,
    Place,
    Position,
    Subject,
)
from finance.imports.models import ActualBatch
from finance.ledger.models import Account, Journal, Posting
from finance.ledger.models import Kind as Money
from finance.policy.models import PolicyClause
from finance.structure import periods
from finance.structure.models import Category
from pmo.accounts.models import Membership
from pmo.accounts.roles import GRANTS, Permission, Role
from pmo.attachments.selectors import different, quoted_by
from pmo.money import format_exact
from programs.portfolio.models import Program, Project

WAITING = ("draft", "submitted", "in_review")
PREPARED = (Budget.State.DRAFT, Budget.State.SUBMITTED)
MOST_FILES = 500
"""The latest accepted cost files that are shown one by one; of all files those of one person are found."""


def in_force(program: Program, day: date) -> list[PolicyClause]:
    """The clauses that hold on a day, by code. One query."""
    holding = PolicyClause.objects.filter(program=program, from_day__lte=day)
    return list(holding.filter(Q(to_day=None) | Q(to_day__gt=day)).order_by("code"))


def as_clause(one: PolicyClause) -> Clause:
    """A clause as the engine takes it."""
    blocks = one.action == PolicyClause.Action.BLOCK
    return Clause(one.pk, one.code, Kind(one.kind), one.parameters, blocks, one.project_id)


def fiscal_year(code: str, start_month: int) -> int:
    """The fiscal year of a period such as 2026-11: named after the calendar year in which it ends."""
    year, month = int(code[:4]), int(code[5:7])
    return year + 1 if start_month > 1 and month >= start_month else year


BUDGETS = {Kind.FISCAL_YEAR_CEILING, Kind.CONTINGENCY_BAND, Kind.CATEGORY_CAP}
REQUESTS = {Kind.BEYOND_BUDGET, Kind.CAPITALISATION_THRESHOLD, Kind.QUOTES_ABOVE}


def facts(program: Program, at: datetime, kinds: Collection[Kind]) -> Facts:
    """What clauses of these kinds ask about, as it stands now in this transaction."""
    asked = set(kinds)
    projects = dict(Project.objects.filter(program=program).values_list("pk", "code"))
    available: dict[Place, int] = {}
    rows = Account.objects.filter(program=program, currency=program.currency)
    books = rows.values_list("project_id", "category", "nature", "kind", "balance")
    positions = positions_of(books, projects, available) if asked & REQUESTS else []
    today = periods.local_day(program, at)
    return Facts(
        today=today,
        money=lambda minor: format_exact(minor, program.currency),
        bases=_bases(program, projects) if asked & BUDGETS else [],
        positions=positions,
        requests=_requests(program, projects, available) if asked & REQUESTS else [],
        accruals=_accruals(program, projects) if Kind.ACCRUAL_AGEING in asked else [],
        handled=[*files(program), *holders(program, today)] if Kind.SEPARATION_OF_DUTIES in asked else [],
        category_names=dict(Category.choices),
        project_codes=projects,
    )


def place_of(projects: dict[int, str], project_id: int | None, category: str, nature: str) -> Place:
    return Place(project_id, projects.get(project_id or 0, ""), category, nature)


class _Version(NamedTuple):
    pk: int
    project_id: int | None
    number: int


def _bases(program: Program, projects: dict[int, str]) -> Sequence[Basis]:
    """The budget in force, and it once more with each version in preparation in place of its predecessor."""
    rows = (
        BudgetLine.objects.filter(program=program, budget__state__in=[Budget.State.ACTIVE, *PREPARED])
        .order_by("budget_id")
        .values_list(
            "budget_id",
            "budget__project_id",
            "budget__number",
            "budget__state",
            "category",
            "nature",
            "period__code",
            "amount_minor",
        )
    )
    sums: dict[_Version, dict[tuple[int, str, str], int]] = {}
    active: dict[int | None, _Version] = {}
    for pk, project_id, number, state, category, nature, period, amount in rows.iterator(chunk_size=5000):
        version = _Version(pk, project_id, number)
        if state == Budget.State.ACTIVE:
            active[project_id] = version
        of_version = sums.setdefault(version, {})
        key = (fiscal_year(period, program.fiscal_year_start_month), category, nature)
        of_version[key] = of_version.get(key, 0) + amount

    def cells(version: _Version) -> list[Cell]:
        return [
            Cell(place_of(projects, version.project_id, category, nature), year, amount)
            for (year, category, nature), amount in sums[version].items()
        ]

    bases = [Basis("in force", [cell for version in active.values() for cell in cells(version)])]
    for version in sums:
        if version in active.values():
            continue
        others = [one for project_id, one in active.items() if project_id != version.project_id]
        whose = projects.get(version.project_id or 0, "Program reserves")
        together = [cell for one in (*others, version) for cell in cells(one)]
        bases.append(Basis(f"{whose} version {version.number}", together, Subject("budget", version.pk)))
    return bases


def positions_of(
    books: Iterable[tuple[int | None, str, str, str, int]],
    projects: dict[int, str],
    available: dict[Place, int],
) -> Sequence[Position]:
    """What every place was granted (transfers moved along), promised and spent; fills what is available there."""
    held: dict[Place, dict[str, int]] = {}
    for project_id, category, nature, kind, balance in books:
        held.setdefault(place_of(projects, project_id, category, nature), {})[kind] = balance
    positions = []
    for place, kinds in held.items():
        used = sum(kinds.get(kind, 0) for kind in (Money.COMMITTED, Money.ACCRUED, Money.SPENT))
        beyond = max(0, -kinds.get(Money.UNFUNDED, 0))
        available[place] = kinds.get(Money.AVAILABLE, 0)
        granted = sum(balance for kind, balance in kinds.items() if kind != Money.FUNDING)
        positions.append(Position(place, granted, used, beyond))
    return sorted(positions, key=lambda one: (one.place.project, one.place.category, one.place.nature))


def _requests(program: Program, projects: dict[int, str], available: dict[Place, int]) -> Sequence[Asked]:
    rows = CapitalRequest.objects.filter(program=program, state__in=WAITING).order_by("pk")
    found = []
    for pk, code, project_id, category, amount, vendors in rows.values_list(
        "pk", "code", "project_id", "category", "amount_minor", quoted_by("capital_request")
    ):
        place = place_of(projects, project_id, category, "capital")
        found.append(Asked(pk, code, place, amount, available.get(place, 0), different(vendors)))
    return found


def _accruals(program: Program, projects: dict[int, str]) -> Sequence[Accrued]:
    """What stands accrued at each place, with the accruals not taken back, newest day first. Two queries at most."""
    rows = Account.objects.filter(program=program, kind=Money.ACCRUED, balance__gt=0).order_by("pk")
    balances = {
        pk: (place_of(projects, project_id, category, nature), balance)
        for pk, project_id, category, nature, balance in rows.values_list(
            "pk", "project_id", "category", "nature", "balance"
        )
    }
    if not balances:
        return []
    taken_back = Journal.objects.filter(program=program, reverses=OuterRef("journal_id"))
    entries: dict[int, list[tuple[date, int]]] = {}
    days: Any = (
        Posting.objects.filter(program=program, account_id__in=balances, amount__gt=0)
        .filter(~Exists(taken_back))
        .values("account_id", "journal__effective")
        .annotate(sum=Sum("amount"))
        .order_by("-journal__effective")
    )
    for row in days:
        entries.setdefault(row["account_id"], []).append((row["journal__effective"], int(row["sum"])))
    return [Accrued(place, balance, entries.get(pk, [])) for pk, (place, balance) in balances.items()]


def files(program: Program, until: datetime | None = None) -> list[Handled]:
    """Cost files (accepted by an instant): who read each in, and who accepted it.

    Of all files those that one person did both of; of the others the latest ones, and how many more there are. Two
    queries whatever the number of files.
    """
    accepted = ActualBatch.objects.filter(program=program, state=ActualBatch.State.ACCEPTED, source="file")
    if until is not None:
        accepted = accepted.filter(accepted_at__lte=until)
    latest = accepted.order_by("-pk").values("pk")[:MOST_FILES]
    rows = accepted.filter(Q(uploaded_by=F("accepted_by")) | Q(pk__in=latest)).order_by("-pk")
    found = [
        Handled(
            f"file:{pk}",
            f"Cost file {name[:80]}",
            f"read in by {reader or 'the office'}",
            f"accepted by {accepter or 'the office'}",
            reader_id is not None and reader_id == accepter_id,
        )
        for pk, name, reader_id, reader, accepter_id, accepter in rows.values_list(
            "pk", "file_name", "uploaded_by_id", "uploaded_by__name", "accepted_by_id", "accepted_by__name"
        )
    ]
    if len(found) >= MOST_FILES and (more := accepted.count() - len(found)):
        found.append(
            Handled(
                "files:earlier",
                f"{more:,} earlier cost file{'s' if more > 1 else ''}",
                "read in by one",
                "accepted by another",
                False,
            )
        )
    return found


def holders(program: Program, today: date) -> list[Handled]:
    """Persons whose roles let them pay, and whether another role lets the same person vote."""
    terms = Membership.objects.filter(program_id=program.pk, valid_from__lte=today)
    names: dict[int, str] = {}
    roles: dict[int, set[str]] = {}
    for user_id, name, role in (
        terms.filter(Q(valid_to=None) | Q(valid_to__gte=today))
        .order_by("user_id", "role")
        .values_list("user_id", "user__name", "role")
    ):
        names[user_id] = name
        roles.setdefault(user_id, set()).add(role)

    def held(user_id: int, right: Permission) -> str:
        return ", ".join(
            str(Role(role).label) for role in sorted(roles[user_id]) if right in GRANTS.get(role, frozenset())
        )

    found = []
    for user_id in roles:
        pays, votes = held(user_id, Permission.POST_ACTUALS), held(user_id, Permission.VOTE)
        if pays:
            found.append(
                Handled(
                    f"roles:{user_id}",
                    f"Roles of {names[user_id]}",
                    f"{pays} pays",
                    f"{votes} votes" if votes else "no role votes",
                    bool(votes),
                )
            )
    return found
