"""The form of a rule of delegated authority."""

from __future__ import annotations

from typing import Any

from django import forms

from governance.authority.models import SubjectKind
from governance.bodies.forms import DAY, day_after
from governance.bodies.models import Body
from pmo.amounts import AmountField, in_currency
from programs.portfolio.models import CODE, Program


class RuleForm(forms.Form):
    """What, up to how much, by whom, from when to when."""

    code = forms.CharField(max_length=30, validators=[CODE])
    subject_kind = forms.ChoiceField(label="Decides on", choices=SubjectKind.choices)
    body = forms.ModelChoiceField(Body.objects.none())
    up_to = AmountField(label="Up to", required=False, help_text="Empty: without limit.")
    up_to_days = forms.IntegerField(
        label="Up to a slip of",
        min_value=0,
        max_value=10_000,
        required=False,
        help_text="Working days; of change requests only. Empty: without limit.",
    )
    up_to_score = forms.IntegerField(
        label="Up to a risk score of",
        min_value=1,
        max_value=25,
        required=False,
        help_text="Probability times impact; of risk acceptances only. Empty: without limit.",
    )
    valid_from = forms.DateField(label="From", widget=DAY)
    last_day = forms.DateField(label="Last day", widget=DAY, required=False)

    def __init__(self, program: Program, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.program = program
        self.fields["body"].queryset = Body.objects.filter(program=program).order_by("code")  # type: ignore[attr-defined]
        self.fields["up_to"].label = f"Up to, in {program.currency}"
        in_currency(self, program.currency)

    def values(self) -> dict[str, Any]:
        """The arguments of `services.delegate`."""
        given = dict(self.cleaned_data)
        limit, last = given.pop("up_to"), given.pop("last_day")
        return given | {"up_to_minor": limit, "valid_to": day_after(last)}
