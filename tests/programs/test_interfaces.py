"""Which project waits for which: every link across projects is counted, and the ones that hold a date are named."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from pmo import commands
from pmo.clocks import AsOf
from pmo.formats import GAP
from programs.master_plan.interfaces import interfaces, matrix
from programs.schedule import services
from programs.schedule.models import Activity, Dependency
from tests.cast import Office, everything, make_office, stranger
from tests.programs.wild import wild_office

pytestmark = pytest.mark.django_db
PAGE = "/p/ATLAS/plan/interfaces/"


def now() -> AsOf:
    moment = datetime.now(UTC)
    return AsOf(at=moment, known=moment, is_now=True, label="", day=moment.date())


def before(moment: datetime) -> AsOf:
    return AsOf(at=moment, known=moment, is_now=False, label="", day=moment.date())


@pytest.fixture
def office() -> Office:
    """A10 of five days before I1 (which it drives) and I2 (which starts much later anyway); I1 before A20."""
    made = make_office()
    for project, code, days in (
        (made.erp, "A10", 5),
        (made.erp, "A20", 1),
        (made.iam, "I1", 2),
        (made.iam, "I2", 1),
    ):
        commands.run(
            services.add_activity,
            actor=made.program_manager,
            program=made.program,
            project_id=project.pk,
            values={"code": code, "name": f"Work {code}", "duration_minutes": 480 * days},
        )
    return made


def linked(office: Office, source: str, target: str, **more: object) -> Dependency:
    with everything(office.program):
        ends = {one.code: one.pk for one in Activity.objects.filter(program=office.program)}
    outcome = commands.run(
        services.add_dependency,
        actor=office.program_manager,
        program=office.program,
        predecessor_id=ends[source],
        successor_id=ends[target],
        **({"kind": "FS", "lag": 0, "lag_unit": "working"} | more),
    )
    assert outcome.dependency is not None
    return outcome.dependency


def client_of(office: Office) -> Client:
    client = Client()
    client.force_login(office.program_manager)
    return client


def test_links_are_counted_by_pair_and_direction_with_those_that_hold_a_date(office: Office) -> None:
    linked(office, "A10", "I1")
    linked(office, "A10", "I2", kind="SS")
    linked(office, "I1", "A20")
    with everything(office.program):
        found = matrix(office.program, now())
        listed = interfaces(office.program, now())
    there, back = found.cells[office.erp.pk, office.iam.pk], found.cells[office.iam.pk, office.erp.pk]
    assert (there.links, back.links) == (2, 1)
    assert there.driving >= 1
    assert back.driving == 1
    assert [(one.from_code, one.to_code) for one in listed if one.driving][:1] != []
    chain = {(one.from_code, one.to_code): one for one in listed}
    one = chain["A10", "I1"]
    assert one.driving
    assert one.critical, "A10, I1 and A20 are the longest way"
    assert one.leaves is not None
    assert one.arrives is not None
    assert one.leaves <= one.arrives
    start_to_start = chain["A10", "I2"]
    assert start_to_start.leaves is not None
    assert start_to_start.leaves < one.leaves, "a link from a start leaves at the start"


def test_links_within_a_project_are_no_interfaces(office: Office) -> None:
    linked(office, "A10", "A20")
    with everything(office.program):
        assert matrix(office.program, now()).cells == {}
        assert interfaces(office.program, now()) == []
    assert "No project waits for another" in client_of(office).get(PAGE).content.decode()


def test_whatever_the_plan_the_matrix_counts_what_the_list_has() -> None:
    office = wild_office(5)
    with everything(office.program):
        found, listed = matrix(office.program, now()), interfaces(office.program, now())
        across = [
            one for one in Dependency.objects.filter(program=office.program).select_related("predecessor", "successor")
            if one.predecessor.project_id != one.successor.project_id
        ]  # fmt: skip
    assert sum(cell.links for cell in found.cells.values()) == len(across) == len(listed) > 10
    assert sum(cell.driving for cell in found.cells.values()) == sum(one.driving for one in listed) > 0
    assert sum(cell.critical for cell in found.cells.values()) == sum(one.critical for one in listed)
    assert [one.driving for one in listed] == sorted((one.driving for one in listed), reverse=True)


def test_the_page_chooses_a_pair_and_the_file_has_the_same_links(office: Office) -> None:
    linked(office, "A10", "I1", lag=960)
    linked(office, "I1", "A20")
    client = client_of(office)
    page = client.get(PAGE).content.decode().replace(GAP, " ")
    assert "1 link from ERP-FIN to IAM, 1 of them driving" in page
    chosen = client.get(PAGE, {"from": "erp-fin", "to": "iam"})
    assert [(line["from"], line["link"]) for line in chosen.context["lines"]] == [
        ("ERP-FIN/A10 Work A10", "FS+2d")
    ]
    rows = list(
        csv.DictReader(
            io.StringIO(client.get(PAGE, {"format": "csv", "to": "IAM"}).content.decode("utf-8-sig"))
        )
    )
    assert [
        (row["from_activity"], row["to_activity"], row["lag_minutes"], row["driving"]) for row in rows
    ] == [("A10", "I1", "960", "yes")]
    answer = client.get("/api/v1/programs/ATLAS/activities/interfaces/").json()
    assert [(one["from_activity"], one["to_activity"], one["driving"]) for one in answer] == [
        ("I1", "A20", True),
        ("A10", "I1", True),
    ]
    assert client.get(PAGE, {"from": "<b>", "to": "NOWHERE"}).status_code == 200


def test_a_file_has_all_links_where_the_page_has_the_first(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    linked(office, "A10", "I1")
    linked(office, "I1", "A20")
    monkeypatch.setattr("programs.master_plan.interface_views.MOST", 1)
    client = client_of(office)
    assert len(client.get(PAGE).context["lines"]) == 1
    assert len(client.get(PAGE, {"format": "csv"}).content.decode().splitlines()) == 3


def test_what_drove_earlier_is_known_as_it_was_then(office: Office) -> None:
    linked(office, "A10", "I1")
    with everything(office.program):
        earlier = matrix(office.program, before(datetime.now(UTC) + timedelta(seconds=1)))
        never = matrix(office.program, before(datetime(2020, 1, 1, tzinfo=UTC)))
    assert earlier.cells[office.erp.pk, office.iam.pk].driving == 1
    assert never.cells[office.erp.pk, office.iam.pk].driving == 0


def test_strangers_see_nothing(office: Office) -> None:
    linked(office, "A10", "I1")
    client = Client()
    client.force_login(stranger())
    assert client.get(PAGE).status_code == 404
    with everything():
        assert interfaces(office.program, now()) == []
