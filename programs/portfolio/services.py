"""Commands on programs and their members."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection

from pmo.accounts.access import current_access
from pmo.accounts.models import Membership, User
from pmo.accounts.roles import Permission, Role
from pmo.refusals import NotAllowed, Refused
from pmo.scope import widen
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
) -> Membership:
    """Give a person a role in a program (a project manager: in one project of it)."""
    current_access().require(Permission.MANAGE_MEMBERS, program.pk)
    if role == Role.PROJECT_MANAGER and project is None:
        raise Refused("A project manager needs a project.", field="project")
    if role != Role.PROJECT_MANAGER and project is not None:
        raise Refused("Only a project manager's role is limited to a project.", field="project")
    if Membership.objects.filter(program=program, user=user, role=role, project=project).exists():
        raise Refused(f"{user.name} holds this role already.", field="user")
    return Membership.objects.create(
        program=program,
        user=user,
        role=role,
        project=project,
        valid_from=valid_from or at.date(),
        valid_to=valid_to,
    )


def end_membership(*, membership: Membership, by: User | None, at: datetime) -> Membership:
    """End a role today: from the next request on it opens nothing."""
    current_access().require(Permission.MANAGE_MEMBERS, membership.program_id)
    yesterday = date.fromordinal(at.date().toordinal() - 1)
    membership.valid_to = (
        max(yesterday, membership.valid_from) if membership.valid_from <= yesterday else yesterday
    )
    if membership.valid_to < membership.valid_from:
        membership.valid_from = membership.valid_to
    membership.save(update_fields=["valid_from", "valid_to"])
    return membership
