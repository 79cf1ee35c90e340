"""Commands on the risk register."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError

from pmo.accounts.access import current_access
from pmo.accounts.models import User
from pmo.accounts.roles import Permission
from pmo.refusals import Conflict, Refused
from programs.portfolio.models import Program
from programs.raid import issues
from programs.raid.models import Risk

FIELDS = frozenset(
    {
        "project",
        "code",
        "title",
        "cause",
        "event",
        "effect",
        "probability",
        "impact",
        "exposure_minor",
        "exposure_days",
        "response",
        "owner",
        "state",
        "due_on",
    }
)


def _check(risk: Risk) -> None:
    for name in ("probability", "impact"):
        if not 1 <= (getattr(risk, name) or 0) <= 5:
            raise Refused("Probability and impact are from 1 to 5.", field=name)
    if risk.project is not None and risk.project.program_id != risk.program_id:
        raise Refused("That project belongs to another program.", field="project")
    try:
        risk.full_clean(validate_constraints=False, validate_unique=False)
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise Refused(messages[0], field=field) from error


def add(*, program: Program, values: Mapping[str, Any], by: User | None, at: datetime) -> Risk:
    """Record a risk. Money in minor units of the program's currency, delays in working days."""
    project = values.get("project")
    current_access().require(Permission.EDIT_RISKS, program.pk, project.pk if project else None)
    if set(values) - FIELDS:
        raise Refused("This cannot be recorded here.", code="not-editable")
    if Risk.objects.filter(program=program, code=values.get("code", "")).exists():
        raise Refused("The register has a risk of this code already.", field="code")
    risk = Risk(program=program, raised_on=at.date(), **values)
    _check(risk)
    risk.save()
    return _followed(risk, "", by, at)


def edit(
    *, risk_id: int, changes: Mapping[str, Any], version: int | None, by: User | None, at: datetime
) -> Risk:
    """Change a risk; `version` is the one the person saw."""
    risk = Risk.objects.select_for_update(of=("self",)).select_related("project").get(pk=risk_id)
    access = current_access()
    access.require(Permission.EDIT_RISKS, risk.program_id, risk.project_id)
    if set(changes) - FIELDS:
        raise Refused("This cannot be edited here.", code="not-editable")
    if version is not None and version != risk.version:
        raise Conflict("Somebody changed this risk after you opened it.", code="changed")
    before = risk.state
    for name, value in changes.items():
        setattr(risk, name, value)
    access.require(Permission.EDIT_RISKS, risk.program_id, risk.project_id)
    _check(risk)
    risk.version += 1
    risk.save()
    return _followed(risk, before, by, at)


def occur(*, risk_id: int, version: int, by: User | None, at: datetime) -> issues.Issue:
    """The risk occurred: it is an issue from now on, with its words, owner and project, in one act."""
    edit(risk_id=risk_id, changes={"state": Risk.State.OCCURRED}, version=version, by=by, at=at)
    return issues.Issue.objects.get(risk_id=risk_id)


def _followed(risk: Risk, before: str, by: User | None, at: datetime) -> Risk:
    """A risk that occurred is an issue, however it was said; `before` is the state that it was in."""
    if risk.state == Risk.State.OCCURRED:
        issues.occurred(risk=risk, by=by, at=at, just_now=before != Risk.State.OCCURRED)
    return risk
