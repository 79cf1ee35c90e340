"""The plan of now with the progress of an earlier status date: how its health was, with the links of today."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from programs.engine import Plan
from programs.portfolio.models import Program, Project
from programs.schedule.inputs import Loaded
from programs.schedule.models import Progress, StatusPeriod


def plans_at(program: Program, loaded: Loaded, dates: list[datetime]) -> Iterator[tuple[datetime, Plan]]:
    """For each of these status dates, earliest first, the loaded plan as far as it had come by then. Three queries.

    Of each activity the last report by that date counts, of each project its last status date by then.
    """
    order = Project.objects.filter(program_id=program.pk).order_by("position", "pk")
    places = {pk: place for place, pk in enumerate(order.values_list("pk", flat=True))}
    index = {pk: place for place, pk in enumerate(loaded.activity_ids)}
    wall = loaded.clock.wall_or_none
    periods = deque(
        StatusPeriod.objects.filter(program_id=program.pk).order_by("at").values_list("project_id", "at")
    )
    reports = deque(
        Progress.objects.filter(program_id=program.pk)
        .order_by("period__at", "pk")
        .values_list("period__at", "activity_id", "actual_start", "actual_finish", "remaining_minutes")
    )
    extra: list[Any] = [None] * (len(loaded.plan.duration) - len(index))
    begun: list[int | None] = [None] * len(index)
    ended, left = begun[:], begun[:]
    status: dict[int, datetime] = {}
    for date in sorted(dates):
        while periods and periods[0][1] <= date:
            project_id, at = periods.popleft()
            status[places[project_id]] = at
        while reports and reports[0][0] <= date:
            _, activity_id, start, finish, remaining = reports.popleft()
            place = index[activity_id]
            begun[place], ended[place], left[place] = wall(start), wall(finish), remaining
        yield (
            date,
            replace(
                loaded.plan,
                projects=[
                    replace(frame, status_date=wall(status.get(place)))
                    for place, frame in enumerate(loaded.plan.projects)
                ],
                actual_start=[*begun, *extra],
                actual_finish=[*ended, *extra],
                remaining=[*left, *extra],
            ),
        )
