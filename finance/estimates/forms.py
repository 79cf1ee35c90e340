"""Forms of an estimate, of one of its lines, and of a rate."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms

from finance.estimates.models import Estimate, EstimateLine
from finance.structure.choices import SPENDABLE
from finance.structure.models import PERIOD_CODE, Nature
from finance.transfers.forms import DAY, MoneyForm
from pmo.amounts import AmountField, RateField, in_currency
from pmo.money import format_plain
from pmo.refusals import Refused
from programs.portfolio.models import Program, Project
from programs.resources.models import Resource

POINTS = ("low", "likely", "high")


class EstimateForm(forms.Form):
    """How mature the estimate is, what it rests on, what it assumes."""

    project = forms.ModelChoiceField(Project.objects.none(), to_field_name="code", empty_label="Choose")
    maturity = forms.TypedChoiceField(choices=Estimate.Maturity.choices, coerce=int, label="Class")
    as_of = forms.DateField(
        label="As of", widget=DAY, help_text="The day whose knowledge and prices it states."
    )
    basis = forms.CharField(
        max_length=8000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Quotes, catalogues, past projects, the plan it was taken from.",
    )
    assumptions = forms.CharField(max_length=8000, required=False, widget=forms.Textarea(attrs={"rows": 4}))
    labour_nature = forms.ChoiceField(choices=Nature.choices, label="Labour is")
    labour_low_percent = forms.IntegerField(
        min_value=0, max_value=100, label="Labour, low (percent of likely)"
    )
    labour_high_percent = forms.IntegerField(
        min_value=100, max_value=1000, label="Labour, high (percent of likely)"
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(
        self, program: Program, *args: Any, estimate: Estimate | None = None, **options: Any
    ) -> None:
        if estimate is not None:
            names = [name for name in self.base_fields if name not in ("project", "version")]
            options.setdefault(
                "initial", {name: getattr(estimate, name) for name in names} | {"version": estimate.version}
            )
        super().__init__(*args, **options)
        if estimate is not None:
            del self.fields["project"]
        else:
            projects = Project.objects.filter(program=program).order_by("position", "pk")
            self.fields["project"].queryset = projects  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        """What the services take, without the project and the version."""
        return {
            name: value for name, value in self.cleaned_data.items() if name not in ("project", "version")
        }

    def refuse(self, refusal: Refused) -> None:
        """Show a service's refusal at its field."""
        self.add_error(refusal.field if refusal.field in self.fields else None, refusal.message)


class LineForm(MoneyForm):
    """A cost in a month with its three points."""

    text = forms.CharField(max_length=200, label="What")
    category = forms.ChoiceField(choices=SPENDABLE)
    nature = forms.ChoiceField(choices=Nature.choices)
    period = forms.CharField(
        max_length=7, validators=[PERIOD_CODE], label="Month", help_text="Written like 2027-03."
    )
    low = AmountField()
    likely = AmountField(label="Most likely")
    high = AmountField()
    basis = forms.CharField(max_length=400, required=False, help_text="Where the figures are from.")
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(
        self, program: Program, *args: Any, line: EstimateLine | None = None, **options: Any
    ) -> None:
        if line is not None:
            kept = {
                name: getattr(line, name)
                for name in ("text", "category", "nature", "period", "basis", "version")
            }
            money = {name: format_plain(getattr(line, f"{name}_minor"), program.currency) for name in POINTS}
            options.setdefault("initial", kept | money)
        super().__init__(program, *args, **options)

    def values(self) -> dict[str, Any]:
        """What the services take."""
        given = self.cleaned_data
        kept = {name: given[name] for name in ("text", "category", "nature", "period", "basis")}
        return kept | {f"{name}_minor": given[name] for name in POINTS}


class RateForm(forms.Form):
    """What an hour of a resource costs, from which day on."""

    resource = forms.ModelChoiceField(Resource.objects.none(), empty_label="Choose")
    from_day = forms.DateField(label="From", widget=DAY, help_text="It holds until the next rate's day.")
    cost_per_hour = RateField()
    note = forms.CharField(max_length=200, required=False, help_text="A contract, a tariff, a price index.")

    def __init__(self, program: Program, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.program = program
        self.fields["resource"].queryset = Resource.objects.filter(program=program).order_by(  # type: ignore[attr-defined]
            "project__position", "code"
        )
        self.fields["cost_per_hour"].label = f"{program.currency} an hour"
        in_currency(self, program.currency)

    def clean_cost_per_hour(self) -> Decimal:
        """Minor units with at most four decimals."""
        rate = self.cleaned_data["cost_per_hour"]
        return Decimal(rate.numerator) / Decimal(rate.denominator)

    def values(self) -> dict[str, Any]:
        """What the service takes."""
        return dict(self.cleaned_data)

    def refuse(self, refusal: Refused) -> None:
        """Show a service's refusal at its field."""
        self.add_error(refusal.field if refusal.field in self.fields else None, refusal.message)
