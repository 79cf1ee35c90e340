"""Mails of invitations and roles: written with their cause, within the limits on sending."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from pmo import formats
from pmo.accounts.access import Access
from pmo.accounts.models import Membership, User
from pmo.accounts.roles import GRANTS, SENTENCES, Permission, Role
from pmo.outbox import mails
from pmo.outbox.models import Outbox
from pmo.refusals import Refused
from pmo.reports.renderers.mail import inlined
from pmo.zones import zone
from programs.people import links
from programs.people.models import Invitation
from programs.portfolio import giving
from programs.portfolio.models import Program

KIND = "invitation"
KEYS = Q(key__startswith="invitation:") | Q(key__startswith="role:")
MOST_AN_HOUR = 60
"""Mails of one person about invitations and roles in an hour, over all programs."""
MOST_TO_ONE = 4
"""Of a program to one address in a day."""


def refuse_flood(program: Program, by: User | None, to: list[str], at: datetime) -> None:
    """Raise Refused where a person would send too many mails, or one address get too many. Call it under the lock.

    Whoever sends in two programs at once waits here: what she sent is counted over all of them.
    """
    rows = Outbox.objects.filter(KEYS, program_id=program.pk, topic=mails.TOPIC)
    mine = 0
    if by is not None:
        with connection.cursor() as cursor:
            cursor.execute("select pmo_folk_mails(%s, %s)", [by.pk, at - timedelta(hours=1)])
            mine = int(cursor.fetchone()[0])
    if by is not None and mine + len(to) > MOST_AN_HOUR:
        raise Refused(
            f"You send at most {MOST_AN_HOUR} such mails in an hour; {mine} went. Try again later.",
            code="too-many",
        )
    today = rows.filter(created_at__gt=at - timedelta(days=1))
    for address in to:
        if today.filter(payload__to=address).count() >= MOST_TO_ONE:
            raise Refused(
                f"{address} got {MOST_TO_ONE} such mails since yesterday. Try again tomorrow.",
                code="too-many",
            )


def roles_in_words(invitation: Invitation) -> list[dict[str, str]]:
    """Each role that waits: what it is called, where, and what one does in it."""
    return [
        {
            "role": Role(one.role).label,
            "project": one.project.code if one.project else "",
            "does": SENTENCES[one.role],
        }
        for one in invitation.roles.select_related("project").order_by("pk")
    ]


def send(invitation: Invitation, program: Program, by: User | None) -> None:
    """Write the mail with the link of now."""
    context = {
        "invitation": invitation,
        "program": program,
        "inviter": invitation.by,
        "roles": roles_in_words(invitation),
        "until": formats.day(invitation.until) if invitation.until else "",
        "expires": f"{formats.moment(invitation.expires_at, zone(program.time_zone))} ({program.time_zone})",
        "link": mails.LINK,
    }
    mails.post_to_guest(
        key=f"invitation:{invitation.pk}:{invitation.sent}",
        program_id=program.pk,
        guest={"kind": KIND, "id": invitation.pk, "sent": invitation.sent},
        to=invitation.email,
        name=invitation.name,
        subject=f"{invitation.by.name} invites you to {program.name}",
        text=render_to_string("emails/invitation.txt", context),
        html=inlined(render_to_string("emails/invitation.html", context)),
        permission=Permission.MANAGE_MEMBERS,
        actor=by,
    )


def tell_of_roles(given: Sequence[Membership], program: Program, by: User | None) -> None:
    """Who has an account is told of new roles: one mail for all that one person gets at once."""
    sees = any(Permission.VIEW_PROGRAM in GRANTS[one.role] for one in given)
    opens = Permission.VIEW_PROGRAM if sees else Permission.MANAGE_MEMBERS
    page = "governance:dashboard" if sees else "programs:members"
    first = given[0]
    context = {
        "recipient": first.user.name,
        "program": program,
        "by": by.name if by else "The office",
        "what": "a role" if len(given) == 1 else f"{len(given)} roles",
        "roles": [
            {
                "role": one.get_role_display(),
                "does": SENTENCES[one.role],
                "project": one.project.code if one.project else "",
                "until": formats.day(one.valid_to) if one.valid_to else "",
            }
            for one in given
        ],
        "url": settings.SITE_URL.rstrip("/") + reverse(page, kwargs={"code": program.code}),
    }
    mails.post(
        key=f"role:{first.pk}",
        program_id=program.pk,
        recipient=first.user,
        subject=f"You have {context['what']} in {program.name}",
        text=render_to_string("emails/role.txt", context),
        html=inlined(render_to_string("emails/role.html", context)),
        permission=opens,
        actor=by,
    )


def _sent_now(guest: dict[str, Any]) -> Invitation | None:
    """The invitation of a mail, if that mail is the latest one."""
    found: Invitation | None = Invitation.objects.filter(pk=guest["id"], sent=guest["sent"]).first()
    return found


def _link(guest: dict[str, Any]) -> str | None:
    found = _sent_now(guest)
    if found is None or found.state(timezone.now()) != "open":
        return None
    text = links.secret_of(found)
    return links.address(text) if text else None


def left(invitation: Invitation) -> bool:
    """Did its latest link leave by mail? Else it was read on the outbox page: whoever has it proves no address."""
    key = f"{KIND}:{invitation.pk}:{invitation.sent}"
    return not Outbox.objects.filter(key=key, state=Outbox.State.KEPT).exists()


def _reads(access: Access, guest: dict[str, Any]) -> bool:
    """Who sees the link could take the invitation under somebody else's address, and keep the account.

    So only an administrator of the office does, who may give all of its roles; who invited passes nothing on.
    """
    found = _sent_now(guest)
    if found is None or access.user is None or not access.user.is_administrator:
        return False
    wanted = set(found.roles.values_list("role", flat=True))
    return wanted <= giving.givable(access, found.program_id)


mails.welcome(KIND, mails.Guests(link=_link, reads=_reads))
