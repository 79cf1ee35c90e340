"""Bad amounts, one table, through every door that takes one: the same sentence at the field, cell, row or key.

What takes an amount is found, not listed: every `AmountField` of every form, every `_minor` key that the API takes, and
every place that calls the reader by itself. A door that is new and has no test here makes this file fail.
"""

from __future__ import annotations

import copy
import importlib
import json
import math
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django import forms
from rest_framework import exceptions

from finance.amendments.forms import AmountForm
from finance.assets.forms import HandOverForm, WriteDownForm
from finance.capex.forms import CapitalRequestForm
from finance.capex.hold_forms import HoldForm
from finance.capex.paper_forms import PaperForm
from finance.conformity.forms import ClauseForm
from finance.contracts import forms as contracts
from finance.contracts.models import Contract
from finance.control_accounts.forms import LimitsForm, OwnLimitsForm
from finance.control_accounts.limits import Limits
from finance.engine.clause_kinds import KINDS
from finance.estimates import forms as estimates
from finance.procurement.bill_forms import CreditForm, ToleranceForm
from finance.procurement.forms import LineForm
from finance.procurement.models import Vendor
from finance.reserves.forms import PlannedDrawForm
from finance.transfers import forms as transfers
from governance.authority.forms import RuleForm
from pmo.amounts import AmountField, RateField, in_currency
from pmo.api.fields import Minor
from pmo.api.views import StrictSerializer
from programs.portfolio.models import Project
from programs.raid.forms import RiskForm
from programs.resources.forms import ResourceForm
from tests.finance.amounts import ALL, BAD, GOOD, ROOT
from tests.finance.office import Office
from tests.finance.signing import active
from tests.finance.test_api import send
from tests.finance.test_pages import browser, quiet_static

__all__ = ["quiet_static"]


# ------------------------------------------------------------------ the forms
def every_form() -> list[type[forms.BaseForm]]:
    """Every form of the product that takes an amount."""
    for app in ("pmo", "programs", "finance", "governance"):
        for path in (ROOT / app).rglob("*.py"):
            if "forms.Form" in (text := path.read_text()) or "forms.ModelForm" in text:
                importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))

    def below(one: type[Any]) -> Iterator[type[Any]]:
        yield one
        for child in one.__subclasses__():
            yield from below(child)

    found = {
        one
        for one in below(forms.BaseForm)
        if any(isinstance(field, AmountField) for field in getattr(one, "base_fields", {}).values())
    }
    return sorted(found, key=lambda one: f"{one.__module__}.{one.__name__}")


def made(kind: type[Any], office: Office, contract: Contract, data: dict[str, str]) -> Any:
    """The form as its page makes it, of a program in euro."""
    program = office.program
    ways: dict[Any, Callable[[], Any]] = {
        AmountForm: lambda: AmountForm(program, data),
        HandOverForm: lambda: HandOverForm("EUR", data),
        WriteDownForm: lambda: WriteDownForm("EUR", data),
        CapitalRequestForm: lambda: CapitalRequestForm(program, None, data),
        HoldForm: lambda: HoldForm(contract.request, data),
        PaperForm: lambda: PaperForm("EUR", data),
        contracts.ContractForm: lambda: contracts.ContractForm(
            program, Vendor.objects.all(), data, managers=()
        ),
        contracts.ValueForm: lambda: contracts.ValueForm("EUR", data),
        contracts.MilestoneForm: lambda: contracts.MilestoneForm("EUR", contract, data),
        contracts.ReleaseForm: lambda: contracts.ReleaseForm("EUR", data),
        LimitsForm: lambda: LimitsForm(program, Limits(), data),
        OwnLimitsForm: lambda: OwnLimitsForm(program, Limits(), data),
        estimates.LineForm: lambda: estimates.LineForm(program, data),
        estimates.RateForm: lambda: estimates.RateForm(program, data),
        CreditForm: lambda: _credit(data),
        ToleranceForm: lambda: ToleranceForm("EUR", data),
        LineForm: lambda: LineForm(data | {"text": "Thing", "quantity": "1"}, currency="EUR"),
        transfers.TransferForm: lambda: transfers.TransferForm(program, data),
        transfers.AsideForm: lambda: transfers.AsideForm(program, data),
        transfers.RuleForm: lambda: transfers.RuleForm(program, data),
        RuleForm: lambda: RuleForm(program, data),
        PlannedDrawForm: lambda: PlannedDrawForm(program, None, data),
        RiskForm: lambda: RiskForm(program, data),
        ResourceForm: lambda: ResourceForm(
            program, data, projects=Project.objects.all(), whole=True, money=True
        ),
    }
    if kind not in ways:
        pytest.fail(f"{kind.__module__}.{kind.__name__} takes an amount: say here how its page makes it")
    return ways[kind]()


