"""Which cost lines are posted otherwise than the policy in force proposes: one by one, and what is left out of it.

Left out: what belongs to a capital request (its orders and invoices carry it), costs that were reversed with their
reversals, counter lines of reclassifications, and directions whose lines cancel each other out. Accruals are no cost
lines: they are reclassified when their invoice is entered.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from typing import NamedTuple

from django.db.models import Exists, OuterRef

from finance.capitalisation.models import CapitalisationPolicy
from finance.capitalisation.reclass_models import originals
from finance.capitalisation.selectors import in_force, known_of, marks_of
from finance.engine.capitalisation import KIND_OF_CATEGORY, Cost, Standard, Treatment, treat
from finance.ledger.models import ActualLine, Journal
from finance.structure import periods
from programs.portfolio.models import Program, Project


class Differing(NamedTuple):
    """A cost line: what it is posted as, what it is under the policy, minor units, and the paragraph."""

    line: int
    category: str
    from_nature: str
    to_nature: str
    amount: int
    clause: str


def differing(program: Program, project: Project, month: str, most: int) -> list[Differing]:
    """The lines of a project (of one month) that differ; beyond `most` the first one too many ends it."""
    rows = originals(ActualLine.objects.filter(program=program, project=project))
    if month:
        first = periods.first_day(month)
        rows = rows.filter(
            effective__gte=first, effective__lte=first.replace(day=monthrange(first.year, first.month)[1])
        )
    reversals = Journal.objects.filter(program=program, reverses=OuterRef("journal_id"))
    rows = rows.filter(journal__request=None, journal__reverses=None).exclude(Exists(reversals))
    records = list(CapitalisationPolicy.objects.filter(program=program, project=project).order_by("-pk"))
    if not records:
        return []
    known = known_of(records[0])
    marks, _ = marks_of(program)
    seen: dict[tuple[int | None, str, date], Treatment | None] = {}
    found: list[Differing] = []
    values = rows.order_by("pk").values_list(
        "pk", "activity_id", "category", "now_is", "effective", "amount_minor"
    )
    for pk, activity, category, nature, day, amount in values.iterator(chunk_size=5000):
        key = (activity, category, day)
        if key not in seen:
            stage, kind = marks.get(activity, (None, None))
            holding = in_force(records, day)
            cost = Cost(day, kind or KIND_OF_CATEGORY[category], stage)
            seen[key] = treat(Standard(holding.standard), known, cost) if holding else None
        treatment = seen[key]
        if treatment is not None and treatment.nature != nature:
            found.append(
                Differing(pk, category, nature, treatment.nature, int(amount), treatment.clause[:60])
            )
            if len(found) > most:
                break
    return _without_nothing(found)


def _without_nothing(found: list[Differing]) -> list[Differing]:
    """Without the directions in which nothing is left to move: there is no journal of nothing."""
    sums: dict[tuple[str, str], int] = {}
    for one in found:
        key = (one.category, one.from_nature)
        sums[key] = sums.get(key, 0) + one.amount
    return [one for one in found if sums[one.category, one.from_nature]]


def not_shown(policy: CapitalisationPolicy, today: date) -> str:
    """The evidence that the newest record names for a day still to come; such a record supports no posting yet."""
    days: dict[str, date | None] = {
        "authorisation of funds": policy.funding_authorised_on,
        "completion probable": policy.completion_probable_on,
        "uncertainty resolved": policy.uncertainty_resolved_on,
        **{name: date.fromisoformat(day) for name, day in policy.criteria.items()},
    }
    for what, day in days.items():
        if day is not None and day > today:
            return f"The evidence is not there yet: {what} is recorded for {day:%d %b %Y}, which is still to come."
    return ""
