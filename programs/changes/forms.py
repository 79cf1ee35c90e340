"""Forms of change requests: their words, and the plan's own forms with what is fact left out."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, Q

from pmo.refusals import Refused
from programs.calendars.models import Calendar
from programs.changes.edits import MOMENTS, column, native, plain
from programs.changes.models import ChangeRequest
from programs.deliverables.models import Deliverable
from programs.master_plan.forms import ActivityForm, minutes_of
from programs.portfolio.models import Program, Project
from programs.raid.models import Risk
from programs.resources.models import Assignment, Resource
from programs.schedule.models import Activity

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
FACTS = ("actual_start", "actual_finish", "remaining_days", "percent_complete")


class RequestForm(forms.Form):
    """What is asked for and why; the edits come after."""

    project = forms.ModelChoiceField(queryset=Project.objects.none(), to_field_name="code")
    title = forms.CharField(max_length=200)
    reason = forms.CharField(max_length=8000, label="Why", widget=forms.Textarea(attrs={"rows": 4}))
    alternatives = forms.CharField(
        max_length=8000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What else was looked at, and why not.",
    )
    offered = forms.CharField(
        max_length=8000,
        required=False,
        label="Offered in return",
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="What the project gives up or does to make up for it.",
    )
    risk = forms.ModelChoiceField(
        queryset=Risk.objects.none(), required=False, empty_label="None", label="Linked risk"
    )
    tolerated_until = forms.DateField(
        required=False, widget=DAY, help_text="The day until which the deviation is to be tolerated."
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        program: Program,
        projects: list[int] | None,
        *args: Any,
        request: ChangeRequest | None = None,
        **options: Any,
    ) -> None:
        """`projects`: those for which the person may ask (None: all of the program)."""
        names = ("title", "reason", "alternatives", "offered", "tolerated_until", "version")
        if request is not None:
            options.setdefault(
                "initial", {name: getattr(request, name) for name in names} | {"risk": request.risk_id}
            )
        super().__init__(*args, **options)
        offered = Project.objects.filter(program=program)
        self.fields["project"].queryset = (  # type: ignore[attr-defined]
            offered if projects is None else offered.filter(pk__in=projects)
        )
        self.fields["project"].label_from_instance = lambda one: f"{one.code} {one.name}"  # type: ignore[attr-defined]
        self.fields["risk"].queryset = Risk.objects.filter(program=program).order_by("code")  # type: ignore[attr-defined]
        if request is not None:
            del self.fields["project"]

    def values(self) -> dict[str, Any]:
        """What the services take."""
        return {
            name: value for name, value in self.cleaned_data.items() if name not in ("version", "project")
        }

    def refuse(self, refusal: Refused) -> None:
        """Show a service's refusal at its field."""
        self.add_error(refusal.field if refusal.field in self.fields else None, refusal.message)


