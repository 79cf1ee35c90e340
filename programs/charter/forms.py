"""The form of a program's settings."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms

from pmo.accounts.models import User
from programs.beginning.forms import DAY, MONTHS
from programs.charter import selectors
from programs.charter.services import FIELDS
from programs.master_plan.forms import minutes_of
from programs.master_plan.grouping import NEAR_DAYS
from programs.portfolio.models import Program
from programs.portfolio.selectors import choosable


class SettingsForm(forms.Form):
    """What a program is called, who answers for it, what it promised, and how its plan is computed."""

    name = forms.CharField(max_length=200)
    mandate = forms.CharField(
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Why the program exists, and what it shall bring about.",
    )
    sponsor = forms.ModelChoiceField(
        queryset=User.objects.none(), required=False, empty_label="Nobody", label="Executive sponsor"
    )
    manager = forms.ModelChoiceField(
        queryset=User.objects.none(),
        required=False,
        empty_label="Nobody",
        label="Program manager",
        help_text="Whom pages and reports name. What they may do follows from the role that an administrator gives.",
    )
    phase = forms.ChoiceField(choices=Program.Phase.choices)
    committed_finish = forms.DateField(
        required=False,
        widget=DAY,
        label="Committed finish",
        help_text="The day promised to the sponsor. The colour of the schedule is measured by it.",
    )
    fiscal_year_start_month = forms.TypedChoiceField(
        label="Fiscal year starts in", choices=MONTHS, coerce=int
    )
    progress_rule = forms.ChoiceField(
        label="Work that started out of order",
        choices=[
            ("retained_logic", "Its rest waits for what it should have waited for (retained logic)"),
            ("progress_override", "Its rest goes on at once (progress override)"),
        ],
    )
    criticality_rule = forms.ChoiceField(
        label="Critical is",
        choices=[
            ("longest_path", "What lies on the longest path to the finish"),
            ("total_float", "What has no more total float than so many days"),
        ],
    )
    critical_days = forms.DecimalField(
        label="Days of float",
        min_value=0,
        max_value=200,
        max_digits=6,
        decimal_places=2,
        required=False,
        help_text="Working days. Counts only where critical is what has little float. Beside what is critical, "
        f"unfinished work with up to {NEAR_DAYS} days of float is called near-critical.",
    )
    why = forms.CharField(
        label="Why",
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Kept with the change. Needed for all but name and mandate.",
    )
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)

    def __init__(self, program: Program, day: int, *args: Any, **options: Any) -> None:
        """`day` is the working minutes of the program's usual day."""
        self.program, self.day_minutes = program, day
        own = {name: getattr(program, name) for name in FIELDS if name != "critical_float_minutes"}
        known = Decimal(program.critical_float_minutes) / day
        options["initial"] = own | {
            "sponsor": program.sponsor_id,
            "manager": program.manager_id,
            "critical_days": known.quantize(Decimal("0.01")).normalize() if known else Decimal(0),
            "version": program.version,
        }
        super().__init__(*args, **options)
        people = choosable(program, program.sponsor_id, program.manager_id)
        for name in ("sponsor", "manager"):
            self.fields[name].queryset = people  # type: ignore[attr-defined]
            self.fields[name].label_from_instance = lambda one: one.name  # type: ignore[attr-defined]
        held = selectors.fiscal_year_held(program.pk)
        if held:
            self.fields["fiscal_year_start_month"].disabled = True
            self.fields["fiscal_year_start_month"].help_text = held

    def values(self) -> dict[str, Any]:
        """What the service takes; a float that was not touched is the very one that is kept."""
        found = {name: self.cleaned_data[name] for name in FIELDS if name in self.cleaned_data}
        days = self.cleaned_data["critical_days"]
        if days is not None and days != self.initial["critical_days"]:
            found["critical_float_minutes"] = minutes_of(days, self.day_minutes)
        return found
