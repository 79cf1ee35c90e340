"""Who is asked for how much in which week: sums that can be reckoned by hand, and a page that shows them."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from pmo import commands
from programs.engine import WorkCalendar
from programs.engine.workload import UNIT, Work, available, demand, most_at_once
from programs.resources import workload
from programs.resources.models import Assignment, Resource
from programs.schedule import services
from programs.schedule.inputs import OFFICE_WEEK
from programs.schedule.models import Activity
from tests.cast import Office, everything, make_office
from tests.fresh import sign_in

DAY = 1440
EPOCH = date(1970, 1, 1)
MONDAY = (date(2026, 1, 5) - EPOCH).days * DAY
OFFICE = WorkCalendar.weekly(
    [[(begin, to) for begin, to in day] for day in OFFICE_WEEK], first=date(2025, 1, 1), last=date(2027, 12, 31)
)  # fmt: skip
WEEKS = [MONDAY + 7 * DAY * n for n in range(5)]


def work(start: int, finish: int, units: float = 1, calendar: WorkCalendar = OFFICE) -> Work:
    return Work(MONDAY + start, MONDAY + finish, round(units * UNIT), calendar)


# ------------------------------------------------------------------ the engine
def test_a_full_week_asks_for_what_one_person_can_give() -> None:
    one = work(480, 4 * DAY + 1020)
    assert demand([one], WEEKS) == [40 * 60 * UNIT, 0, 0, 0]
    assert available(UNIT, OFFICE, WEEKS) == [40 * 60 * UNIT] * 4


def test_work_over_a_weekend_is_shared_between_two_weeks_by_working_hours() -> None:
    one = work(4 * DAY + 480, 7 * DAY + 1020, 0.5)  # Friday 8 to Monday 17
    assert demand([one], WEEKS)[:2] == [8 * 60 * UNIT // 2, 8 * 60 * UNIT // 2]


def test_two_pieces_of_work_clash_where_they_meet_at_work_and_not_in_the_night() -> None:
    early = WorkCalendar.weekly([[(0, 720)]] * 7, first=date(2025, 1, 1), last=date(2027, 12, 31))
    late = WorkCalendar.weekly([[(720, 1440)]] * 7, first=date(2025, 1, 1), last=date(2027, 12, 31))
    span = (0, DAY)
    assert most_at_once([work(*span), work(*span)], WEEKS)[0] == 2 * UNIT
    assert most_at_once([work(*span, calendar=early), work(*span, calendar=late)], WEEKS)[0] == UNIT


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 27 * DAY), st.integers(1, 9 * DAY), st.integers(1, 40)), max_size=8))
def test_nothing_asked_for_is_lost_or_counted_twice(rows: list[tuple[int, int, int]]) -> None:
    found = [work(start, start + length, units / 10) for start, length, units in rows]
    by_hand = sum(
        one.units * OFFICE.between(one.start, min(one.finish, WEEKS[-1]))
        for one in found
        if one.start < WEEKS[-1]
    )
    assert sum(demand(found, WEEKS)) == by_hand
    assert demand(found, WEEKS[::4]) == [by_hand]
    most = max(most_at_once(found, WEEKS), default=0)
    assert most <= sum(one.units for one in found)


# ------------------------------------------------------------------ the page
@pytest.fixture
def office() -> Office:
    """Two weeks of two activities that both want the only tester, one of them in each project."""
    office = make_office()
    with everything(office.program):
        tester = Resource.objects.create(program=office.program, code="TEST", name="<Tester>", capacity=1)
        idle = Resource.objects.create(program=office.program, code="IDLE", name="Nobody asks")
        assert idle.pk
        for project, code, units in ((office.erp, "A", "1"), (office.iam, "B", "0.5")):
            one = Activity.objects.create(
                program=office.program, project=project, code=code, name=f"Work {code}", duration_minutes=4800
            )
            Assignment.objects.create(program=office.program, activity=one, resource=tester, units=units)
    commands.run(services.recompute, actor=office.program_manager, program=office.program)
    return office


def get(office: Office, path: str, **query: Any) -> Any:
    client = Client()
    sign_in(client, office.auditor)
    return client.get(path, query)


def shown(answer: Any) -> str:
    """The page with plain blanks."""
    return str(answer.content.decode()).replace("\u202f", " ").replace("\xa0", " ")


@pytest.mark.django_db
def test_a_week_shows_hours_against_hours_and_says_what_is_too_much(office: Office) -> None:
    answer = get(office, "/p/ATLAS/plan/workload/", **{"from": "2026-01-07"})
    page = shown(answer)
    assert "60 of 40 h, over" in page
    assert "150!" in page
    assert "&lt;Tester&gt;" in page
    assert "<Tester>" not in page
    assert "IDLE" not in page
    assert "1 resource is asked for more than there is in one week" in page
    assert "2026-W14" in page and "2026-W15" not in page  # thirteen weeks, though work ends in the third
    assert "Nothing is asked for from 6 Apr 2026 to" in page
    months = get(office, "/p/ATLAS/plan/workload/", by="month", **{"from": "2026-01-07"}).content.decode()
    assert "120 of 176 h, clash" in months  # the hours of January would do, one and a half at once do not


@pytest.mark.django_db
def test_the_file_the_cells_and_the_api_say_the_same(office: Office) -> None:
    text = (
        get(office, "/p/ATLAS/plan/workload/", format="csv", **{"from": "2026-01-05"})
        .getvalue()
        .decode("utf-8-sig")
    )
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(row["period"], row["hours_asked"], row["over"]) for row in rows] == [
        ("2026-W02", "60.00", "yes"),
        ("2026-W03", "60.00", "yes"),
    ]
    with everything(office.program):
        pk = Resource.objects.get(code="TEST").pk
    cell = get(
        office, f"/p/ATLAS/plan/workload/{pk}/", **{"from": "2026-01-05", "to": "2026-01-11"}
    ).content.decode()
    assert cell.index("A Work A") < cell.index("B Work B")
    assert "60.0" in cell
    api = get(office, f"/api/v1/programs/ATLAS/resources/{pk}/workload/", **{"from": "2026-01-05"}).json()
    assert len(api) == 26
    assert (api[0]["hours_asked"], api[0]["percent"], api[0]["over"]) == ("60.00", 150, True)
    assert api[2]["hours_asked"] == "0.00"
    wrong = get(office, f"/api/v1/programs/ATLAS/resources/{pk}/workload/", by="year")
    assert wrong.status_code == 400


@pytest.mark.django_db
def test_who_works_in_a_project_is_shown_with_all_of_her_work(office: Office) -> None:
    for project in ("ERP-FIN", "iam"):
        page = get(
            office, "/p/ATLAS/plan/workload/", project=project, **{"from": "2026-01-05"}
        ).content.decode()
        assert "60 of 40 h, over" in page
    assert "Nobody here" in get(office, "/p/ATLAS/plan/workload/", kind="person").content.decode()


@pytest.mark.django_db
def test_those_who_are_asked_for_too_much_are_found_among_all(office: Office) -> None:
    with everything(office.program):
        calm = Resource.objects.create(program=office.program, code="CALM", name="Enough of them", capacity=9)
        Assignment.objects.create(
            program=office.program, activity=Activity.objects.get(code="A"), resource=calm
        )
    asked = {"from": "2026-01-05"}
    assert "CALM" in shown(get(office, "/p/ATLAS/plan/workload/", **asked))
    page = shown(get(office, "/p/ATLAS/plan/workload/", over="1", **asked))
    assert "TEST" in page
    assert "CALM" not in page
    later = shown(get(office, "/p/ATLAS/plan/workload/", over="1", **{"from": "2027-01-05"}))
    assert "Nobody is asked for too much" in later


@pytest.mark.django_db
def test_days_that_are_none_or_too_far_away_are_refused_in_words(office: Office) -> None:
    with everything(office.program):
        pk = Resource.objects.get(code="TEST").pk
    for query in ({"from": "soon"}, {"from": "0001-01-01"}, {"from": "9999-12-31"}, {"from": "2026-13-45"}):
        for path in ("/p/ATLAS/plan/workload/", f"/p/ATLAS/plan/workload/{pk}/"):
            answer = get(office, path, **query)
            assert answer.status_code == 422, (path, query)
    assert get(office, f"/p/ATLAS/plan/workload/{pk}/", to="9999-12-31").status_code == 422
    assert get(office, "/p/ATLAS/plan/workload/", after="9" * 18, by="nonsense").status_code == 200


@pytest.mark.django_db
def test_more_resources_than_fit_a_page_are_reached_page_by_page_without_loss(office: Office) -> None:
    with everything(office.program):
        one = Activity.objects.get(code="A")
        more = Resource.objects.bulk_create(
            Resource(program=office.program, code=f"X{n:03}", name="More") for n in range(50)
        )
        Assignment.objects.bulk_create(
            Assignment(program=office.program, activity=one, resource=each, units=Decimal(1)) for each in more
        )
    first = get(office, "/p/ATLAS/plan/workload/", **{"from": "2026-01-05"})
    assert first.context["count"] == 40
    second = get(office, "/p/ATLAS/plan/workload/", after=first.context["next"], **{"from": "2026-01-05"})
    assert second.context["count"] == 11
    assert second.context["next"] is None


def test_periods_are_whole_weeks_and_months_over_the_turn_of_the_year() -> None:
    from datetime import UTC, datetime

    from programs.portfolio.models import Program

    program = Program(starts_at=datetime(2026, 1, 5, tzinfo=UTC))
    weeks = workload.periods(program, "week", date(2026, 12, 31), 2)
    assert [one.name for one in weeks] == ["2026-W53", "2027-W01"]
    assert weeks[0].first == date(2026, 12, 28)
    months = workload.periods(program, "month", date(2026, 11, 30), 3)
    assert [(one.name, one.after.isoformat()) for one in months] == [
        ("2026-11", "2026-12-01"),
        ("2026-12", "2027-01-01"),
        ("2027-01", "2027-02-01"),
    ]
