"""How the example really went: work took a little more or less than planned, by a fixed seed, to each status date."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from governance.example.tables import SLIPPED
from pmo.accounts.models import User
from programs.engine import Schedule, schedule
from programs.portfolio.models import Program, Project
from programs.schedule.inputs import Loaded, load
from programs.schedule.models import Activity, Progress, StatusPeriod

SEED = 20


@dataclass(frozen=True)
class Truth:
    """The schedule as it really unfolds, and the working minutes each activity really takes."""

    loaded: Loaded
    planned: Schedule
    real: Schedule
    minutes: list[int]


def unfold(program: Program) -> Truth:
    """Schedule the plan twice: as planned, and with the durations that work really takes."""
    loaded = load(program)
    names = dict(Activity.objects.filter(program_id=program.pk).values_list("pk", "code"))
    projects = dict(Project.objects.filter(program_id=program.pk).values_list("pk", "code"))
    chance = random.Random(SEED)  # noqa: S311 - the same example everywhere, no secret
    minutes = []
    for i, planned in enumerate(loaded.plan.duration):
        drawn = chance.triangular(0.85, 1.25, 1.0)
        key = f"{projects[loaded.project_of[i]]}/{names[loaded.activity_ids[i]]}"
        minutes.append(round(planned * SLIPPED.get(key, drawn) / 60) * 60)
    real = schedule(replace(loaded.plan, duration=minutes), loaded.rules)
    return Truth(loaded, schedule(loaded.plan, loaded.rules), real, minutes)


def report(
    *, program: Program, truth: Truth, statuses: list[tuple[str, datetime]], by: User | None, at: datetime
) -> dict[tuple[int, int], Decimal]:
    """Write progress at each status date; returns (activity id, status number) -> percent complete."""
    loaded = truth.loaded
    percents: dict[tuple[int, int], Decimal] = {}
    work_of = [loaded.plan.calendars[index] for index in loaded.plan.calendar]
    projects = list(Project.objects.filter(program_id=program.pk).order_by("position"))
    tasks = [i for i, kind in enumerate(loaded.plan.kind) if kind != 4]  # 4: summary
    last: dict[int, Progress] = {}
    for number, (name, moment) in enumerate(statuses, 1):
        now = loaded.clock.wall(moment)
        periods = {
            project.pk: StatusPeriod.objects.create(
                program=program, project=project, number=number, name=name, at=moment
            )
            for project in projects
        }
        rows = []
        for i in tasks:
            start, finish = truth.real.early_start[i], truth.real.early_finish[i]
            done = finish <= now
            begun = start < now or (done and start == finish)
            whole = truth.minutes[i]
            worked = whole if done else min(whole, work_of[i].between(start, now)) if begun else 0
            percent = (
                Decimal(100)
                if done
                else round(Decimal(100 * worked) / whole, 2)
                if begun and whole
                else Decimal(0)
            )
            row = Progress(
                program=program,
                period=periods[loaded.project_of[i]],
                activity_id=loaded.activity_ids[i],
                actual_start=loaded.clock.instant(start) if begun else None,
                actual_finish=loaded.clock.instant(finish) if done else None,
                actual_minutes=worked,
                remaining_minutes=0 if done else whole - worked if begun else None,
                percent_complete=percent,
            )
            rows.append(row)
            percents[loaded.activity_ids[i], number] = percent
            last[loaded.activity_ids[i]] = row
        Progress.objects.bulk_create(rows)
        Project.objects.filter(program_id=program.pk).update(status_at=moment)
        Program.objects.filter(pk=program.pk).update(status_at=moment)
    changed = []
    for activity in Activity.objects.filter(pk__in=list(last)):
        row = last[activity.pk]
        activity.actual_start, activity.actual_finish = row.actual_start, row.actual_finish
        activity.remaining_minutes, activity.percent_complete = row.remaining_minutes, row.percent_complete
        changed.append(activity)
    Activity.objects.bulk_update(
        changed, ["actual_start", "actual_finish", "remaining_minutes", "percent_complete"], batch_size=500
    )
    return percents
