"""The form of a source: its columns, fixed values and words as lines of text."""

from __future__ import annotations

from typing import Any

from django import forms

from finance.imports.layout import COLUMNS, CREDITS, DATE_ORDERS, DECIMALS, OPTIONAL, Layout
from finance.imports.models import CostSource
from pmo.refusals import Refused

_LINES = forms.Textarea(attrs={"rows": 6})


class SourceForm(forms.Form):
    """How the files of a source are written."""

    name = forms.CharField(max_length=14, help_text="Short, such as SAP: it stands before each reference.")
    columns = forms.CharField(
        max_length=4000,
        widget=_LINES,
        help_text=f"One a line: our column = the file's heading, such as date = Posting Date. Ours: "
        f"{', '.join(COLUMNS)}. May be missing: {', '.join(sorted(OPTIONAL))}.",
    )
    reference = forms.CharField(
        max_length=1000,
        required=False,
        label="Reference made of",
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Headings whose cells together tell a row from others, one a line; only where the file has no "
        "column for it.",
    )
    count_same = forms.BooleanField(
        required=False,
        label="Rows of the same reference are different costs",
        help_text="They are counted: the second of them, the third. The same file again is still known.",
    )
    defaults = forms.CharField(
        max_length=2000,
        required=False,
        label="Fixed values",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="One a line: our column = what it is where the file says nothing, such as nature = operating.",
    )
    values = forms.CharField(
        max_length=60_000,
        required=False,
        label="Words",
        widget=_LINES,
        help_text="One a line: our column: the file's word = ours, such as category: Supplies & Services = other.",
    )
    date_order = forms.ChoiceField(choices=list(DATE_ORDERS.items()), label="Dates are written like")
    decimal = forms.ChoiceField(choices=list(DECIMALS.items()), label="Amounts are written like")
    credit = forms.ChoiceField(choices=list(CREDITS.items()), label="Credits are written like")
    sheet = forms.CharField(
        max_length=31,
        required=False,
        label="Sheet of a workbook",
        help_text="The name of the sheet in an XLSX file; else its first one.",
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, source: CostSource | None = None, **options: Any) -> None:
        if source is not None:
            options.setdefault("initial", _initial(source))
        super().__init__(*args, **options)

    def clean_columns(self) -> dict[str, str]:
        """Our column -> heading."""
        return dict(_pairs(self.cleaned_data["columns"]))

    def clean_defaults(self) -> dict[str, str]:
        """Our column -> fixed value."""
        return dict(_pairs(self.cleaned_data["defaults"]))

    def clean_reference(self) -> tuple[str, ...]:
        """Headings."""
        return tuple(line.strip() for line in self.cleaned_data["reference"].splitlines() if line.strip())

    def clean_values(self) -> dict[str, dict[str, str]]:
        """Our column -> the file's word in lower case -> ours."""
        found: dict[str, dict[str, str]] = {}
        for left, ours in _pairs(self.cleaned_data["values"]):
            column, colon, word = left.partition(":")
            if not colon or not word.strip():
                raise forms.ValidationError(f"“{left[:40]}” is not a column, a colon and a word.")
            found.setdefault(column.strip(), {})[word.strip().lower()] = ours
        return found

    def layout(self) -> Layout:
        """What the services take."""
        data = self.cleaned_data
        names = (
            "columns",
            "reference",
            "count_same",
            "date_order",
            "decimal",
            "credit",
            "sheet",
            "defaults",
            "values",
        )
        return Layout(**{name: data[name] for name in names})

    def refuse(self, refusal: Refused) -> None:
        """Show a service's refusal at its field."""
        self.add_error(refusal.field if refusal.field in self.fields else None, refusal.message)


class EndForm(forms.Form):
    """With which period a source ended, and why."""

    last_period = forms.RegexField(
        r"^[0-9]{4}-(0[1-9]|1[0-2])$",
        label="Last period",
        help_text="Such as 2026-03: the last one of which it tells costs.",
        error_messages={"invalid": "A period is written like 2026-03."},
    )
    reason = forms.CharField(label="Why", max_length=400)
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)

    def refuse(self, refusal: Refused) -> None:
        """Show a service's refusal at its field."""
        self.add_error(refusal.field if refusal.field in self.fields else None, refusal.message)


class ReopenForm(EndForm):
    """Why a source that ended goes on."""

    last_period = None  # type: ignore[assignment]


def _pairs(text: str) -> list[tuple[str, str]]:
    found = []
    for line in text.splitlines():
        if not line.strip():
            continue
        left, sign, right = line.partition("=")
        if not sign or not left.strip() or not right.strip():
            raise forms.ValidationError(f"“{line.strip()[:40]}” is not written like name = value.")
        found.append((left.strip(), right.strip()))
    return found


def _initial(source: CostSource) -> dict[str, Any]:
    layout = Layout.of(source.layout)
    return {
        "name": source.name,
        "columns": "\n".join(f"{ours} = {theirs}" for ours, theirs in layout.columns.items()),
        "reference": "\n".join(layout.reference),
        "count_same": layout.count_same,
        "defaults": "\n".join(f"{ours} = {value}" for ours, value in layout.defaults.items()),
        "values": "\n".join(
            f"{column}: {theirs} = {ours}"
            for column, words in layout.values.items()
            for theirs, ours in words.items()
        ),
        "date_order": layout.date_order,
        "decimal": layout.decimal,
        "credit": layout.credit,
        "sheet": layout.sheet,
        "version": source.version,
    }
