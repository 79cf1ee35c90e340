"""Everything that can happen to a budget policy: a clause is added, changed, ended, each for a reason."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from finance.engine.clause_kinds import KINDS, checked
from finance.engine.conformity import Kind
from finance.policy import guard
from finance.policy.models import PolicyClause
from finance.structure import periods
from pmo.accounts.access import current_access
from pmo.accounts.models import User
from pmo.accounts.roles import Permission
from pmo.refusals import Conflict, Refused
from programs.portfolio.models import Program, Project

Action = PolicyClause.Action


def add(
    *,
    program: Program,
    code: str,
    kind: str,
    parameters: Mapping[str, Any],
    action: str,
    from_day: date,
    by: User | None,
    at: datetime,
    text: str = "",
    issue_days: int | None = None,
    project: Project | None = None,
) -> PolicyClause:
    """Put a clause into the policy, in force from a day on; what it finds is found at once.

    With `project` it looks at that project only, for as long as it holds.
    With `issue_days` each finding becomes an issue by itself, due in so many days.
    Parameters as `finance.engine.clause_kinds` describes them (money in minor units, percentages as text).
    Raises Refused at the field that does not fit.
    """
    current_access().require(Permission.EDIT_POLICY, program.pk)
    clause = PolicyClause(
        program=program,
        code=code.strip().upper(),
        kind=kind,
        parameters=dict(parameters),
        action=action,
        text=text.strip(),
        issue_days=issue_days,
        from_day=from_day,
        project=project,
    )
    if project is not None and project.program_id != program.pk:
        raise Refused("The project belongs to another program.", field="project")
    _check(clause)
    if PolicyClause.objects.filter(program=program, code=clause.code).exists():
        raise Refused("The policy has a clause of this code already.", field="code")
    with transaction.atomic():
        clause.save(force_insert=True)
        guard.noted(program, at=at)
    return clause


def change(
    *,
    clause: PolicyClause,
    version: int,
    parameters: Mapping[str, Any],
    action: str,
    text: str,
    reason: str,
    by: User | None,
    at: datetime,
    issue_days: int | None = None,
) -> PolicyClause:
    """Change what a clause in force asks for, from now on; the history keeps what it asked for before.

    `version` is the one the person saw: a change in between is a Conflict. Without `issue_days` its findings are no
    longer issues by themselves.
    """
    with transaction.atomic():
        found = _lock(clause)
        current_access().require(Permission.EDIT_POLICY, found.program_id)
        if found.version != version:
            raise Conflict("Somebody changed this clause after you opened it.", code="changed")
        if found.to_day is not None:
            raise Refused(f"{found.code} was ended and stays as it was. Add a new clause instead.")
        _say_why(reason)
        found.parameters, found.action, found.text = dict(parameters), action, text.strip()
        found.issue_days = issue_days
        _check(found)
        found.version += 1
        found.save(update_fields=["parameters", "action", "text", "issue_days", "version"])
        guard.noted(found.program, at=at)
        return found


def end(*, clause: PolicyClause, version: int, reason: str, by: User | None, at: datetime) -> PolicyClause:
    """Take a clause out of the policy from today on; its open findings are cleared."""
    with transaction.atomic():
        found = _lock(clause)
        current_access().require(Permission.EDIT_POLICY, found.program_id)
        if found.version != version:
            raise Conflict("Somebody changed this clause after you opened it.", code="changed")
        if found.to_day is not None:
            raise Conflict(f"{found.code} was ended already.")
        _say_why(reason)
        found.to_day = max(periods.local_day(found.program, at), found.from_day)
        found.version += 1
        found.save(update_fields=["to_day", "version"])
        guard.noted(found.program, at=at)
        return found


def _say_why(reason: str) -> None:
    if not reason.strip():
        raise Refused("Say why the policy changes.", field="reason")


def _lock(clause: PolicyClause) -> PolicyClause:
    found: PolicyClause = (
        PolicyClause.objects.select_for_update(no_key=True, of=("self",))
        .select_related("program")
        .get(pk=clause.pk)
    )
    return found


def _check(clause: PolicyClause) -> None:
    if clause.kind not in PolicyClause.Kind.values:
        raise Refused("Choose what kind of clause it is.", field="kind")
    if clause.action not in Action.values:
        raise Refused("A clause warns or blocks.", field="action")
    if clause.issue_days is not None and not 1 <= clause.issue_days <= 90:
        raise Refused("The issue of a finding is due within 1 to 90 days.", field="issue_days")
    if clause.project_id is not None and clause.kind == Kind.SEPARATION_OF_DUTIES:
        raise Refused("Duties are separated in the whole program, not in one project.", field="project")
    wrong = checked(Kind(clause.kind), clause.parameters)
    if wrong:
        name, sentence = next(iter(wrong.items()))
        raise Refused(sentence, field=name)
    if clause.action == Action.BLOCK and not KINDS[Kind(clause.kind)].blockable:
        raise Refused(
            "What this kind of clause finds is a fact, and facts are never refused: it can only warn.",
            field="action",
        )
    try:
        clause.clean_fields(exclude=["program"])
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise Refused(messages[0], field=field) from error
