"""The form of an issue."""

from __future__ import annotations

from typing import Any

from django import forms

from pmo.accounts.models import User
from programs.portfolio.models import Program, Project
from programs.raid.issue_models import Issue
from programs.schedule.models import Activity

MOST_ACTIVITIES = 50


class OwnerField(forms.ModelChoiceField):
    """A person by name."""

    def label_from_instance(self, obj: Any) -> str:
        return str(obj.name)


class IssueForm(forms.ModelForm):
    """What is wrong, whose it is and until when."""

    owner = OwnerField(
        queryset=User.objects.none(), required=False, help_text="Who sees to it that it is mended."
    )
    activities = forms.CharField(
        max_length=2000,
        required=False,
        label="Activities it is about",
        help_text="As PROJECT/CODE, by commas; inside the issue's own project the code alone.",
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Issue
        fields = ("title", "project", "kind", "priority", "owner", "due_on", "description")
        widgets = {
            "due_on": forms.DateInput(attrs={"type": "date"}),
            "description": forms.Textarea(attrs={"rows": 4, "maxlength": 5000}),
        }

    def __init__(self, program: Program, only: list[int] | None, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.program = program
        projects = Project.objects.filter(program_id=program.pk)
        if only is not None:  # a project manager enters what is wrong in his own projects
            projects = projects.filter(pk__in=only)
        project: Any = self.fields["project"]
        project.queryset = projects
        if only is None:
            project.empty_label = "The whole program"
        else:
            project.required = True
        people = User.objects.filter(memberships__program_id=program.pk).distinct().order_by("name")
        self.fields["owner"].queryset = people  # type: ignore[attr-defined]
        if self.instance.pk:
            self.fields["version"].initial = self.instance.version
            about = self.instance.about.select_related("activity__project").order_by("activity_id")
            self.fields["activities"].initial = ", ".join(
                f"{one.activity.project.code}/{one.activity.code}" for one in about
            )

    def clean_activities(self) -> list[Activity]:
        """The activities that are named, or the names that nothing has."""
        names = [part.strip() for part in self.cleaned_data["activities"].split(",") if part.strip()]
        if len(names) > MOST_ACTIVITIES:
            raise forms.ValidationError(f"At most {MOST_ACTIVITIES} activities.")
        if not names:
            return []
        project = self.cleaned_data.get("project")
        found: list[Activity] = []
        missing: list[str] = []
        rows = Activity.objects.filter(
            program_id=self.program.pk, code__in=[name.rpartition("/")[2] for name in names]
        ).select_related("project")
        known = {(one.project.code.upper(), one.code): one for one in rows}
        for name in names:
            where, _, code = name.rpartition("/")
            one = known.get(((where or (project.code if project else "")).upper(), code))
            if one is None:
                missing.append(name)
            else:
                found.append(one)
        if missing:
            raise forms.ValidationError(f"No such activity: {', '.join(missing)}.")
        return found

    def values(self) -> dict[str, Any]:
        """What the services take."""
        return {name: self.cleaned_data[name] for name in self.Meta.fields}


class WordsForm(forms.Form):
    """What is said about an issue, and the version that was seen."""

    text = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), max_length=4000, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)
