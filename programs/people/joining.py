"""Taking an invitation: once, by whom it was sent to, while who sent it may still give its roles."""

from __future__ import annotations

import re
from datetime import date, datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import connection, transaction

from pmo.accounts.access import Access, Held
from pmo.accounts.models import User
from pmo.refusals import Conflict, Refused
from programs.people import links, mailing, profile
from programs.people.models import Invitation
from programs.people.wishes import clean_name
from programs.portfolio import giving
from programs.portfolio import services as portfolio
from programs.portfolio.models import Program

_TEXT = re.compile(rf"[A-Za-z0-9_-]{{{links.LENGTH}}}")


def find(text: str) -> tuple[int, int] | None:
    """Invitation and program (their ids) behind a link, read before any scope; None for what is no link of ours."""
    if not _TEXT.fullmatch(text):
        return None
    with connection.cursor() as cursor:
        cursor.execute(
            "select invitation_id, program_id from programs_invited_to(%s)", [links.digest_of(text)]
        )
        row = cursor.fetchone()
    return (int(row[0]), int(row[1])) if row else None


def gone(invitation: Invitation, at: datetime) -> str:
    """Why the link works no more, in words; nothing where it does."""
    return {
        "taken": "This invitation was taken already. Sign in with the password that was set then.",
        "withdrawn": "This invitation was withdrawn.",
        "expired": "This invitation has expired: ask for it to be sent again.",
    }.get(invitation.state(at), "")


def join(
    *, invitation_id: int, text: str, account: User | None, name: str = "", password: str = "", by: User | None,
    at: datetime,
) -> User:  # fmt: skip
    """Take the invitation: a new account with name and password, or (`account`, signed in) the roles for that one.

    Runs as the office in the invitation's program: who takes it has no right there yet. Of two at once the second is
    told that it was taken. Raises Conflict and Refused (`name`, `password`).
    """
    with transaction.atomic():
        found: Invitation | None = (
            Invitation.objects.select_for_update(of=("self",))
            .select_related("by")
            .filter(pk=invitation_id)
            .first()
        )
        if found is None or found.digest != links.digest_of(text):
            raise Conflict("This link works no more: another one was sent since.")
        if said := gone(found, at):
            raise Conflict(said, code="gone")
        program = Program.objects.select_for_update(no_key=True).get(pk=found.program_id)
        roles = list(found.roles.select_related("project").order_by("pk"))
        _still_given(found, {one.role for one in roles}, at)
        person = _person(found, program, account, name, password)
        for one in roles:
            held = portfolio.held_on(program, person, one.role, one.project, at.date())
            if held is not None and _sooner(held.valid_to, found.until):
                held.valid_to = found.until  # invited to more than is held: as whoever invited may prolong
                held.save(update_fields=["valid_to"])
            if held is None:
                portfolio.enter_member(
                    program=program, user=person, role=one.role, project=one.project, since=at.date(),
                    until=found.until,
                )  # fmt: skip
        found.accepted_at, found.accepted_by = at, person
        found.save(update_fields=["accepted_at", "accepted_by"])
        return person


def _sooner(held: date | None, until: date | None) -> bool:
    """Does what is held end before what the invitation gives?"""
    return held is not None and (until is None or held < until)


def _still_given(found: Invitation, roles: set[str], at: datetime) -> None:
    """Whoever lost the right to give these roles since has invited in vain."""
    if found.until is not None and found.until < at.date():
        raise Conflict("The last day of these roles is over.", code="gone")
    with connection.cursor() as cursor:
        cursor.execute("select program_id, role, project_id from pmo_held(%s, %s)", [found.by_id, at.date()])
        held = tuple(Held(*row) for row in cursor.fetchall())
    active = User.objects.filter(
        pk=found.by_id, is_active=True
    ).exists()  # under the program's lock, not before it
    if not active or not roles <= giving.givable(Access(user=found.by, held=held), found.program_id):
        raise Conflict(
            f"{found.by.name} may no longer give this role. Ask for a new invitation.", code="gone"
        )


def _person(found: Invitation, program: Program, account: User | None, name: str, password: str) -> User:
    if account is not None:
        if account.email != found.email:
            raise Refused("This invitation is for another address: sign out first.")
        if mailing.left(found):
            User.objects.filter(pk=account.pk, address_proven=False).update(address_proven=True)
        return account
    if User.objects.filter(email=found.email).exists():
        raise Conflict("There is an account with this address: sign in, then open the link again.")
    person = User(email=found.email, name=clean_name(name), time_zone=program.time_zone)
    profile.refuse_taken(person.name, [program.pk])
    try:
        validate_password(password, person)
    except ValidationError as error:
        raise Refused(" ".join(error.messages), field="password") from error
    return User.objects.create_user(
        person.email,
        password,
        name=person.name,
        time_zone=person.time_zone,
        address_proven=mailing.left(found),
    )
