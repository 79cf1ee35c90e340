"""The forms of a clause: its parameters as fields of their own, money and percentages as people write them."""

from __future__ import annotations

from typing import Any

from django import forms

from finance.engine.clause_kinds import KINDS, RANGES, Parameter
from finance.engine.conformity import Kind
from finance.policy.models import PolicyClause, PolicyFinding
from finance.structure.choices import SPENDABLE
from pmo.amounts import AmountField, in_currency
from pmo.money import format_plain
from pmo.refusals import Refused
from programs.portfolio.models import Program, Project

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def _field(one: Parameter, program: Program) -> forms.Field:
    if one.type == "money":
        return AmountField(label=f"{one.label} ({program.currency})")
    if one.type == "percent":
        return forms.CharField(label=one.label, max_length=6)
    if one.type == "category":
        return forms.ChoiceField(label=one.label, choices=SPENDABLE)
    low, high = RANGES[one.type]
    return forms.IntegerField(label=one.label, min_value=low, max_value=high)


class ClauseForm(forms.Form):
    """A clause of one kind: new (with code and first day) or, given `clause`, as it stands (with the reason)."""

    code = forms.CharField(max_length=10, help_text="Such as B-1: quoted beside every finding.")
    action = forms.ChoiceField(label="A breach", choices=PolicyClause.Action.choices)
    text = forms.CharField(
        max_length=4000,
        required=False,
        label="Words of the policy",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    issue_days = forms.IntegerField(
        label="Issue by itself, due within days",
        min_value=1,
        max_value=90,
        required=False,
        help_text="Empty: a finding becomes an issue when somebody says so.",
    )
    from_day = forms.DateField(label="In force from", widget=DAY)
    project = forms.ModelChoiceField(
        queryset=Project.objects.none(),
        required=False,
        label="Holds for",
        empty_label="The whole program",
        help_text="It stays so: for another project add another clause.",
    )
    reason = forms.CharField(max_length=400, label="Why it changes")
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(
        self, program: Program, kind: Kind, *args: Any, clause: PolicyClause | None = None, **options: Any
    ) -> None:
        if clause is not None:
            options.setdefault("initial", _initial(program, kind, clause))
        super().__init__(*args, **options)
        self.program, self.kind = program, kind
        parameters = [one.name for one in KINDS[kind].parameters]
        for one in KINDS[kind].parameters:
            self.fields[one.name] = _field(one, program)
        in_currency(self, program.currency)
        if not KINDS[kind].blockable:
            self.fields["action"].choices = [  # type: ignore[attr-defined]
                one for one in PolicyClause.Action.choices if one[0] == PolicyClause.Action.WARN
            ]
        for name in ("reason", "version") if clause is None else ("code", "from_day", "project"):
            del self.fields[name]
        if clause is None and kind == Kind.SEPARATION_OF_DUTIES:
            del self.fields["project"]
        elif clause is None:
            projects = Project.objects.filter(program_id=program.pk).order_by("position", "pk")
            self.fields["project"].queryset = projects  # type: ignore[attr-defined]
        self.order_fields(
            ["code", "project", *parameters, "action", "issue_days", "text", "from_day", "reason", "version"]
        )

    @property
    def parameters(self) -> dict[str, Any]:
        """What the services take."""
        return {one.name: self.cleaned_data[one.name] for one in KINDS[self.kind].parameters}

    def refuse(self, refusal: Refused) -> None:
        """Show a service's refusal at its field."""
        self.add_error(refusal.field if refusal.field in self.fields else None, refusal.message)


class WaiverForm(forms.Form):
    """Asking not to be held to a clause until a day."""

    finding = forms.ModelChoiceField(
        queryset=PolicyFinding.objects.none(), required=False, empty_label="Every matter of this clause"
    )
    until = forms.DateField(label="Until", widget=DAY, help_text="The last day on which it holds.")
    reason = forms.CharField(max_length=4000, label="Why", widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, clause: PolicyClause, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["finding"].queryset = PolicyFinding.objects.filter(  # type: ignore[attr-defined]
            program_id=clause.program_id, clause=clause, cleared_at=None
        ).order_by("-pk")


class EndForm(forms.Form):
    """Taking a clause out of the policy."""

    reason = forms.CharField(max_length=400, label="Why it ends")
    version = forms.IntegerField(widget=forms.HiddenInput)


def _initial(program: Program, kind: Kind, clause: PolicyClause) -> dict[str, Any]:
    values = dict(clause.parameters)
    for one in KINDS[kind].parameters:
        if one.type == "money" and one.name in values:
            values[one.name] = format_plain(values[one.name], program.currency)
    return values | {
        "action": clause.action,
        "text": clause.text,
        "issue_days": clause.issue_days,
        "version": clause.version,
    }
