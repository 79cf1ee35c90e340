"""Commands on programs and their members."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Q, Value
from django.db.models.functions import Greatest

from pmo.accounts.access import current_access
from pmo.accounts.models import Membership, User
from pmo.accounts.roles import Permission, Role
from pmo.refusals import Conflict, NotAllowed, Refused
from pmo.scope import widen
from programs.portfolio import giving
from programs.portfolio.models import Program, Project


def may_begin(user: User | None) -> bool:
    """May this person begin a program: an administrator of the office, or PMO staff or administrator of a program.

    Needs the person present: an API token does not make roles.
    """
    access = current_access()
    if access.system:
        return True
    if user is None or access.by_token or access.user is None or access.user.pk != user.pk:
        return False
    return user.is_administrator or bool(access.programs_with(Permission.BEGIN_PROGRAM))


def require_may_begin(user: User | None) -> None:
    """Raise NotAllowed, in words, unless `may_begin`, or the office itself works."""
    if user is None or may_begin(user):
        return
    if current_access().by_token:
        raise NotAllowed(
            "This needs a person present: an API token cannot begin a program.", code="person-needed"
        )
    raise NotAllowed("Only PMO staff and administrators can begin a program.")


def create_program(
    *,
    code: str,
    name: str,
    currency: str,
    starts_at: datetime,
    by: User | None,
    at: datetime,
    lead: bool = False,
    **more: Any,
) -> Program:
    """Make a program; the person who makes it becomes its administrator (who sees members, no money).

    `lead`: and its program manager. Only who `may_begin`, or the office itself (command line), may.
    """
    require_may_begin(by)
    with connection.cursor() as cursor:
        cursor.execute("select nextval(pg_get_serial_sequence('programs_program', 'id'))")
        pk = cursor.fetchone()[0]
    widen(pk)  # the row must lie in the scope of the command that writes it
    if lead and by is not None:
        more["manager"] = by
    program = Program(pk=pk, code=code, name=name, currency=currency, starts_at=starts_at, **more)
    try:
        program.clean_fields(exclude=["sponsor", "manager", "calendar"])
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise Refused(messages[0], field=field) from error
    program.save(force_insert=True)
    if by is not None:
        for role in (Role.ADMINISTRATOR, Role.PROGRAM_MANAGER) if lead else (Role.ADMINISTRATOR,):
            Membership.objects.create(program=program, user=by, role=role, valid_from=at.date())
    return program


def add_member(
    *,
    program: Program,
    user: User,
    role: str,
    by: User | None,
    at: datetime,
    project: Project | None = None,
    valid_from: date | None = None,
    valid_to: date | None = None,
    agreed: str = "",
) -> Membership:
    """Give a person a role in a program (a project manager: in one project of it), from today unless said otherwise.

    Only a role that the giver's own role gives, and never to oneself. `agreed` is the seal of a `RolesClash`: rights
    that two persons should hold are united knowingly.
    """
    giving.require_gives(current_access(), program.pk, [role], user)
    if not user.is_active:
        raise Refused(f"{user.name} was deactivated and cannot sign in.", field="user")
    day = at.date()
    if valid_to is not None and valid_to < day:
        raise Refused("The last day of a role is today or later.", field="until")
    if not current_access().system:
        giving.refuse_clash(program.pk, user, [role], day, agreed)
    return enter_member(
        program=program, user=user, role=role, project=project, since=valid_from or day, until=valid_to
    )


def enter_member(
    *, program: Program, user: User, role: str, project: Project | None, since: date, until: date | None
) -> Membership:
    """The row itself, where the right to give the role was asked before. `since` and `until` both count."""
    if role == Role.PROJECT_MANAGER and project is None:
        raise Refused("A project manager needs a project.", field="project")
    if role != Role.PROJECT_MANAGER and project is not None:
        raise Refused("Only a project manager's role is limited to a project.", field="project")
    held = Membership.objects.filter(program=program, user=user, role=role, project=project)
    if held.filter(Q(valid_to=None) | Q(valid_to__gte=Greatest("valid_from", Value(since)))).exists():
        raise Refused(f"{user.name} holds this role already.", field="user")
    return Membership.objects.create(
        program=program, user=user, role=role, project=project, valid_from=since, valid_to=until
    )


def held_on(program: Program, user: User, role: str, project: Project | None, day: date) -> Membership | None:
    """Just this role of the person, as held on the day; None where it is not."""
    rows = Membership.objects.filter(
        program=program, user=user, role=role, project=project, valid_from__lte=day
    )
    return rows.filter(Q(valid_to=None) | Q(valid_to__gte=day)).first()


def change_membership(
    *, membership: Membership, until: date | None, by: User | None, at: datetime
) -> Membership:
    """Say another last day of a role (None: without end). One's own is shortened at most."""
    with transaction.atomic():
        live = _locked(membership)
        longer = live.valid_to is not None and (until is None or until > live.valid_to)
        giving.require_ends(current_access(), live.program_id, live.role, longer=longer)
        if live.valid_to is not None and live.valid_to < at.date():
            raise Conflict("This role has ended: give it again.")
        if until is not None and until < max(at.date(), live.valid_from):
            raise Refused("The last day is today or later: to end it now, end it.", field="until")
        if by is not None and live.user_id == by.pk and longer:
            raise NotAllowed(
                "Nobody prolongs an own role: somebody else who may has to do it.", field="until"
            )
        if until is not None:
            giving.keep_a_lead(live, until, at.date())
        live.valid_to = until
        live.save(update_fields=["valid_to"])
        return live


def end_membership(*, membership: Membership, by: User | None, at: datetime) -> Membership:
    """End a role today: from the next request on it opens nothing. Ended already, it stays as it is."""
    with transaction.atomic():
        live = _locked(membership)
        giving.require_ends(current_access(), live.program_id, live.role)
        return end_now(live, at.date())


def end_now(live: Membership, day: date) -> Membership:
    """The end itself: the last day that counts is yesterday, and what began today never counted.

    The last manager and administrator stay.
    """
    yesterday = day - timedelta(days=1)
    if live.valid_to is not None and live.valid_to <= yesterday:
        return live
    giving.keep_a_lead(live, yesterday, day)
    live.valid_to = yesterday
    live.valid_from = min(live.valid_from, day)
    live.save(update_fields=["valid_from", "valid_to"])
    return live


def _locked(membership: Membership) -> Membership:
    """The row, after the program's: two who end the two last managers at once meet there."""
    Program.objects.select_for_update(no_key=True).get(pk=membership.program_id)
    live: Membership = (
        Membership.objects.select_for_update(of=("self",)).select_related("user").get(pk=membership.pk)
    )
    return live
