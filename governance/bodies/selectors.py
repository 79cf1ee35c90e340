"""Reads of bodies and seats."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Q

from governance.bodies.models import Body, Seat
from pmo.accounts.models import Membership, User
from pmo.accounts.roles import GRANTS, Permission, Role

VOTING_ROLES = [role for role in Role.values if Permission.VOTE in GRANTS[role]]


def seats_on(body_id: int, on: date) -> list[Seat]:
    """Seats in term on that day, the chair first; persons fetched along."""
    found = Seat.objects.filter(body_id=body_id, term__contains=on).select_related("person")
    return sorted(found, key=lambda seat: (seat.role != Seat.Role.CHAIR, not seat.voting, seat.pk))


def holds_a_vote(program_id: int, person: User, on: date) -> bool:
    """Does a membership in force on that day give this person the right to vote in the program?"""
    return (
        Membership.objects.filter(
            program_id=program_id, user=person, role__in=VOTING_ROLES, valid_from__lte=on
        )
        .filter(Q(valid_to=None) | Q(valid_to__gte=on))
        .exists()
    )


def bodies_with_seats(program_id: int, on: date) -> list[dict[str, Any]]:
    """Every body with its seats in term on that day and the ones that ended or begin later, in two queries."""
    seats: dict[int, list[Seat]] = {}
    for seat in Seat.objects.filter(program_id=program_id).select_related("person").order_by("pk"):
        seats.setdefault(seat.body_id, []).append(seat)
    return [
        {
            "body": body,
            "now": sorted(
                (seat for seat in seats.get(body.pk, []) if on in seat.term),
                key=lambda seat: (seat.role != Seat.Role.CHAIR, not seat.voting, seat.pk),
            ),
            "others": [seat for seat in seats.get(body.pk, []) if on not in seat.term],
        }
        for body in Body.objects.filter(program_id=program_id).order_by("code")
    ]
