"""Bodies and seats as the API shows and takes them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from governance.bodies.models import Body, Seat
from governance.bodies.services import MOST_PROXIES
from pmo.accounts.models import User
from pmo.api.fields import Choice, Day, Flag, Related, Text, Whole
from pmo.api.rows import OWN, Row
from pmo.api.views import StrictSerializer


def people(program_id: int) -> Any:
    """Persons who hold a role in one program."""
    return User.objects.filter(memberships__program_id=program_id, is_active=True).distinct()


def bodies(program_id: int) -> Any:
    """The bodies of one program."""
    return Body.objects.filter(program_id=program_id)


class BodyRow(Row):
    """A body: its quorum is a number of voting seats, or a fraction of them."""

    id = serializers.IntegerField()
    code = serializers.CharField()
    name = serializers.CharField()
    kind = Choice(choices=Body.Kind.choices)
    charter = serializers.CharField()
    quorum_seats = serializers.IntegerField(allow_null=True)
    quorum_numerator = serializers.IntegerField(allow_null=True)
    quorum_denominator = serializers.IntegerField(allow_null=True)
    recusal_lowers_quorum = serializers.BooleanField()
    voting_rule = Choice(choices=Body.Rule.choices)
    closes_when_complete = serializers.BooleanField()
    vote_days = serializers.IntegerField()
    silence = Choice(
        choices=Body.Silence.choices, help_text="What it counts as to say nothing until the end."
    )
    proxies_per_person = serializers.IntegerField(help_text="0: the rules know no proxies.")
    members_stand_in = serializers.BooleanField(help_text="May a voting member be another seat's alternate?")
    version = serializers.IntegerField()


class SeatRow(Row):
    """A seat in its term; `last_day` is empty where the term has no end."""

    id = serializers.IntegerField()
    body_id = serializers.IntegerField()
    body = serializers.CharField(source="body__code")
    person_id = serializers.IntegerField()
    person = serializers.CharField(source="person__name")
    title = serializers.CharField()
    role = Choice(choices=Seat.Role.choices)
    voting = serializers.BooleanField()
    valid_from = Day(source=OWN)
    valid_to = Day(source=OWN, allow_null=True, help_text="The first day on which it no longer holds.")
    version = serializers.IntegerField()

    @classmethod
    def of(cls, queryset: Any) -> Any:
        return queryset.values(*{"id", "term", *(path for _, path, _ in cls.paths())})

    def complete(self, row: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
        return row | {"valid_from": values["term"].lower, "valid_to": values["term"].upper}


class NewBody(StrictSerializer):
    """A body to found: give `quorum_seats`, or both numbers of the fraction."""

    code = Text(max_length=30)
    name = Text(max_length=120)
    kind = Choice(choices=Body.Kind.choices)
    voting_rule = Choice(choices=Body.Rule.choices, default=Body.Rule.SIMPLE)
    quorum_seats = Whole(min_value=1, max_value=100, required=False)
    quorum_numerator = Whole(min_value=1, max_value=100, required=False)
    quorum_denominator = Whole(min_value=1, max_value=100, required=False)
    recusal_lowers_quorum = Flag(default=False)
    closes_when_complete = Flag(default=False)
    vote_days = Whole(min_value=1, max_value=60, default=7)
    members_stand_in = Flag(default=False)
    proxies_per_person = Whole(min_value=0, max_value=MOST_PROXIES, default=0)
    charter = Text(max_length=8000, allow_blank=True, default="")


class BodyRules(StrictSerializer):
    """Who may act for a seat; `version` is the body's as it was seen."""

    members_stand_in = Flag()
    proxies_per_person = Whole(min_value=0, max_value=MOST_PROXIES)
    silence = Choice(choices=Body.Silence.choices, allow_blank=True)
    version = Whole()


class NewSeat(StrictSerializer):
    """A seat to give."""

    body = Related(bodies)
    person = Related(people, help_text="Id of a person who holds a role in this program.")
    role = Choice(choices=Seat.Role.choices, default=Seat.Role.MEMBER)
    voting = Flag(default=True)
    title = Text(max_length=80, allow_blank=True, default="")
    valid_from = Day()
    valid_to = Day(required=False, allow_null=True)
