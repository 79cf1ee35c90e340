"""The money that came with an imported plan: costs as lines of the ledger, budget lines as drafts.

A plan tells cumulative cost at each status date; the ledger holds what was added from one to the next. An import
never approves anything: its budget lines wait as a draft for a decision.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection, transaction

from finance.budgets import services as budgets
from finance.budgets.models import Budget, BudgetLine
from finance.imports import posting, staging
from finance.imports.models import ActualBatch
from finance.ledger.models import ActualLine
from finance.structure import periods
from finance.structure.models import Category, Nature
from pmo.accounts.access import current_access
from pmo.accounts.models import User
from pmo.accounts.roles import Permission
from pmo.money import exponent, round_half_even
from pmo.refusals import Refused
from programs.exchange import codec
from programs.exchange.draft import Draft
from programs.exchange.models import PlanImport
from programs.portfolio.models import Program, Project
from programs.schedule.clock import ProgramClock
from programs.schedule.models import Activity, StatusPeriod

DEFAULT_CATEGORY, DEFAULT_NATURE = Category.LABOUR.value, Nature.OPERATING.value
_EXACT = Decimal("0.0001")


def enter(*, plan_import: PlanImport, by: User | None, at: datetime) -> ActualBatch | None:
    """Enter what an accepted import brought along (see `import_bundle_costs`)."""
    return import_bundle_costs(
        program=plan_import.program,
        draft=codec.decode(plan_import.draft),
        by=by,
        at=at,
        name=plan_import.file_name,
    )


def import_bundle_costs(
    *, program: Program, draft: Draft, by: User | None, at: datetime, name: str = "plan import"
) -> ActualBatch | None:
    """Enter the costs of a read plan whose activities and status dates are in the program already.

    A project's costs come from its `actuals` rows where it has any, else from the cumulative cost of its
    progress: one line for each status date at which an activity's cost changed. What the ledger has already is
    left out, so the same plan twice enters nothing (None is returned), and a corrected one enters the
    difference. Budget lines become drafts. Raises Refused as the ledger does (a closed period).
    """
    current_access().require(Permission.IMPORT, program.pk)
    with transaction.atomic():
        draft_budgets(program=program, draft=draft, by=by, at=at)
        costs = _Costs(program, draft)
        rows = [*costs.of_progress(), *costs.of_actuals()]
        batch = None
        if rows:
            batch = ActualBatch.objects.create(
                program=program,
                source=ActualBatch.Source.PLAN,
                file_name=name[:200],
                digest=hashlib.sha256(repr(rows).encode()).hexdigest(),
                uploaded_by=by,
                uploaded_at=at,
            )
            staging.stage(batch, (_staged(batch, n, row) for n, row in enumerate(rows, 1)))
            posting.check(batch, on=periods.local_day(program, at))
            batch.totals = posting.totals(batch)
            _refuse_faults(batch)
            if batch.totals["new"] == 0:
                batch.staged.all().delete()
                batch.state = ActualBatch.State.DROPPED
            else:
                batch.totals["entered"] = posting.post(batch, program=program, by=by, at=at)
                batch.state, batch.accepted_by, batch.accepted_at = ActualBatch.State.ACCEPTED, by, at
            batch.save(update_fields=["state", "totals", "accepted_by", "accepted_at"])
        return batch


def _refuse_faults(batch: ActualBatch) -> None:
    """A plan's costs come in whole or not at all: one left out in silence would be missing for ever."""
    if not batch.totals["faults"]:
        return
    first = batch.staged.exclude(problem="").order_by("row").first()
    said = f"{first.source_reference}: {first.problem}" if first else ""
    raise Refused(f"{batch.totals['faults']:,} costs of the plan cannot be entered. {said}", field="file")


@dataclass(slots=True)
class _Line:
    """One line to be entered: ids, the day and, where known, the instant; exact and rounded minor units."""

    reference: str
    project_id: int
    activity_id: int | None
    category: str
    nature: str
    instant: datetime | None
    day: Any
    exact: Decimal
    minor: int
    vendor: str = ""
    text: str = ""


