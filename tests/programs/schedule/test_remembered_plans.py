"""A process that remembers a plan computes what one that reads it anew does, whoever wrote in between and how."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection, connections, transaction

from pmo import commands
from programs.calendars.models import Calendar
from programs.portfolio.models import Program
from programs.schedule import computing, remembered, services, storing
from programs.schedule.inputs import load
from programs.schedule.models import Activity, Dependency
from tests.cast import Office, everything, make_office
from tests.conftest import connected_to

SIZE = 60
COLUMNS = (
    *("calendar", "duration", "project", "kind", "parent", "constraint", "constraint_date", "deadline"),
    *("actual_start", "actual_finish", "remaining"),
    *("predecessor", "successor", "link_kind", "lag", "lag_unit"),
)
WEEK = [[[480, 720], [780, 1020]]] * 4 + [[], [], []]


@pytest.fixture
def office(own_database: Any, monkeypatch: pytest.MonkeyPatch) -> Office:
    monkeypatch.setattr(remembered, "FROM", 1)
    remembered.forget()
    made = make_office()
    chance = random.Random(11)
    with transaction.atomic(), everything(made.program):
        group = Activity.objects.create(
            program=made.program, project=made.erp, code="G", name="Group", kind="summary", duration_minutes=0
        )
        Activity.objects.bulk_create(
            Activity(
                program=made.program, project=made.erp, code=f"A{n}", name=f"Step {n}", position=n + 1,
                duration_minutes=480 * chance.randint(1, 9), parent=group if n < 9 else None, level=int(n < 9),
            )
            for n in range(SIZE)
        )  # fmt: skip
        steps = list(Activity.objects.filter(kind="task").order_by("position"))
        pairs = {tuple(sorted(chance.sample(range(SIZE), 2))) for _ in range(90)}
        Dependency.objects.bulk_create(
            Dependency(program=made.program, predecessor=steps[one], successor=steps[other])
            for one, other in sorted(pairs)
        )
    commands.run(services.recompute, actor=made.program_manager, program=made.program)
    return made


def wanted(program: Program) -> list[storing.Row]:
    """What a process that has never seen the plan computes."""
    loaded = load(program)
    return storing.rows_of(loaded, computing.compute(loaded))


def check(office: Office) -> None:
    """The next computation equals one from nothing, in what it computes and in what it would write."""
    with transaction.atomic(), everything(office.program):
        program = Program.objects.get(pk=office.program.pk)
        known = remembered.of(program.pk)
        seen = remembered.read(program, known)
        anew = load(program)
        assert (seen.loaded.activity_ids, seen.loaded.link_ids) == (anew.activity_ids, anew.link_ids)
        for column in COLUMNS:
            assert getattr(seen.loaded.plan, column) == getattr(anew.plan, column), column
        assert seen.in_force == storing.in_force(program.pk)
        prepared = computing.prepare(program)
        rows, stored = wanted(program), storing.in_force(program.pk)
        assert prepared.changed == storing.changed(rows, stored)
        assert prepared.moved == storing.moved(prepared.changed, stored)


def act_on(office: Office, chance: random.Random) -> None:
    """One thing that happens to the plan, by a command or past all commands, in another connection or this one."""
    program = office.program
    tasks = list(Activity.objects.filter(program=program, kind="task").order_by("pk"))
    one, other = chance.sample(tasks, 2)
    links = list(Dependency.objects.filter(program=program).order_by("pk"))
    what = chance.randrange(9)
    if what == 0:
        Activity.objects.filter(pk=one.pk).update(duration_minutes=480 * chance.randint(1, 30))
    elif what == 1:
        Activity.objects.filter(pk=one.pk).update(constraint="SNET", constraint_at=program.starts_at)
    elif what == 2 and links:
        Dependency.objects.filter(pk=chance.choice(links).pk).update(
            lag=60 * chance.randint(0, 40), kind="SS"
        )
    elif what == 3 and links:
        chance.choice(links).delete()
    elif what == 4:
        first, last = sorted((one, other), key=lambda task: task.position)
        Dependency.objects.get_or_create(program=program, predecessor=first, successor=last, kind="FS")
    elif what == 5:
        Dependency.objects.filter(predecessor=one).delete()
        Dependency.objects.filter(successor=one).delete()
        one.delete()
    elif what == 6:
        Activity.objects.create(
            program=program, project=office.erp, code=f"N{chance.random()}"[:20], name="New",
            position=one.position, duration_minutes=960,
        )  # fmt: skip
    elif what == 7:
        Activity.objects.filter(pk=one.pk).update(
            position=other.position, kind="finish_milestone", duration_minutes=0
        )
    else:
        Calendar.objects.update_or_create(
            program=program, code="four", defaults={"name": "Four", "week": WEEK}
        )
        calendar = Calendar.objects.get(program=program, code="four")
        Activity.objects.filter(pk=one.pk).update(calendar=chance.choice([calendar, None]))


@pytest.mark.parametrize("seed", range(4))
def test_a_remembered_plan_is_the_plan(office: Office, seed: int) -> None:
    chance = random.Random(seed)

    def happens(keep: bool) -> None:
        try:
            with transaction.atomic(), everything(office.program):
                for _ in range(chance.randint(1, 3)):
                    act_on(office, chance)
                if not keep:
                    raise InterruptedError
        except InterruptedError:
            pass

    for _ in range(7):
        with ThreadPoolExecutor(1) as elsewhere:  # a connection of its own
            elsewhere.submit(happens, chance.random() < 0.8).result()
            elsewhere.submit(connections.close_all).result()
        happens(chance.random() < 0.8)
        check(office)
        if chance.random() < 0.6:
            commands.run(services.recompute, actor=office.program_manager, program=office.program)
            check(office)


def test_only_what_changed_is_read(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    # However many rows are young: those of the first computation are, and all are while another test still writes.
    monkeypatch.setattr(remembered, "MOST_YOUNG", 0)
    with transaction.atomic(), everything(office.program):
        one = Activity.objects.filter(kind="task").order_by("position")[20]
        known = remembered.of(office.program.pk)
        assert known is not None
    monkeypatch.setattr(remembered, "fetched", lambda *_: pytest.fail("the whole plan was read"))
    commands.run(
        services.edit_activity, actor=office.program_manager, activity_id=one.pk,
        changes={"duration_minutes": 4800}, version=None,
    )  # fmt: skip
    later = remembered.of(office.program.pk)
    assert later is not None and later is not known
    check(office)


def test_what_was_not_committed_is_not_remembered(office: Office) -> None:
    known = remembered.of(office.program.pk)
    with transaction.atomic(), everything(office.program):
        Activity.objects.filter(kind="task").update(duration_minutes=9600)
        computing.recalculate(Program.objects.get(pk=office.program.pk))
        transaction.set_rollback(True)
    assert remembered.of(office.program.pk) is known
    check(office)


def test_a_server_that_was_started_anew_is_read_anew(office: Office) -> None:
    with transaction.atomic(), everything(office.program), connection.cursor() as cursor:
        cursor.execute("select 1")
        now = remembered._horizon()
        assert not remembered._comparable(replace(now, server="another start"), now)
        assert remembered._comparable(now, now)
        assert not remembered._comparable(now, replace(now, upto=now.upto - 1))
        assert not remembered._comparable(replace(now, oldest=now.upto - remembered._FAR), now)


def test_few_plans_are_remembered(monkeypatch: pytest.MonkeyPatch, office: Office) -> None:
    known = remembered.of(office.program.pk)
    assert known is not None
    for number in range(remembered.PLANS):
        remembered.remember(-1 - number, known.read, known.result, known.rows)
    assert remembered.of(office.program.pk) is None
    remembered.forget()
    monkeypatch.setattr(remembered, "FROM", 1_000)
    remembered.remember(office.program.pk, known.read, known.result, known.rows)
    assert remembered.of(office.program.pk) is None  # too small to be worth it


def test_a_copy_of_the_database_is_another_one(office: Office, own_database: Any, cluster: Any) -> None:
    """A process is pointed to a restored copy, in which one row is another: nothing of the first is taken for it."""
    connections.close_all()
    other = f"{own_database.name}_copy"
    cluster.postgres.clone(own_database.name, other)
    try:
        with connected_to(other):
            with transaction.atomic(), everything(office.program):
                one = Activity.objects.filter(kind="task").order_by("position")[3]
                Activity.objects.filter(pk=one.pk).update(duration_minutes=480 * 77)
            connections.close_all()
        for _ in range(2):
            commands.run(services.recompute, actor=office.program_manager, program=office.program)
        connections.close_all()
        with connected_to(other):
            check(office)
            connections.close_all()
    finally:
        cluster.postgres.psql(f"DROP DATABASE {other} WITH (FORCE)")


def test_an_older_snapshot_does_not_take_what_was_remembered_since(office: Office) -> None:
    """A transaction that reads the plan as of its beginning, while others go on, reads it whole."""
    commands.run(services.recompute, actor=office.program_manager, program=office.program)
    with transaction.atomic(), everything(office.program):
        pk = Activity.objects.filter(kind="task").order_by("position")[3].pk

    def edit() -> None:
        changes = {"duration_minutes": 480 * 66}
        commands.run(
            services.edit_activity,
            actor=office.program_manager,
            activity_id=pk,
            changes=changes,
            version=None,
        )
        connections.close_all()

    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("set transaction isolation level repeatable read, read only")
        with everything(office.program):
            program = Program.objects.get(pk=office.program.pk)
            with ThreadPoolExecutor(1) as beside:
                beside.submit(edit).result()
            seen = remembered.read(program, remembered.of(program.pk))
            assert seen.in_force == storing.in_force(program.pk)
            assert seen.loaded.plan.duration == load(program).plan.duration


@pytest.mark.parametrize(
    ("then", "now", "sees"),
    [
        ("10:20:10,12", "10:20:10,12", True),
        ("10:20:10,12", "12:21:12", True),
        ("10:20:10", "10:20:10,12", False),  # 12 was seen then, and is not now
        ("10:20:10", "10:19:10", False),  # so was 19
        ("20:20:", "20:25:20,22", True),
        ("21:21:", "20:21:20", False),
    ],
)
def test_a_snapshot_sees_what_another_did(then: str, now: str, *, sees: bool) -> None:
    assert remembered.Horizon.of("here", now).sees(remembered.Horizon.of("here", then)) is sees
    assert not remembered.Horizon.of("there", now).sees(remembered.Horizon.of("here", then))
    # Rows of its own, that whoever looked had not committed yet, are seen by itself and once they are committed.
    own = remembered.Horizon.of("here", then, own=30)
    assert not remembered.Horizon.of("here", now).sees(own)
    assert remembered.Horizon.of("here", now, own=30).sees(own) is sees
    assert remembered.Horizon.of("here", "31:31:").sees(own)
    assert not remembered.Horizon.of("here", "30:40:30").sees(own)
