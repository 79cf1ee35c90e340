"""The form of a risk: money as people write it."""

from __future__ import annotations

from typing import Any

from django import forms

from pmo.amounts import AmountField, in_currency
from pmo.money import format_plain
from programs.portfolio.models import Program, Project
from programs.raid.models import Risk

_DAY = forms.DateInput(attrs={"type": "date"})


class RiskForm(forms.ModelForm):
    """Cause, event, effect; scores; exposure in the program's currency."""

    exposure = AmountField(required=False, empty=0, help_text="Money at stake if it occurs.")
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Risk
        fields = (
            "code",
            "title",
            "project",
            "cause",
            "event",
            "effect",
            "probability",
            "impact",
            "exposure_days",
            "response",
            "state",
            "due_on",
        )
        widgets = {
            "due_on": forms.DateInput(attrs={"type": "date"}),
            "cause": forms.Textarea(attrs={"rows": 2}),
            "event": forms.Textarea(attrs={"rows": 2}),
            "effect": forms.Textarea(attrs={"rows": 2}),
        }

    def __init__(self, program: Program, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.program = program
        self.fields["project"].queryset = Project.objects.filter(program_id=program.pk)  # type: ignore[attr-defined]
        self.fields["exposure"].label = f"Exposure ({program.currency})"
        in_currency(self, program.currency)
        if self.instance.pk:
            self.fields["exposure"].initial = format_plain(self.instance.exposure_minor, program.currency)
            self.fields["version"].initial = self.instance.version
        self.order_fields(
            ["code", "title", "project", "cause", "event", "effect", "probability", "impact", "exposure"]
        )

    def values(self) -> dict[str, Any]:
        """What the services take."""
        cleaned = {name: self.cleaned_data[name] for name in self.Meta.fields}
        return cleaned | {"exposure_minor": self.cleaned_data["exposure"]}


class AcceptanceForm(forms.Form):
    """Why a risk shall be carried, up to which score, until when; the version is the risk's as it was shown."""

    reason = forms.CharField(widget=forms.Textarea(attrs={"rows": 2}), max_length=4000)
    until = forms.DateField(label="Until", widget=_DAY, help_text="The last day on which it holds.")
    appetite = forms.IntegerField(
        label="Highest score accepted",
        min_value=1,
        max_value=25,
        help_text="Probability times impact; when the risk scores higher it is open again.",
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, risk: Risk, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["appetite"].initial = risk.score
        self.fields["version"].initial = risk.version
