"""The forms of capitalisation: which standard holds and what was shown, and what an activity's cost is."""

from __future__ import annotations

from typing import Any

from django import forms

from finance.capitalisation.models import CapitalisationMark, CapitalisationPolicy
from finance.capitalisation.services import DAYS
from finance.engine.capitalisation import CRITERIA
from pmo.refusals import Refused
from programs.portfolio.models import Project
from programs.schedule.models import Activity


def _day(label: str, *, required: bool = False, help_text: str = "") -> forms.DateField:
    return forms.DateField(
        label=label,
        required=required,
        help_text=help_text,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )


class PolicyForm(forms.Form):
    """A new record of a project's policy, begun as a copy of the newest one."""

    standard = forms.ChoiceField(choices=CapitalisationPolicy.Standard.choices)
    from_day = _day("Holds from", required=True, help_text="For cost of this day and later.")
    development_from = _day("Development begins", help_text="Before, cost is preliminary (research).")
    ready_on = _day("Ready for use", help_text="From this day on nothing more is capitalised.")
    funding_authorised_on = _day("Funds authorised")
    completion_probable_on = _day("Completion probable")
    uncertain = forms.BooleanField(
        required=False,
        label="Novel functions, or performance requirements not settled",
        help_text="Under ASU 2025-06 nothing is capitalised until that is resolved.",
    )
    uncertainty_resolved_on = _day("Resolved")
    evidence = forms.CharField(
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Where it can be read: minutes, charter, test report.",
    )

    def __init__(self, *args: Any, newest: CapitalisationPolicy | None = None, **options: Any) -> None:
        if newest is not None:
            names = ("standard", "from_day", "uncertain", *DAYS)
            options.setdefault("initial", {name: getattr(newest, name) for name in names} | _days_of(newest))
        super().__init__(*args, **options)
        for name, label in CRITERIA.items():
            self.fields[name] = _day(f"IAS 38.57: {label}")
        self.order_fields([*(name for name in self.fields if name != "evidence"), "evidence"])

    def values(self) -> dict[str, Any]:
        """What the service takes."""
        data = self.cleaned_data
        names = ("standard", "from_day", "uncertain", "evidence", *DAYS)
        return {name: data[name] for name in names} | {"criteria": {name: data[name] for name in CRITERIA}}

    def refuse(self, refusal: Refused) -> None:
        """Show a service's refusal at its field."""
        self.add_error(refusal.field if refusal.field in self.fields else None, refusal.message)


def _days_of(newest: CapitalisationPolicy) -> dict[str, Any]:
    return dict(newest.criteria)


class MarkForm(forms.Form):
    """What the cost of an activity, and of all below it, is."""

    activity = forms.CharField(
        max_length=60, help_text="Its code in this project; all below it is meant, too."
    )
    stage = forms.ChoiceField(
        required=False, choices=[("", "As the days say"), *CapitalisationMark.Stage.choices]
    )
    cost_kind = forms.ChoiceField(
        required=False,
        label="Kind of cost",
        choices=[("", "As the category says"), *CapitalisationMark.CostKind.choices],
    )
    reason = forms.CharField(max_length=400, label="Why")

    def __init__(self, project: Project, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.project = project

    def clean_activity(self) -> Activity:
        """The activity of that code."""
        code = self.cleaned_data["activity"].strip()
        found = Activity.objects.filter(project=self.project, code=code).first()
        if found is None:
            raise forms.ValidationError(f"{self.project.code} has no activity of this code.")
        one: Activity = found
        return one

    def refuse(self, refusal: Refused) -> None:
        """Show a service's refusal at its field."""
        self.add_error(refusal.field if refusal.field in self.fields else None, refusal.message)
