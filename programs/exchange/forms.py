"""The form of the import page: one file."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from .container import MAX_FILE
from .models import PlanSource

TOO_LARGE = f"This file is too large: at most {MAX_FILE >> 20} MB are read. Nothing was stored."


class UploadForm(forms.Form):
    """A plan of MS Project (XML), Primavera or GanttProject, or a CSV bundle as a zip, judged by its reader."""

    file = forms.FileField(
        label="Plan file",
        help_text="MS Project (XML), Primavera (XER, P6 XML), GanttProject or a zip of CSV files, "
        f"at most {MAX_FILE >> 20} MB.",
        error_messages={
            "required": "Choose a file first.",
            "empty": "This file is empty.",
            "missing": "Choose a file first.",
        },
        max_length=500,
    )

    source = forms.ModelChoiceField(
        queryset=PlanSource.objects.none(),
        required=False,
        empty_label="None: the file says itself what it is",
        label="A table (CSV, XLSX) of",
        error_messages={"invalid_choice": "There is no such source."},
    )

    def __init__(self, *args: Any, too_large: bool = False, sources: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if sources is not None:
            self.fields["source"].queryset = sources  # type: ignore[attr-defined]
        self.too_large = too_large
        if too_large:  # the upload was stopped on its way in: no file arrived
            self.fields["file"].required = False

    def clean_file(self) -> UploadedFile | None:
        found: UploadedFile | None = self.cleaned_data.get("file")
        if self.too_large or (found is not None and (found.size or 0) > MAX_FILE):
            raise forms.ValidationError(TOO_LARGE)
        return found


class UndoForm(forms.Form):
    """Why an accepted import is undone, and which version of the plan its page showed."""

    reason = forms.CharField(
        label="Why",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Stands in the history of every row that changes.",
        error_messages={"required": "Say why."},
    )
    plan_version = forms.CharField(widget=forms.HiddenInput)
