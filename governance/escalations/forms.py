"""Forms of escalations and of their ladder."""

from __future__ import annotations

from typing import Any

from django import forms

from governance.bodies.models import Body
from governance.escalations.models import Escalation
from governance.escalations.selectors import ladder
from governance.escalations.services import LONGEST_LADDER
from governance.meetings.forms import DAY
from governance.meetings.models import Meeting
from programs.changes.models import ChangeRequest
from programs.portfolio.models import Program
from programs.raid.issue_models import UNSOLVED, Issue
from programs.raid.models import Risk

CLOSED_RISKS = ("closed", "occurred")
ORIGINS = ("risk", "issue", "change_request")


class RaiseForm(forms.Form):
    """What is asked of whom by when."""

    title = forms.CharField(max_length=200)
    question = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), max_length=4000)
    risk = forms.ModelChoiceField(Risk.objects.none(), required=False)
    issue = forms.ModelChoiceField(Issue.objects.none(), required=False)
    change_request = forms.ModelChoiceField(ChangeRequest.objects.none(), required=False)
    body = forms.ModelChoiceField(
        Body.objects.none(), required=False, help_text="Without one, the first rung of the ladder is asked."
    )
    needed_by = forms.DateField(
        widget=DAY, required=False, help_text="Without a day, as many days as the rung gives."
    )

    def __init__(self, program: Program, only: list[int] | None, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        risks = Risk.objects.filter(program=program).exclude(state__in=CLOSED_RISKS)
        requests = ChangeRequest.objects.filter(program=program)
        issues = Issue.objects.filter(program=program, state__in=UNSOLVED)
        if only is not None:  # a project manager escalates from his own projects
            risks, requests = risks.filter(project__in=only), requests.filter(project__in=only)
            issues = issues.filter(project__in=only)
        self.fields["issue"].queryset = issues.order_by("pk")  # type: ignore[attr-defined]
        self.fields["risk"].queryset = risks.order_by("code")  # type: ignore[attr-defined]
        self.fields["change_request"].queryset = requests.order_by("code")  # type: ignore[attr-defined]
        self.fields["body"].queryset = Body.objects.filter(program=program).order_by("code")  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """At most one of the three it may come from."""
        cleaned = super().clean() or {}
        if sum(bool(cleaned.get(name)) for name in ORIGINS) > 1:
            raise forms.ValidationError("An escalation comes from one thing: a risk, an issue or a change.")
        return cleaned


class AnswerForm(forms.Form):
    """The answer, and where it was given."""

    text = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), max_length=4000, label="Answer")
    meeting = forms.ModelChoiceField(
        Meeting.objects.none(), required=False, help_text="Where the body said so; its secretary names it."
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, escalation: Escalation, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["version"] = escalation.version
        begun = [Meeting.State.IN_SESSION, Meeting.State.HELD]
        rows = Meeting.objects.filter(body_id=escalation.body_id, state__in=begun).order_by("-starts_at")
        field: Any = self.fields["meeting"]
        field.queryset = rows
        field.label_from_instance = lambda one: (
            f"{escalation.body.code}-{one.number}, {one.starts_at:%d %b %Y}"
        )


class LadderForm(forms.Form):
    """Up to six rungs: who, and how many days to answer."""

    def __init__(self, program: Program, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        bodies = Body.objects.filter(program=program).order_by("code")
        now = ladder(program.pk)
        for n in range(1, LONGEST_LADDER + 1):
            step = now[n - 1] if n <= len(now) else None
            self.fields[f"body_{n}"] = forms.ModelChoiceField(
                bodies, required=False, label=f"Rung {n}", initial=step.body_id if step else None
            )
            self.fields[f"days_{n}"] = forms.IntegerField(
                min_value=1, max_value=365, required=False, label=f"Days to answer on rung {n}",
                initial=step.days if step else None,
            )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """A rung has both, or neither."""
        cleaned = super().clean() or {}
        for n in range(1, LONGEST_LADDER + 1):
            body, days = cleaned.get(f"body_{n}"), cleaned.get(f"days_{n}")
            if body and not days and f"days_{n}" not in self.errors:
                self.add_error(f"days_{n}", "How many days does this body have to answer?")
            if days and not body:
                self.add_error(f"body_{n}", "Which body has these days?")
        return cleaned

    def steps(self) -> list[tuple[Body, int]]:
        """The rungs that are filled, in order."""
        return [
            (self.cleaned_data[f"body_{n}"], self.cleaned_data[f"days_{n}"])
            for n in range(1, LONGEST_LADDER + 1)
            if self.cleaned_data.get(f"body_{n}")
        ]
