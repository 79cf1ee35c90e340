"""Benefits are linked to what contributes; whatever takes the last contributor away says so first."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Q

from pmo.accounts.access import current_access
from pmo.accounts.models import User
from pmo.accounts.roles import Permission
from pmo.refusals import Conflict, Refused
from programs.benefits import selectors
from programs.benefits.models import Contribution
from programs.deliverables.models import Deliverable
from programs.portfolio.models import Objective, Project

CHANGED = "Somebody changed this after you opened it: look at it again, then save."


def _checked(row: Any) -> None:
    try:
        row.full_clean(validate_constraints=False, validate_unique=False)
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise Refused(messages[0], field=field) from error


def link(
    *,
    objective: Objective,
    version: int,
    how: str,
    by: User | None,
    at: datetime,
    project: Project | None = None,
    deliverable: Deliverable | None = None,
) -> Contribution:
    """Say that a project, or one deliverable, contributes to a benefit, and how."""
    with transaction.atomic():
        live = _locked(objective)
        current_access().require(Permission.EDIT_PROGRAM, live.program_id)
        if live.version != version:
            raise Conflict(CHANGED, code="changed")
        if (project is None) == (deliverable is None):
            raise Refused("Name a project or a deliverable, one of them.", field="contributor")
        if live.retired_at is not None:
            raise Refused(f"{live.code} is retired: nothing contributes to it any more.")
        if not how.strip():
            raise Refused("Say how it contributes.", field="how")
        if (
            deliverable is not None
            and Deliverable.objects.filter(pk=deliverable.pk, withdrawn_at=None).first() is None
        ):
            raise Refused(f"{deliverable.code} is withdrawn: it contributes nothing.", field="contributor")
        same = Contribution.objects.filter(objective=live, project=project, deliverable=deliverable)
        if same.exists():
            raise Refused("It contributes to this benefit already.", field="contributor")
        made = Contribution(
            program_id=live.program_id,
            objective=live,
            project=project,
            deliverable=deliverable,
            how=how.strip(),
        )
        _checked(made)
        made.save(force_insert=True)
        live.version += 1
        live.save(update_fields=["version"])
        return made


def reword(
    *, contribution: Contribution, how: str, version: int, by: User | None, at: datetime
) -> Contribution:
    """Say otherwise how something contributes; `version` is the benefit's as it was seen."""
    with transaction.atomic():
        current_access().require(Permission.EDIT_PROGRAM, contribution.program_id)
        benefit = _locked(contribution.objective)
        live = Contribution.objects.select_for_update().filter(pk=contribution.pk).first()
        if live is None or benefit.version != version:
            raise Conflict(CHANGED, code="changed")
        if not how.strip():
            raise Refused("Say how it contributes.", field="how")
        live.how = how.strip()
        _checked(live)
        live.save(update_fields=["how"])
        benefit.version += 1
        benefit.save(update_fields=["version"])
        return live


def unlink(*, contribution: Contribution, lost: str, by: User | None, at: datetime) -> None:
    """Take a contribution away; `lost` is what was shown to lose its last contributor (`selectors.seal`)."""
    with transaction.atomic():
        current_access().require(Permission.EDIT_PROGRAM, contribution.program_id)
        _held([contribution.objective_id])  # before its contributions are read: of two people one waits here
        live = Contribution.objects.select_for_update().filter(pk=contribution.pk).first()
        if live is None:
            raise Conflict(CHANGED, code="changed")
        _known(selectors.losing(live.program_id, links=[live.pk]), lost)
        live.delete()


def cancelling(project: Project, lost: str) -> None:
    """Called before a project is cancelled: its benefits are held, and lose nothing but what was shown (`lost`)."""
    mine = Q(project=project) | Q(deliverable__project=project)
    _held(Contribution.objects.filter(mine).values_list("objective_id", flat=True))
    _known(selectors.losing(project.program_id, project=project.pk), lost)


def _held(objectives: Iterable[int]) -> None:
    """Lock the benefits, in one order, and count them changed: what contributes to them does."""
    ids = sorted(set(objectives))
    if not ids:
        return
    rows = Objective.objects.select_for_update(of=("self",)).filter(pk__in=ids)
    list(rows.order_by("pk").values_list("pk", flat=True))
    Objective.objects.filter(pk__in=ids).update(version=F("version") + 1)


def _known(losing: list[Objective], shown: str) -> None:
    if selectors.seal(losing) != shown:
        named = selectors.in_words(losing) or "no benefit"
        raise Conflict(f"It would take the last contributor from {named}: look at it again.", code="changed")


def _locked(objective: Objective) -> Objective:
    live: Objective = (
        Objective.objects.select_for_update(of=("self",)).select_related("program").get(pk=objective.pk)
    )
    return live
