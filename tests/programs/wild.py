"""A plan with a little of everything that dates depend on, by chance with a fixed seed."""

from __future__ import annotations

import random
from datetime import timedelta

from pmo import commands
from programs.calendars.models import Calendar
from programs.portfolio.models import Program
from programs.schedule import services
from programs.schedule.models import Activity, Dependency
from tests.cast import MORNING, Office, everything, make_office


def wild_office(seed: int) -> Office:
    """An office with 70 activities, computed: two calendars, every kind of link, lags and leads in every unit,
    constraints, begun and finished work, levels of effort."""
    office, chance = make_office(), random.Random(seed)
    program = office.program
    with everything(program):
        night = Calendar.objects.create(
            program=program, code="NIGHT", name="Nights", week=[[[0, 360], [1200, 1440]]] * 7
        )
        office.iam.calendar, office.iam.lag_calendar = night, "successor"
        office.iam.save()
        Program.objects.filter(pk=program.pk).update(status_at=MORNING + timedelta(days=45))
        rows = [_activity(office, night, n, chance) for n in range(70)]
        Activity.objects.bulk_create(rows)
        Dependency.objects.bulk_create(
            Dependency(
                program=program, predecessor=rows[before], successor=rows[after],
                kind=chance.choice(["FS", "FS", "SS", "FF", "SF"]),
                lag=chance.choice([0, 0, 0, 480, 1000, -300, 50]),
                lag_unit=chance.choice(["working", "working", "elapsed", "percent"]),
            )
            for after in range(1, 70)
            for before in {chance.randrange(max(0, after - 12), after) for _ in range(2)}
        )  # fmt: skip
    commands.run(services.recompute, actor=office.program_manager, program=program)
    return office


def _activity(office: Office, night: Calendar, n: int, chance: random.Random) -> Activity:
    """One activity of the wild plan; the first third has begun or is done by the status date."""
    begun = (
        MORNING + timedelta(days=n, hours=chance.randrange(5)) if n < 24 and chance.random() < 0.7 else None
    )
    done = begun + timedelta(days=1) if begun and n < 18 and chance.random() < 0.6 else None
    constraint = chance.choice(["SNET", "FNET", "MSO", "ALAP", "SNLT"]) if chance.random() < 0.2 else "ASAP"
    kind = "level_of_effort" if n % 23 == 22 else "finish_milestone" if n % 11 == 10 else "task"
    return Activity(
        program=office.program,
        project=chance.choice([office.erp, office.iam]),
        code=f"W{n}",
        name=f"W{n}",
        position=n,
        kind=kind,
        calendar=chance.choice([None, None, night, office.calendar]),
        duration_minutes=0 if kind == "finish_milestone" else chance.choice([0, 240, 480, 1200, 2400]),
        constraint=constraint,
        constraint_at=MORNING + timedelta(days=n + 20) if constraint not in ("ASAP", "ALAP") else None,
        actual_start=begun if kind != "level_of_effort" else None,
        actual_finish=done if kind != "level_of_effort" else None,
        remaining_minutes=chance.choice([None, 0, 300, 900]) if begun and not done else None,
    )
