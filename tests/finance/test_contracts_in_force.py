"""Contracts in force: another manager, milestones that nobody wants any more, and their papers."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.db.utils import DatabaseError

from finance.contracts import handing_over, milestones, papers, selectors
from finance.contracts import services as contracts
from finance.contracts.models import Contract, ContractHandover, ContractMilestone
from finance.procurement import invoicing
from pmo.accounts.models import Membership
from pmo.attachments.files import examined
from pmo.attachments.models import Attachment
from pmo.attachments.services import Paper
from pmo.refusals import Conflict, NotAllowed, Refused
from tests.finance.office import AT, Office
from tests.finance.signing import (
    TODAY,
    accepted,
    active,
    billed,
    came,
    controller,
    deputy,
    drafted,
    faults,
    milestone,
    now,
    ordered,
    stands,
)
from tests.finance.test_pages import browser
from tests.finance.test_procurement import approved, vendor
from tests.finance.test_procurement_pages import said, send


def handed(
    office: Office, contract: Contract, to: str, who: str = "paul", reason: str = "On leave"
) -> Contract:
    version = now(office, contract).version
    return office.does(
        who,
        handing_over.hand_over,
        contract=contract,
        version=version,
        manager=deputy(office, to),
        reason=reason,
    )


def withdrawn(office: Office, one: ContractMilestone, reason: str = "Not needed") -> ContractMilestone:
    version = now(office, one.contract).version
    return office.does("paul", milestones.withdraw, milestone=one, version=version, reason=reason)


def test_who_manages_a_contract_does_not_put_it_in_force(office: Office) -> None:
    office.granted(100_000)
    contract = drafted(office, approved(office), vendor(office), manager=office.person("paul"))
    with pytest.raises(NotAllowed, match="somebody else does"):
        office.does("paul", contracts.activate, contract=contract, version=1)
    rows = Contract.objects.filter(pk=contract.pk)
    with (
        pytest.raises(DatabaseError, match="does not put it in force"),
        office.looking(),
        transaction.atomic(),
    ):
        rows.update(state="active", activated_by=office.person("paul"), activated_at=AT)
    assert "somebody else who may order in CRM" in said(
        browser(office, "paul").get(f"/p/ATLAS/contracts/{contract.pk}/")
    )
    done = office.does("mira", contracts.activate, contract=contract, version=1)
    assert (done.state, done.activated_by) == ("active", office.person("mira"))


def test_a_contract_in_force_goes_to_another_manager_with_a_reason(office: Office) -> None:
    contract = active(office)
    with office.looking():  # who managed it is gone
        Membership.objects.filter(user=deputy(office)).update(
            valid_to=TODAY - timedelta(days=1), valid_from=TODAY - timedelta(days=9)
        )
    for to, reason, words in (
        ("mark", " ", "Say why"),
        ("pia", "Leave", "manages it already"),
        ("paul", "Leave", "Nobody takes a contract for themselves"),
        ("fiona", "Leave", "may order in this project"),
    ):
        with pytest.raises((Refused, NotAllowed), match=words):
            handed(office, contract, to, reason=reason)
    with pytest.raises(Refused, match="Who put a contract in force"):
        handed(office, contract, "paul", who="mira")
    with pytest.raises(Conflict, match="after you opened it"):
        office.does(
            "paul", handing_over.hand_over, contract=contract, version=1, manager=deputy(office, "mark"), reason="x"
        )  # fmt: skip
    after = handed(office, contract, "mark")
    assert after.manager == deputy(office, "mark")
    with office.looking():
        row = ContractHandover.objects.get()
    assert (row.from_manager, row.to_manager, row.n) == (
        deputy(office),
        deputy(office, "mark"),
        after.version,
    )
    assert faults() == []


def test_who_managed_a_contract_still_has_a_hand_in_it(office: Office) -> None:
    contract = active(office, manager=office.person("mira"))
    one = milestone(office, contract, 20_000)
    bill = billed(office, ordered(office, contract, 20_000), 20_000)
    handed(office, contract, "mark")
    controller(office, "mira")
    with pytest.raises(NotAllowed, match="does not accept its milestones"):
        accepted(office, one, "mira")
    with pytest.raises(NotAllowed, match="does not release invoices"):
        office.does("mira", invoicing.release, invoice=bill, version=1, reason="It came")
    accept = {"accepted_on": TODAY, "accepted_by": office.person("mira"), "accepted_at": AT}
    with pytest.raises(DatabaseError, match="does not accept"), office.looking(), transaction.atomic():
        ContractMilestone.objects.filter(pk=one.pk).update(**accept)
    assert faults() == []


def test_who_let_something_pass_does_not_manage_the_contract_afterwards(office: Office) -> None:
    contract = active(office)
    accepted(office, milestone(office, contract, 20_000))
    with pytest.raises(Refused, match="accepted a milestone or released money"):
        handed(office, contract, "mira")
    version = now(office, contract).version
    mira, pia, mark = office.person("mira"), deputy(office), deputy(office, "mark")
    row: dict[str, Any] = {
        "program": office.program, "contract": contract, "n": version + 1, "from_manager": pia,
        "to_manager": mira, "reason": "x", "handed_by": office.person("paul"), "handed_at": AT,
    }  # fmt: skip
    rows = Contract.objects.filter(pk=contract.pk)

    def behind_its_back() -> None:
        ContractHandover(**row).save()
        rows.update(manager=mira, version=version + 1)

    for deed, words in (
        (lambda: rows.update(manager=mark), "with a reason"),
        (behind_its_back, "does not manage it"),
        (lambda: ContractHandover(**row | {"from_manager": mark}).save(), "its manager of now"),
        (lambda: ContractHandover(**row | {"n": version}).save(), "its manager of now"),
        (lambda: ContractHandover(**row | {"handed_by": mira}).save(), "finance_contracthandover_reason"),
        (lambda: Contract(**fresh(contract)).save(force_insert=True), "begins as a draft"),
    ):
        with pytest.raises(DatabaseError, match=words), office.looking(), transaction.atomic():
            deed()


def fresh(contract: Contract) -> dict[str, Any]:
    """The values of a contract in force, as a row nobody drafted."""
    names = [field.attname for field in Contract._meta.concrete_fields if field.attname != "id"]
    return {name: getattr(contract, name) for name in names} | {"code": "CT-009"}


def test_a_handover_without_its_manager_is_refused_at_commit(office: Office) -> None:
    contract = active(office)
    row = ContractHandover(
        program=office.program, contract=contract, n=now(office, contract).version + 1, reason="x",
        from_manager=deputy(office), to_manager=deputy(office, "mark"), handed_by=office.person("paul"), handed_at=AT,
    )  # fmt: skip
    with pytest.raises(DatabaseError, match="manages it"), office.looking(), transaction.atomic():
        row.save()
        with connection.cursor() as cursor:
            cursor.execute("set constraints all immediate")


def test_a_milestone_nobody_wants_is_withdrawn_and_the_value_may_fall(office: Office) -> None:
    contract = active(office)
    kept, gone = milestone(office, contract, 15_000), milestone(office, contract, 25_000, "Second site")
    accepted(office, kept)

    def value(to: int) -> Contract:
        version = now(office, contract).version
        return office.does(
            "paul", contracts.change_value, contract=contract, version=version, value_minor=to, reason="Less"
        )

    with pytest.raises(Refused, match=r"400\.00 EUR are ordered or agreed"):
        value(15_000)
    with pytest.raises(Refused, match="Say why"):
        withdrawn(office, gone, " ")
    with pytest.raises(Conflict, match="accepted already"):
        withdrawn(office, kept)
    withdrawn(office, gone)
    with pytest.raises(Conflict, match="is withdrawn"):
        withdrawn(office, gone)
    with pytest.raises(Conflict, match="is withdrawn"):
        accepted(office, gone)
    assert value(15_000).value_minor == 15_000
    assert (stands(office, contract).milestones, stands(office, contract).withdrawn) == (15_000, 25_000)
    row = ContractMilestone.objects.filter(pk=gone.pk)
    bare = {"withdrawn_by": None, "withdrawn_at": None, "withdrawn_why": ""}
    for deed, words in (
        (lambda: row.update(**bare), "withdrawn milestone stays"),
        (lambda: row.update(name="x"), "withdrawn milestone stays"),
        (lambda: Contract.objects.filter(pk=contract.pk).update(value_minor=14_999), "do not come to more"),
    ):
        with pytest.raises(DatabaseError, match=words), office.looking(), transaction.atomic():
            deed()
    assert faults() == []


def test_withdrawing_every_milestone_lets_no_invoice_pass(office: Office) -> None:
    contract = active(office)
    withdrawn(office, milestone(office, contract, 20_000))
    order = ordered(office, contract, 20_000)
    came(office, order)
    assert billed(office, order, 20_000).state == "held"
    with office.looking():
        said_so = selectors.beyond_accepted(contract)
    assert said_so == ["CT-001: 200.00 EUR invoiced, milestones of 0.00 EUR accepted."]


def test_papers_of_a_contract_are_added_saved_and_withdrawn_on_pages(office: Office) -> None:
    contract = active(office)
    paul, ada = browser(office, "paul"), browser(office, "ada")
    page = f"/p/ATLAS/contracts/{contract.pk}/"
    add = f"{page}papers/add/"
    assert "Guarantee" in said(paul.get(add)) and ada.get(add).status_code == 403

    def sent(
        version: int, name: str = "signed.pdf", content: bytes = b"%PDF-1.7 x", kind: str = "contract"
    ) -> Any:
        file = SimpleUploadedFile(name, content)
        return paul.post(add, {"file": file, "kind": kind, "version": str(version)}, follow=True)

    assert sent(2, "a.exe").status_code == 422 and sent(2, kind="quote").status_code == 422
    assert sent(1).status_code == 409
    assert "signed.pdf belongs to CT-001" in said(sent(2))
    assert sent(3).status_code == 409 or "here already" in said(sent(3))
    with office.looking():
        paper = Attachment.objects.get(subject_kind="contract")
    saved = ada.get(f"{page}papers/{paper.pk}/")
    assert saved.content == b"%PDF-1.7 x" and saved["Content-Disposition"].startswith("attachment")
    assert "sandbox" in saved["Content-Security-Policy"]
    assert ada.get(f"/p/ATLAS/capital-requests/{contract.request_id}/papers/{paper.pk}/").status_code == 404
    away = f"{page}papers/{paper.pk}/withdraw/"
    assert ada.post(away, {"why": "x", "version": "3"}).status_code == 403
    assert "withdrew signed.pdf: Older &lt;b&gt; text" in said(
        paul.post(away, {"why": "Older <b> text", "version": "3"}, follow=True)
    )
    assert paul.post(away, {"why": "Again", "version": "4"}).status_code == 409
    assert faults() == []


def test_a_paper_of_one_contract_is_not_withdrawn_as_another_ones(office: Office) -> None:
    contract = active(office, value_minor=10_000)
    other = drafted(office, contract.request, contract.vendor, value_minor=10_000)
    upload = examined("signed.txt", b"signed")
    paper = office.does(
        "paul", papers.add, contract=contract, version=2, upload=upload, paper=Paper("contract")
    )
    with pytest.raises(Refused, match="something else"):
        office.does("paul", papers.withdraw, contract=other, paper=paper, version=1, reason="x")
    with pytest.raises(Refused, match="kind of paper"):
        office.does("paul", papers.add, contract=contract, version=3, upload=upload, paper=Paper("quote"))


def test_the_pages_and_the_api_of_contracts_in_force(office: Office) -> None:
    contract = active(office)
    one = milestone(office, contract, 10_000)
    paul = browser(office, "paul")
    page = f"/p/ATLAS/contracts/{contract.pk}/"
    over = {"manager": deputy(office, "mark").pk, "why": "Leave", "version": "3"}
    form = said(paul.get(f"{page}hand-over/"))
    offered = {int(pk) for pk in re.findall(r'<option value="(\d+)"', form)}
    never = {"paul", "pia", "fiona", "sam"} & office.people.keys()
    assert over["manager"] in offered and not offered & {office.people[name].pk for name in never}
    refused = said(paul.post(f"{page}hand-over/", over | {"manager": office.people["paul"].pk}))
    assert "Choose somebody else who may order in the project" in refused
    assert paul.post(f"{page}hand-over/", over | {"version": "9"}).status_code == 409
    assert paul.post(f"{page}hand-over/", over | {"manager": "x"}).status_code == 422
    text = said(paul.post(f"{page}hand-over/", over, follow=True))
    assert "handed it over from Pia Deputy to Mark Deputy: Leave" in text
    away = f"{page}milestones/{one.pk}/withdraw/"
    assert paul.post(away, {"why": "", "version": "4"}).status_code == 422
    assert "withdrew Built: Not built" in said(
        paul.post(away, {"why": "Not built", "version": "4"}, follow=True)
    )
    status, made = send(
        paul, "POST", f"contracts/{contract.pk}/hand-over/",
        {"version": 5, "manager": deputy(office).pk, "reason": "Back"},
    )  # fmt: skip
    assert (status, made["manager"], made["version"]) == (200, "Pia Deputy", 6)
    rows = send(paul, "GET", f"contract-handovers/?contract={contract.pk}")[1]["results"]
    assert sorted(row["to_manager"] for row in rows) == ["Mark Deputy", "Pia Deputy"]
    address = f"contract-milestones/{one.pk}/withdraw/"
    assert send(paul, "POST", address, {"version": 6, "reason": "Again"})[0] == 409
    assert send(paul, "GET", f"contract-milestones/{one.pk}/")[1]["withdrawn_why"] == "Not built"
