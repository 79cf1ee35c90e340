"""Limits of variances of one project or one control account, in place of the program's: set and ended with a reason.

Each setting is a row of its own and stays, so that every variance names the limits that it was found by.
"""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime

from django.db import transaction

from finance.control_accounts import services
from finance.control_accounts.holding import last, values
from finance.control_accounts.limits import Limits, check
from finance.control_accounts.models import ControlAccount, OwnLimits
from finance.earned_value import selectors as earned
from pmo.accounts.access import current_access
from pmo.accounts.models import User
from pmo.accounts.roles import Permission
from pmo.refusals import Conflict, Refused
from programs.portfolio.models import Program, Project


def set_own(
    *,
    program: Program,
    wanted: Limits,
    reason: str,
    seen: int,
    project: Project | None = None,
    account: ControlAccount | None = None,
    by: User,
    at: datetime,
) -> OwnLimits:
    """Have other limits hold for a project or for an account; accounts beyond them now are asked about at once.

    `seen`: the number of the newest setting that the person saw, 0 for none.
    """
    return _write(program, project, account, wanted, reason, seen, ends=False, by=by, at=at)


def end_own(*, setting: OwnLimits, reason: str, seen: int, by: User, at: datetime) -> OwnLimits:
    """Have the limits of above hold again: of an account its project's or the program's."""
    if setting.ends:
        raise Refused("These limits have ended already.")
    return _write(
        setting.program,
        setting.project,
        setting.account,
        values(setting),
        reason,
        seen,
        ends=True,
        by=by,
        at=at,
    )


def _write(
    program: Program,
    project: Project | None,
    account: ControlAccount | None,
    wanted: Limits,
    reason: str,
    seen: int,
    *,
    ends: bool,
    by: User,
    at: datetime,
) -> OwnLimits:
    with transaction.atomic():
        current_access().require(Permission.EDIT_POLICY, program.pk)
        Program.objects.select_for_update(no_key=True, of=("self",)).get(pk=program.pk)
        if (project is None) == (account is None):
            raise Refused("Limits are of one project or of one control account.", field="subject")
        if any(one is not None and one.program_id != program.pk for one in (project, account)):
            raise Refused("It belongs to another program.", field="subject")
        check(wanted)
        if not reason.strip():
            raise Refused("Say why.", field="why")
        before = last(program, project, account)
        if seen != (before.n if before else 0):
            raise Conflict(services.CHANGED, code="changed")
        if ends and (before is None or before.ends):
            raise Refused("These limits have ended already.")
        if not ends and before and not before.ends and values(before) == wanted:
            raise Refused("These limits hold already.")
        made = OwnLimits(
            program=program,
            project=project,
            account=account,
            n=seen + 1,
            ends=ends,
            reason=reason.strip()[:400],
            set_by=by,
            set_at=at,
            **{one.name: getattr(wanted, one.name) for one in fields(Limits)},
        )
        made.save(force_insert=True)
        services.find(program=program, run=earned.newest_run(program, None), by=by, at=at)
        return made
