"""Commands on calendar feeds: make one (its address is given once), end one."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime

from pmo.accounts.access import current_access
from pmo.accounts.models import User
from pmo.accounts.roles import Permission
from pmo.refusals import NotAllowed, Refused
from programs.portfolio.models import Program

from .models import CalendarFeed

MOST = 10
"""Open feeds of one person in one program."""
SECRET_BYTES = 32


def make(*, program: Program, name: str, by: User | None, at: datetime) -> tuple[CalendarFeed, str]:
    """Make an address for the person's calendar; returns the feed and the text that stands in the address.

    That text names the person and holds a secret of 256 bits, of which only a hash is kept. A person must be
    present: an API token makes none. Raises NotAllowed, and Refused without a name or beyond `MOST`.
    """
    access = current_access()
    if by is None or access.by_token:
        raise NotAllowed(
            "This needs a person present: an API token cannot make addresses.", code="person-needed"
        )
    access.require(Permission.VIEW_PROGRAM, program.pk)
    if not name.strip():
        raise Refused("Give it a name that says which calendar reads it.", field="name")
    mine = CalendarFeed.objects.filter(program_id=program.pk, user=by, ended_at=None)
    if mine.count() >= MOST:
        raise Refused(f"You have {MOST} open addresses in this program: end one first.", field="name")
    secret = secrets.token_urlsafe(SECRET_BYTES)
    feed = CalendarFeed.objects.create(
        program=program, user=by, name=name.strip()[:80], digest=digest_of(secret), made_at=at
    )
    return feed, f"{by.pk}.{secret}"


def end(*, feed: CalendarFeed, by: User | None, at: datetime) -> CalendarFeed:
    """End an address of one's own at once; ended already, it stays as it is. Raises NotAllowed for another's."""
    if by is None or current_access().by_token or feed.user_id != by.pk:
        raise NotAllowed("Only the person whose address it is can end it.", code="person-needed")
    found: CalendarFeed = CalendarFeed.objects.select_for_update(no_key=True).get(pk=feed.pk)
    if found.ended_at is None:
        found.ended_at = at
        found.save(update_fields=["ended_at"])
    return found


def digest_of(secret: str) -> str:
    """What is kept of a secret. It is as random as a key, so that one plain hash is enough."""
    return hashlib.sha256(secret.encode()).hexdigest()
