"""Forms of contracts: value, days and retention, milestones, release of what is retained."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from typing import Any

from django import forms

from finance.capex.forms import DAY
from finance.contracts.models import MOST_RETAINED, Contract
from pmo.accounts.models import User
from pmo.amounts import AmountField, in_currency
from pmo.money import format_plain
from pmo.refusals import Refused
from programs.portfolio.models import Program
from programs.schedule.models import Activity

AMOUNTS = {"amount_minor": "amount", "value_minor": "value"}


class _Money(forms.Form):
    """A form with amounts as people write them; refusals of services stand at their field."""

    def __init__(self, currency: str, *args: Any, **options: Any) -> None:
        self.currency = currency
        super().__init__(*args, **options)
        for name in ("amount", "value"):
            if name in self.fields:
                self.fields[name].label = f"{name.capitalize()} ({currency})"
        in_currency(self, currency)

    def refuse(self, refusal: Refused) -> None:
        """Show a service's refusal at its field."""
        field = AMOUNTS.get(refusal.field or "", refusal.field)
        self.add_error(field if field in self.fields else None, refusal.message)

    @property
    def seen(self) -> int:
        """The version that was shown; 0, which no row has, where it is missing."""
        return int(self.cleaned_data["version"] or 0)


class ContractForm(_Money):
    """A draft of a contract."""

    vendor: forms.ModelChoiceField[Any] = forms.ModelChoiceField(
        queryset=User.objects.none(), to_field_name="code"
    )
    title = forms.CharField(max_length=200, label="What it is about")
    value = AmountField()
    starts_on = forms.DateField(widget=DAY, label="Starts on")
    ends_on = forms.DateField(widget=DAY, label="Ends on")
    retention_percent = forms.RegexField(
        r"^[0-9]{1,2}(\.[0-9]{1,2})?$",
        initial="0",
        label="Retained of each invoice (percent)",
        help_text=f"From 0 to {MOST_RETAINED}: paid only once it was released.",
        error_messages={"invalid": "A percentage is written like 5 or 7.5."},
    )
    release_on = forms.DateField(
        required=False,
        widget=DAY,
        label="Released from",
        help_text="The first day on which it may be released.",
    )
    terms = forms.CharField(max_length=400, required=False, label="What releases it")
    manager = forms.ModelChoiceField(
        queryset=User.objects.none(),
        label="Managed by",
        help_text="May order in the project; accepts no milestone of it and releases nothing: somebody else does.",
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        program: Program,
        vendors: Any,
        *args: Any,
        managers: Collection[int],
        contract: Contract | None = None,
        **options: Any,
    ) -> None:
        """`vendors`, `managers`: those who may be chosen; of a contract that is there the vendor stays."""
        if contract is not None:
            options.setdefault("initial", _initial(contract))
        super().__init__(program.currency, *args, **options)
        _offer_people(self, managers, "Choose somebody who may order in this project.")
        if contract is not None:
            del self.fields["vendor"]
        else:
            self.fields["vendor"].queryset = vendors  # type: ignore[attr-defined]
            self.fields["vendor"].label_from_instance = lambda one: f"{one.name} ({one.code})"  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        """What the services take."""
        data = self.cleaned_data
        return {
            "title": data["title"],
            "value_minor": data["value"],
            "starts_on": data["starts_on"],
            "ends_on": data["ends_on"],
            "retention_percent": Decimal(data["retention_percent"]),
            "release_on": data["release_on"],
            "terms": data["terms"],
            "manager": data["manager"],
        }


def _initial(contract: Contract) -> dict[str, Any]:
    return {
        "title": contract.title,
        "value": format_plain(contract.value_minor, contract.currency),
        "starts_on": contract.starts_on,
        "ends_on": contract.ends_on,
        "retention_percent": f"{contract.retention_percent.normalize():f}",
        "release_on": contract.release_on,
        "terms": contract.terms,
        "manager": contract.manager_id,
        "version": contract.version,
    }


class ValueForm(_Money):
    """Another value, and why."""

    value = AmountField()
    why = forms.CharField(max_length=400, label="Why")
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)


class CloseForm(_Money):
    """Why nothing more is ordered under it, or why something of it is withdrawn."""

    why = forms.CharField(max_length=400, label="Why")
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)


class HandOverForm(_Money):
    """Who manages it from now on, and why."""

    manager = forms.ModelChoiceField(
        queryset=User.objects.none(),
        label="Managed by",
        help_text="May order in the project; neither put it in force nor accepted or released anything of it.",
    )
    why = forms.CharField(max_length=400, label="Why")
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, contract: Contract, managers: Collection[int], *args: Any, **options: Any) -> None:
        """`managers`: those who may take it."""
        super().__init__(contract.currency, *args, **options)
        nobody = (
            "Nobody else may take it now: somebody with the right to order in its project has to join first."
        )
        if not managers:
            self.fields["manager"].help_text = nobody
        _offer_people(
            self,
            managers,
            "Choose somebody else who may order in the project, and neither put it in force nor accepted or released "
            "anything of it.",
        )


def _offer_people(form: forms.Form, managers: Collection[int], otherwise: str) -> None:
    """Those whom the service would take, by name; anybody else is answered with the sentence `otherwise`."""
    field: Any = form.fields["manager"]
    field.queryset = User.objects.filter(pk__in=managers).order_by("name")
    field.label_from_instance = lambda one: one.name
    field.error_messages["invalid_choice"] = otherwise


class MilestoneForm(_Money):
    """A milestone, perhaps one of the plan."""

    name = forms.CharField(max_length=200)
    amount = AmountField()
    due_on = forms.DateField(widget=DAY, label="Due on")
    activity = forms.ModelChoiceField(
        queryset=Activity.objects.none(),
        required=False,
        label="Milestone of the plan",
        help_text="Its date by the plan stands beside.",
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, currency: str, contract: Contract, *args: Any, **options: Any) -> None:
        super().__init__(currency, *args, **options)
        offered = Activity.objects.filter(
            program_id=contract.program_id,
            project_id=contract.request.project_id,
            kind__in=["start_milestone", "finish_milestone"],
        )
        self.fields["activity"].queryset = offered.order_by("position", "pk")  # type: ignore[attr-defined]
        self.fields["activity"].label_from_instance = lambda one: f"{one.code} {one.name}"  # type: ignore[attr-defined]


class AcceptForm(_Money):
    """When it was there, and what was looked at."""

    accepted_on = forms.DateField(widget=DAY, label="Accepted on")
    note = forms.CharField(max_length=400, required=False, label="What was accepted")
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)


class ReleaseForm(_Money):
    """How much of what is retained may be paid, and why."""

    amount = AmountField()
    why = forms.CharField(max_length=400, label="Why")
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)


class PaidForm(_Money):
    """When it was paid."""

    paid_on = forms.DateField(widget=DAY, label="Paid on")
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
