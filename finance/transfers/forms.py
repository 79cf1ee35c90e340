"""Forms of a transfer and of a rule that allows some."""

from __future__ import annotations

from typing import Any

from django import forms

from finance.ledger.books import Place
from finance.structure.choices import SPENDABLE
from finance.structure.models import Nature
from finance.transfers.selectors import ROLES
from pmo.amounts import AmountField, in_currency
from pmo.refusals import Refused
from programs.portfolio.models import Program, Project

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class MoneyForm(forms.Form):
    """A form that reads amounts of the program's currency and shows refusals at their field."""

    def __init__(self, program: Program, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.program = program
        in_currency(self, program.currency)

    def refuse(self, refusal: Refused) -> None:
        """Show a service's refusal at its field."""
        self.add_error(refusal.field if refusal.field in self.fields else None, refusal.message)


class TransferForm(MoneyForm):
    """From which cost line to which, how much, on which day, and why."""

    source_project = forms.ModelChoiceField(
        Project.objects.none(), to_field_name="code", label="From project"
    )
    source_category = forms.ChoiceField(choices=SPENDABLE, label="From category")
    source_nature = forms.ChoiceField(choices=Nature.choices, label="From nature")
    target_project = forms.ModelChoiceField(
        Project.objects.none(), to_field_name="code", label="To project", empty_label="Choose"
    )
    target_category = forms.ChoiceField(choices=SPENDABLE, label="To category")
    target_nature = forms.ChoiceField(choices=Nature.choices, label="To nature")
    amount = AmountField()
    effective = forms.DateField(label="On", widget=DAY, help_text="The day decides the period.")
    text = forms.CharField(max_length=400, label="Why", widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, program: Program, *args: Any, **options: Any) -> None:
        super().__init__(program, *args, **options)
        projects = Project.objects.filter(program=program).order_by("position", "pk")
        for name in ("source_project", "target_project"):
            self.fields[name].queryset = projects  # type: ignore[attr-defined]
        self.fields["amount"].label = f"Amount ({program.currency})"

    def values(self) -> dict[str, Any]:
        """What the service takes."""
        given = self.cleaned_data
        return {
            side: Place(given[f"{side}_project"].pk, given[f"{side}_category"], given[f"{side}_nature"])
            for side in ("source", "target")
        } | {"amount": given["amount"], "effective": given["effective"], "text": given["text"]}


class AsideForm(MoneyForm):
    """How much of which cost line is set aside, and what for."""

    project = forms.ModelChoiceField(Project.objects.none(), to_field_name="code", empty_label="Choose")
    category = forms.ChoiceField(choices=SPENDABLE)
    nature = forms.ChoiceField(choices=Nature.choices)
    amount = AmountField()
    text = forms.CharField(max_length=400, label="What for", widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, program: Program, *args: Any, **options: Any) -> None:
        super().__init__(program, *args, **options)
        self.fields["project"].queryset = Project.objects.filter(program=program).order_by("position", "pk")  # type: ignore[attr-defined]
        self.fields["amount"].label = f"Amount ({program.currency})"

    def values(self) -> dict[str, Any]:
        """What the service takes, besides the day."""
        given = self.cleaned_data
        place = Place(given["project"].pk, given["category"], given["nature"])
        return {"place": place, "amount": given["amount"], "text": given["text"]}


class RuleForm(MoneyForm):
    """Whom a program lets move how much budget."""

    role = forms.ChoiceField(choices=list(ROLES.items()))
    up_to = AmountField(label="At once, up to")
    year_up_to = AmountField(
        required=False, label="In a fiscal year, up to", help_text="Empty: without limit."
    )
    across_projects = forms.BooleanField(required=False, label="Also from one project to another")
    valid_from = forms.DateField(label="From", widget=DAY)

    def values(self) -> dict[str, Any]:
        """What the service takes."""
        given = self.cleaned_data
        return {
            "role": given["role"],
            "up_to_minor": given["up_to"],
            "year_up_to_minor": given["year_up_to"],
            "across_projects": given["across_projects"],
            "valid_from": given["valid_from"],
        }
