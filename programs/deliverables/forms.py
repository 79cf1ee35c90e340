"""Forms of what is handed over: a deliverable, one requirement, its acceptance."""

from __future__ import annotations

from typing import Any

from django import forms

from pmo.accounts.models import User
from programs.deliverables.models import Deliverable, Requirement
from programs.deliverables.services import EVIDENCE
from programs.portfolio.models import CODE, Project

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
LINES = forms.Textarea(attrs={"rows": 4})


def _lines(text: str) -> list[str]:
    return [one.strip() for one in text.splitlines() if one.strip()]


class NewDeliverableForm(forms.Form):
    """A thing to be handed over, with what it is accepted by."""

    project = forms.ModelChoiceField(queryset=Project.objects.none(), help_text="Who hands it over.")
    code = forms.CharField(max_length=30, validators=[CODE], help_text="Such as DEL-07; it stays.")
    name = forms.CharField(max_length=200)
    due_on = forms.DateField(label="Due", widget=DAY)
    requirements = forms.CharField(
        max_length=21_000, widget=LINES, help_text="One a line: what it is accepted by."
    )

    def __init__(self, projects: Any, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["project"].queryset = projects  # type: ignore[attr-defined]

    def given(self) -> dict[str, Any]:
        """The values as the service takes them."""
        data = self.cleaned_data
        return {
            "code": data["code"],
            "name": data["name"],
            "due_on": data["due_on"].isoformat(),
            "requirements": _lines(data["requirements"]),
        }


class DeliverableForm(forms.Form):
    """Another name or day of a deliverable, and requirements that are added to it."""

    name = forms.CharField(max_length=200)
    due_on = forms.DateField(
        label="Due", widget=DAY, help_text="Open requirements that were due with it move along."
    )
    requirements = forms.CharField(
        max_length=21_000, required=False, label="Requirements to add", widget=LINES, help_text="One a line."
    )
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)

    def __init__(self, found: Deliverable, *args: Any, **options: Any) -> None:
        initial = {"name": found.name, "due_on": found.due_on, "version": found.version}
        super().__init__(*args, **{"initial": initial, **options})

    def given(self) -> dict[str, Any]:
        """The values as the service takes them."""
        data = self.cleaned_data
        return {
            "name": data["name"],
            "due_on": data["due_on"].isoformat(),
            "requirements": _lines(data["requirements"]),
        }


class RequirementForm(forms.Form):
    """Other words, another day or producer of a requirement."""

    text = forms.CharField(
        max_length=400, label="What must be true", widget=forms.Textarea(attrs={"rows": 2})
    )
    due_on = forms.DateField(label="Due", widget=DAY)
    produced_by: forms.ModelChoiceField[User] = forms.ModelChoiceField(
        queryset=User.objects.none(), required=False, empty_label="Nobody named", label="Produced by",
        help_text="Somebody else accepts it.",
    )  # fmt: skip
    why = forms.CharField(max_length=300, required=False, label="Why")
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)

    def __init__(
        self, found: Requirement, people: Any, *args: Any, free: bool = True, **options: Any
    ) -> None:
        initial = {
            "text": found.text,
            "due_on": found.due_on,
            "produced_by": found.produced_by_id,
            "version": found.version,
        }
        super().__init__(*args, **{"initial": initial, **options})
        self.fields["produced_by"].queryset = people  # type: ignore[attr-defined]
        if not free:  # words and day stand in a baseline
            del self.fields["text"], self.fields["due_on"]

    def changes(self) -> dict[str, Any]:
        """What the service takes."""
        data = self.cleaned_data
        if "text" not in data:
            return {"produced_by": data["produced_by"]}
        return {
            "text": data["text"],
            "due_on": data["due_on"].isoformat(),
            "produced_by": data["produced_by"],
        }


class AcceptForm(forms.Form):
    """That a requirement is met: as of when, and by what it is seen."""

    accepted_on = forms.DateField(label="Accepted on", widget=DAY)
    evidence = forms.CharField(
        max_length=EVIDENCE, widget=LINES, help_text="By what it is seen: a test, a protocol, where it lies."
    )
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)


class TakeBackForm(forms.Form):
    """Why an acceptance no longer stands."""

    why = forms.CharField(max_length=1000, label="Why", widget=LINES)
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)
