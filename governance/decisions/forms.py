"""Forms of decisions: proposing, opening a ballot, voting, closing, withdrawing."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms

from finance.budgets.models import Budget
from finance.capex.models import CapitalRequest
from finance.policy.models import PolicyWaiver
from governance.decisions.conditions import Term
from governance.decisions.models import Decision
from pmo import formats
from pmo.accounts.models import User
from pmo.clocks import unmistakable
from pmo.refusals import Refused
from pmo.zones import zone
from programs.changes.models import ChangeRequest
from programs.gates.models import Gate
from programs.portfolio.models import Program
from programs.raid.models import RiskAcceptance

ROWS = 3
"""Conditions that the form of closing has room for; the API takes more."""


class ProposeForm(forms.Form):
    """Which submitted subject is put before which question."""

    subject = forms.ChoiceField(label="About")
    question = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
        help_text="What the body decides: one question.",
    )
    recommendation = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 4}), max_length=8000, required=False
    )

    def __init__(self, program: Program, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.program = program
        busy = set(
            Decision.objects.filter(
                program=program, state__in=[Decision.State.DRAFT, Decision.State.OPEN]
            ).values_list("subject_kind", "subject_id")
        )
        choices = [
            (
                f"capital_request:{one.pk}",
                f"{one.code} {one.title}, {formats.money_text(one.amount_minor, one.currency)}",
            )
            for one in CapitalRequest.objects.filter(
                program=program, state__in=[CapitalRequest.State.SUBMITTED, CapitalRequest.State.IN_REVIEW]
            ).order_by("code")
            if ("capital_request", one.pk) not in busy
        ]
        choices += [
            (
                f"budget:{one.pk}",
                f"{one.project.code if one.project else 'Reserves'}: budget version {one.number}",
            )
            for one in Budget.objects.filter(program=program, state=Budget.State.SUBMITTED)
            .select_related("project")
            .order_by("pk")
            if ("budget", one.pk) not in busy
        ]
        choices += [
            (f"change_request:{one.pk}", f"{one.code} {one.title}")
            for one in ChangeRequest.objects.filter(
                program=program, state__in=[ChangeRequest.State.SUBMITTED, ChangeRequest.State.IN_REVIEW]
            ).order_by("code")
            if ("change_request", one.pk) not in busy
        ]
        choices += [
            (f"waiver:{one.pk}", f"{one.code}: waiver of {one.clause.code} until {formats.day(one.until)}")
            for one in PolicyWaiver.objects.filter(program=program, state=PolicyWaiver.State.SUBMITTED)
            .select_related("clause")
            .order_by("code")
            if ("waiver", one.pk) not in busy
        ]
        choices += [
            (f"risk_acceptance:{one.pk}", f"{one.code}: accept {one.about} until {formats.day(one.until)}")
            for one in RiskAcceptance.objects.filter(
                program=program, state=RiskAcceptance.State.SUBMITTED
            ).order_by("code")
            if ("risk_acceptance", one.pk) not in busy
        ]
        choices += [
            (f"gate:{one.pk}", f"Gate {one.code} of {one.project.code}: {one.get_asked_display().lower()}")
            for one in Gate.objects.filter(program=program, state=Gate.State.SUBMITTED)
            .select_related("project")
            .order_by("project__position", "position")
            if ("gate", one.pk) not in busy
        ]
        if program.plan_version and ("baseline", program.pk) not in busy:
            choices.append(
                (f"baseline:{program.pk}", f"Baseline of the plan, version {program.plan_version}")
            )
        self.fields["subject"].choices = choices  # type: ignore[attr-defined]

    def about(self) -> dict[str, Any]:
        """The argument that `services.propose` takes."""
        kind, _, pk = self.cleaned_data["subject"].partition(":")
        if kind == "capital_request":
            return {"capital_request": CapitalRequest.objects.get(pk=pk, program=self.program)}
        if kind == "budget":
            return {"budget": Budget.objects.get(pk=pk, program=self.program)}
        if kind == "change_request":
            return {"change_request": ChangeRequest.objects.get(pk=pk, program=self.program)}
        if kind == "waiver":
            return {"waiver": PolicyWaiver.objects.get(pk=pk, program=self.program)}
        if kind == "gate":
            return {"gate": Gate.objects.get(pk=pk, program=self.program)}
        if kind == "risk_acceptance":
            return {"risk_acceptance": RiskAcceptance.objects.get(pk=pk, program=self.program)}
        return {"baseline_of": self.program}


class OpenForm(forms.Form):
    """Until when people vote."""

    closes_at = forms.CharField(
        label="Vote closes", max_length=40, widget=forms.DateTimeInput(attrs={"type": "datetime-local"})
    )

    def __init__(
        self, program: Program, *args: Any, days: int = 7, now: datetime | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.program = program
        if now is not None:
            local = (now + timedelta(days=days)).astimezone(zone(program.time_zone))
            self.fields["closes_at"].initial = local.strftime("%Y-%m-%dT17:00")
        self.fields["closes_at"].help_text = f"In the program's time zone, {program.time_zone}."

    def clean_closes_at(self) -> datetime:
        """The instant in the program's zone; a time that the clock there shows never or twice ends no ballot."""
        try:
            return unmistakable(self.cleaned_data["closes_at"], self.program.time_zone)
        except Refused as refused:
            raise forms.ValidationError(refused.message) from refused


