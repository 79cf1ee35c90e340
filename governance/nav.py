"""Entries of governance in the navigation; the count is what waits for one's own vote."""

from typing import Any

from django.http import HttpRequest

from governance.decisions.selectors import waiting_for
from pmo.accounts.roles import Permission as P
from pmo.shell import Item, register


def my_votes(request: HttpRequest, program: Any) -> int:
    """Open ballots in which my vote is missing; asks the database only for those who may vote at all."""
    if not request.access.may(P.VOTE, program.pk):  # type: ignore[attr-defined]
        return 0
    return waiting_for(program.pk, request.user).count()


register(
    Item("Overview", "Dashboard", "governance:dashboard", P.VIEW_PROGRAM, 10),
    Item("Overview", "Since last meeting", "governance:since", P.VIEW_PROGRAM, 20),
    Item("Overview", "Ratings", "governance:ratings", P.VIEW_PROGRAM, 15),
    Item("Govern", "Decisions", "governance:decisions", P.VIEW_PROGRAM, 10, my_votes),
    Item("Govern", "Meetings", "governance:meetings", P.VIEW_PROGRAM, 12),
    Item("Govern", "Action items", "governance:actions", P.VIEW_PROGRAM, 14),
    Item("Govern", "Escalations", "governance:escalations", P.VIEW_PROGRAM, 16),
    Item("Govern", "Bodies", "governance:bodies", P.VIEW_PROGRAM, 20),
    Item("Govern", "Authority", "governance:authority", P.VIEW_PROGRAM, 30, more=True),
)
