"""The form of a free question."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from governance.authority.models import AuthorityRule, SubjectKind
from programs.portfolio.models import Program


class QuestionForm(forms.Form):
    """What is asked of which body, with its options and papers."""

    title = forms.CharField(max_length=200)
    rule = forms.ModelChoiceField(AuthorityRule.objects.none(), label="Put to", empty_label=None)
    question = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=2000,
        help_text="What the body decides: one question.",
    )
    options = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=2000,
        help_text="Two to eight, each on a line of its own. “None of these” and abstaining are always possible.",
    )
    recommendation = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 2}), max_length=8000, required=False
    )
    papers = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 6}),
        max_length=40_000,
        required=False,
        help_text="What the body reads before it votes; frozen with the question.",
    )

    def __init__(self, program: Program, on: date, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rules = AuthorityRule.objects.filter(
            program=program, subject_kind=SubjectKind.QUESTION, valid__contains=on
        )
        field: Any = self.fields["rule"]
        field.queryset = rules.select_related("body").order_by("code")
        field.label_from_instance = lambda rule: f"{rule.body.name} (rule {rule.code})"

    def values(self) -> dict[str, Any]:
        """The arguments of `services.ask`."""
        return self.cleaned_data | {"options": self.cleaned_data["options"].splitlines()}
