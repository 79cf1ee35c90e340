"""Commands on invitations: invite people, send the link again, withdraw it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from pmo.accounts.access import Access, current_access
from pmo.accounts.models import Membership, User
from pmo.accounts.roles import Permission, Role, clashes
from pmo.refusals import Conflict, Refused
from programs.people import links, mailing
from programs.people.models import Invitation, InvitedRole
from programs.people.wishes import Wish, clean_email, clean_name, refused_lines
from programs.portfolio import giving
from programs.portfolio import services as portfolio
from programs.portfolio.models import Program


@dataclass(slots=True)
class Invited:
    """What became of the wishes: invitations that were sent, and roles that were given at once."""

    invitations: list[Invitation] = field(default_factory=list)
    memberships: list[Membership] = field(default_factory=list)
    clashing: list[giving.Clash] = field(default_factory=list)


def sees(access: Access, person: User, program_id: int) -> bool:
    """May this person know that the other one has an account here?

    Who keeps members of the program as its administrator may, and an administrator of the office; everybody else
    only of people in the own programs. The others read the same, whether there is an account or not.
    """
    if access.system or (access.user is not None and access.user.is_administrator):
        return True
    if Role.ADMINISTRATOR in access.roles_in(program_id):
        return True
    return Membership.objects.filter(user=person, program_id__in=access.program_ids).exists()


def invite(
    *, program: Program, wishes: list[Wish], reason: str = "", agreed: str = "", by: User, at: datetime
) -> Invited:
    """Bring people into the program: all of them or nobody.

    Who has an account (that the inviter may know of) has the roles at once and gets a notice; the others get a mail
    with a link, with which they set a name and a password. Only roles that the inviter's own role gives, and none for
    oneself. `agreed` is the seal of a `RolesClash`. Raises Refused with `errors` by line where lines were pasted.
    """
    with transaction.atomic():
        access = current_access()
        access.require(Permission.MANAGE_MEMBERS, program.pk)
        Program.objects.select_for_update(no_key=True).get(pk=program.pk)  # limits count under this lock
        if not wishes:
            raise Refused("Name somebody.", field="email")
        if len(reason) > 400:
            raise Refused("The reason has at most 400 letters.", field="why")
        done, errors = Invited(), {}
        mailing.refuse_flood(program, by, _addresses(wishes), at)
        for wish in wishes:
            try:
                with transaction.atomic():
                    _one(done, program, wish, reason.strip(), by, at)
            except Refused as refusal:
                if not wish.line:
                    raise
                errors[f"line {wish.line}"] = [refusal.message]
        if errors:
            raise refused_lines(errors)
        giving.refuse_clashes(done.clashing, agreed)
        told: dict[int, list[Membership]] = {}
        for held in done.memberships:
            told.setdefault(held.user_id, []).append(held)
        for given in told.values():
            mailing.tell_of_roles(given, program, by)
        return done


def _addresses(wishes: list[Wish]) -> list[str]:
    """Those that are addresses; the others are refused each with its own words."""
    found = []
    for wish in wishes:
        with suppress(Refused):
            found.append(clean_email(wish.email))
    return found


def _one(done: Invited, program: Program, wish: Wish, why: str, by: User, at: datetime) -> None:
    email, name = clean_email(wish.email), clean_name(wish.name)
    if not wish.roles:
        raise Refused("Choose a role.", field="roles")
    for one in wish.roles:
        if one.role not in Role.values:
            raise Refused("There is no such role.", field="roles")
        if (one.role == Role.PROJECT_MANAGER) != (one.project is not None):
            raise Refused("A project manager needs a project, and no other role has one.", field="projects")
    if wish.until is not None and wish.until < at.date():
        raise Refused("The last day of a role is today or later.", field="until")
    access = current_access()
    wanted = [one.role for one in wish.roles]
    person = User.objects.filter(email=email).first()
    giving.require_gives(access, program.pk, wanted, person)
    if person is not None and sees(access, person, program.pk):
        if not person.is_active:
            raise Refused(f"{person.name} was deactivated and cannot sign in.", field="email")
        done.clashing += giving.clash_of(program.pk, person, wanted, at.date())
        for one in wish.roles:
            held = portfolio.enter_member(
                program=program,
                user=person,
                role=one.role,
                project=one.project,
                since=at.date(),
                until=wish.until,
            )
            done.memberships.append(held)
        return
    _unites(done, name, [], wanted)
    if Invitation.objects.filter(program=program, email=email, accepted_at=None, withdrawn_at=None).exists():
        raise Refused(
            f"{email} was invited already: send that invitation again, or withdraw it first.", field="email"
        )
    nonce, digest = links.new()
    made = Invitation.objects.create(
        program=program, email=email, name=name, until=wish.until, why=why, nonce=nonce, digest=digest,
        sent_at=at, expires_at=at + links.LIVES, by=by, at=at,
    )  # fmt: skip
    for one in wish.roles:
        InvitedRole(program=program, invitation=made, role=one.role, project=one.project).save(
            force_insert=True
        )
    mailing.send(made, program, by)
    done.invitations.append(made)


def _unites(done: Invited, name: str, held: list[str], wanted: list[str]) -> None:
    """Note what two persons should do and this one then would: asked for all of a list at once, before it counts."""
    if words := clashes(held, wanted):
        done.clashing.append((name, words))


def send_again(*, invitation: Invitation, by: User, at: datetime) -> Invitation:
    """Write the mail anew with another link, which lives seven days; the former link works no more."""
    return _changed(invitation, _renew, by, at)


def withdraw(*, invitation: Invitation, by: User, at: datetime) -> Invitation:
    """The link works no more, and a mail that has not left does not leave."""
    return _changed(invitation, _withdrawn, by, at)


def _changed(
    invitation: Invitation,
    deed: Callable[[Invitation, Program, User, datetime], None],
    by: User,
    at: datetime,
) -> Invitation:
    with transaction.atomic():
        program = Program.objects.select_for_update(no_key=True).get(pk=invitation.program_id)
        live: Invitation = (
            Invitation.objects.select_for_update(of=("self",)).select_related("by").get(pk=invitation.pk)
        )
        giving.require_gives(current_access(), program.pk, live.roles.values_list("role", flat=True))
        if live.state(at) in ("taken", "withdrawn"):
            raise Conflict(f"This invitation is {live.state(at)}: it stays as it is.")
        deed(live, program, by, at)
        return live


def _renew(live: Invitation, program: Program, by: User, at: datetime) -> None:
    if live.until is not None and live.until < at.date():
        raise Conflict("The last day of these roles is over: withdraw this invitation and invite anew.")
    mailing.refuse_flood(program, by, [live.email], at)
    live.nonce, live.digest = links.new()
    live.sent, live.sent_at, live.expires_at = live.sent + 1, at, at + links.LIVES
    live.by = by  # whose right it is to give these roles, when they are taken
    live.save(update_fields=["nonce", "digest", "sent", "sent_at", "expires_at", "by"])
    mailing.send(live, program, by)


def _withdrawn(live: Invitation, program: Program, by: User, at: datetime) -> None:
    live.withdrawn_at = at
    live.save(update_fields=["withdrawn_at"])
