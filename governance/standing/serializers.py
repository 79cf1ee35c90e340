"""Alternates and absences as the API shows and takes them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from governance.bodies.models import Seat
from governance.bodies.serializers import people
from governance.bodies.standing import giver_votes_now
from governance.decisions.models import Decision
from pmo.api.fields import Day, Instant, Related, Text, Whole
from pmo.api.rows import OWN, Row
from pmo.api.views import StrictSerializer


def seats(program_id: int) -> Any:
    """The seats of one program."""
    return Seat.objects.filter(program_id=program_id)


def decisions(program_id: int) -> Any:
    """The decisions of one program."""
    return Decision.objects.filter(program_id=program_id)


class _Termed(Row):
    """A row with a term: `valid_to` is the first day on which it no longer holds."""

    valid_from = Day(source=OWN)
    valid_to = Day(source=OWN, allow_null=True, help_text="The first day on which it no longer holds.")
    version = serializers.IntegerField()

    @classmethod
    def of(cls, queryset: Any) -> Any:
        return queryset.values(*{"id", "term", *(path for _, path, _ in cls.paths())})

    def complete(self, row: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
        return row | {"valid_from": values["term"].lower, "valid_to": values["term"].upper}


class AlternateRow(_Termed):
    """Who votes for a seat while its holder is absent."""

    id = serializers.IntegerField()
    seat_id = serializers.IntegerField()
    body = serializers.CharField(source="body__code")
    holder = serializers.CharField(source="seat__person__name")
    person_id = serializers.IntegerField()
    person = serializers.CharField(source="person__name")
    named_by = serializers.CharField(source="named_by__name", allow_null=True)
    named_at = Instant()


class AbsenceRow(_Termed):
    """Days on which the holder of a seat is away; one that was ended no longer counts."""

    id = serializers.IntegerField()
    seat_id = serializers.IntegerField()
    body = serializers.CharField(source="seat__body__code")
    holder = serializers.CharField(source="seat__person__name")
    reason = serializers.CharField()
    declared_by = serializers.CharField(source="declared_by__name")
    declared_at = Instant()
    ended_by = serializers.CharField(source="ended_by__name", allow_null=True)
    ended_at = Instant(allow_null=True)


class ProxyRow(Row):
    """Who may vote for a seat by proxy: on one decision, or until (not including) a day."""

    id = serializers.IntegerField()
    seat_id = serializers.IntegerField()
    body = serializers.CharField(source="seat__body__code")
    giver = serializers.CharField(source="given_by__name")
    person_id = serializers.IntegerField()
    person = serializers.CharField(source="person__name")
    decision_id = serializers.IntegerField(allow_null=True)
    valid_to = Day(source=OWN, allow_null=True, help_text="The first day on which it no longer holds.")
    given_at = Instant()
    withdrawn_at = Instant(allow_null=True)
    giver_votes = serializers.BooleanField(
        help_text="Whether who gave it may vote today; without that the proxy does not count."
    )
    version = serializers.IntegerField()

    @classmethod
    def of(cls, queryset: Any) -> Any:
        return queryset.annotate(giver_votes=giver_votes_now()).values(
            *{"id", "term", *(path for _, path, _ in cls.paths())}
        )

    def complete(self, row: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
        return row | {"valid_to": values["term"].upper if values["term"] else None}


class NewProxy(StrictSerializer):
    """A proxy of one's own seat: for one decision, or until a last day; exactly one of the two."""

    seat = Related(seats)
    person = Related(people, help_text="Id of a person with a vote in the same body.")
    decision = Related(decisions, required=False, allow_null=True)
    until = Day(required=False, allow_null=True)


class ProxyWithdrawal(StrictSerializer):
    """Take it back; `version` is the proxy's as it was seen."""

    version = Whole()


class NewAlternate(StrictSerializer):
    """An alternate to name."""

    seat = Related(seats)
    person = Related(people, help_text="Id of a person who holds a voting role in this program.")
    valid_from = Day()
    valid_to = Day(required=False, allow_null=True)


class AlternateEnd(StrictSerializer):
    """After which day it ends; `version` is the alternate's as it was seen."""

    last_day = Day()
    version = Whole()


class NewAbsence(StrictSerializer):
    """An absence to declare, of one's own seat or as the secretary of its body."""

    seat = Related(seats)
    first_day = Day()
    last_day = Day()
    reason = Text(max_length=200)


class AbsenceEnd(StrictSerializer):
    """End it now; `version` is the absence's as it was seen."""

    version = Whole()
