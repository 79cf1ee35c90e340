"""Authorising, pausing, resuming, closing and reopening component projects, each with its reason.

The database holds the same rules (migration): which state follows which, who may, what a project that is not active
takes no more. Facts (cost, progress that was measured) are never refused for a state.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.db.models import QuerySet

from pmo.accounts.access import Access, current_access
from pmo.accounts.models import User
from pmo.accounts.roles import Permission
from pmo.refusals import Conflict, NotAllowed, Refused
from pmo.warrants import Warrant
from programs.benefits import services as benefits
from programs.lives.models import ProjectMove
from programs.portfolio.models import Program, Project

State = Project.State
CLOSED = (State.COMPLETE, State.CANCELLED)


class Deed(NamedTuple):
    """What a person does: from which states, to which, in words, and whether a decision must allow it."""

    sources: tuple[str, ...]
    target: str
    label: str
    done: str
    decided: bool = False


DEEDS: dict[str, Deed] = {
    "authorise": Deed((State.PROPOSED,), State.ACTIVE, "Authorise", "authorised"),
    "pause": Deed((State.ACTIVE,), State.ON_HOLD, "Pause", "paused"),
    "resume": Deed((State.ON_HOLD,), State.ACTIVE, "Resume", "resumed"),
    "complete": Deed(
        (State.ACTIVE, State.ON_HOLD), State.COMPLETE, "Close as complete", "closed as complete"
    ),
    "cancel": Deed(
        (State.PROPOSED, State.ACTIVE, State.ON_HOLD), State.CANCELLED, "Close as cancelled", "cancelled"
    ),
    "reopen": Deed(CLOSED, State.ACTIVE, "Reopen", "reopened", decided=True),
}
TAKES_NOTHING = {
    State.PROPOSED: "is not authorised yet",
    State.ON_HOLD: "is paused",
    State.COMPLETE: "is complete",
    State.CANCELLED: "is cancelled",
}


def deeds_of(project: Project) -> dict[str, Deed]:
    """What can be done in the project's state."""
    return {name: deed for name, deed in DEEDS.items() if project.state in deed.sources}


def may(access: Access, project: Project) -> bool:
    """May this person decide about the project's life? Its own manager may not."""
    person = access.user
    return access.may(Permission.EDIT_PROGRAM, project.program_id) and (
        person is None or person.pk != project.manager_id
    )


def moves(project: Project) -> QuerySet[ProjectMove]:
    """Everything that happened to the project's state, the newest first."""
    rows: QuerySet[ProjectMove] = ProjectMove.objects.filter(project=project)
    return rows.select_related("by", "warrant").order_by("-pk")


def named(program: Program, number: str) -> Warrant | None:
    """The approval that a decision of this number (`D-17`) gave, None for no number; Refused where it gave none."""
    text = number.strip()
    if not text:
        return None
    found: Warrant | None = (
        Warrant.objects.filter(program=program, number__iexact=text).order_by("pk").first()
    )
    if found is None:
        raise Refused(f"No decision {text[:40]} of this program approved anything.", field="decision")
    return found


def move(
    *,
    project: Project,
    version: int,
    deed: str,
    reason: str,
    by: User,
    at: datetime,
    decision: str = "",
    lost: str = "",
) -> Project:
    """Do one of `DEEDS` to a project, with its reason and, where a decision allowed it, that decision's number.

    `version` is the project's as it was shown. By who keeps the program, and never by the project's own manager. To
    reopen a closed project a decision is needed. `lost` is what was shown to lose its last contributor by a
    cancellation (`programs.benefits.selectors.seal`); another loss than that is a Conflict.
    """
    with transaction.atomic():
        live: Project = (
            Project.objects.select_for_update(of=("self",)).select_related("program").get(pk=project.pk)
        )
        access = current_access()
        access.require(Permission.EDIT_PROGRAM, live.program_id)
        if not may(access, live):
            raise NotAllowed("The manager of a project does not decide on its life.")
        if live.version != version:
            raise Conflict("Somebody changed this project after you opened it.", code="changed")
        wanted = DEEDS.get(deed)
        if wanted is None:
            raise Refused("Say what is to be done.", field="deed")
        if live.state not in wanted.sources:
            raise Refused(
                f"{live.code} is {live.get_state_display().lower()}: that does not follow.", field="deed"
            )
        words = reason.strip()
        if not words or len(words) > 1000:
            raise Refused("Say why, in up to 1,000 characters.", field="reason")
        warrant = named(live.program, decision)
        if wanted.decided and warrant is None:
            raise Refused("A closed project is reopened by a decision: name it.", field="decision")
        if wanted.target == State.CANCELLED:
            benefits.cancelling(live, lost)
        ProjectMove(
            program_id=live.program_id,
            project=live,
            was=live.state,
            became=wanted.target,
            reason=words,
            warrant=warrant,
            by=by,
            at=at,
        ).save(force_insert=True)
        live.refresh_from_db()
        return live


def stays(code: str) -> str:
    """What is said of a closed project's plan; the database says it in the same words (migration)."""
    return f"{code} is closed: its plan stays as it is."


def refuse_planning(project: Project) -> None:
    """Refused, in words, where the project is closed: neither its activities nor their links and people change."""
    if project.state in CLOSED:
        raise Refused(stays(project.code), code="closed")


def refuse_promise(project: Project) -> None:
    """Refused, in words, unless the project is active: what is not authorised, paused or closed promises nothing."""
    state = Project.objects.values_list("state", flat=True).get(pk=project.pk)
    if state in TAKES_NOTHING:
        said = TAKES_NOTHING[State(state)]
        raise Refused(
            f"{project.code} {said}: it takes no new request, contract or order.", code="not-active"
        )
