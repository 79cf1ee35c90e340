"""A plan's health as its people see it: assessed by the clock or on request, every finding leading to its activity."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from pmo import commands
from pmo.refusals import NotAllowed, Refused
from programs.risk_analysis.models import SimulationRun
from programs.schedule import services as plans
from programs.schedule.models import Activity, Computation, Dependency, Progress, StatusPeriod
from programs.schedule_health import jobs, services, wording
from programs.schedule_health.models import HealthAssessment
from tests.cast import MORNING, PASSWORD, Office, everything, make_office
from tests.sheets import read

pytestmark = pytest.mark.django_db
DAY = 480


@pytest.fixture
def office() -> Iterator[Office]:
    yield make_office()


def planned(office: Office) -> dict[str, Activity]:
    """Design waits for nothing, build for design with a lead, test for build; training stands alone."""
    made = {}
    with everything(office.program):
        for place, (code, days, project) in enumerate(
            [
                ("DESIGN", 10, office.erp),
                ("BUILD", 50, office.erp),
                ("TEST", 5, office.erp),
                ("TRAIN", 3, office.iam),
            ]
        ):
            made[code] = Activity.objects.create(
                program=office.program, project=project, code=code, name=code.title(),
                duration_minutes=days * DAY, position=place,
            )  # fmt: skip
        Dependency.objects.create(
            program=office.program, predecessor=made["DESIGN"], successor=made["BUILD"], lag=-2 * DAY
        )
        Dependency.objects.create(program=office.program, predecessor=made["BUILD"], successor=made["TEST"])
    commands.run(plans.recompute, actor=office.program_manager, program=office.program)
    return made


def browser(office: Office, role: str) -> Client:
    client = Client()
    assert client.login(username=office.people[role].email, password=PASSWORD)
    return client


def to(name: str, **more: Any) -> str:
    return reverse(f"programs:{name}", kwargs={"code": "ATLAS", **more})


def text(answer: Any) -> str:
    """A page with plain spaces."""
    return str(answer.content.decode()).replace("\u202f", " ").replace("\xa0", " ")


def kept(office: Office, project: Any = None) -> HealthAssessment:
    with everything(office.program):
        return HealthAssessment.objects.get(program=office.program, project=project)


def verdict(row: HealthAssessment, check: int) -> str:
    return str(row.points[check - 1]["verdict"])


def test_a_plan_is_assessed_as_a_whole_and_by_project(office: Office) -> None:
    made = planned(office)
    commands.run(services.assess_now, actor=office.staff, program=office.program)
    whole, erp, iam = kept(office), kept(office, office.erp), kept(office, office.iam)
    assert (whole.open_activities, erp.open_activities, iam.open_activities) == (4, 3, 1)
    assert verdict(whole, 2) == verdict(erp, 2) == "fail"
    assert verdict(iam, 2) == "not_applicable"
    assert verdict(whole, 12) == "pass"
    assert [one[0] for one in whole.found["2"]] == [made["BUILD"].pk]
    # Training ends long before the program: 57 days of float that nothing bounds come first.
    assert whole.found["1"][0][0] == made["TRAIN"].pk
    assert [one[0] for one in whole.found["8"]] == [made["BUILD"].pk]


def test_of_one_day_the_last_assessment_is_kept_and_of_earlier_days_the_figures(office: Office) -> None:
    made = planned(office)
    now = timezone.now()
    run = {"actor": office.staff, "program": office.program}
    commands.run(services.assess_now, at=now - timedelta(days=2), **run)
    commands.run(services.assess_now, at=now, **run)
    commands.run(
        plans.edit_activity, actor=office.staff, activity_id=made["BUILD"].pk,
        changes={"duration_minutes": 20 * DAY}, version=None,
    )  # fmt: skip
    commands.run(services.assess_now, at=now, **run)
    with everything(office.program):
        rows = list(HealthAssessment.objects.filter(project=None).order_by("day"))
    assert [bool(row.found) for row in rows] == [False, True]
    assert [verdict(row, 8) for row in rows] == ["fail", "pass"]


def test_the_clock_assesses_what_was_edited_once_it_is_quiet_and_only_then(office: Office) -> None:
    planned(office)
    with everything(office.program):
        edited = Computation.objects.latest("pk").computed_at

    def tick(seconds: int) -> bool:
        return commands.run(
            services.assess_when_stale, actor=None, scope=[office.program.pk],
            program_id=office.program.pk, at=edited + timedelta(seconds=seconds),
        )  # fmt: skip

    assert [tick(5), tick(31), tick(90)] == [False, True, False]


def test_the_clock_goes_on_to_the_other_programs_after_one_that_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reached = []

    def assess(*, program_id: int, **_: Any) -> None:
        reached.append(program_id)
        if len(reached) == 1:
            raise ArithmeticError

    monkeypatch.setattr(jobs, "program_ids", lambda: [1, 2, 3])
    monkeypatch.setattr(jobs.commands, "run", lambda service, **told: assess(**told))
    jobs.assess_stale_plans()
    assert reached == [1, 2, 3]


def test_a_simulation_is_a_reason_to_assess_again_and_meets_the_practice_that_asks_for_one(
    office: Office,
) -> None:
    planned(office)
    with everything(office.program):
        edited = Computation.objects.latest("pk").computed_at

    def eighth(seconds: int) -> tuple[bool, str]:
        done = commands.run(
            services.assess_when_stale, actor=None, scope=[office.program.pk],
            program_id=office.program.pk, at=edited + timedelta(seconds=seconds),
        )  # fmt: skip
        with everything(office.program):
            latest = HealthAssessment.objects.get(program=office.program, project=None)
        return done, next(one["state"] for one in latest.practices if one["number"] == 8)

    assert eighth(31) == (True, "not_met")
    with everything(office.program):
        SimulationRun.objects.create(
            program=office.program, iterations=100, seed=1, low_percent=80, high_percent=150, percent=100,
            state=SimulationRun.State.DONE, requested_at=edited, finished_at=edited + timedelta(seconds=40),
        )  # fmt: skip
    assert eighth(60) == (True, "met")
    assert eighth(90) == (False, "met")


def test_a_program_without_a_plan_is_left_alone_and_says_so(office: Office) -> None:
    with pytest.raises(Refused, match="nothing to assess"):
        commands.run(services.assess_now, actor=office.staff, program=office.program)
    answer = browser(office, "member").get(to("health"))
    assert b"No plan yet" in answer.content


def test_who_does_not_plan_reads_and_does_not_ask_for_an_assessment(office: Office) -> None:
    planned(office)
    with pytest.raises(NotAllowed):
        commands.run(services.assess_now, actor=office.auditor, program=office.program)
    reader = browser(office, "auditor")
    answer = reader.get(to("health"))
    assert b"Not assessed yet" in answer.content
    assert b"Assess now" not in answer.content
    assert reader.post(to("health-assess")).status_code == 403


def test_the_page_names_verdicts_in_words_and_what_to_repair_first(office: Office) -> None:
    planned(office)
    manager = browser(office, "program_manager")
    assert manager.post(to("health-assess"), follow=True).status_code == 200
    page = text(manager.get(to("health")))
    for words in (
        "Schedule health",
        "2 Leads",
        "at most 5",
        "Pass",
        "Fail",
        "Not applicable",
        "Needs a person",
    ):
        assert words in page
    # Without its lead the plan finishes two days later: that comes before what moves nothing.
    first = page.index("Repaired, the finish is 2")
    assert first < page.index("Float that nothing bounds:")
    narrowed = text(manager.get(to("health") + "?project=IAM"))
    assert "1 activity to do" in narrowed


def test_each_finding_leads_to_its_activity_and_can_be_taken_along(office: Office) -> None:
    made = planned(office)
    commands.run(services.assess_now, actor=office.staff, program=office.program)
    reader = browser(office, "member")
    logic = reader.get(to("health-point", number=1)).content.decode()
    assert to("activity", pk=made["TRAIN"].pk) in logic
    leads = reader.get(to("health-point", number=2)).content.decode()
    assert to("activity", pk=made["BUILD"].pk) in leads
    assert "−16 h" in leads
    file = reader.get(to("health-point", number=8) + "?format=csv")
    rows = list(csv.reader(io.StringIO(file.content.decode())))
    assert rows == [["Activity", "Project", "Kind", "Above 44 d"], ["BUILD Build", "ERP-FIN", "Task", "6.0"]]
    book = reader.get(to("health-point", number=8) + "?format=xlsx")
    assert read(book.content) == [rows[0], ["BUILD Build", "ERP-FIN", "Task", 6]]
    assert reader.get(to("health-point", number=15)).status_code == 404
    assert b"Nothing found" in reader.get(to("health-point", number=9)).content


def test_an_address_with_an_unknown_project_says_so_and_shows_nothing_of_the_program(office: Office) -> None:
    planned(office)
    commands.run(services.assess_now, actor=office.staff, program=office.program)
    reader = browser(office, "member")
    for where in (to("health"), to("health-point", number=1)):
        answer = reader.get(where + "?project=PAYROLL")
        assert answer.status_code == 404
        assert "There is no project PAYROLL in ATLAS" in text(answer)
        assert "14 points</h2>" not in text(answer) and "TRAIN" not in text(answer)


def test_a_project_manager_assesses_the_own_project_and_no_other(office: Office) -> None:
    planned(office)
    with everything(office.program):
        commands.run(services.assess_now, actor=office.staff, program=office.program)
        yesterday = timezone.now().date() - timedelta(days=1)
        HealthAssessment.objects.update(day=yesterday)
    manager = browser(office, "erp_manager")
    assert "Assess my project now" in text(manager.get(to("health")))
    for _ in range(2):  # the second on the same day meets the row of the first
        done = manager.post(to("health-assess"), follow=True)
        assert done.redirect_chain == [(to("health") + "?project=ERP-FIN", 302)]
        assert "Assessed: ERP-FIN." in text(done)
    with everything(office.program):
        rows = HealthAssessment.objects.order_by("pk").values_list("project__code", "day", "found")
        news = [code for code, day, _ in rows if day != yesterday]
        emptied = [code for code, day, found in rows if day == yesterday and not found]
    assert news == ["ERP-FIN"]
    assert emptied == ["ERP-FIN"], "what was found elsewhere is still the latest there"
    with pytest.raises(NotAllowed):
        commands.run(services.assess_now, actor=office.member, program=office.program)


def test_an_edited_plan_says_that_its_assessment_is_older(office: Office) -> None:
    made = planned(office)
    commands.run(services.assess_now, actor=office.staff, program=office.program)
    reader = browser(office, "member")
    assert b"edited since" not in reader.get(to("health")).content
    commands.run(
        plans.edit_activity, actor=office.staff, activity_id=made["TRAIN"].pk,
        changes={"duration_minutes": 4 * DAY}, version=None,
    )  # fmt: skip
    assert b"edited since" in reader.get(to("health")).content


def test_as_known_before_it_was_assessed_there_is_nothing(office: Office) -> None:
    planned(office)
    commands.run(services.assess_now, actor=office.staff, program=office.program)
    yesterday = (timezone.now() - timedelta(days=1)).date()
    page = browser(office, "member").get(to("health") + f"?known={yesterday}")
    assert b"14 points</h2>" not in page.content


def test_a_large_plan_is_left_to_the_clock(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    planned(office)
    monkeypatch.setattr(services, "AT_ONCE", 3)
    answer = browser(office, "staff").post(to("health-assess"), follow=True)
    assert b"assessed in the background" in answer.content


def test_the_api_gives_points_findings_and_practices_of_each_day(office: Office) -> None:
    planned(office)
    commands.run(services.assess_now, actor=office.staff, program=office.program)
    client = browser(office, "member")
    rows = client.get("/api/v1/programs/ATLAS/schedule-health/?project=ERP-FIN").json()["results"]
    assert len(rows) == 1
    assert [one["check"] for one in rows[0]["points"]] == list(range(1, 15))
    assert rows[0]["practices"][0]["state"] == "person"


def test_the_course_begins_with_the_status_dates_that_were_before_the_first_assessment(
    office: Office,
) -> None:
    made = planned(office)
    with everything(office.program):
        for number, days in ((1, 30), (2, 16)):
            period = StatusPeriod.objects.create(
                program=office.program,
                project=office.erp,
                number=number,
                at=MORNING + timedelta(days=days, hours=9),
            )
            Progress.objects.create(
                program=office.program, period=period, activity=made["DESIGN"], actual_start=MORNING,
                actual_finish=MORNING + timedelta(days=11, hours=9) if number == 1 else None,
                remaining_minutes=0 if number == 1 else DAY, percent_complete=100 if number == 1 else 90,
            )  # fmt: skip
    run = {"actor": None, "scope": [office.program.pk], "program": office.program}
    assert commands.run(services.assess_status_dates, **run) == 0
    commands.run(services.assess_program, **run)
    assert [commands.run(services.assess_status_dates, **run) for _ in range(2)] == [2, 0]
    with everything(office.program):
        rows = list(HealthAssessment.objects.filter(project=None).order_by("day"))
    assert [row.from_progress for row in rows] == [True, True, False]
    # Design was open on the first date and done on the second.
    assert [row.open_activities for row in rows] == [4, 3, 4]
    assert "first 2 days are status dates" in text(browser(office, "member").get(to("health")))


@pytest.mark.parametrize(
    ("point", "words"),
    [
        ({"check": 1, "numerator": 2, "denominator": 40, "limit": "1/20"}, "5.0 %"),
        ({"check": 1, "numerator": 501, "denominator": 10000, "limit": "1/20"}, "5.010 %"),
        ({"check": 13, "numerator": 9499, "denominator": 10000, "limit": "19/20"}, "0.950 "),
        ({"check": 2, "numerator": 3, "denominator": 40, "limit": "0"}, "3"),
        ({"check": 12, "numerator": 0, "denominator": 288000, "limit": "19/20"}, "0 of 600 d"),
        ({"check": 5, "numerator": 0, "denominator": 0, "limit": "1/20"}, "—"),
    ],
)
def test_a_figure_is_never_rounded_onto_its_threshold(point: dict[str, Any], words: str) -> None:
    shown = wording.value(point, DAY).replace("\u202f", " ").replace("\xa0", " ")
    if point["check"] == 13:
        assert shown == "0.9499" or shown == "0.94990"
    else:
        assert shown == words
