"""What the assessment is told beside the plan: baseline, cost and hours, the promised finish."""

from __future__ import annotations

from datetime import date

from django.db.models import Q

from programs.baselines.models import Baseline, BaselineActivity
from programs.engine.assessment import Facts
from programs.portfolio.models import Program
from programs.resources.models import Assignment
from programs.schedule.inputs import Loaded
from programs.schedule.models import Activity

_DAY = 1440
_EPOCH = date(1970, 1, 1).toordinal()


def facts_of(program: Program, loaded: Loaded) -> tuple[Facts, Baseline | None]:
    """Facts parallel to the loaded activities, and the baseline they are from. Four queries.

    Promised is the end of the day of the program's committed finish. An activity is loaded when something is
    assigned to it or it has a cost of its own.
    """
    ids = loaded.activity_ids
    baseline = Baseline.objects.filter(program_id=program.pk, is_current=True).first()
    lines = {
        row[0]: row[1:]
        for row in BaselineActivity.objects.filter(
            program_id=program.pk, baseline_id=baseline.pk if baseline else 0
        ).values_list("activity_id", "finishes_at", "duration_minutes")
    }
    own_cost = Activity.objects.filter(program_id=program.pk).exclude(Q(fixed_cost=0) & Q(cost_per_hour=0))
    costly = set(own_cost.values_list("pk", flat=True))
    costly |= set(Assignment.objects.filter(program_id=program.pk).values_list("activity_id", flat=True))
    promised = program.committed_finish
    usual = loaded.calendars.usual
    own = loaded.plan.calendar[: len(ids)]
    facts = Facts(
        day=[max(1, usual[calendar]) for calendar in own],
        links=len(loaded.link_ids),
        baseline_finish=[loaded.clock.wall(lines[pk][0]) if pk in lines else None for pk in ids],
        baseline_duration=[lines[pk][1] if pk in lines else None for pk in ids],
        loaded=[pk in costly for pk in ids],
        promised=None if promised is None else (promised.toordinal() - _EPOCH + 1) * _DAY,
    )
    return facts, baseline
