"""Reads of the outbox: the keeper sees all of a program's rows, everybody else the mails written to them."""

from __future__ import annotations

from typing import Any

import nh3

from pmo.accounts.access import Access
from pmo.accounts.roles import Permission
from pmo.outbox.models import Outbox

MAIL = "mail.send"
# What a mail may show inside our page: words and tables. No links that load, no images, no styles, no classes.
SHOWN_TAGS = {
    "a", "b", "strong", "i", "em", "br", "p", "ul", "ol", "li", "h1", "h2", "h3",
    "table", "thead", "tbody", "tfoot", "tr", "th", "td", "span",
}  # fmt: skip
SHOWN_ATTRIBUTES = {"a": {"href"}, "td": {"colspan"}, "th": {"colspan", "scope"}}


def keeps(access: Access, program_id: int) -> bool:
    """Does this person look after the program's outbox?"""
    return access.may(Permission.MANAGE_OUTBOX, program_id)


def rows(access: Access, program_id: int) -> Any:
    """The rows this person may see, the latest first."""
    all_rows = Outbox.objects.filter(program_id=program_id).order_by("-pk")
    if keeps(access, program_id):
        return all_rows
    if access.user is None:
        return all_rows.none()
    return all_rows.filter(topic=MAIL, payload__recipient=access.user.pk)


def readable(access: Access, row: Outbox) -> bool:
    """May this person read the words of this mail? Its recipient, and who may see what it reports.

    Keeping the outbox is no right to figures: an administrator sees that a mail waits, not what it says.
    """
    if row.topic != MAIL:
        return False
    if access.user is not None and row.payload.get("recipient") == access.user.pk:
        return True
    return access.may(Permission(row.payload["permission"]), row.program_id)


def safe_html(html: str) -> str:
    """The mail's HTML reduced to what cannot act: no script, style, form, image or outside request."""
    return nh3.clean(
        html,
        tags=SHOWN_TAGS,
        attributes=SHOWN_ATTRIBUTES,
        url_schemes={"http", "https"},
        link_rel="noopener noreferrer",
    )
