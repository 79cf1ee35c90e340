"""Why this date, the whole chain: what pages read from the stored drivers is what the engine tells."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from governance.example import people, planning, progressing
from governance.example.weeks import timeline
from governance.management.commands.example_program import recompute
from pmo import commands
from programs.engine import Why, schedule
from programs.engine.driver_chain import chain
from programs.master_plan.cause_words import sentences, told
from programs.master_plan.causes import Causes, causes
from programs.portfolio import services as portfolio
from programs.portfolio.models import Program
from programs.schedule import services
from programs.schedule.inputs import load
from programs.schedule.models import Activity, Computation, Dependency
from tests.cast import Office, everything, make_office, person
from tests.programs.wild import wild_office

pytestmark = pytest.mark.django_db


@pytest.fixture
def example() -> Program:
    """The plan of the example program with its progress to the last status date, computed."""
    begin, statuses = timeline(datetime(2026, 11, 28, 12, 0, tzinfo=UTC))
    cast = people.make_people(time_zone="Europe/Brussels")
    program = commands.run(
        portfolio.create_program,
        actor=person("Ada Admin", is_administrator=True),
        code="ATLAS",
        name="Atlas",
        currency="EUR",
        time_zone="Europe/Brussels",
        starts_at=begin,
    )

    def office(service: Any, **arguments: Any) -> Any:
        return commands.run(service, actor=None, scope=[program.pk], why="test", program=program, **arguments)

    office(planning.make_calendar, years=(begin.year, begin.year + 1))
    projects = office(planning.make_projects, cast=cast)
    office(planning.make_plan, projects=projects)
    office(recompute)
    truth = office(lambda *, by, at, program: progressing.unfold(program))
    office(progressing.report, truth=truth, statuses=statuses)
    office(recompute)
    return program


@pytest.fixture
def office() -> Office:
    """ERP-FIN: A1 (5 days), A2 (3 days, after A1 and two days), IAM: B1 (1 day, after A2)."""
    made = make_office()
    for project, code, days in ((made.erp, "A1", 5), (made.erp, "A2", 3), (made.iam, "B1", 1)):
        commands.run(
            services.add_activity,
            actor=made.program_manager,
            program=made.program,
            project_id=project.pk,
            values={"code": code, "name": f"Step <{code}>", "duration_minutes": days * 480},
        )
    link(made, "A1", "A2", lag=2 * 480)
    link(made, "A2", "B1")
    return made


def link(office: Office, before: str, after: str, *, kind: str = "FS", lag: int = 0) -> None:
    commands.run(
        services.add_dependency,
        actor=office.program_manager,
        program=office.program,
        predecessor_id=at(office, before),
        successor_id=at(office, after),
        kind=kind,
        lag=lag,
        lag_unit="working",
    )


def at(office: Office, code: str) -> int:
    with everything(office.program):
        return int(Activity.objects.get(program_id=office.program.pk, code=code).pk)


def words(office: Office, code: str) -> list[str]:
    with everything(office.program):
        said = sentences(office.program, causes(office.program, at(office, code)))
    return [one.replace("\xa0", " ") for one in said]


def test_every_stored_chain_of_the_example_is_the_engines(example: Program) -> None:
    with everything(example):
        lengths, _ = compared(example)
        longest = max(lengths, key=lambda pk: lengths[pk])
        with CaptureQueriesContext(connection) as seen:
            causes(example, longest)
    assert len(lengths) > 100 and lengths[longest] > 6  # it is a plan worth comparing
    assert len(seen) == 3  # the chain in one statement, and the calendars


def compared(program: Program) -> tuple[dict[int, int], set[Why]]:
    """Every activity's stored chain against the engine's; the lengths by activity, and the reasons that occur."""
    loaded = load(program)
    result = schedule(loaded.plan, loaded.rules)
    instant, ids = loaded.clock.instant, loaded.activity_ids
    lengths, whys = {}, set()
    for i, activity_id in enumerate(ids):
        wanted = [
            (
                ids[step.activity],
                step.why,
                # What is left of a summary is that of the work under it, which a chain does not read.
                instant(step.begins if step.why is not Why.CHILDREN else result.early_start[step.activity]),
                ids[step.predecessor] if step.link >= 0 else None,
                step.work,
                step.lag,
                step.wait,
            )
            for step in chain(loaded.plan, result, i)
        ]
        found = causes(program, activity_id)
        assert [told_by(found, n) for n in range(len(found.steps))] == wanted, activity_id
        assert not found.cut
        lengths[activity_id] = len(wanted)
        whys |= {step[1] for step in wanted}
    return lengths, whys


def told_by(found: Causes, n: int) -> tuple[Any, ...]:
    one = found.steps[n]
    return (
        one.held.activity_id,
        one.why,
        one.begins,
        one.before.activity_id if one.before else None,
        one.work,
        one.lag,
        one.wait,
    )


def test_every_stored_chain_of_a_wild_plan_is_the_engines() -> None:
    """Two calendars, every kind of link, lag and lead, constraints, begun and finished work, levels of effort."""
    office = wild_office(8)
    program = office.program
    with everything(program):
        program.refresh_from_db()
        lengths, whys = compared(program)
    assert max(lengths.values()) > 4
    assert whys == set(Why) - {Why.PROJECT_START, Why.CHILDREN}


def test_a_committee_reads_what_holds_a_date_over_two_projects(office: Office) -> None:
    assert words(office, "B1") == [
        "It waits until A2 Step <A2> finishes, 16 Jan 2026 17:00; then its calendar rests for 2 d 15 h.",
        "It waits until A1 Step <A1> finishes, 9 Jan 2026 17:00, and 2 d more (lag).",
        "Nothing holds it but the start of its project.",
    ]
    client = Client()
    client.force_login(office.sponsor)
    page = client.get(f"/p/ATLAS/plan/{at(office, 'B1')}/").content.decode().replace("\xa0", " ")
    assert "It waits until A1 Step &lt;A1&gt; finishes, 9 Jan 2026 17:00" in page
    assert "through 2 projects: the first cause is A1 Step &lt;A1&gt;" in page
    assert page.count("held from ERP-FIN") == 1


def test_the_api_tells_the_same_chain_as_data(office: Office) -> None:
    client = Client()
    client.force_login(office.auditor)
    answer = client.get(f"/api/v1/programs/ATLAS/activities/{at(office, 'B1')}/why/")
    assert answer.status_code == 200, answer.content
    steps = answer.json()["steps"]
    assert [(one["activity"], one["project"], one["why"]) for one in steps] == [
        ("B1", "IAM", "link"),
        ("A2", "ERP-FIN", "link"),
        ("A1", "ERP-FIN", "project_start"),
    ]
    assert (steps[1]["lag_minutes"], steps[1]["wait_minutes"], steps[1]["link_kind"]) == (960, 900, "FS")
    assert steps[0]["crosses_projects"] is True and steps[1]["crosses_projects"] is False
    assert answer.json()["cut"] is False


def test_work_that_is_done_explains_nothing_before_the_status_date(office: Office) -> None:
    status = datetime(2026, 1, 30, 17, 0, tzinfo=UTC)
    with everything(office.program):
        Program.objects.filter(pk=office.program.pk).update(status_at=status)
    for changes in (
        {
            "actual_start": datetime(2026, 1, 5, 8, 0, tzinfo=UTC),
            "actual_finish": datetime(2026, 1, 9, 17, 0, tzinfo=UTC),
        },
    ):
        commands.run(
            services.edit_activity,
            actor=office.program_manager,
            activity_id=at(office, "A1"),
            changes=changes,
            version=None,
        )
    office.program.refresh_from_db()
    assert words(office, "A2") == [
        "It has not begun, so it cannot start before the status date, 30 Jan 2026 17:00."
    ]
    assert words(office, "A1") == ["It is done: begun on 5 Jan 2026 08:00, finished on 9 Jan 2026 17:00."]


def test_a_link_of_a_group_has_a_sentence_of_its_own(office: Office) -> None:
    with everything(office.program):
        group = Activity.objects.create(
            program=office.program, project=office.iam, code="G", name="Group", kind="summary", position=9
        )
        Activity.objects.create(
            program=office.program, project=office.iam, code="M", name="Member", duration_minutes=480, parent=group,
            position=10, level=1,
        )  # fmt: skip
        last = Activity.objects.create(
            program=office.program,
            project=office.iam,
            code="Z",
            name="After",
            duration_minutes=480,
            position=11,
        )
        Dependency.objects.create(program=office.program, predecessor_id=at(office, "A2"), successor=group)
        Dependency.objects.create(program=office.program, predecessor=group, successor=last)
    commands.run(services.recompute, actor=office.program_manager, program=office.program)
    assert words(office, "M") == [
        "It lies under G Group, and all of that waits for A2 Step <A2> (finish to start)."
    ]
    assert words(office, "Z")[1] == (
        "It is a summary: it lasts from the first to the last of the activities under it."
    )


def test_a_chain_is_told_as_it_was_known(office: Office) -> None:
    with everything(office.program):
        before = Computation.objects.filter(program_id=office.program.pk).order_by("-pk")[0]
    commands.run(
        services.edit_activity,
        actor=office.program_manager,
        activity_id=at(office, "A2"),
        changes={"constraint": "SNET", "constraint_at": datetime(2026, 3, 2, 8, 0, tzinfo=UTC)},
        version=None,
    )
    with everything(office.program):
        then = causes(office.program, at(office, "A2"), computation_id=before.pk)
        now = causes(office.program, at(office, "A2"))
    assert len(then.steps) == 2 and len(now.steps) == 1
    assert words(office, "A2") == ["Its own constraint holds it: start no earlier than 2 Mar 2026 08:00."]


@pytest.fixture
def long_chain(office: Office) -> Iterator[Office]:
    """C0 to C29, each after the one before."""
    with everything(office.program):
        made = Activity.objects.bulk_create(
            Activity(program=office.program, project=office.iam, code=f"C{n}", name=f"C{n}", duration_minutes=480,
                     position=20 + n)
            for n in range(30)
        )  # fmt: skip
        Dependency.objects.bulk_create(
            Dependency(program=office.program, predecessor=one, successor=other)
            for one, other in pairwise(made)
        )
    commands.run(services.recompute, actor=office.program_manager, program=office.program)
    yield office


def test_a_long_chain_is_folded_in_its_middle(long_chain: Office) -> None:
    with everything(long_chain.program):
        shown = told(long_chain.program, causes(long_chain.program, at(long_chain, "C29")))
    assert shown is not None
    assert (len(shown.first), len(shown.folded), len(shown.last)) == (6, 21, 3)
    assert shown.last[-1].label == "C0 C0"
    client = Client()
    client.force_login(long_chain.sponsor)
    page = client.get(f"/p/ATLAS/plan/{at(long_chain, 'C29')}/").content.decode()
    assert "21 more" in page


def test_a_chain_is_not_followed_without_end(long_chain: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("programs.master_plan.causes.MOST_STEPS", 5)
    with everything(long_chain.program):
        found = causes(long_chain.program, at(long_chain, "C29"))
    assert found.cut
    assert words(long_chain, "C29")[-1].endswith("The chain goes on from here.")
