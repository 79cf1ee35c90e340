"""Commands on a capital program: enter a file of requests, all or nothing; withdraw one."""

from __future__ import annotations

import hashlib
from datetime import datetime

from django.db import connection, transaction

from finance.funding import reading
from finance.funding.models import FundingPlan
from pmo.accounts.access import current_access
from pmo.accounts.models import User
from pmo.accounts.roles import Permission
from pmo.refusals import Conflict, Refused
from programs.portfolio.models import Program


def enter(
    *, program: Program, name: str, content: bytes, steps: str, funds: str, by: User | None, at: datetime
) -> FundingPlan:
    """Enter a file; `steps` names its columns of amounts in their order, `funds` the groups of sources.

    Raises Refused with every faulty row (nothing is entered then), and for a file that was entered before.
    """
    current_access().require(Permission.EDIT_BUDGET, program.pk)
    wanted, groups = reading.steps(steps), reading.funds(funds)
    lines = reading.read(content, program.currency, wanted, groups)
    digest = hashlib.sha256(content).hexdigest()
    if FundingPlan.objects.filter(program=program, digest=digest, withdrawn_at=None).exists():
        raise Refused("This very file was entered before.", field="file")
    used = dict.fromkeys(line.fund for line in lines)
    with transaction.atomic():
        plan = FundingPlan.objects.create(
            program=program,
            file_name=name[:200],
            digest=digest,
            steps=wanted,
            funds=[name for name, _ in groups if name in used] if groups else sorted(used),
            rows=len(lines),
            uploaded_by=by,
            uploaded_at=at,
        )
        rows = [
            (
                program.pk, plan.pk, line.row, line.fiscal_year, line.unit, line.unit_name, line.request,
                line.title, line.source, line.source_name, line.fund, line.amounts,
            )
            for line in lines
        ]  # fmt: skip
        with connection.cursor() as cursor:
            cursor.executemany(
                """insert into finance_fundingline (program_id, plan_id, row, fiscal_year, unit, unit_name, request,
                       title, source, source_name, fund, amounts)
                   values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s::bigint[])""",
                rows,
            )
    return plan


def withdraw(*, plan_id: int, text: str, by: User | None, at: datetime) -> FundingPlan:
    """Take a file out of every figure; its rows and the reason stay. Raises Conflict when it was before."""
    plan = FundingPlan.objects.select_for_update().get(pk=plan_id)
    current_access().require(Permission.EDIT_BUDGET, plan.program_id)
    reason = text.strip()
    if not reason or len(reason) > 400:
        raise Refused("Say in at most 400 characters why this file is withdrawn.", field="why")
    if plan.withdrawn_at is not None:
        raise Conflict("This file was withdrawn already.")
    plan.withdrawn_at, plan.withdrawn_by, plan.why = at, by, reason
    plan.save()
    return plan
