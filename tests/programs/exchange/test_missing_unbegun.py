"""That work had not begun at a status date keeps no row that a file lost: such records go with it and come back."""

from __future__ import annotations

import pytest
from django.db import InternalError, connection, transaction

from programs.exchange import sandbox
from programs.exchange.reading import Read
from programs.schedule.models import Activity, Progress
from tests.cast import Office, everything, make_office
from tests.programs.exchange import plans
from tests.programs.exchange.test_missing import accepted, here, staged, told
from tests.programs.exchange.test_undo import plan, undone

pytestmark = pytest.mark.django_db
AT = "<StatusDate>2027-01-08T17:00:00</StatusDate>"


@pytest.fixture
def office() -> Office:
    return make_office()


def dated(*tasks: int, begun: int = 0) -> Read:
    """A plan of MS Project with a status date; the task `begun` is half done."""
    more = {
        "ActualStart": "2027-01-04T08:00:00",
        "PercentComplete": "50",
        "ActualDuration": "PT4H0M0S",
        "RemainingDuration": "PT4H0M0S",
    }
    return sandbox.read_upload(
        plans.plan(*(plans.task(one, **(more if one == begun else {})) for one in tasks), header=AT),
        "plan.xml",
    )


def test_a_plan_with_a_status_date_loses_what_had_not_begun_and_the_undo_brings_it_back_with_its_records(
    office: Office,
) -> None:
    accepted(office, staged(office, dated(1, 2, 3, begun=3)))
    with everything(office.program):
        assert Progress.objects.filter(activity__code="2").exists(), "MS Project tells of every task"
    before = plan(office)
    found = staged(office, dated(1))
    assert {name.split("/")[1]: goes for name, (goes, _) in told(found).items()} == {
        "2 Task 2": True,
        "3 Task 3": False,
    }
    found = accepted(office, found, found.changes["missing"][0]["project"])
    assert here(office)[0] == {"1", "3"}
    with everything(office.program):
        assert set(Progress.objects.values_list("activity__code", flat=True)) == {"1", "3"}
    done = undone(office, found)
    assert done.lost == {}
    assert plan(office) == before


def test_a_record_that_says_more_than_not_begun_still_keeps_its_row(office: Office) -> None:
    accepted(office, staged(office, dated(1, 2, begun=1)))
    with everything(office.program):
        assert Progress.objects.filter(activity__code="2").update(remaining_minutes=960) == 1
    assert [row["stays"] for row in staged(office, dated(1, begun=1)).changes["missing"][0]["rows"]] == [
        "progress reported at 1\N{NO-BREAK SPACE}status date"
    ]


def test_the_database_lets_a_record_go_only_with_its_activity(office: Office) -> None:
    accepted(office, staged(office, dated(1, 2, begun=2)))
    with everything(office.program), connection.cursor() as cursor:
        begun = Activity.objects.get(code="2").pk
        with pytest.raises(InternalError, match="taken away only"), transaction.atomic():
            cursor.execute("delete from programs_progress")
        with pytest.raises(InternalError, match="taken away only"), transaction.atomic():
            cursor.execute("delete from programs_activity where id = %s", [begun])
            cursor.execute("delete from programs_progress where activity_id = %s", [begun])
