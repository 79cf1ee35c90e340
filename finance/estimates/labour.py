"""Labour lines of an estimate: the allocations of its project's plan at the rates of their days."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

from finance.engine.labour import Allocation, Rates, by_month
from finance.estimates.models import Estimate, EstimateLine, RateCard
from finance.structure.models import Category
from pmo.money import round_half_even
from pmo.refusals import Refused
from programs.engine import BeyondCalendar
from programs.resources.models import Assignment, Resource
from programs.schedule.clock import ProgramClock
from programs.schedule.inputs import load_calendars
from programs.schedule.models import Activity, ComputedDates


def compute(estimate: Estimate, at: datetime) -> None:
    """Replace the labour lines of a draft: one for each resource and month. Seven statements.

    The range of a line is the estimate's percentages of its likely amount, rounded half-even as the amount is.
    """
    program = estimate.program
    clock = ProgramClock(program.time_zone)
    calendars = load_calendars(program, clock)
    dates = {
        activity: (start, finish, calendar)
        for activity, start, finish, calendar in ComputedDates.objects.filter(
            program_id=program.pk, superseded_by=None, activity__project_id=estimate.project_id
        )
        .exclude(activity__kind=Activity.Kind.SUMMARY)
        .values_list("activity_id", "early_start", "early_finish", "activity__calendar_id")
    }
    allocations = [
        Allocation(
            resource,
            clock.wall(dates[activity][0]),
            clock.wall(dates[activity][1]),
            Fraction(units),
            calendars.of(dates[activity][2]),
        )
        for activity, resource, units in Assignment.objects.filter(
            program_id=program.pk, activity__project_id=estimate.project_id
        ).values_list("activity_id", "resource_id", "units")
        if activity in dates
    ]
    used = {one.resource for one in allocations}
    resources = {one.pk: one for one in Resource.objects.filter(program_id=program.pk, pk__in=used)}
    try:
        found = by_month(allocations, _rates(resources))
    except BeyondCalendar as refusal:
        raise Refused(str(refusal)) from refusal
    EstimateLine.objects.filter(estimate=estimate, resource__isnull=False).delete()
    EstimateLine.objects.bulk_create(
        [
            EstimateLine(
                program_id=program.pk,
                estimate=estimate,
                category=Category.LABOUR,
                nature=estimate.labour_nature,
                period=period,
                text=resources[resource].name,
                low_minor=round_half_even(worked.cost * estimate.labour_low_percent / 100),
                likely_minor=round_half_even(worked.cost),
                high_minor=round_half_even(worked.cost * estimate.labour_high_percent / 100),
                resource_id=resource,
                hours=Decimal(round_half_even(worked.hours * 100)) / 100,
            )
            for (resource, period), worked in sorted(found.items())
            if worked.cost or worked.hours
        ],
        batch_size=1000,
    )
    estimate.labour_at, estimate.plan_version = at, program.plan_version
    estimate.save(update_fields=["labour_at", "plan_version"])


def _rates(resources: dict[int, Resource]) -> dict[int, Rates]:
    steps: dict[int, list[tuple[date, Fraction]]] = defaultdict(list)
    cards = RateCard.objects.filter(resource_id__in=resources).order_by("from_day")
    for resource, day, rate in cards.values_list("resource_id", "from_day", "cost_per_hour"):
        steps[resource].append((day, Fraction(rate)))
    return {
        pk: Rates(
            Fraction(one.cost_per_hour),
            Fraction(one.cost_per_use),
            tuple(day for day, _ in steps[pk]),
            tuple(rate for _, rate in steps[pk]),
        )
        for pk, one in resources.items()
    }
