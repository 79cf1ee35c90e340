"""The form of a capital request: money and its profile as people write them."""

from __future__ import annotations

from typing import Any

from django import forms

from finance.capex.models import CapitalRequest
from finance.structure.models import RESERVES, Category
from pmo.money import format_plain, parse_amount
from pmo.refusals import Refused
from programs.portfolio.models import Program, Project


class CapitalRequestForm(forms.Form):
    """Like the paper form: what, for which project, how much, why, what else was considered, when it is paid."""

    project = forms.ModelChoiceField(queryset=Project.objects.none(), to_field_name="code")
    title = forms.CharField(max_length=200)
    category = forms.ChoiceField(choices=[one for one in Category.choices if one[0] not in RESERVES])
    amount = forms.CharField(max_length=24)
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
        if request is not None:
            del self.fields["project"]

    def clean_amount(self) -> int:
        """Minor units of the program's currency."""
        return self._amount(self.cleaned_data["amount"])

    def clean_cash_profile(self) -> dict[str, int]:
        """Period code -> minor units."""
        profile: dict[str, int] = {}
        for line in self.cleaned_data["cash_profile"].splitlines():
            if not line.strip():
                continue
            code, _, amount = line.strip().partition(" ")
            if code in profile:
                raise forms.ValidationError(f"{code[:20]} occurs twice.")
            profile[code[:20]] = self._amount(amount.strip())
        return profile

    def _amount(self, text: str) -> int:
        try:
            return parse_amount(text, self.program.currency)
        except Refused as refusal:
            raise forms.ValidationError(refusal.message) from refusal

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
        }

    def refuse(self, refusal: Refused) -> None:
        """Show a service's refusal at its field."""
        field = "amount" if refusal.field == "amount_minor" else refusal.field
        self.add_error(field if field in self.fields else None, refusal.message)


def _initial(request: CapitalRequest) -> dict[str, Any]:
    currency = request.currency
    return {
        "title": request.title,
        "category": request.category,
        "amount": format_plain(request.amount_minor, currency),
        "vendor": request.vendor,
        "justification": request.justification,
        "alternatives": request.alternatives,
        "cash_profile": "\n".join(
            f"{code} {format_plain(amount, currency)}"
            for code, amount in sorted(request.cash_profile.items())
        ),
        "version": request.version,
    }
