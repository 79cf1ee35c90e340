"""Forms of a resource: what it is, what there is of it, what it costs."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms

from pmo.amounts import RateField, in_currency
from pmo.api.rows import plain
from pmo.money import exponent
from pmo.refusals import Refused
from programs.calendars.models import Calendar
from programs.portfolio.models import CODE, Program, Project
from programs.resources.models import Resource
from programs.resources.services import FIELDS, MONEY, MOST_CAPACITY

COSTS = tuple(sorted(MONEY))
DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def in_major(minor: Decimal, currency: str) -> str:
    """A rate in minor units as people write it, with all its decimals."""
    return plain(minor.scaleb(-exponent(currency))) or "0"


class ResourceForm(forms.Form):
    """A person, role, machine, environment or material. What it costs only for who sees money."""

    code = forms.CharField(
        max_length=60, validators=[CODE], help_text="Short; files and assignments name it by this."
    )
    name = forms.CharField(max_length=200)
    kind = forms.ChoiceField(choices=Resource.Kind.choices, initial=Resource.Kind.ROLE)
    project = forms.ModelChoiceField(
        Project.objects.none(),
        to_field_name="code",
        required=False,
        empty_label="The whole program",
        label="Belongs to",
    )
    capacity = forms.DecimalField(
        min_value=0,
        max_value=MOST_CAPACITY,
        max_digits=10,
        decimal_places=4,
        initial=1,
        help_text="Units at once: 1 for a person, 0.5 for one at half time, 3 for a team of three.",
    )
    calendar = forms.ModelChoiceField(
        Calendar.objects.none(),
        required=False,
        empty_label="Its project’s, or the program’s",
        help_text="For the workload. The dates of activities do not follow from it.",
    )
    cost_per_hour = RateField(
        required=False, empty=0, help_text="Until the first dated rate of the rate cards counts."
    )
    cost_per_use = RateField(required=False, empty=0, help_text="Once for each activity that it works on.")
    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1, max_value=2**31 - 1)

    def __init__(
        self,
        program: Program,
        *args: Any,
        projects: Any,
        whole: bool,
        money: bool,
        resource: Resource | None = None,
        **options: Any,
    ) -> None:
        if resource is not None:
            shown = {name: getattr(resource, name) for name in ("code", "name", "kind", "version")}
            shown |= {"capacity": plain(resource.capacity), "calendar": resource.calendar_id}
            shown |= {"project": resource.project.code if resource.project else None}
            shown |= {name: in_major(getattr(resource, name), program.currency) for name in COSTS}
            options.setdefault("initial", shown)
        super().__init__(*args, **options)
        fields: Any = self.fields
        fields["project"].queryset = projects
        if not whole:
            fields["project"].required, fields["project"].empty_label = True, "Choose"
        fields["calendar"].queryset = Calendar.objects.filter(program_id=program.pk).order_by("name", "pk")
        fields["cost_per_hour"].label = f"{program.currency} an hour"
        fields["cost_per_use"].label = f"{program.currency} for each use"
        in_currency(self, program.currency)
        if not money:
            for name in COSTS:
                del fields[name]

    def values(self) -> dict[str, Any]:
        """What the services take, costs as minor units."""
        given = {name: value for name, value in self.cleaned_data.items() if name in FIELDS | MONEY}
        for name in COSTS:
            if name in given:
                rate = given[name] or 0
                given[name] = Decimal(rate.numerator) / Decimal(rate.denominator)
        return given

    def changes(self, resource: Resource) -> dict[str, Any]:
        """Only what differs from the resource as it was shown."""
        return {name: value for name, value in self.values().items() if value != getattr(resource, name)}

    def refuse(self, refusal: Refused) -> None:
        """Show a service's refusal at its field."""
        self.add_error(refusal.field if refusal.field in self.fields else None, refusal.message)


class AvailabilityForm(forms.Form):
    """How much of it there is on some days: nothing while it is away."""

    first = forms.DateField(label="From", widget=DAY)
    last = forms.DateField(label="To", widget=DAY, required=False, help_text="Empty: that one day.")
    capacity = forms.DecimalField(
        min_value=0,
        max_value=MOST_CAPACITY,
        max_digits=10,
        decimal_places=4,
        initial=0,
        help_text="Units at once in these days; 0 while it is away.",
    )
    reason = forms.CharField(
        max_length=200, required=False, help_text="Such as: leave, half time, a second team."
    )
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)

    def clean(self) -> dict[str, Any]:
        """One day where no last one is given."""
        cleaned: dict[str, Any] = super().clean() or {}
        cleaned["last"] = cleaned.get("last") or cleaned.get("first")
        return cleaned

    def refuse(self, refusal: Refused) -> None:
        """Show a service's refusal at its field."""
        self.add_error(refusal.field if refusal.field in self.fields else None, refusal.message)


class CopyForm(forms.Form):
    """Another resource like this one."""

    code = forms.CharField(max_length=60, validators=[CODE])
    name = forms.CharField(max_length=200)

    def refuse(self, refusal: Refused) -> None:
        """Show a service's refusal at its field."""
        self.add_error(refusal.field if refusal.field in self.fields else None, refusal.message)


class RetireForm(forms.Form):
    """Why it takes no new work from now on."""

    reason = forms.CharField(label="Why", max_length=400, widget=forms.Textarea(attrs={"rows": 3}))
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)

    def refuse(self, refusal: Refused) -> None:
        """Show a service's refusal at its field."""
        self.add_error(refusal.field if refusal.field in self.fields else None, refusal.message)
