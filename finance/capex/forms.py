"""The form of a capital request: money and its profile as people write them."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from django import forms

from finance.capex.models import CapitalRequest
from finance.capex.services import MOST_PERIODS
from finance.structure.models import RESERVES, Category
from pmo.amounts import AmountField, in_currency
from pmo.money import format_plain, parse_amount
from pmo.refusals import Refused
from programs.portfolio.models import Program, Project

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
_STRETCH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])\.\.([0-9]{4})-(0[1-9]|1[0-2])")


class CapitalRequestForm(forms.Form):
    """Like the paper form: what, for which project, how much, why, what else was considered, when it is paid."""

    project = forms.ModelChoiceField(queryset=Project.objects.none(), to_field_name="code")
    title = forms.CharField(max_length=200)
    category = forms.ChoiceField(choices=[one for one in Category.choices if one[0] not in RESERVES])
    amount = AmountField()
    vendor = forms.CharField(max_length=200, required=False)
    justification = forms.CharField(max_length=8000, widget=forms.Textarea(attrs={"rows": 5}))
    alternatives = forms.CharField(
        max_length=8000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What else was considered, and why not.",
    )
    cash_profile = forms.CharField(
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="When it is paid: one period a line, such as 2027-01 12000. It adds up to the amount.",
    )
    returns = forms.CharField(
        max_length=8000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        label="What comes back",
        help_text="Savings and income net of running cost, one period a line; -500 where running it costs more. "
        "A whole stretch at once: 2027-07..2030-06 4000 is that much each month.",
    )
    discount_percent = forms.RegexField(
        r"^(100|[0-9]{1,2}(\.[0-9]{1,3})?)$",
        required=False,
        label="Discount rate (percent a year)",
        error_messages={"invalid": "A rate is written like 8 or 7.25, from 0 to 100."},
    )
    asset_class = forms.ChoiceField(
        choices=[("", "Not yet known"), *CapitalRequest.AssetClass.choices], required=False
    )
    in_service_on = forms.DateField(
        required=False,
        label="In service on",
        widget=DAY,
        help_text="The day from which it is meant to be used.",
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        program: Program,
        projects: list[int] | None,
        *args: Any,
        request: CapitalRequest | None = None,
        **options: Any,
    ) -> None:
        """`projects`: those for which the person may ask (None: all of the program)."""
        if request is not None:
            options.setdefault("initial", _initial(request))
        super().__init__(*args, **options)
        self.program, self.request = program, request
        offered = Project.objects.filter(program=program)
        self.fields["project"].queryset = (  # type: ignore[attr-defined]
            offered if projects is None else offered.filter(pk__in=projects)
        )
        self.fields["project"].label_from_instance = lambda one: f"{one.code} {one.name}"  # type: ignore[attr-defined]
        self.fields["amount"].label = f"Amount ({program.currency})"
        in_currency(self, program.currency)
        if request is not None:
            del self.fields["project"]

    def clean_cash_profile(self) -> dict[str, int]:
        """Period code -> minor units."""
        return self._cash("cash_profile")

    def clean_returns(self) -> dict[str, int]:
        """Period code -> minor units, below zero where running it costs more than it saves."""
        return self._cash("returns", signed=True)

    def clean_discount_percent(self) -> Decimal | None:
        """Percent a year."""
        text = self.cleaned_data["discount_percent"]
        return Decimal(text) if text else None

    def _cash(self, name: str, *, signed: bool = False) -> dict[str, int]:
        return read_cash(self.cleaned_data[name], self.program.currency, signed=signed)

    def values(self) -> dict[str, Any]:
        """What the services take."""
        data = self.cleaned_data
        return {
            "title": data["title"],
            "justification": data["justification"],
            "alternatives": data["alternatives"],
            "amount_minor": data["amount"],
            "category": data["category"],
            "vendor": data["vendor"],
            "cash_profile": data["cash_profile"],
            "returns": data["returns"],
            "discount_percent": data["discount_percent"],
            "asset_class": data["asset_class"],
            "in_service_on": data["in_service_on"],
        }

    def refuse(self, refusal: Refused) -> None:
        """Show a service's refusal at its field."""
        field = "amount" if refusal.field == "amount_minor" else refusal.field
        self.add_error(field if field in self.fields else None, refusal.message)


def read_cash(text: str, currency: str, *, signed: bool = False) -> dict[str, int]:
    """Period code -> minor units, from lines such as `2027-01 12000` or `2027-07..2030-06 4000`."""
    cash: dict[str, int] = {}
    for line in text.splitlines():
        if not line.strip():
            continue
        code, _, amount = line.strip().partition(" ")
        for period in _periods(code[:20]):
            if period in cash:
                raise forms.ValidationError(f"{period} occurs twice.")
            cash[period] = read_minor(amount.strip(), currency, signed=signed)
    return cash


def read_minor(text: str, currency: str, *, signed: bool = False) -> int:
    """Minor units from an amount as people write it; a ValidationError with the sentence where it is none."""
    try:
        return parse_amount(text, currency, signed=signed)
    except Refused as refusal:
        raise forms.ValidationError(refusal.message) from refusal


def _initial(request: CapitalRequest) -> dict[str, Any]:
    currency = request.currency
    return {
        "title": request.title,
        "category": request.category,
        "amount": format_plain(request.amount_minor, currency),
        "vendor": request.vendor,
        "justification": request.justification,
        "alternatives": request.alternatives,
        "cash_profile": cash_lines(request.cash_profile, currency),
        "returns": cash_lines(request.returns, currency),
        "discount_percent": ""
        if request.discount_percent is None
        else f"{request.discount_percent.normalize():f}",
        "asset_class": request.asset_class,
        "in_service_on": request.in_service_on,
        "version": request.version,
    }


def _periods(text: str) -> list[str]:
    """`2027-07..2027-09` as its months, at most as many as a request may have; anything else as it stands."""
    found = _STRETCH.fullmatch(text)
    if not found:
        return [text]
    first, last = (int(found[n]) * 12 + int(found[n + 1]) - 1 for n in (1, 3))
    if not first <= last < first + MOST_PERIODS:
        raise forms.ValidationError(f"{text} is not a stretch of at most {MOST_PERIODS} months.")
    return [f"{month // 12:04}-{month % 12 + 1:02}" for month in range(first, last + 1)]


def cash_lines(cash: dict[str, int], currency: str) -> str:
    """Cash as it is typed, months of the same amount as one stretch."""
    lines: list[tuple[str, str, int]] = []
    for code, amount in sorted(cash.items()):
        if lines and lines[-1][2] == amount and len(_periods(f"{lines[-1][1]}..{code}")) == 2:
            lines[-1] = (lines[-1][0], code, amount)
        else:
            lines.append((code, code, amount))
    return "\n".join(
        f"{first if first == last else f'{first}..{last}'} {format_plain(amount, currency)}"
        for first, last, amount in lines
    )
