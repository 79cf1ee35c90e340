"""The example's first closed month: the ERP's own totals, and an invoice that came late."""

from __future__ import annotations

from django.db import transaction

from finance.imports import services as imports
from finance.reconciliation import services as reconciliation
from finance.reconciliation.selectors import reconcile
from finance.structure import periods
from finance.structure.models import FiscalPeriod
from governance.example.people import Cast
from pmo import commands
from pmo.scope import system_scope
from programs.portfolio.models import Program

LATE = (
    "source_reference,project,category,nature,date,amount,vendor,text\n"
    "INV-LATE-1,{project},travel,operating,{day},1180.00,Railways,{text}\n"
)
ON_ITS_WAY = 1_240_00
"""What the ERP has in the first month and has not sent yet: seen as unexplained, minor units."""


def close_first_month(cast: Cast, program: Program) -> None:
    """State the ERP's totals of every month with cost, close the first one, and enter a cost of it late."""
    controller = cast["controller"]
    with transaction.atomic(), system_scope([program.pk], reason="the example asks what was entered"):
        months = [
            (one, found)
            for one in FiscalPeriod.objects.filter(program=program).order_by("starts_on")
            if (found := reconcile(one)).entered
        ]
    late = 1_180_00
    for number, (period, found) in enumerate(months):
        more = late + ON_ITS_WAY if number == 0 else 0
        commands.run(
            reconciliation.state_total,
            actor=controller,
            period=period,
            amount_minor=int(found.explained) + more,
            note="Trial balance",
            version=0,
        )
    first = months[0][0]
    commands.run(
        periods.close, actor=controller, period=first, why="Agreed with the ERP but for two invoices"
    )
    batch = commands.run(
        imports.read_file,
        actor=controller,
        program=program,
        name="erp-late.csv",
        content=LATE.format(project="TRAIN", day=first.ends_on, text="Trainers' journeys").encode(),
        control_minor=late,
    )
    commands.run(imports.adjust_late, actor=controller, batch=batch, late=True)
    commands.run(imports.accept, actor=controller, batch=batch, why="An invoice of a closed month")
