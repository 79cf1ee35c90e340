"""The form of a source of plan tables: its columns as lines of text, units and dates."""

from __future__ import annotations

from typing import Any

from django import forms

from pmo.refusals import Refused

from .models import PlanSource
from .sheet_layout import COLUMNS, DATE_ORDERS, DECIMALS, PERCENTS, UNITS, SheetLayout


class PlanSourceForm(forms.Form):
    """How the plan tables of a source are written, and which component project they are."""

    name = forms.CharField(max_length=40, help_text="Such as Rollout sheet of the north region.")
    project = forms.CharField(
        max_length=30,
        label="Code of the project",
        help_text="The component project that the rows are; it is made where there is none.",
    )
    project_name = forms.CharField(
        max_length=200, required=False, label="Name of the project", help_text="Of a new one."
    )
    columns = forms.CharField(
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text="One a line: our column = the file's heading, such as duration = Days. Ours: "
        f"{', '.join(COLUMNS)}. Needed: name, and duration or start and finish. Without a code rows are known by "
        "their number. Groups come from a WBS number (1.2.3), a level (1 at the top) or the parent's code. "
        "Predecessors are written 12FS+3d; 14SS, resources Jo [50%]; Kim.",
    )
    unit = forms.ChoiceField(choices=list(UNITS.items()), label="Durations without a unit")
    date_order = forms.ChoiceField(choices=list(DATE_ORDERS.items()), label="Dates are written like")
    decimal = forms.ChoiceField(choices=list(DECIMALS.items()), label="Numbers are written like")
    percent = forms.ChoiceField(choices=list(PERCENTS.items()), label="Percentages are written like")
    sheet = forms.CharField(
        max_length=31, required=False, help_text="The name of the sheet in an XLSX file; else its first one."
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, source: PlanSource | None = None, **options: Any) -> None:
        if source is not None:
            layout = SheetLayout.of(source.layout)
            lines = "\n".join(f"{ours} = {theirs}" for ours, theirs in layout.columns.items())
            kept = layout.kept() | {"name": source.name, "columns": lines, "version": source.version}
            options.setdefault("initial", kept)
        super().__init__(*args, **options)

    def clean_columns(self) -> dict[str, str]:
        """Our column -> heading."""
        found: dict[str, str] = {}
        for line in self.cleaned_data["columns"].splitlines():
            left, sign, right = line.partition("=")
            if not line.strip():
                continue
            if not sign or not left.strip() or not right.strip():
                raise forms.ValidationError(f"“{line.strip()[:40]}” is not written like name = heading.")
            if left.strip() in found:
                raise forms.ValidationError(f"“{left.strip()[:40]}” stands here twice.")
            found[left.strip()] = right.strip()
        return found

    def layout(self) -> SheetLayout:
        """What the services take."""
        names = ("project", "project_name", "columns", "unit", "date_order", "decimal", "percent", "sheet")
        return SheetLayout(**{name: self.cleaned_data[name] for name in names})

    def refuse(self, refusal: Refused) -> None:
        """Show a service's refusal at its field."""
        self.add_error(refusal.field if refusal.field in self.fields else None, refusal.message)
