"""Deliverables in a request: added, moved, withdrawn; shown before and after, applied to the letter, or refused."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from pmo.refusals import Conflict, Refused
from programs.baselines.models import Baseline
from programs.benefits import selectors
from programs.benefits import services as benefits
from programs.benefits.models import Contribution
from programs.changes import applying, services
from programs.changes.models import ChangeRequest
from programs.deliverables.models import Deliverable, Requirement
from programs.lives import services as lives
from programs.portfolio.models import Objective, Project
from tests.cast import everything
from tests.programs.changes.test_pages import BASE, browser, now
from tests.programs.changes.test_requests import Desk
from tests.world import rolled_back

MARCH, APRIL = date(2027, 3, 1), date(2027, 4, 1)


class Yard(Desk):
    """The desk; ERP hands over L (three requirements, one accepted, one due earlier), which alone feeds benefit B-1."""

    def __init__(self) -> None:
        super().__init__()
        people, program = self.office.people, self.program
        with everything(program):
            self.ledger, self.portal = (
                Deliverable.objects.create(
                    program=program, project=self.office.erp, code=code, name=name, due_on=MARCH
                )
                for code, name in (("L", "Ledger"), ("P", "Portal"))
            )
            for n, due, accepted in (
                (1, MARCH, None),
                (2, MARCH, date(2027, 2, 1)),
                (3, date(2027, 1, 1), None),
            ):
                Requirement.objects.create(
                    program=program, deliverable=self.ledger, code=f"L-R{n}", text=f"It adds up {n}", due_on=due,
                    accepted_on=accepted, accepted_by=people["sponsor"] if accepted else None,
                )  # fmt: skip
            self.benefit = Objective.objects.create(
                program=program, code="B-1", name="Days to close", measure="Days", unit="d",
                baseline_value=Decimal(10), target_value=Decimal(4), baseline_on=date(2026, 1, 1), target_on=APRIL,
            )  # fmt: skip
            Contribution.objects.create(
                program=program, objective=self.benefit, deliverable=self.ledger, how="It books."
            )

    def new(self, **to: Any) -> dict[str, Any]:
        usual = {
            "code": "N",
            "name": "Interface",
            "due_on": "2027-05-01",
            "requirements": ["It answers", "It logs"],
        }
        return {"do": "deliver", "project": self.office.erp.pk, "to": usual | to}

    def other(self, **to: Any) -> dict[str, Any]:
        return {"do": "redeliver", "deliverable": self.ledger.pk, "to": to}

    def out(self) -> dict[str, Any]:
        return {"do": "withdraw", "deliverable": self.ledger.pk}

    def submitted(self, *edits: dict[str, Any]) -> ChangeRequest:
        made = self.does("erp_manager", services.submit, change_request=self.request(*edits))
        assert isinstance(made, ChangeRequest)
        return made

    def requirements(self) -> dict[str, date]:
        with everything(self.program):
            return dict(Requirement.objects.filter(program=self.program).values_list("code", "due_on"))


@pytest.fixture(scope="module")
def built(django_db_setup: None, django_db_blocker: Any) -> Iterator[Yard]:
    with django_db_blocker.unblock(), rolled_back():
        yield Yard()


@pytest.fixture
def yard(built: Yard) -> Iterator[Yard]:
    with rolled_back():
        yield built


def test_a_request_says_what_is_added_moved_and_withdrawn_and_which_benefit_has_nothing_left(
    yard: Yard,
) -> None:
    request = yard.request(
        yard.new(),
        {"do": "redeliver", "deliverable": yard.portal.pk, "to": {"due_on": "2027-04-01"}},
        yard.out(),
    )
    found = yard.impact(request)
    told = found["scope"]
    assert (told["deliverables"], told["requirements"]) == ([2, 2], [3, 2])
    assert told["benefits"] == ["B-1 Days to close"]
    assert [(one["kind"], one["label"]) for one in told["lines"]] == [
        ("new", "ERP-FIN/N Interface"), ("changed", "ERP-FIN/P Portal"), ("withdrawn", "ERP-FIN/L Ledger"),
    ]  # fmt: skip
    assert (told["lines"][2]["open"], told["lines"][2]["accepted"]) == (2, 1)
    assert (found["edits"], found["slip_days"], found["moved"]) == (0, 0, 0), "the plan is not concerned"


def test_scope_alone_is_applied_to_the_letter_and_leaves_plan_and_baseline(yard: Yard) -> None:
    request = yard.submitted(
        yard.new(), yard.other(due_on="2027-04-01", name="Ledgers", requirements=["It balances"])
    )
    yard.approve(request)
    with everything(yard.program):
        made = Deliverable.objects.get(program=yard.program, code="N")
        assert (made.name, made.due_on, made.project_id) == (
            "Interface",
            date(2027, 5, 1),
            yard.office.erp.pk,
        )
        ledger = Deliverable.objects.get(pk=yard.ledger.pk)
        assert (ledger.name, ledger.due_on, ledger.version) == ("Ledgers", APRIL, 2)
        assert not Baseline.objects.exists()
    assert yard.requirements() == {
        "L-R1": APRIL, "L-R2": MARCH, "L-R3": date(2027, 1, 1), "L-R4": APRIL,
        "N-R1": date(2027, 5, 1), "N-R2": date(2027, 5, 1),
    }, "an open requirement that was due with it moves with it, what is accepted or due before it stays"  # fmt: skip


def test_what_is_withdrawn_stays_with_its_decision_and_takes_nothing_more(yard: Yard) -> None:
    done = yard.approve(yard.submitted(yard.longer(), yard.out()))
    with everything(yard.program):
        gone = Deliverable.objects.get(pk=yard.ledger.pk)
        assert (gone.withdrawn_at, gone.warrant_id) == (done.decided_at, done.warrant_id)
        assert Baseline.objects.filter(warrant=done.warrant).exists(), "the plan was edited too"
        writes: tuple[Any, ...] = (
            lambda: Requirement.objects.create(
                program=yard.program, deliverable=gone, code="L-R9", text="More", due_on=MARCH
            ),
            lambda: Requirement.objects.filter(code="L-R1").update(text="Other"),
            lambda: Requirement.objects.filter(code="L-R1").update(deliverable=yard.portal),
            lambda: Deliverable.objects.filter(pk=gone.pk).update(withdrawn_at=None, warrant=None),
            lambda: Deliverable.objects.filter(pk=gone.pk).update(name="Other"),
        )
        for write in writes:
            with pytest.raises(DatabaseError, match="is withdrawn"), transaction.atomic():
                write()
    for edit in (yard.out(), yard.other(name="Other")):
        with pytest.raises(Refused, match="L is withdrawn already"):
            yard.request(edit)
    with pytest.raises(Refused, match="contributes nothing"):
        yard.does(
            "program_manager", benefits.link, objective=yard.benefit, version=1, how="Again", deliverable=gone
        )


def test_nobody_withdraws_a_deliverable_past_a_decided_request(yard: Yard) -> None:
    done = yard.approve(yard.submitted(yard.other(name="Ledgers")))
    with everything(yard.program):
        for pk in (yard.ledger.pk, yard.portal.pk):
            row = Deliverable.objects.filter(pk=pk)
            with (
                pytest.raises(DatabaseError, match="by a change request that was decided"),
                transaction.atomic(),
            ):
                row.update(withdrawn_at=done.decided_at, warrant=done.warrant)
        with pytest.raises(DatabaseError, match="by a change request that was decided"), transaction.atomic():
            Deliverable.objects.create(
                program=yard.program, project=yard.office.erp, code="X", name="X", due_on=MARCH,
                withdrawn_at=done.decided_at, warrant=done.warrant,
            )  # fmt: skip


@pytest.mark.parametrize("what", ["day", "acceptance", "contribution", "code"])
def test_what_changed_meanwhile_is_stale_refused_and_then_seen(yard: Yard, what: str) -> None:
    request = yard.submitted(yard.out(), yard.new())
    shown = yard.impact(request)
    with everything(yard.program):
        if what == "day":
            Deliverable.objects.filter(pk=yard.ledger.pk).update(due_on=APRIL)
        elif what == "acceptance":
            Requirement.objects.filter(code="L-R1").update(
                accepted_on=MARCH, accepted_by=yard.office.people["sponsor"]
            )
        elif what == "contribution":
            Contribution.objects.create(
                program=yard.program, objective=yard.benefit, project=yard.office.iam, how="x"
            )
        else:
            Deliverable.objects.create(
                program=yard.program, project=yard.office.iam, code="N", name="Other", due_on=MARCH
            )
        with pytest.raises((Conflict, Refused)):
            applying.apply(yard.program, request.edits, shown, at=timezone.now())
    with pytest.raises(Refused, match="are not those that the figures were computed on"):
        yard.approve(request)
    if what == "code":
        with pytest.raises(Refused, match="deliverable of that code already"):
            yard.does("erp_manager", services.compute, change_request=request)
        return
    computed = yard.does("erp_manager", services.compute, change_request=request)
    assert yard.impact(computed)["scope"]["benefits"] == (
        [] if what == "contribution" else ["B-1 Days to close"]
    )
    assert yard.approve(computed).state == "applied"


def test_edits_of_one_deliverable_are_one_and_a_withdrawal_takes_the_others_along(yard: Yard) -> None:
    request = yard.request(yard.other(name="Books"), yard.other(due_on="2027-04-01"))
    assert [one["to"] for one in request.edits] == [{"name": "Books", "due_on": "2027-04-01"}]
    request = yard.propose(request, yard.other(name="Ledger", due_on="2027-03-01"))
    assert request.edits == []
    request = yard.propose(yard.propose(request, yard.other(name="Books")), yard.out())
    assert [one["do"] for one in request.edits] == ["withdraw"]
    with pytest.raises(Refused, match="This request withdraws"):
        yard.propose(request, yard.other(name="Books"))


@pytest.mark.parametrize(
    ("to", "field"),
    [
        ({"code": "L"}, "code"), ({"code": "a b"}, "code"), ({"code": 7}, "code"), ({"code": "C" * 30}, "code"),
        ({"name": " "}, "name"), ({"name": "n" * 201}, "name"), ({"due_on": "2027-02-30"}, "due_on"),
        ({"due_on": None}, "due_on"), ({"due_on": "0001-01-01"}, "due_on"), ({"requirements": []}, "requirements"),
        ({"requirements": ["r" * 401]}, "requirements"), ({"requirements": [""]}, "requirements"),
        ({"requirements": "It answers"}, "requirements"), ({"withdrawn_at": "2027-01-01"}, None),
    ],
)  # fmt: skip
def test_a_deliverable_that_is_none_is_refused_at_its_field(
    yard: Yard, to: dict[str, Any], field: str | None
) -> None:
    with pytest.raises(Refused) as refusal:
        yard.request(yard.new(**to))
    assert refusal.value.field == field


def test_a_closed_projects_deliverables_stay_and_nobodys_are_made_up(yard: Yard) -> None:
    for pk in (0, 2**40, "L", None, True):
        with pytest.raises(Refused, match="no such deliverable"):
            yard.request({"do": "withdraw", "deliverable": pk})
    with pytest.raises(Refused, match="no such project"):
        yard.request(yard.new() | {"project": 0})
    request = yard.submitted(yard.out())
    with everything(yard.program):
        project = Project.objects.get(pk=yard.office.erp.pk)
        lost = selectors.seal(selectors.losing(yard.program.pk, project=project.pk))
    yard.does(
        "program_manager", lives.move, project=project, version=project.version, deed="cancel",
        reason="No money.", lost=lost,
    )  # fmt: skip
    with pytest.raises(Refused, match="ERP-FIN is closed"):
        yard.request(yard.new())
    with pytest.raises(Refused):
        yard.approve(request)


def test_scope_is_proposed_by_page_and_api_and_what_is_out_leaves_the_register(yard: Yard) -> None:
    request = yard.request()
    lena, here = browser(yard, "erp_manager"), f"{BASE}{request.pk}/"
    assert "A new deliverable" in lena.get(f"{here}scope/").content.decode()
    typed = {
        "project": yard.office.erp.pk, "code": "N", "name": "<b>Interface</b>", "due_on": "2027-05-01",
        "requirements": "It answers\n\nIt logs", "request_version": request.version,
    }  # fmt: skip
    for wrong, said in (
        ({"code": "L"}, "of that code already"), ({"withdraw": "on"}, "which deliverable"),
        ({"deliverable": yard.ledger.pk}, "leave them empty"), ({"deliverable": "x"}, "valid choice"),
        ({"requirements": ""}, "at least one requirement"), ({"project": ""}, "no such project"),
    ):  # fmt: skip
        answer = lena.post(f"{here}scope/", typed | wrong)
        assert answer.status_code in (400, 409, 422) and said in answer.content.decode(), wrong
    stale = lena.post(f"{here}scope/", typed | {"request_version": request.version - 1})
    assert stale.status_code == 409 and 'value="2027-05-01"' in stale.content.decode()
    assert lena.post(f"{here}scope/", typed)["Location"] == here
    request = now(yard, request)
    out = {"deliverable": yard.ledger.pk, "withdraw": "on", "request_version": request.version}
    told = lena.post(f"{here}scope/", out, follow=True).content.decode()
    for words in (
        "nothing that contributes to B-1 Days to close", "Deliverable withdrawn", "ERP-FIN/L Ledger",
        "loses its last contributor", "1 added, 1 withdrawn", "2 added, 3 withdrawn", "&lt;b&gt;Interface",
    ):  # fmt: skip
        assert words in told.replace("\xa0", " "), words
    request = now(yard, request)
    api = f"/api/v1/programs/ATLAS/change-requests/{request.pk}/"
    sent = {
        "version": request.version, "do": "redeliver", "deliverable": yard.portal.pk, "to": {"due_on": "2027-04-01"},
    }  # fmt: skip
    answer = lena.post(f"{api}edits/", sent, content_type="application/json")
    assert answer.status_code == 200, answer.content
    assert answer.json()["edits"][-1]["label"] == "ERP-FIN/P Portal"
    assert lena.get(f"{api}impact/").json()["benefits_lost"] == ["B-1 Days to close"]
    yard.approve(yard.does("erp_manager", services.submit, change_request=now(yard, request)))
    page, rows = "/p/ATLAS/deliverables/", "/api/v1/programs/ATLAS/deliverables/"
    shown = lena.get(page).content.decode()
    assert "N-R2" in shown and "L-R1" not in shown
    assert "L-R1" in lena.get(f"{page}?withdrawn=1").content.decode()
    codes = [
        sorted(one["code"] for one in lena.get(url).json()["results"])
        for url in (rows, f"{rows}?withdrawn=true")
    ]
    assert codes == [["N", "P"], ["L"]]
