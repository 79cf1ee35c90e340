"""The form that says what contributes to a benefit."""

from __future__ import annotations

from typing import Any

from django import forms

from programs.deliverables.models import Deliverable
from programs.portfolio.models import Objective, Program, Project


class ContributionForm(forms.Form):
    """A project or one deliverable, and how it contributes."""

    contributor = forms.ChoiceField(label="What contributes")
    how = forms.CharField(max_length=400, widget=forms.Textarea(attrs={"rows": 3}), label="How")
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1)

    def __init__(self, program: Program, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.projects = {one.pk: one for one in Project.objects.filter(program=program)}
        self.deliverables = {
            one.pk: one
            for one in Deliverable.objects.filter(program=program, withdrawn_at=None).order_by("code")
        }
        field: Any = self.fields["contributor"]
        field.choices = [
            ("Projects", [(f"project:{pk}", f"{one.code} {one.name}") for pk, one in self.projects.items()]),
            (
                "Deliverables",
                [(f"deliverable:{pk}", f"{one.code} {one.name}") for pk, one in self.deliverables.items()],
            ),
        ]

    def values(self) -> dict[str, Any]:
        """What the service takes."""
        kind, _, pk = self.cleaned_data["contributor"].partition(":")
        there: Any = self.projects if kind == "project" else self.deliverables
        return {
            kind: there[int(pk)],
            "how": self.cleaned_data["how"],
            "version": self.cleaned_data["version"],
        }


def objectives(program: Program) -> Any:
    """The benefits that a program still asks for, by code."""
    return Objective.objects.filter(program=program, retired_at=None).order_by("code")
