"""The form of one amount that a change request asks for."""

from __future__ import annotations

from typing import Any

from django import forms

from finance.structure.models import PERIOD_CODE, Category, Nature
from pmo.amounts import AmountField, in_currency
from pmo.refusals import Refused
from programs.portfolio.models import Program, Project

RESERVE = "-"
"""In the place of a project's code: the program's reserves. No project's code is that."""
SOURCES = (
    ("", "New money"),
    (Category.CONTINGENCY.value, "The program's contingency"),
    (Category.MANAGEMENT_RESERVE.value, "The management reserve"),
)


class AmountForm(forms.Form):
    """Whose cost line, which period, how much more or less."""

    whose = forms.ChoiceField(label="Budget of")
    category = forms.ChoiceField(choices=Category.choices)
    nature = forms.ChoiceField(choices=Nature.choices)
    period = forms.CharField(
        max_length=7, validators=[PERIOD_CODE], help_text="Year and month: 2026-11. It has to be open."
    )
    amount = AmountField(signed=True, help_text="More with no sign, less with a minus; 0 takes the line out.")
    source = forms.ChoiceField(
        choices=SOURCES, required=False, label="Taken from", help_text="For what is added."
    )
    request_version = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, program: Program, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.program = program
        self.projects = {
            one.code: one for one in Project.objects.filter(program=program).order_by("position", "pk")
        }
        self.fields["whose"].choices = [  # type: ignore[attr-defined]
            *((code, f"{code} {one.name}") for code, one in self.projects.items()),
            (RESERVE, "The program's reserves"),
        ]
        self.fields["amount"].label = f"Amount ({program.currency})"
        in_currency(self, program.currency)

    def values(self) -> dict[str, Any]:
        """What the service takes, without the request and its version."""
        given = self.cleaned_data
        return {
            "project": self.projects.get(given["whose"]),
            "category": given["category"],
            "nature": given["nature"],
            "period_code": given["period"],
            "amount_minor": given["amount"],
            "source": given["source"],
        }

    def refuse(self, refusal: Refused) -> None:
        """Show a service's refusal at its field."""
        name = {"project": "whose"}.get(refusal.field or "", refusal.field)
        self.add_error(name if name in self.fields else None, refusal.message)
