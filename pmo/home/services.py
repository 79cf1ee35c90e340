"""Commands on what a person keeps for herself: her API tokens."""

from __future__ import annotations

from datetime import datetime, timedelta

from pmo.accounts.access import current_access
from pmo.accounts.models import ApiToken, User
from pmo.refusals import NotAllowed, Refused

MOST_DAYS = 365


def make_token(
    *, name: str, allows: str, days: int, program_ids: list[int], by: User | None, at: datetime
) -> tuple[ApiToken, str]:
    """Make a named token for the person; its text is given once and kept only as a hash.

    `allows` is a value of ApiToken.Scope; `days` until it expires, 1 to 365. `program_ids` narrows
    it; none means all programs of the person. A token cannot make tokens.
    """
    access = current_access()
    if by is None or access.by_token:
        raise NotAllowed(
            "This needs a person present: an API token cannot make tokens.", code="person-needed"
        )
    if not 1 <= days <= MOST_DAYS:
        raise Refused("A token lives from 1 to 365 days.", field="days")
    if allows not in ApiToken.Scope.values:
        raise Refused("A token reads, or reads and writes.", field="scope")
    if not name.strip():
        raise Refused("Give it a name that says what uses it.", field="name")
    foreign = set(program_ids) - set(access.program_ids)
    if foreign:
        raise Refused("You hold no role in one of these programs.", field="programs")
    token, text = ApiToken.objects.create(
        user=by, expiry=timedelta(days=days), name=name.strip()[:80], scope=allows
    )
    token.programs.set(program_ids)
    return token, text


def revoke_token(*, digest: str, by: User | None, at: datetime) -> None:
    """End a token of the person at once."""
    if by is None or current_access().by_token:
        raise NotAllowed("This needs a person present.", code="person-needed")
    ApiToken.objects.filter(user=by, digest=digest).delete()
