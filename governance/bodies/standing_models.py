"""Who acts for a seat whose holder cannot: alternates with their terms, and absences as they were declared."""

from __future__ import annotations

import pghistory
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q

from governance.bodies.models import Body, Int8Point, Seat
from pmo.owned import ProgramOwned, Versioned


@pghistory.track()
class Alternate(ProgramOwned, Versioned):
    """The person who votes for a seat while its holder is absent, from a day to a day (the last is not included).

    Named once for a seat and once in a body at any time; the body is that of the seat, held equal by the database.
    """

    body = models.ForeignKey(Body, models.PROTECT, related_name="+")
    seat = models.ForeignKey(Seat, models.PROTECT, related_name="alternates")
    person = models.ForeignKey("pmo.User", models.PROTECT, related_name="+")
    term = DateRangeField()
    named_by = models.ForeignKey("pmo.User", models.PROTECT, null=True, related_name="+")
    named_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program", "id"], name="governance_alternate_in_program"),
            models.CheckConstraint(name="governance_alternate_term", condition=Q(term__isempty=False)),
            models.CheckConstraint(
                name="governance_alternate_not_oneself",
                condition=Q(named_by=None) | ~Q(named_by=F("person")),
            ),
            ExclusionConstraint(
                name="governance_alternate_one_a_seat",
                expressions=[(Int8Point("seat"), RangeOperators.OVERLAPS), ("term", RangeOperators.OVERLAPS)],
            ),
            ExclusionConstraint(
                name="governance_alternate_once_in_body",
                expressions=[
                    (Int8Point("body"), RangeOperators.OVERLAPS),
                    (Int8Point("person"), RangeOperators.OVERLAPS),
                    ("term", RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} for {self.seat_id}"


@pghistory.track()
class Absence(ProgramOwned, Versioned):
    """Days on which a seat's holder is away: its alternate may vote then. It takes the vote from nobody.

    What was declared stays as it was; an absence is only ended, once, and then no longer counts.
    """

    seat = models.ForeignKey(Seat, models.PROTECT, related_name="absences")
    term = DateRangeField()
    reason = models.CharField(max_length=200)
    declared_by = models.ForeignKey("pmo.User", models.PROTECT, related_name="+")
    declared_at = models.DateTimeField()
    ended_by = models.ForeignKey("pmo.User", models.PROTECT, null=True, blank=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program", "id"], name="governance_absence_in_program"),
            models.CheckConstraint(
                name="governance_absence_term",
                condition=Q(term__isempty=False, term__lower_inf=False, term__upper_inf=False),
            ),
            models.CheckConstraint(name="governance_absence_reason", condition=~Q(reason="")),
            models.CheckConstraint(
                name="governance_absence_ended",
                condition=Q(ended_by=None, ended_at=None)
                | Q(ended_by__isnull=False, ended_at__gte=F("declared_at")),
            ),
            ExclusionConstraint(
                name="governance_absence_once",
                expressions=[(Int8Point("seat"), RangeOperators.OVERLAPS), ("term", RangeOperators.OVERLAPS)],
                condition=Q(ended_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.seat_id} away {self.term}"


@pghistory.track()
class Proxy(ProgramOwned, Versioned):
    """A member lets another voting member vote for the own seat: on one decision, or in a term of days.

    Given by the holder of the seat alone, withdrawn by the same until it was used; it cannot be passed on, since it
    speaks for the seat of who gave it and for no other.
    """

    seat = models.ForeignKey(Seat, models.PROTECT, related_name="proxies")
    person = models.ForeignKey("pmo.User", models.PROTECT, related_name="+")
    decision = models.ForeignKey(
        "governance.Decision", models.PROTECT, null=True, blank=True, related_name="+"
    )
    term = DateRangeField(null=True, blank=True)
    given_by = models.ForeignKey("pmo.User", models.PROTECT, related_name="+")
    given_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program", "id"], name="governance_proxy_in_program"),
            models.CheckConstraint(name="governance_proxy_not_oneself", condition=~Q(person=F("given_by"))),
            models.CheckConstraint(
                name="governance_proxy_reach",
                condition=Q(decision__isnull=False, term=None)
                | Q(decision=None, term__isempty=False, term__lower_inf=False, term__upper_inf=False),
            ),
            models.UniqueConstraint(
                fields=["seat", "decision"],
                condition=Q(withdrawn_at=None, decision__isnull=False),
                name="governance_proxy_once_a_decision",
            ),
            ExclusionConstraint(
                name="governance_proxy_once_a_day",
                expressions=[(Int8Point("seat"), RangeOperators.OVERLAPS), ("term", RangeOperators.OVERLAPS)],
                condition=Q(withdrawn_at=None, term__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} by proxy for {self.seat_id}"