class _Costs:
    """The draft's costs against what the ledger has already."""

    def __init__(self, program: Program, draft: Draft) -> None:
        self.program, self.draft = program, draft
        self.clock = ProgramClock(program.time_zone)
        self.unit = 10 ** exponent(program.currency)
        self.projects = dict(Project.objects.filter(program=program).values_list("code", "pk"))
        self.activities = {
            (project, code): pk
            for project, code, pk in Activity.objects.filter(program=program).values_list(
                "project__code", "code", "pk"
            )
        }
        self.with_actuals = {actual.project for actual in draft.actuals}
        self.sort = {
            (a.project, a.code): (a.cost_category or DEFAULT_CATEGORY, a.cost_nature or DEFAULT_NATURE)
            for a in draft.activities
        }

    def of_progress(self) -> Iterator[_Line]:
        """One line wherever an activity's cumulative cost at a status date is not what the ledger says."""
        dates = {
            (project, number): at
            for project, number, at in StatusPeriod.objects.filter(program=self.program).values_list(
                "project__code", "number", "at"
            )
        }
        told: dict[tuple[str, str], list[tuple[datetime, int, Decimal]]] = {}
        for row in self.draft.progress:
            at = dates.get((row.project, row.period))
            if row.actual_cost is None or at is None or row.project in self.with_actuals:
                continue
            cost = (row.actual_cost * self.unit).quantize(_EXACT)
            told.setdefault((row.project, row.activity), []).append((at, row.period, cost))
        entered = self._entered()
        for key, reports in told.items():
            if key not in self.activities:
                continue
            activity_id, (category, nature) = self.activities[key], self.sort[key]
            known = entered.get(activity_id, {})
            added = Decimal(0)  # what this import has added so far, exact
            for at, period, cost in sorted(reports):
                before = (
                    sum((amount for when, (amount, _) in known.items() if when <= at), Decimal(0)) + added
                )
                change = cost - before
                if not change:
                    continue
                added += change
                count = known[at][1] if at in known else 0
                yield _Line(
                    reference=f"plan:{key[0]}:{key[1]}:{period}:{count + 1}",
                    project_id=self.projects[key[0]],
                    activity_id=activity_id,
                    category=category,
                    nature=nature,
                    instant=at,
                    day=at.astimezone(self.clock.zone).date(),
                    exact=change,
                    # Cumulative figures are rounded, so that the rounded lines add up to the rounded cost.
                    minor=round_half_even(cost) - round_half_even(before),
                )

    def _entered(self) -> dict[int, dict[datetime, tuple[Decimal, int]]]:
        """What earlier plan imports entered: activity -> instant -> exact sum and number of lines."""
        found: dict[int, dict[datetime, tuple[Decimal, int]]] = {}
        with connection.cursor() as cursor:
            cursor.execute(
                """select l.activity_id, l.effective_at, sum(l.amount_exact), count(*)
                     from finance_actualline l join finance_actualbatch b on b.id = l.batch_id and b.source = 'plan'
                    where l.program_id = %s and l.activity_id is not null and l.effective_at is not null
                    group by 1, 2""",
                [self.program.pk],
            )
            for activity_id, instant, amount, count in cursor.fetchall():
                found.setdefault(activity_id, {})[instant] = (amount, count)
        return found

    def of_actuals(self) -> Iterator[_Line]:
        """The costs that the plan lists one by one, each known by its own reference, and not here yet."""
        references = [_kept(row.reference) for row in self.draft.actuals]
        here = set(
            ActualLine.objects.filter(program=self.program, source_reference__in=references).values_list(
                "source_reference", flat=True
            )
        )
        for row in self.draft.actuals:
            if _kept(row.reference) in here:
                continue
            exact = (row.amount * self.unit).quantize(_EXACT)
            yield _Line(
                reference=_kept(row.reference),
                project_id=self.projects[row.project],
                activity_id=self.activities.get((row.project, row.activity)),
                category=row.category or DEFAULT_CATEGORY,
                nature=row.nature or DEFAULT_NATURE,
                instant=None,
                day=row.date,
                exact=exact,
                minor=round_half_even(exact),
                vendor=row.vendor[:200],
                text=row.description[:400],
            )


def _kept(reference: str) -> str:
    """A reference of at most 120 characters; a longer one keeps a digest of the whole, so that no two meet."""
    if len(reference) <= 120:
        return reference
    return f"{reference[:87]}~{hashlib.sha256(reference.encode()).hexdigest()[:32]}"


def _staged(batch: ActualBatch, number: int, line: _Line) -> tuple[Any, ...]:
    return (
        batch.program_id, batch.pk, number, line.reference, "", None, "", "", line.category, line.nature, line.day,
        line.instant, line.exact, line.minor, "", None, None, line.vendor, line.text,
        line.project_id, line.activity_id, "", False,
    )  # fmt: skip


def draft_budgets(*, program: Program, draft: Draft, by: User | None, at: datetime) -> int:
    """The plan's budget lines as drafts, one for each project that has neither a draft nor an active budget yet.

    A draft that an import made and nobody has submitted is brought up to date. How many were written.
    """
    lines: dict[str, dict[tuple[str, str, str], int]] = {}
    unit = 10 ** exponent(program.currency)
    starts = {project.code: project.start for project in draft.projects}
    clock = ProgramClock(program.time_zone)
    for row in draft.budget:
        if row.category == Category.MANAGEMENT_RESERVE:
            continue  # the program's, not a project's: entered by hand
        start = starts.get(row.project)
        begins = (clock.instant(start) if start is not None else program.starts_at).astimezone(clock.zone)
        key = (row.category, row.nature, row.period or periods.code_of(begins.date()))
        mine = lines.setdefault(row.project, {})
        mine[key] = mine.get(key, 0) + round_half_even(row.amount * unit)
    written = 0
    for project in Project.objects.filter(program=program, code__in=lines):
        budget = Budget.objects.filter(program=program, project=project).order_by("-number").first()
        if budget is None:
            budget = budgets.begin(program=program, project=project, origin=Budget.Origin.IMPORTED)
        elif budget.state != Budget.State.DRAFT or budget.origin != Budget.Origin.IMPORTED:
            continue
        written += _bring_up(program, budget, lines[project.code])
    return written


def _bring_up(program: Program, budget: Budget, lines: dict[tuple[str, str, str], int]) -> int:
    found = {
        (line.category, line.nature, line.period.code): line.amount_minor
        for line in budget.lines.select_related("period")
    }
    wanted = {key: amount for key, amount in lines.items() if amount}
    if found == wanted:
        return 0
    months = periods.ensure(program, {period for _, _, period in wanted})
    budget.lines.all().delete()
    BudgetLine.objects.bulk_create(
        BudgetLine(
            program=program,
            budget=budget,
            category=category,
            nature=nature,
            period=months[period],
            amount_minor=amount,
        )
        for (category, nature, period), amount in wanted.items()
    )
    return 1
