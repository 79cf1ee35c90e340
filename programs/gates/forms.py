"""Forms of gates: the gate, a criterion, what shows it, an opinion."""

from __future__ import annotations

from typing import Any

from django import forms

from pmo.accounts.models import User
from programs.gates import selectors
from programs.gates.models import Gate, GateCriterion, GateOpinion, Outcome
from programs.gates.services import MILESTONES
from programs.portfolio.models import CODE, Program, Project
from programs.schedule.models import Activity

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
LINES = forms.Textarea(attrs={"rows": 3})
MOST_LISTED = 500


def milestones(program: Program) -> Any:
    """The milestones of a program."""
    return Activity.objects.filter(program=program, kind__in=MILESTONES).select_related("project")


class GateForm(forms.Form):
    """Which gate of which project, shown by which milestone, by when."""

    project = forms.ModelChoiceField(queryset=Project.objects.none(), to_field_name="code")
    code = forms.CharField(max_length=30, validators=[CODE], help_text="Such as G2.")
    name = forms.CharField(max_length=200)
    position = forms.IntegerField(
        label="Place", min_value=0, max_value=99, help_text="Gates are passed in this order."
    )
    activity = forms.ModelChoiceField(
        queryset=Activity.objects.none(),
        required=False,
        label="Milestone",
        help_text="The milestone of the plan whose date is its forecast.",
    )
    due_on = forms.DateField(label="To be passed by", widget=DAY)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, program: Program, *args: Any, gate: Gate | None = None, **options: Any) -> None:
        names = ("code", "name", "position", "due_on", "version")
        if gate is not None:
            options.setdefault(
                "initial", {name: getattr(gate, name) for name in names} | {"activity": gate.activity_id}
            )
        super().__init__(*args, **options)
        self.fields["project"].queryset = Project.objects.filter(program=program)  # type: ignore[attr-defined]
        rows = milestones(program)
        if gate is not None:
            del self.fields["project"]
            rows = rows.filter(project_id=gate.project_id)
        field: Any = self.fields["activity"]
        field.queryset = rows.order_by("project__position", "position", "pk")
        field.label_from_instance = lambda one: f"{one.project.code} / {one.code} {one.name}"

    def values(self) -> dict[str, Any]:
        """What the services take."""
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}


class CriterionForm(forms.Form):
    """What must be true."""

    text = forms.CharField(max_length=500, widget=forms.Textarea(attrs={"rows": 2}), label="Criterion")
    mandatory = forms.BooleanField(required=False, initial=True)
    version = forms.IntegerField(widget=forms.HiddenInput)


class ShownForm(forms.Form):
    """Whether it is true, and what shows it."""

    state = forms.ChoiceField(choices=GateCriterion.State.choices)
    evidence = forms.CharField(
        max_length=4000, required=False, widget=LINES, help_text="What shows it, in words."
    )
    link = forms.CharField(
        max_length=500, required=False, label="Address", help_text="Where it can be read: https://..."
    )
    version = forms.IntegerField(widget=forms.HiddenInput)


class SubmitForm(forms.Form):
    """What is asked for."""

    asked = forms.ChoiceField(choices=Outcome.choices, label="Asked for")
    conditions = forms.CharField(
        max_length=4000,
        required=False,
        widget=LINES,
        help_text="Where it is to proceed with conditions: which.",
    )
    version = forms.IntegerField(widget=forms.HiddenInput)


class ReviewerForm(forms.Form):
    """Who looks at the gate."""

    person = forms.ModelChoiceField(queryset=User.objects.none())

    def __init__(self, program: Program, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["person"].queryset = selectors.people(program.pk)  # type: ignore[attr-defined]


class OpinionForm(forms.Form):
    """What a reviewer says."""

    opinion = forms.ChoiceField(choices=GateOpinion.Opinion.choices)
    remarks = forms.CharField(max_length=4000, required=False, widget=LINES)
    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1)