class AssignForm(forms.Form):
    """Units of a resource on an activity, as a request would have them."""

    activity = forms.CharField(max_length=91, help_text="PROJECT/CODE, or CODE of the request's project.")
    resource = forms.ModelChoiceField(queryset=Resource.objects.none())
    units = forms.DecimalField(
        min_value=0,
        max_value=1_000_000,
        decimal_places=4,
        help_text="At once, for all of its duration; 0: not assigned.",
    )

    def __init__(self, program: Program, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        # Who is retired takes no new work, and may be taken off what is still open.
        known = Resource.objects.filter(
            Q(retired_at=None) | Exists(Assignment.objects.filter(resource_id=OuterRef("pk"))),
            program=program,
        )
        self.fields["resource"].queryset = known.order_by("code", "pk")  # type: ignore[attr-defined]
        self.fields["resource"].label_from_instance = lambda one: f"{one.code} {one.name}"  # type: ignore[attr-defined]


class ScopeForm(forms.Form):
    """A deliverable as a request would have it: a new one, or another name, day or requirements; or none any more."""

    deliverable = forms.ModelChoiceField(
        queryset=Deliverable.objects.none(), required=False, empty_label="A new deliverable"
    )
    withdraw = forms.BooleanField(
        required=False,
        label="Withdraw it",
        help_text="It is handed over no more; its open requirements go with it.",
    )
    project = forms.ModelChoiceField(
        queryset=Project.objects.none(), required=False, help_text="Of a new deliverable: who hands it over."
    )
    code = forms.CharField(max_length=30, required=False, help_text="Of a new deliverable.")
    name = forms.CharField(max_length=200, required=False, help_text="Empty: as it is.")
    due_on = forms.DateField(required=False, widget=DAY, label="Due", help_text="Empty: as it is.")
    requirements = forms.CharField(
        max_length=21_000, required=False, label="Requirements to add", widget=forms.Textarea(attrs={"rows": 4}),
        help_text="One a line: what it is accepted by.",
    )  # fmt: skip

    def __init__(self, program: Program, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        there: Any = self.fields["deliverable"], self.fields["project"]
        there[0].queryset = Deliverable.objects.filter(program=program, withdrawn_at=None).order_by("code")
        there[1].queryset = Project.objects.filter(program=program).order_by("position", "pk")
        for field in there:
            field.label_from_instance = lambda one: f"{one.code} {one.name}"

    def edit(self) -> dict[str, Any]:
        """The edit that was typed, as `programs.changes.scope` describes it; what was left empty is left out."""
        typed = self.cleaned_data
        found = typed["deliverable"]
        to = {name: plain(name, typed[name]) for name in ("name", "due_on") if typed[name]}
        lines = [line.strip() for line in typed["requirements"].splitlines() if line.strip()]
        to |= {"requirements": lines} if lines else {}
        if found is None:
            project = typed["project"]
            return {
                "do": "deliver",
                "project": project.pk if project else 0,
                "to": to | {"code": typed["code"]},
            }
        return {"do": "withdraw", "deliverable": found.pk} if typed["withdraw"] else {
            "do": "redeliver", "deliverable": found.pk, "to": to,
        }  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """Nothing that was typed is left aside in silence."""
        typed = self.cleaned_data
        found = typed.get("deliverable")
        others = [name for name in ("name", "due_on", "requirements") if typed.get(name)]
        if found is None and typed.get("withdraw"):
            self.add_error("deliverable", "Say which deliverable is withdrawn.")
        if found is not None and (typed.get("code") or typed.get("project")):
            self.add_error(
                "code", "Code and project of a deliverable stay: leave them empty, or add a new one."
            )
        if found is not None and typed.get("withdraw") and others:
            self.add_error("withdraw", "Either withdraw it or change it.")
        if found is not None and not typed.get("withdraw") and not others:
            self.add_error("deliverable", "Say what of it is to be another.")
        return typed


class ProposedActivityForm(ActivityForm):
    """The plan's form of an activity, for a request: what may be proposed, without progress."""

    def __init__(self, program: Program, *args: Any, **options: Any) -> None:
        super().__init__(program, *args, **options)
        for name in (*FACTS, "notes"):
            del self.fields[name]


def shown_values(activity: Activity, to: dict[str, Any], day: int) -> dict[str, Any]:
    """The form's initial values: the plan's, with what the request proposes in their place."""
    found = {name: native(name, value) for name, value in to.items()}
    minutes = found.pop("duration_minutes", activity.duration_minutes)
    own = {
        name: getattr(activity, column(name)) for name in ("name", "calendar", "constraint", *sorted(MOMENTS))
    }
    return own | {"days": round(minutes / day, 2)} | found


def proposed_values(cleaned: dict[str, Any], shown: dict[str, Any], day: int) -> dict[str, Any]:
    """Only what differs from what the form showed, as an edit holds it."""
    calendar: Calendar | None = cleaned["calendar"]
    wanted = {name: plain(name, cleaned[name]) for name in ("name", "constraint", *sorted(MOMENTS))} | {
        "calendar": calendar.pk if calendar else None
    }
    changed = {name: value for name, value in wanted.items() if value != plain(name, shown[name])}
    if cleaned["days"] is not None and float(cleaned["days"]) != shown["days"]:
        changed["duration_minutes"] = minutes_of(cleaned["days"], day)
    return changed
