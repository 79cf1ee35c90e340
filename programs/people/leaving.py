"""Somebody leaves the office, or comes back: an administrator of the office deactivates and reactivates accounts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.contrib.sessions.models import Session
from django.db import connection
from django.db.models import F, Q, Value
from django.db.models.functions import Greatest

from pmo.accounts.access import current_access
from pmo.accounts.models import AccountMove, ApiToken, Membership, User
from pmo.refusals import NotAllowed, Refused
from programs.feeds.models import CalendarFeed
from programs.people import duties
from programs.portfolio import giving
from programs.portfolio.models import Program


def require_office(by: User | None, *, by_token: bool = False) -> User:
    """The administrator of the office who acts, or NotAllowed, in words."""
    if by_token or current_access().by_token:
        raise NotAllowed("This needs a person present: an API token cannot do it.", code="person-needed")
    if by is None or not by.is_active or not by.is_administrator:
        raise NotAllowed("Only an administrator of the office sees all accounts.")
    return by


def programs_of(person: User) -> list[int]:
    """The programs (ids) in which a person holds or held a role."""
    with connection.cursor() as cursor:
        cursor.execute("select * from pmo_programs_of(%s)", [person.pk])
        return [int(row[0]) for row in cursor.fetchall()]


def deactivate(
    *, person: User, reason: str, successors: Mapping[int, User], by: User | None, at: datetime
) -> int:
    """The person signs in no more: sessions, tokens and calendar feeds end at once. How many duties were handed over.

    `successors`: program id -> who takes over there what can be taken over. Runs as the office in the person's
    programs. Refused for oneself and where a program would lose its last manager or administrator. Roles and all that
    the person did stay as they are.
    """
    office = require_office(by)
    if person.pk == office.pk:
        raise Refused("Nobody deactivates the own account.")
    _say(reason)
    office = _still_office(office, person)
    held = Membership.objects.filter(
        Q(valid_to=None) | Q(valid_to__gte=at.date()), user=person, role__in=giving.LEADS
    ).select_related("user", "program")
    programs = {
        one.pk: one for one in Program.objects.filter(pk__in=[*successors, *{one.program_id for one in held}])
    }
    for pk in sorted(programs):
        Program.objects.select_for_update(no_key=True).get(
            pk=pk
        )  # who ends another lead meanwhile meets us there
    for one in held:
        giving.keep_a_lead(one, at.date(), at.date(), where=f" {one.program.code}")
    count = sum(
        duties.hand_over(person, successor, programs[pk], at.date())
        for pk, successor in sorted(successors.items())
    )
    AccountMove(person=person, active=False, reason=reason.strip(), by=office, at=at).save(force_insert=True)
    ApiToken.objects.filter(user=person).delete()
    CalendarFeed.objects.filter(user=person, ended_at=None).update(ended_at=Greatest(F("made_at"), Value(at)))
    for session in Session.objects.filter(expire_date__gt=at).iterator():
        if session.get_decoded().get("_auth_user_id") == str(person.pk):
            session.delete()
    return count


def reactivate(*, person: User, reason: str, by: User | None, at: datetime) -> None:
    """The person signs in again, with the roles that are in force and the former password. Tokens are made anew."""
    office = require_office(by)
    _say(reason)
    office = _still_office(office, person)
    AccountMove(person=person, active=True, reason=reason.strip(), by=office, at=at).save(force_insert=True)


def _still_office(office: User, person: User) -> User:
    """The administrator as she is under the lock of both accounts: of two who deactivate each other one is first."""
    both = User.objects.select_for_update(no_key=True).filter(pk__in=[office.pk, person.pk]).order_by("pk")
    return require_office({one.pk: one for one in both}[office.pk])


def _say(reason: str) -> None:
    if not reason.strip() or len(reason) > 400:
        raise Refused("Say why, in up to 400 characters.", field="reason")