class VoteForm(forms.Form):
    """One's own vote on the figures that the page showed."""

    choice = forms.RegexField(
        r"^(approve|reject|abstain|recuse|approve:[1-9])$",
        error_messages={"invalid": "Approve, reject, abstain or stand aside."},
    )
    digest = forms.RegexField(r"^[0-9a-f]{64}$")
    reason = forms.CharField(max_length=2000, required=False)
    elector = forms.IntegerField(min_value=1, max_value=2**62, required=False)

    def values(self) -> dict[str, Any]:
        """The arguments of `services.cast`: `approve:2` is for option 2 of a free question."""
        choice, _, option = self.cleaned_data["choice"].partition(":")
        return self.cleaned_data | {"choice": choice, "option": int(option) if option else None}


class CloseForm(forms.Form):
    """What the chair adds to the record."""

    rationale = forms.CharField(widget=forms.Textarea(attrs={"rows": 2}), max_length=4000, required=False)

    def __init__(self, program: Program, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = User.objects.filter(memberships__program_id=program.pk, is_active=True)
        for n in range(1, ROWS + 1):
            self.fields[f"condition_{n}"] = forms.CharField(
                label=f"Condition {n}", max_length=500, required=False
            )
            self.fields[f"owner_{n}"] = forms.ModelChoiceField(
                people.distinct().order_by("name"), label=f"Owner of condition {n}", required=False
            )
            self.fields[f"due_{n}"] = forms.DateField(
                label=f"Day of condition {n}",
                required=False,
                widget=forms.DateInput(attrs={"type": "date"}),
            )

    def clean(self) -> dict[str, Any]:
        """A condition is whole or empty."""
        given: dict[str, Any] = super().clean() or {}
        for n in range(1, ROWS + 1):
            parts = [name for name in (f"condition_{n}", f"owner_{n}", f"due_{n}") if not given.get(name)]
            if 0 < len(parts) < 3:
                self.add_error(parts[0], f"Condition {n} needs its words, its owner and its day.")
        return given

    def values(self) -> dict[str, Any]:
        """The arguments of `services.close`."""
        given = self.cleaned_data
        rows = [
            Term(given[f"condition_{n}"], given[f"owner_{n}"], given[f"due_{n}"])
            for n in range(1, ROWS + 1)
            if given[f"condition_{n}"]
        ]
        return {"rationale": given["rationale"], "conditions": rows}


class ReportForm(forms.Form):
    """What the owner of a condition did."""

    report = forms.CharField(
        label="What was done, and where it is seen", widget=forms.Textarea(attrs={"rows": 2}), max_length=4000
    )
    version = forms.IntegerField(widget=forms.HiddenInput)


class SettleForm(forms.Form):
    """By what it is seen that a condition is met."""

    evidence = forms.CharField(
        label="Met: by what that is seen", widget=forms.Textarea(attrs={"rows": 2}), max_length=4000
    )
    version = forms.IntegerField(widget=forms.HiddenInput)


class WithdrawForm(forms.Form):
    """Why it is taken back."""

    reason = forms.CharField(widget=forms.Textarea(attrs={"rows": 2}), max_length=2000)
