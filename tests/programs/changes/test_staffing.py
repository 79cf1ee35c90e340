"""Who would work on what in a request: proposed, shown with overload and cost, applied to the letter, or refused."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from pmo.refusals import Conflict, Refused
from programs.changes import applying, services
from programs.changes.models import ChangeRequest
from programs.resources.models import Assignment, Resource
from programs.schedule.models import Activity
from tests.cast import everything
from tests.programs.changes.test_pages import BASE, browser, now
from tests.programs.changes.test_requests import DAY, Desk
from tests.world import rolled_back


class Crew(Desk):
    """The desk; the tester (one of them, 90 EUR an hour) works on A1 and half of the architect on A2."""

    def __init__(self) -> None:
        super().__init__()
        with everything(self.program):
            self.tester, self.architect = (
                Resource.objects.create(program=self.program, code=code, name=name, cost_per_hour=cents)
                for code, name, cents in (("T", "Tester", 90_00), ("ARC", "Architect", 150_00))
            )
            for activity, resource, units in (
                (self.a1, self.tester, 1),
                (self.a2, self.architect, Decimal("0.5")),
            ):
                Assignment.objects.create(
                    program=self.program, activity=activity, resource=resource, units=units
                )

    def assign(self, activity: Activity | str, resource: Resource, units: str) -> dict[str, Any]:
        ref = activity if isinstance(activity, str) else activity.pk
        return {"do": "assign", "activity": ref, "resource": resource.pk, "units": units}

    def crew(self) -> set[tuple[str, str, Decimal]]:
        with everything(self.program):
            rows = Assignment.objects.filter(program=self.program)
            return {*rows.values_list("activity__code", "resource__code", "units")}

    def new(self, days: int) -> dict[str, Any]:
        return {
            "do": "add", "project": self.office.erp.pk,
            "to": {"code": "N1", "name": "Rehearsal", "duration_minutes": days * DAY},
        }  # fmt: skip


AS_PLANNED = {("A1", "T", Decimal(1)), ("A2", "ARC", Decimal("0.5"))}


@pytest.fixture(scope="module")
def built(django_db_setup: None, django_db_blocker: Any) -> Iterator[Crew]:
    with django_db_blocker.unblock(), rolled_back():
        yield Crew()


@pytest.fixture
def crew(built: Crew) -> Iterator[Crew]:
    with rolled_back():
        yield built


def test_people_are_proposed_with_what_they_cost_and_who_is_asked_for_too_much(crew: Crew) -> None:
    request = crew.request(
        crew.assign(crew.a2, crew.architect, "2"),
        crew.new(2),
        crew.assign("ERP-FIN/N1", crew.tester, "1"),
        crew.assign(crew.a1, crew.tester, "0"),
    )
    assert crew.crew() == AS_PLANNED, "the plan stays as it is"
    found = crew.impact(request)
    # 5 days of the tester, 3 of half an architect; then 3 of two architects, of whom there is one, and 2 of the tester.
    assert found["labour"] == [5 * 8 * 90_00 + 12 * 150_00, 48 * 150_00 + 2 * 8 * 90_00]
    assert {one["label"]: (one["before"], one["after"]) for one in found["loads"]} == {
        "ARC Architect": (0, 3)
    }
    assert [(one["was"], one["units"]) for one in request.edits if one["do"] == "assign"] == [
        ("0.5", "2"),
        ("0", "1"),
        ("1", "0"),
    ]


def test_what_was_proposed_is_applied_and_nothing_else(crew: Crew) -> None:
    request = crew.request(
        crew.assign(crew.a2, crew.architect, "1.25"),
        crew.assign(crew.a1, crew.tester, "0"),
        crew.new(2),
        crew.assign("ERP-FIN/N1", crew.tester, "1"),
    )
    request = crew.does("erp_manager", services.submit, change_request=request)
    crew.approve(request)
    assert crew.crew() == {("A2", "ARC", Decimal("1.25")), ("N1", "T", Decimal(1))}


def test_the_last_word_on_one_activity_and_resource_counts_and_what_is_there_falls_away(crew: Crew) -> None:
    request = crew.request(crew.assign(crew.a1, crew.tester, "3"), crew.assign(crew.a1, crew.tester, "2.50"))
    assert [one["units"] for one in request.edits] == ["2.5"]
    request = crew.propose(request, crew.assign(crew.a1, crew.tester, "1.0000"))
    assert request.edits == []


def test_somebody_who_was_assigned_meanwhile_is_a_conflict_and_then_seen(crew: Crew) -> None:
    request = crew.request(crew.assign(crew.a1, crew.tester, "3"))
    shown = crew.impact(request)
    with everything(crew.program):
        Assignment.objects.filter(activity=crew.a1).update(units=2)
        with pytest.raises(Conflict, match="not the one that these edits were shown on"):
            applying.apply(crew.program, request.edits, shown, at=timezone.now())
    computed = crew.does("erp_manager", services.compute, change_request=request)
    assert (computed.edits[0]["was"], computed.edits[0]["units"]) == ("2", "3")


def test_with_a_new_activity_its_people_are_taken_back_and_with_a_removed_one_theirs(crew: Crew) -> None:
    request = crew.request(crew.new(1), crew.assign("ERP-FIN/N1", crew.tester, "1"))
    request = crew.does(
        "erp_manager", services.drop, change_request=request, version=request.version, number=1
    )
    assert request.edits == []
    request = crew.propose(request, crew.assign(crew.a1, crew.tester, "4"))
    request = crew.propose(request, {"do": "remove", "activity": crew.a1.pk})
    assert [one["do"] for one in request.edits] == ["remove"]
    with pytest.raises(Refused, match="out of the plan"):
        crew.propose(request, crew.assign(crew.a1, crew.tester, "1"))


@pytest.mark.parametrize(
    ("units", "said"),
    [
        ("-1", "from 0"),
        ("x", "as a number"),
        ("NaN", "from 0"),
        ("1.00001", "four decimals"),
        ("1e9", "1,000,000"),
    ],
)
def test_units_that_are_none_are_refused_at_their_field(crew: Crew, units: str, said: str) -> None:
    request = crew.request()
    with pytest.raises(Refused, match=said) as refusal:
        crew.propose(request, crew.assign(crew.a1, crew.tester, units))
    assert refusal.value.field == "units"


def test_milestones_have_nobody_and_nobody_is_made_up(crew: Crew) -> None:
    request = crew.request()
    with pytest.raises(Refused, match="Only work has people"):
        crew.propose(request, crew.assign(crew.gate, crew.tester, "1"))
    for resource in (0, 2**40, "T", None, True):
        with pytest.raises(Refused, match="no such resource"):
            crew.propose(
                request, {"do": "assign", "activity": crew.a1.pk, "resource": resource, "units": "1"}
            )
    with pytest.raises(Refused, match="no such activity"):
        crew.propose(request, crew.assign("ERP-FIN/ZZ", crew.tester, "1"))


def test_people_are_proposed_by_page_and_api(crew: Crew) -> None:
    request = crew.request(crew.new(2))
    lena, here = browser(crew, "erp_manager"), f"{BASE}{request.pk}/"
    assert 'value="ERP-FIN/A1"' in lena.get(f"{here}assign/?activity=ERP-FIN/A1").content.decode()
    typed = {"activity": "N1", "resource": crew.tester.pk, "units": "1.5", "request_version": request.version}
    wrong = lena.post(f"{here}assign/", typed | {"activity": "ZZ"})
    assert wrong.status_code == 422 and "no activity of that code" in wrong.content.decode()
    stale = lena.post(f"{here}assign/", typed | {"request_version": request.version - 1})
    assert stale.status_code == 409 and 'value="1.5"' in stale.content.decode()
    assert lena.post(f"{here}assign/", typed)["Location"] == here
    page = lena.get(here).content.decode()
    for words in ("T Tester on ERP-FIN/N1", "not assigned", "1.5 units", "Resources as planned"):
        assert words in page
    request = now(crew, request)
    sent = {
        "version": request.version, "do": "assign", "activity": crew.a2.pk, "resource": crew.architect.pk, "units": "0",
    }  # fmt: skip
    api = f"/api/v1/programs/ATLAS/change-requests/{request.pk}/edits/"
    answer = lena.post(api, sent, content_type="application/json")
    assert answer.status_code == 200, answer.content
    assert answer.json()["edits"][-1]["label"] == "ARC Architect on ERP-FIN/A2"
    with everything(crew.program):
        assert ChangeRequest.objects.get(pk=request.pk).version == request.version + 1
