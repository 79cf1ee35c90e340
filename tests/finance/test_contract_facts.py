"""Invoices that come late are facts: they never bring a contract beyond its value, nor stop what is right about it."""

from __future__ import annotations

from decimal import Decimal

from finance.contracts import services as contracts
from finance.procurement import invoicing, receiving
from finance.procurement import services as procurement
from finance.procurement.matching import Billed
from finance.procurement.services import Wanted
from tests.finance.office import Office
from tests.finance.signing import TODAY, active, faults, now, released, stands


def test_a_late_invoice_of_an_ended_order_leaves_the_contract_what_was_ordered(office: Office) -> None:
    contract = active(office)  # 400.00 EUR, a tenth retained
    first = office.does(
        "paul", procurement.order, capital_request=contract.request, vendor=contract.vendor, contract=contract,
        title="Racks", lines=[Wanted("Rack", Decimal(10), 3_000)],
    )  # fmt: skip
    with office.looking():
        line = first.lines.get().pk
    office.does("mira", receiving.receive, order=first, received_on=TODAY, quantities={line: Decimal(1)})
    office.does("paul", procurement.cancel, order=first, version=first.version, reason="Nine too many")
    assert stands(office, contract).ordered == 3_000
    second = office.does(
        "paul", procurement.order, capital_request=contract.request, vendor=contract.vendor, contract=contract,
        title="Cables", lines=[Wanted("Cable", Decimal(1), 37_000)],
    )  # fmt: skip

    office.does(
        "fiona", invoicing.enter, order=first, number="A-1", invoiced_on=TODAY,
        lines=[Billed(line, Decimal(10), 3_000)],
    )  # fmt: skip

    found = stands(office, contract)
    assert (found.ordered, found.invoiced, found.retained) == (40_000, 30_000, 3_000)
    assert faults() == []
    # It is held, being beyond what came: mira lets it pass, and then what is retained of it may be released.
    with office.looking():
        bill = first.invoices.get()
    assert bill.state == "held"
    office.does("mira", invoicing.release, invoice=bill, version=bill.version, reason="They came after all")
    assert released(office, contract, 3_000).amount_minor == 3_000
    office.does("paul", procurement.cancel, order=second, version=second.version, reason="Not needed")
    ended = office.does(
        "paul",
        contracts.close,
        contract=contract,
        version=now(office, contract).version,
        reason="All is there",
    )
    assert ended.state == "closed" and stands(office, contract).ordered == 3_000
    assert faults() == []