def _credit(data: dict[str, str]) -> CreditForm:
    form = CreditForm(data)
    in_currency(form, "EUR")
    return form


def test_every_field_of_every_form_says_the_same_of_a_bad_amount(office: Office) -> None:
    contract = active(office)
    kinds = every_form()
    assert len(kinds) >= 19
    with office.looking():
        for kind in kinds:
            for name, field in kind.base_fields.items():  # type: ignore[attr-defined]
                if not isinstance(field, AmountField):
                    continue
                finer = isinstance(field, RateField)
                for text, sentence in (BAD if field.signed or finer else ALL).items():
                    form = made(kind, office, contract, {name: text})
                    assert form.errors.get(name) == [sentence], (kind, name, text)
                    assert form[name].value() == text  # what was typed is there to be mended
                for text, minor in GOOD.items():
                    form = made(kind, office, contract, {name: text})
                    assert name not in form.errors, (kind, name, text, form.errors)
                    assert (
                        form.cleaned_data.get(name, minor) == minor
                    )  # a form's own check may turn it into more
                empty = made(kind, office, contract, {})
                told = ["An amount is missing."] if field.required else None
                assert empty.errors.get(name) == told or kind is LineForm


def test_each_amount_of_a_policy_clause_says_so_too(office: Office) -> None:
    asked = 0
    with office.looking():
        for kind, described in KINDS.items():
            for one in described.parameters:
                if one.type == "money":
                    asked += 1
                    for text, sentence in ALL.items():
                        form = ClauseForm(office.program, kind, {one.name: text})
                        assert form.errors[one.name] == [sentence]
    assert asked


def test_a_form_that_does_not_say_its_currency_is_a_defect() -> None:
    with pytest.raises(TypeError, match="in which currency"):
        CreditForm({"amount": "5"}).is_valid()


def test_less_than_nothing_is_written_with_the_minus_sign_of_a_page_or_of_a_keyboard(office: Office) -> None:
    with office.looking():
        for text in ("-5", "\u22125", "\u20135"):
            form = AmountForm(office.program, {"amount": text})
            assert form.is_valid() is False and form.cleaned_data["amount"] == -500


# ------------------------------------------------------------------ the API
def every_key() -> Iterator[tuple[str, Any]]:
    """Each key with money that a request may send, by its serializer."""

    def below(one: type[Any]) -> Iterator[type[Any]]:
        yield one
        for child in one.__subclasses__():
            yield from below(child)

    for kind in sorted(below(StrictSerializer), key=lambda one: f"{one.__module__}.{one.__name__}"):
        for name, field in getattr(kind, "_declared_fields", {}).items():
            if name.endswith("_minor") and not field.read_only:
                yield f"{kind.__module__}.{kind.__name__}.{name}", field


def test_every_amount_of_the_api_is_a_json_integer_of_minor_units_and_says_so() -> None:
    importlib.import_module("pmo.api_urls")
    keys = dict(every_key())
    assert len(keys) >= 25
    whole = "An amount is a whole number of minor units: 1234.50 EUR is 123450."
    for key, field in keys.items():
        assert isinstance(field, Minor), key
        in_parts = "Paper" in key  # beside a file, everything is text
        wrong: list[Any] = [
            "1.234,56",
            "1 234",
            "(100)",
            "-0",
            "NaN",
            "1e9",
            "\uff11\uff12",
            math.nan,
            1e9,
            12.5,
        ]
        wrong += [True, [], {}] if in_parts else ["100", True, [], {}]
        for value in wrong:
            assert _told(field, value) == [whole], (key, value)
        huge = str(10**16) if in_parts else 10**20
        assert _told(field, huge) == ["An amount can be at most 1000000000000000 minor units."], key
        if not in_parts:
            assert _told(field, -(10**20))[0].startswith("An amount is at least "), key
        assert _told(field, "500" if in_parts else 500) == [], key


def _told(field: Any, value: Any) -> list[str]:
    try:
        copy.deepcopy(field).run_validation(value)
    except exceptions.ValidationError as refused:
        return [str(one) for one in refused.detail]
    return []


def test_a_request_with_a_bad_amount_moves_nothing(office: Office) -> None:
    office.granted(100_000)
    side = {"project": office.projects["CRM"].pk, "category": "hardware", "nature": "capital"}
    fiona = browser(office, "fiona")
    for amount in ("1.234,56", 12.5, 10**20, -5, 0, None):
        answer = send(
            fiona, "post", "transfers/",
            {"source": side, "target": side | {"nature": "operating"}, "amount_minor": amount,
             "effective": "2026-11-16", "text": "x"},
        )  # fmt: skip
        assert answer.status_code in (400, 422), answer.content
        assert "amount_minor" in json.dumps(answer.json()), answer.content
    assert office.balance("available") == 100_000
