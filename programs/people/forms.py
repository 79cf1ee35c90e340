"""Forms of people: invite one, invite several, change a role, take an invitation."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from pmo.accounts.roles import Role
from pmo.refusals import Refused
from programs.people.wishes import LONGEST_NAME, Wanted, Wish, clean_email, clean_name
from programs.portfolio.models import Project

WHY = "Kept with the role, and in the mail."


class RefusingForm(forms.Form):
    """A form that shows a refusal at the field it is about."""

    def refuse(self, refusal: Refused) -> None:
        field = {"user": "email", "role": "roles", "project": "projects"}.get(
            refusal.field or "", refusal.field
        )
        self.add_error(field if field in self.fields else None, refusal.message)


class InviteForm(RefusingForm):
    """One person, by e-mail address, and the roles that wait."""

    email = forms.CharField(
        label="E-mail", max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )
    name = forms.CharField(
        max_length=LONGEST_NAME, help_text="As the mail greets; who comes in may write it otherwise."
    )
    roles = forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple)
    projects = forms.MultipleChoiceField(
        required=False, widget=forms.CheckboxSelectMultiple, help_text="Those that a project manager leads."
    )
    until = forms.DateField(
        required=False, widget=forms.DateInput(attrs={"type": "date"}), label="Last day",
        help_text="From the day after on the role opens nothing.",
    )  # fmt: skip
    why = forms.CharField(
        required=False, max_length=400, widget=forms.Textarea(attrs={"rows": 2}), help_text=WHY
    )

    def __init__(
        self, *args: Any, givable: Iterable[str], projects: Iterable[Project], **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.known = {str(one.pk): one for one in projects}
        roles: Any = self.fields["roles"]
        roles.choices = [(role.value, role.label) for role in Role if role in givable]
        chosen: Any = self.fields["projects"]
        chosen.choices = [(pk, f"{one.code} {one.name}") for pk, one in self.known.items()]
        if not self.known:
            self.fields.pop("projects")

    def clean_email(self) -> str:
        return _said(clean_email, self.cleaned_data["email"])

    def clean_name(self) -> str:
        return _said(clean_name, self.cleaned_data["name"])

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        leads = Role.PROJECT_MANAGER in cleaned.get("roles", [])
        if leads and not cleaned.get("projects"):
            self.add_error("projects" if self.known else "roles", "A project manager needs a project.")
        elif cleaned.get("projects") and not leads:
            self.add_error("projects", "Only a project manager's role is limited to projects.")
        return cleaned

    def wish(self) -> Wish:
        """What the service takes."""
        cleaned, roles = self.cleaned_data, []
        for role in cleaned["roles"]:
            if role == Role.PROJECT_MANAGER:
                roles += [Wanted(role, self.known[pk]) for pk in cleaned.get("projects", [])]
            else:
                roles.append(Wanted(role))
        return Wish(cleaned["email"], cleaned["name"], roles, cleaned["until"])


class LinesForm(RefusingForm):
    """Several people, a line each."""

    lines = forms.CharField(
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"}),
        label="People",
        help_text="A line each: name <mail>, role. A project manager's project and a last day follow: "
        "Lena Okafor <lena@office.example>, project manager, ERP-FIN, until 2027-06-30",
    )


class MembershipForm(RefusingForm):
    """Until when a role is held, and why that changes."""

    until = forms.DateField(
        required=False, widget=forms.DateInput(attrs={"type": "date"}), label="Last day",
        help_text="Empty: without end.",
    )  # fmt: skip
    why = forms.CharField(max_length=400, widget=forms.Textarea(attrs={"rows": 2}), label="Why")


class EndForm(RefusingForm):
    """A role ends now."""

    why = forms.CharField(max_length=400, widget=forms.Textarea(attrs={"rows": 2}), label="Why")


class JoinForm(RefusingForm):
    """Name and password of a new account."""

    name = forms.CharField(
        max_length=LONGEST_NAME, label="Your name", widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    password = forms.CharField(
        max_length=128, strip=False, help_text="At least 12 characters; several words are easy to keep.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )  # fmt: skip
    again = forms.CharField(
        max_length=128, strip=False, label="Once more",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )  # fmt: skip

    def clean_name(self) -> str:
        return _said(clean_name, self.cleaned_data["name"])

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if "password" in cleaned and cleaned.get("again") not in (None, cleaned["password"]):
            self.add_error("again", "These were two different passwords.")
        return cleaned


def _said(clean: Any, text: str) -> str:
    """A refusal in the words of the form."""
    try:
        return str(clean(text))
    except Refused as refusal:
        raise forms.ValidationError(refusal.message) from None
