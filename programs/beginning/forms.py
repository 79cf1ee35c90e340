"""Forms of beginning a program, and of its component projects."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from pmo.accounts.models import User
from pmo.currencies import CURRENCIES
from programs.beginning import planting, shipped
from programs.beginning.services import BLANK, COPY, TEMPLATE
from programs.exchange.container import MAX_FILE
from programs.exchange.forms import TOO_LARGE
from programs.portfolio.models import CODE, Program, Project
from programs.portfolio.selectors import choosable

FILE, SAMPLE = "file", "sample"
"""Blank, and then a dry run of a file, or of the sample that ships with the product."""
DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
LINES = forms.Textarea(attrs={"rows": 3})
PRIORITIES = [(1, "1, the highest"), (2, "2"), (3, "3"), (4, "4"), (5, "5, the lowest")]
MONTHS = [(n, date(2000, n, 1).strftime("%B")) for n in range(1, 13)]


def beginnings(sources: list[Program]) -> list[tuple[str, Any]]:
    """What a program may begin with, in groups."""
    found: list[tuple[str, Any]] = [
        (
            "Empty",
            [
                (BLANK, "Blank: I enter or paste the plan"),
                (FILE, "A plan file, tried before it is accepted"),
                (SAMPLE, "The sample plan of 414 tasks, tried before it is accepted"),
            ],
        ),
        ("From a template", [(TEMPLATE + one.key, one.name) for one in shipped.PROGRAMS.values()]),
    ]
    if sources:
        found.append(
            ("As a copy of a plan", [(COPY + one.code, f"{one.code} {one.name}") for one in sources])
        )
    return found


class BeginForm(forms.Form):
    """A new program: what it is called, whose clock and money it runs on, and what it begins with."""

    begin = forms.ChoiceField(label="Begin with")
    code = forms.CharField(
        max_length=30, validators=[CODE], help_text="Short, such as ATLAS; in every address."
    )
    name = forms.CharField(max_length=200)
    starts_on = forms.DateField(
        label="Starts on", widget=DAY, help_text="Nothing is planned before. A copy is moved to this day."
    )
    currency = forms.ChoiceField(
        choices=[(one, one) for one in CURRENCIES],
        initial="EUR",
        help_text="Of all its amounts; fixed from then on.",
    )
    time_zone = forms.CharField(label="Time zone", max_length=64, help_text="Such as Europe/Brussels.")
    fiscal_year_start_month = forms.TypedChoiceField(
        label="Fiscal year starts in", choices=MONTHS, coerce=int, initial=1
    )
    week = forms.ChoiceField(
        label="Calendar",
        choices=[(key, name) for key, (_, name, _) in planting.WEEKS.items()],
        help_text="Of a copy: its own.",
    )
    country = forms.CharField(
        label="Public holidays of",
        max_length=2,
        required=False,
        help_text="Two letters, such as BE; empty for none.",
    )

    file = forms.FileField(
        label="Plan file",
        required=False,
        max_length=500,
        help_text="MS Project (XML), Primavera (XER, P6 XML), GanttProject or a zip of CSV files; without one the "
        "import page asks for it.",
        error_messages={"empty": "This file is empty."},
    )

    def __init__(self, sources: list[Program], *args: Any, too_large: bool = False, **options: Any) -> None:
        super().__init__(*args, **options)
        self.too_large = too_large
        self.fields["begin"].choices = beginnings(sources)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """A file begins a blank program; one that is too large is refused before anything is made."""
        cleaned: dict[str, Any] = super().clean() or {}
        upload, chosen = cleaned.get("file"), cleaned.get("begin")
        if self.too_large or (upload is not None and (upload.size or 0) > MAX_FILE):
            self.add_error("file", TOO_LARGE)
        elif upload is not None and chosen == BLANK:
            cleaned["begin"] = FILE
        elif upload is not None and chosen not in (None, FILE):
            self.add_error(
                "file", "A file begins a program of its own: choose “A plan file” above, or no file."
            )
        return cleaned


class ProjectForm(forms.Form):
    """A component project."""

    code = forms.CharField(
        max_length=30,
        validators=[CODE],
        help_text="Files are matched by it: a later import knows the new one only.",
    )
    name = forms.CharField(max_length=200)
    kind = forms.ChoiceField(choices=Project.Kind.choices)
    manager = forms.ModelChoiceField(
        queryset=User.objects.none(),
        required=False,
        empty_label="Nobody",
        label="Project manager",
        help_text="Who answers for it. What they may do in it follows from the role that an administrator gives.",
    )
    priority = forms.TypedChoiceField(choices=PRIORITIES, coerce=int)
    outcomes = forms.CharField(
        max_length=4000,
        required=False,
        widget=LINES,
        label="What it is for",
        help_text="In words. Outcomes with their measures are listed on the project's page.",
    )
    why = forms.CharField(
        label="Why",
        max_length=1000,
        required=False,
        help_text="Kept with the change, such as why it has another manager.",
    )
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)

    def __init__(self, project: Project, *args: Any, **options: Any) -> None:
        names = ("code", "name", "kind", "priority", "outcomes", "version")
        options["initial"] = {name: getattr(project, name) for name in names} | {
            "manager": project.manager_id
        }
        super().__init__(*args, **options)
        field: Any = self.fields["manager"]
        field.queryset = choosable(project.program, project.manager_id)
        field.label_from_instance = lambda one: one.name


class NewProjectForm(forms.Form):
    """A component project, empty or with a template's plan."""

    template = forms.ChoiceField(
        label="Begin with",
        required=False,
        choices=[("", "Nothing"), *((one.key, one.name) for one in shipped.PROJECTS.values())],
        help_text="A template brings activities, links and roles.",
    )
    code = forms.CharField(max_length=30, validators=[CODE], help_text="Short, such as ERP-FIN.")
    name = forms.CharField(max_length=200)
    kind = forms.ChoiceField(
        choices=[("", "As the template, else software"), *Project.Kind.choices], required=False
    )
    outcomes = forms.CharField(max_length=4000, required=False, widget=LINES)


class CopyForm(forms.Form):
    """A copy of a project, moved to another start."""

    code = forms.CharField(max_length=30, validators=[CODE])
    name = forms.CharField(max_length=200)
    starts_on = forms.DateField(
        label="Starts on",
        required=False,
        widget=DAY,
        help_text="Its dated constraints and deadlines move with it. Empty: they stay.",
    )
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
