"""Windows of the plan: wherever one begins, it shows the rows that the whole list has there; kept sums stay true."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import connection

from pmo import commands
from pmo.clocks import AsOf
from programs.baselines.models import Baseline, BaselineActivity
from programs.baselines.services import Frozen, lines_of_plan, record_imported
from programs.master_plan import listing
from programs.master_plan.filters import Filters
from programs.master_plan.frame import places, sections
from programs.schedule import services, spans
from programs.schedule.models import Activity, Computation
from programs.verify import check
from tests.cast import MORNING, Office, everything, make_office
from tests.furnish import plan_rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> Office:
    """Seven activities in one project, four in the next, one milestone among them."""
    made = make_office()
    plan_rows(made, 7)
    for number in range(4):
        commands.run(
            services.add_activity,
            actor=made.program_manager,
            program=made.program,
            project_id=made.iam.pk,
            values={"code": f"I{number}", "name": f"Identity {number}"}
            | ({"kind": "finish_milestone"} if number == 3 else {"duration_minutes": 480}),
        )
    return made


def now() -> AsOf:
    moment = datetime.now(UTC)
    return AsOf(at=moment, known=moment, is_now=True, label="", day=moment.date())


@pytest.mark.parametrize(
    "filters",
    [
        Filters(),
        Filters(project="IAM"),
        Filters(project="erp-fin"),
        Filters(critical=True),
        Filters(milestones=True),
        Filters(project="IAM", milestones=True),
        Filters(project="NOT-HERE"),
    ],
)
def test_every_window_is_its_piece_of_the_whole_list(office: Office, filters: Filters) -> None:
    with everything(office.program):
        shown = listing.frame(office.program, now(), filters)
        heads = sections(office.program, now(), filters, shown)
        whole = list(listing.rows_of(office.program, now(), filters, None).values_list("pk", "project_id"))
        for begin in range(13):
            for count in (1, 3, 8, 200):
                window = places(office.program, now(), filters, shown, heads, begin, count)
                assert window == whole[begin : begin + count]


def test_an_activity_that_was_never_computed_has_its_place_all_the_same(office: Office) -> None:
    with everything(office.program):
        Activity.objects.create(
            program=office.program, project=office.erp, code="NEW", name="Just typed", position=99
        )
        shown = listing.frame(office.program, now(), Filters())
        heads = sections(office.program, now(), Filters(), shown)
        window = places(office.program, now(), Filters(), shown, heads, 5, 4)
        codes = dict(Activity.objects.values_list("pk", "code"))
    assert [codes[pk] for pk, _ in window] == ["A5", "A6", "NEW", "I0"]


def test_what_is_kept_of_the_projects_is_what_their_activities_sum_up_to(office: Office) -> None:
    with everything(office.program):
        latest = Computation.objects.latest("pk")
        kept = spans.read(latest.project_dates)
        assert {pk: span.rows for pk, span in kept.items()} == {office.erp.pk: 7, office.iam.pk: 4}
        assert kept[office.erp.pk].start == MORNING
        assert kept[office.erp.pk].finish == datetime(2026, 1, 13, 17, tzinfo=UTC)
        assert latest.cross_links == 0


def test_a_link_between_projects_is_counted_with_the_computation_it_came_with(office: Office) -> None:
    with everything(office.program):
        ends = {one.code: one.pk for one in Activity.objects.all()}
    commands.run(
        services.add_dependency, actor=office.program_manager, program=office.program,
        predecessor_id=ends["A0"], successor_id=ends["I0"], kind="FS", lag=0, lag_unit="working",
    )  # fmt: skip
    with everything(office.program):
        counts = list(Computation.objects.order_by("-pk").values_list("cross_links", flat=True))
    assert counts[:2] == [1, 0]


def test_a_baseline_keeps_the_dates_of_its_projects(office: Office) -> None:
    with everything(office.program):
        chosen = Activity.objects.get(code="A1")
        baseline = record_imported(
            program=office.program,
            name="Signed",
            lines={chosen.pk: Frozen(MORNING, datetime(2026, 3, 2, 17, tzinfo=UTC), 480)},
            by=None,
            at=MORNING,
        )
        kept = spans.read(Baseline.objects.get(pk=baseline.pk).project_dates)
        assert BaselineActivity.objects.filter(baseline=baseline).count() == 1
    assert kept == {office.erp.pk: spans.Span(MORNING, datetime(2026, 3, 2, 17, tzinfo=UTC), 1)}


def test_verify_finds_kept_dates_that_no_activity_has(office: Office) -> None:
    with everything(office.program), connection.cursor() as cursor:
        assert not [fault for fault in check(cursor) if "dates kept" in fault]
        Computation.objects.filter(pk=Computation.objects.latest("pk").pk).update(
            project_dates={str(office.erp.pk): [0, 1, 7]}
        )
        assert "ATLAS: the dates kept of the projects are not those of their activities" in check(cursor)


def test_verify_works_out_anew_what_a_baseline_keeps_of_its_projects(office: Office) -> None:
    with everything(office.program), connection.cursor() as cursor:
        baseline = record_imported(
            program=office.program,
            name="Signed",
            lines=lines_of_plan(office.program),
            by=None,
            at=MORNING,
        )
        assert not [fault for fault in check(cursor) if "in baseline" in fault]
        fault = f"ATLAS: the dates kept of the projects in baseline {baseline.number} are not those of its activities"
        for forged in ({}, {**baseline.project_dates, str(office.erp.pk): [0, 1, 7]}):
            Baseline.objects.filter(pk=baseline.pk).update(project_dates=forged)
            assert fault in check(cursor)
