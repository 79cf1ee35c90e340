"""Forms of control accounts: which element and who answers, the limits, and the answer to a variance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.db.models import QuerySet

from finance.control_accounts.limits import Limits
from finance.control_accounts.models import ControlAccount, VarianceFinding
from pmo.accounts.models import User
from pmo.amounts import AmountField, in_currency
from pmo.money import format_plain
from programs.portfolio.models import CODE, Program
from programs.schedule.models import Activity


class ElementField(forms.ModelChoiceField):
    """A summary of the plan by its project, code and name."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.project.code} · {obj.code} {obj.name}"


class PersonField(forms.ModelChoiceField):
    """A person by name."""

    def label_from_instance(self, obj: Any) -> str:
        return str(obj.name)


class AccountForm(forms.Form):
    """An account: the element is chosen once, code and manager may change."""

    activity = ElementField(queryset=Activity.objects.none(), label="Element of the plan")
    code = forms.CharField(
        max_length=60, required=False, validators=[CODE], help_text="Without one: project and element."
    )
    manager = PersonField(
        queryset=User.objects.none(), required=False, help_text="Who answers for scope, time and cost of it."
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        elements: QuerySet[Activity],
        people: QuerySet[User],
        *args: Any,
        account: ControlAccount | None = None,
        **options: Any,
    ) -> None:
        if account is not None:
            options["initial"] = {
                "code": account.code,
                "manager": account.manager_id,
                "version": account.version,
            }
        super().__init__(*args, **options)
        self.fields["manager"].queryset = people  # type: ignore[attr-defined]
        if account is not None:
            del self.fields["activity"]
            self.fields["code"].required = True
        else:
            self.fields["activity"].queryset = elements  # type: ignore[attr-defined]


class LimitsForm(forms.Form):
    """The limits of a program's variances; an empty one is not looked at."""

    cpi_low = forms.DecimalField(label="CPI below", max_digits=5, decimal_places=3, required=False)
    cpi_high = forms.DecimalField(label="CPI above", max_digits=5, decimal_places=3, required=False)
    spi_low = forms.DecimalField(label="SPI below", max_digits=5, decimal_places=3, required=False)
    vac_percent = forms.DecimalField(
        label="Estimate above the budget by more than, %", max_digits=6, decimal_places=2, required=False
    )
    smallest = AmountField(
        required=False, empty=0, help_text="Variances of a smaller amount are not asked about."
    )
    answer_days = forms.IntegerField(label="Answer due within, days", min_value=1, max_value=90)

    def __init__(
        self,
        program: Program,
        limits: Limits,
        *args: Any,
        more: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> None:
        """`more`: what further fields show."""
        names = ("cpi_low", "cpi_high", "spi_low", "vac_percent", "answer_days")
        options["initial"] = {name: getattr(limits, name) for name in names} | {
            "smallest": format_plain(limits.smallest_minor, program.currency),
            **(more or {}),
        }
        super().__init__(*args, **options)
        self.program = program
        self.fields["smallest"].label = f"Smallest amount ({program.currency})"
        in_currency(self, program.currency)

    def limits(self) -> Limits:
        """What the services take."""
        names = ("cpi_low", "cpi_high", "spi_low", "vac_percent", "answer_days")
        given = {name: self.cleaned_data[name] for name in names}
        return Limits(**given, smallest_minor=self.cleaned_data["smallest"])


class OwnLimitsForm(LimitsForm):
    """Limits of one project or account, and why it has its own."""

    why = forms.CharField(max_length=400, label="Why")
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)


class LimitsEndForm(forms.Form):
    """Why the limits of above hold again."""

    why = forms.CharField(max_length=400, label="Why")
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)


class AnswerForm(forms.Form):
    """Cause, impact and corrective action."""

    cause = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), max_length=4000)
    impact = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 3}), max_length=4000, help_text="On time, cost and other work."
    )
    corrective_action = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=4000,
        help_text="What is done, by whom, until when.",
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, finding: VarianceFinding, *args: Any, **options: Any) -> None:
        options["initial"] = {
            name: getattr(finding, name) for name in ("cause", "impact", "corrective_action", "version")
        }
        super().__init__(*args, **options)
