"""Mails as outbox rows: written whole when their cause happens, sent when their turn comes.

What is promised (decisions.md 25): one row per recipient and occasion; never silently lost; a second copy, with the
same Message-ID, only after an unclear end of the SMTP conversation or a killed worker; then a person is asked.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connection

from pmo.accounts.access import Access, Held
from pmo.accounts.models import User
from pmo.accounts.roles import Permission
from pmo.outbox.models import Outbox
from pmo.outbox.services import enqueue

TOPIC = "mail.send"
LINK = "https://link.invalid/"  # stands in the words for a link that is not kept
MEDIA = {
    "pdf": ("application", "pdf"),
    "xlsx": ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "csv": ("text", "csv"),
}


def post(
    *,
    key: str,
    program_id: int,
    recipient: User,
    subject: str,
    text: str,
    html: str,
    attachments: Sequence[int] = (),
    permission: Permission = Permission.VIEW_PROGRAM,
    actor: User | None = None,
    due: datetime | None = None,
) -> Outbox:
    """Write one mail to one person into the running transaction; the same key twice is one mail.

    `subject`, `text` and `html` are final (figures of this moment); `attachments` are ids of artefacts; `permission`
    is what the recipient must hold in the program when the mail leaves.
    """
    payload = {
        "recipient": recipient.pk,
        "to": recipient.email,
        "name": recipient.name,
        "subject": one_line(subject),
        "text": text,
        "html": html,
        "attachments": [int(one) for one in attachments],
        "permission": permission.value,
    }
    return enqueue(topic=TOPIC, key=key, payload=payload, program_id=program_id, actor=actor, due=due)


@dataclass(frozen=True)
class Guests:
    """How a mail reaches people who have no account: what its link is now, and who may read it here.

    `link` gives the address that stands for LINK when the mail leaves, None where it is to leave no more; `reads`
    whether this person may see it on the outbox page, where no mail server takes it away. The outbox itself keeps
    the words and never the link.
    """

    link: Callable[[dict[str, Any]], str | None]
    reads: Callable[[Access, dict[str, Any]], bool]


_guests: dict[str, Guests] = {}


def welcome(kind: str, guests: Guests) -> None:
    """Declare a kind of mail to people without an account (once, when the app is ready)."""
    _guests[kind] = guests


def post_to_guest(
    *, key: str, program_id: int, guest: dict[str, Any], to: str, name: str, subject: str, text: str, html: str,
    permission: Permission, actor: User | None,
) -> Outbox:  # fmt: skip
    """Write one mail to an address without an account; LINK in its words becomes the link when it leaves.

    `guest` is for who declared its `kind`; `permission` is what is needed here to read the mail's words.
    """
    payload: dict[str, Any] = {
        "recipient": None,
        "guest": guest,
        "to": to,
        "name": name,
        "subject": one_line(subject),
        "text": text,
        "html": html,
        "attachments": [],
        "permission": permission.value,
    }
    return enqueue(topic=TOPIC, key=key, payload=payload, program_id=program_id, actor=actor)


def link_of(payload: dict[str, Any]) -> str | None:
    """The link of a guest's mail as it is now; None where the mail is to leave no more."""
    guest = payload["guest"]
    return _guests[guest["kind"]].link(guest)


def as_read(payload: dict[str, Any], access: Access, *, kept: bool) -> dict[str, Any]:
    """The words for the outbox page: with the link only where the mail stays here and this person may see it."""
    if not payload.get("guest"):
        return payload
    guest = payload["guest"]
    if not kept:
        return linked(payload, "(a link that only the mail has)")
    if not _guests[guest["kind"]].reads(access, guest):
        return linked(payload, "(no mail server is set: an administrator of the office reads the link here)")
    return linked(payload, link_of(payload) or "(a link that works no more)")


def linked(payload: dict[str, Any], link: str) -> dict[str, Any]:
    """The mail's words with this in the place of LINK."""
    return payload | {name: payload[name].replace(LINK, link) for name in ("text", "html")}


def one_line(text: str) -> str:
    """Text fit for a mail header: one line without control characters, at most 200 letters."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())[:200]


def message_id(key: str) -> str:
    """The same row always has the same Message-ID, so that a second copy can be recognised."""
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:40]}@{settings.MAIL_DOMAIN}>"


def message(*, key: str, payload: dict[str, Any], written_at: datetime) -> EmailMessage:
    """The mail as it goes over the wire: text, its HTML twin, attachments of the scope's program."""
    if payload.get("guest"):
        payload = linked(payload, link_of(payload) or LINK)
    made = EmailMessage()
    made["Message-ID"] = message_id(key)
    made["Date"] = format_datetime(written_at)
    made["From"] = settings.DEFAULT_FROM_EMAIL
    made["To"] = Address(display_name=one_line(payload["name"]), addr_spec=payload["to"])
    made["Subject"] = one_line(payload["subject"])
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(payload["text"])
    if payload["html"]:
        made.add_alternative(payload["html"], subtype="html")
    artefact_model: Any = apps.get_model("pmo", "Artefact")  # reports stand above the outbox
    for file in artefact_model.objects.filter(pk__in=payload["attachments"]).order_by("pk"):
        main, sub = MEDIA[file.format]
        made.add_attachment(bytes(file.content), maintype=main, subtype=sub, filename=file.name)
    return made


def sender() -> str:
    """The bare address of the office, for the envelope."""
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1]


def may_receive(*, user_id: int, program_id: int, permission: Permission, on: date) -> bool:
    """Is this person active, and do memberships in force on the day give the right in the program (or a part)?"""
    if not User.objects.filter(pk=user_id, is_active=True).exists():
        return False
    with connection.cursor() as cursor:
        cursor.execute("select program_id, role, project_id from pmo_held(%s, %s)", [user_id, on])
        held = tuple(Held(*row) for row in cursor.fetchall())
    return Access(user=None, held=held).may_somewhere(permission, program_id)
