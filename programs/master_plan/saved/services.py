"""Commands on saved views."""

from __future__ import annotations

from datetime import datetime

from pmo.accounts.access import current_access
from pmo.accounts.models import User
from pmo.accounts.roles import Permission
from pmo.refusals import NotAllowed, Refused
from programs.master_plan.models import PlanView
from programs.portfolio.models import Program

MOST = 100
"""Views that one person keeps of one program."""


def save_view(
    *, program: Program, name: str, query: str, shared: bool, by: User | None, at: datetime
) -> PlanView:
    """Keep what the plan shows under a name; one's own view of that name is replaced.

    `query` comes from `address.canonical`. To share it needs the right to edit the plan, in one project at least.
    """
    access = current_access()
    access.require(Permission.VIEW_PROGRAM, program.pk)
    if shared and not access.may_somewhere(Permission.EDIT_PLAN, program.pk):
        raise NotAllowed("Views are shared by those who edit the plan; yours is kept for you alone.")
    words = " ".join(name.replace("\x00", "").split())
    if not words or len(words) > 80:
        raise Refused("Give the view a name of at most 80 letters.", field="name")
    mine = PlanView.objects.filter(program_id=program.pk, owner=by)
    if mine.exclude(name=words).count() >= MOST:
        raise Refused(f"Nobody keeps more than {MOST} views: drop one first.", field="name")
    view, _ = PlanView.objects.update_or_create(
        program=program,
        owner=by,
        name=words,
        defaults={"query": query, "shared": shared, "saved_at": at},
    )
    return view


def drop_view(*, view: PlanView, by: User | None, at: datetime) -> None:
    """Drop one's own view; who may edit the program drops shared ones of others too."""
    if view.owner_id != (by.pk if by else None):
        if not view.shared:
            raise NotAllowed("This view is somebody else's.")
        current_access().require(Permission.EDIT_PROGRAM, view.program_id)
    view.delete()
