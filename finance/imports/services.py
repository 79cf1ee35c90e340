"""Commands on imported cost: read a file (a dry run), accept or drop it, take one journal of it back."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import datetime
from typing import BinaryIO

from django.db import transaction

from finance.imports import posting, staging
from finance.imports.models import ActualBatch, CostSource, StagedActual
from finance.imports.restated import restated
from pmo.accounts.access import current_access
from pmo.accounts.models import User
from pmo.accounts.roles import Permission
from pmo.money import LIMIT
from pmo.outbox.progress import Say
from pmo.refusals import Conflict, Refused
from programs.portfolio.models import Program

State = ActualBatch.State
SOURCE = posting.SOURCE


def read_file(
    *,
    program: Program,
    name: str,
    content: bytes,
    by: User | None,
    at: datetime,
    mapping: Mapping[str, str] | None = None,
    source: CostSource | None = None,
    control_minor: int | None = None,
    sheet: str = "",
) -> ActualBatch:
    """Read a file of actual cost on trial: nothing is entered, every row's fault is told, control totals are made.

    `source` says how its files are written. Without one, `mapping` is our column -> the file's heading (see
    `layout.COLUMNS`); without that the last accepted one that fits, else headings named as ours. `control_minor` is
    the ERP's own total of the file, in minor units of the program's currency, where the person knows it. `sheet`: of
    a workbook (XLSX), the name of its sheet; else the source's, else the first. Raises Refused where the file cannot
    be read at all.
    """
    return read_stream(
        program=program,
        name=name,
        stream=io.BytesIO(content),
        by=by,
        at=at,
        mapping=mapping,
        source=source,
        control_minor=control_minor,
        sheet=sheet,
    )


def read_stream(
    *,
    program: Program,
    name: str,
    stream: BinaryIO,
    by: User | None,
    at: datetime,
    mapping: Mapping[str, str] | None = None,
    source: CostSource | None = None,
    control_minor: int | None = None,
    sheet: str = "",
) -> ActualBatch:
    """As `read_file`, from an open file that can be wound back: never more than some thousand rows in memory."""
    current_access().require(Permission.POST_ACTUALS, program.pk)
    layout = staging.first_layout(program, source, sheet)
    with transaction.atomic():
        batch: ActualBatch = ActualBatch.objects.create(
            program=program,
            cost_source=source,
            file_name=name[:200],
            digest="",
            control_minor=control_minor,
            uploaded_by=by,
            uploaded_at=at,
        )
        staging.fill(batch, stream, layout, dict(mapping) if mapping else None)
        staging.checked(batch, at)
        batch.save(update_fields=["digest", "headings", "mapping", "layout", "totals", "problems"])
        return batch


def accept(*, batch: ActualBatch, by: User | None, at: datetime) -> ActualBatch:
    """Enter the good rows of a file that was read; those that were entered before, by their reference, are left out.

    Raises Conflict when it was accepted or dropped meanwhile, or a rate that it was read at was corrected since;
    Refused when a row has a fault: correct the file, or drop the faulty rows from it, so that what is entered is what
    was sent.
    """
    with transaction.atomic():
        locked = waiting(batch)
        enter(batch=locked, by=by, at=at)
        locked.state = State.ACCEPTED
        locked.save(update_fields=["state", "totals", "accepted_by", "accepted_at"])
        return locked


def enter(
    *, batch: ActualBatch, by: User | None, at: datetime, say: Say = lambda step, percent: None
) -> None:
    """Check once more and post; `totals`, by whom and when follow (not saved). Raises as `accept` does."""
    say("Comparing with what is in the books", 5)
    staging.checked(batch, at)  # what was true when it was read may have changed since
    if batch.totals["faults"]:
        raise Refused(f"{batch.totals['faults']:,} rows have a fault: nothing was entered.", field="file")
    refuse_restated(batch)
    batch.totals["entered"] = posting.post(batch, program=batch.program, by=by, at=at, say=say)
    batch.accepted_by, batch.accepted_at = by, at


def refuse_restated(batch: ActualBatch) -> None:
    """Raises Conflict, with the difference, where a rate was corrected after the file was read."""
    if moved := restated(batch):
        told = " ".join(one.sentence for one in moved[:5])
        raise Conflict(
            f"A rate was corrected after this file was read. {told} Read these rows again, and look at the totals.",
            code="rates-moved",
        )


def waiting(batch: ActualBatch) -> ActualBatch:
    """The batch, held for this transaction, by who may post. Raises Conflict when it no longer waits."""
    current_access().require(Permission.POST_ACTUALS, batch.program_id)
    locked: ActualBatch = (
        ActualBatch.objects.select_for_update(no_key=True, of=("self",))
        .select_related("program")
        .get(pk=batch.pk)
    )
    if locked.state != State.READ:
        raise Conflict(f"This file is already {locked.get_state_display().lower()}.")
    return locked


def adjust_late(*, batch: ActualBatch, late: bool, by: User | None, at: datetime) -> ActualBatch:
    """Let the costs of closed periods be entered in today's period as adjustments of theirs (or no longer)."""
    with transaction.atomic():
        locked = waiting(batch)
        locked.late = late
        staging.checked(locked, at)
        locked.save(update_fields=["late", "totals", "problems"])
        return locked


def state_total(
    *, batch: ActualBatch, control_minor: int | None, by: User | None, at: datetime
) -> ActualBatch:
    """Say what the ERP's own total of the file is (minor units of the program's currency), also afterwards."""
    current_access().require(Permission.POST_ACTUALS, batch.program_id)
    if control_minor is not None and abs(control_minor) > LIMIT:
        raise Refused("A total is not larger than money can be.", field="total")
    ActualBatch.objects.filter(pk=batch.pk).update(control_minor=control_minor)
    batch.refresh_from_db()
    return batch


def drop(*, batch: ActualBatch, by: User | None, at: datetime) -> ActualBatch:
    """Put a file that was read aside; nothing of it is entered."""
    current_access().require(Permission.POST_ACTUALS, batch.program_id)
    with transaction.atomic():
        changed = ActualBatch.objects.filter(pk=batch.pk, state=State.READ).update(state=State.DROPPED)
        if not changed:
            raise Conflict("This file was accepted or dropped already.")
        StagedActual.objects.filter(batch=batch).delete()
        batch.refresh_from_db()
        return batch
