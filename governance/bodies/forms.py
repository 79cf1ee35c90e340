"""Forms of bodies and seats."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q

from governance.bodies.models import Body, Seat
from governance.bodies.services import MOST_PROXIES
from pmo.accounts.models import User
from pmo.refusals import Refused
from pmo.seen import seen_version
from programs.portfolio.models import CODE, Program

DAY = forms.DateInput(attrs={"type": "date"})


class BodyForm(forms.Form):
    """A new body with its charter's rules."""

    code = forms.CharField(max_length=30, validators=[CODE])
    name = forms.CharField(max_length=120)
    kind = forms.ChoiceField(choices=Body.Kind.choices)
    quorum = forms.RegexField(
        r"^\s*\d{1,3}\s*(/\s*\d{1,3}\s*)?$",
        help_text="A number of voting seats, such as 3, or a fraction of them, such as 2/3.",
    )
    voting_rule = forms.ChoiceField(choices=Body.Rule.choices)
    vote_days = forms.IntegerField(min_value=1, max_value=60, initial=7, label="Days a ballot stays open")
    recusal_lowers_quorum = forms.BooleanField(required=False, label="Recusal lowers the quorum too")
    members_stand_in = forms.BooleanField(
        required=False, label="A voting member may be the alternate of another seat"
    )
    closes_when_complete = forms.BooleanField(required=False, label="The last vote closes the ballot")
    charter = forms.CharField(widget=forms.Textarea(attrs={"rows": 4}), required=False, max_length=8000)

    def values(self) -> dict[str, Any]:
        """The arguments of `services.create_body`."""
        given = dict(self.cleaned_data)
        seats, slash, whole = given.pop("quorum").partition("/")
        if slash:
            return given | {"quorum_fraction": (int(seats), int(whole))}
        return given | {"quorum_seats": int(seats)}


class RulesForm(forms.Form):
    """Who may act for a seat of a body."""

    members_stand_in = forms.BooleanField(
        required=False, label="A voting member may be the alternate of another seat"
    )
    proxies_per_person = forms.IntegerField(
        min_value=0,
        max_value=MOST_PROXIES,
        label="Proxies that one member may vote by on a ballot",
        help_text="0: the rules of this body know no proxies.",
    )
    silence = forms.ChoiceField(
        label="Silence until the end of a ballot counts as", choices=Body.Silence.choices, required=False
    )
    version = forms.CharField(widget=forms.HiddenInput, required=False)

    def values(self) -> dict[str, Any]:
        """The arguments of `services.change_rules` besides the body."""
        return self.cleaned_data | {"version": seen_version(self.cleaned_data["version"])}


class SeatForm(forms.Form):
    """Who sits where, from when to when."""

    person = forms.ModelChoiceField(User.objects.none())
    role = forms.ChoiceField(choices=Seat.Role.choices, initial=Seat.Role.MEMBER)
    voting = forms.BooleanField(required=False, initial=True)
    title = forms.CharField(
        max_length=80, required=False, help_text="What the person is outside: CFO, CISO ..."
    )
    valid_from = forms.DateField(label="From", widget=DAY)
    last_day = forms.DateField(label="Last day", widget=DAY, required=False)

    def __init__(self, program: Program, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        members = Q(memberships__program_id=program.pk)  # only people of this program are ever listed
        people = User.objects.filter(members, is_active=True).distinct().order_by("name")
        self.fields["person"].queryset = people  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        """The arguments of `services.seat_person`."""
        given = dict(self.cleaned_data)
        last = given.pop("last_day")
        return given | {"valid_to": day_after(last)}


def day_after(day: Any) -> Any:
    """The day after a last day, which is where a term ends; None without one. Raises Refused at the end of time."""
    if day is None:
        return None
    try:
        return type(day).fromordinal(day.toordinal() + 1)
    except (ValueError, OverflowError):
        raise Refused("That day is too far away.", field="last_day") from None
