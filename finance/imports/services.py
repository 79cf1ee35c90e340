"""Commands on imported cost: read a file (a dry run), accept or drop it, take one journal of it back."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, BinaryIO

from django.db import transaction

from finance.imports import posting, reading, workbook
from finance.imports.layout import Layout
from finance.imports.models import ActualBatch, CostSource, StagedActual
from finance.imports.restated import restated
from finance.rates.converting import Rates
from finance.structure import csv_text, periods
from pmo.accounts.access import current_access
from pmo.accounts.models import User
from pmo.accounts.roles import Permission
from pmo.copy import copy_rows
from pmo.money import LIMIT
from pmo.outbox.progress import Say
from pmo.refusals import Conflict, Refused
from programs.portfolio.models import Program, Project
from programs.schedule.models import Activity

State = ActualBatch.State
SOURCE = posting.SOURCE
STAGED = (
    "program_id",
    "batch_id",
    "row",
    "source_reference",
    "base",
    "cells",
    "project_code",
    "activity_code",
    "category",
    "nature",
    "effective",
    "effective_at",
    "amount_exact",
    "amount_minor",
    "source_currency",
    "source_minor",
    "rate",
    "vendor",
    "text",
    "project_id",
    "activity_id",
    "problem",
    "known",
)
SHOWN_PROBLEMS = 200
Passing = Callable[[Iterator[reading.Row]], Iterator[reading.Row]]


def saved_mapping(program: Program, headings: Iterable[str]) -> dict[str, str]:
    """The mapping of the last accepted file whose headings this one has too, else the columns named as ours."""
    names = list(headings)
    accepted = ActualBatch.objects.filter(
        program=program, state=State.ACCEPTED, source=ActualBatch.Source.FILE, cost_source=None
    )
    for mapping in accepted.order_by("-pk").values_list("mapping", flat=True)[:5]:
        if mapping and set(mapping.values()) <= set(names):
            return dict(mapping)
    return reading.default_mapping(names)


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
    layout = first_layout(program, source, sheet)
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
        fill(batch, stream, layout, dict(mapping) if mapping else None)
        checked(batch, at)
        batch.save(update_fields=["digest", "headings", "mapping", "layout", "totals", "problems"])
        return batch


def first_layout(program: Program, source: CostSource | None, sheet: str) -> Layout:
    """What is known of a file before it is opened: how its source writes, and the sheet of a workbook."""
    if source is not None and source.program_id != program.pk:
        raise Refused("That source belongs to another program.", field="source")
    layout = replace(Layout.of(source.layout), prefix=source.name) if source is not None else Layout()
    layout = replace(layout, sheet=sheet.strip() or layout.sheet)
    if len(layout.sheet) > 31 or not layout.sheet.isprintable():
        raise Refused("The name of a sheet has at most 31 characters.", field="sheet")
    return layout


def fill(
    batch: ActualBatch,
    stream: BinaryIO,
    layout: Layout,
    mapping: dict[str, str] | None,
    passing: Passing = iter,
) -> None:
    """Stage the rows of a CSV file or a workbook; the batch's headings, layout and digest follow (not saved).

    Each row goes through `passing` on its way. A batch with a digest reads that very file: raises Refused otherwise.
    """
    program, rates = batch.program, Rates.of(batch.program_id, batch.program.currency)

    def settled(headings: Callable[[], list[str]]) -> Layout:
        if batch.cost_source_id is not None:
            return layout
        return replace(layout, columns=mapping or saved_mapping(program, headings()))

    def staged(layout: Layout, reader: reading.Reader, rows: Iterator[reading.Row]) -> None:
        plan = Plan(batch, counts_same=layout.count_same)
        stage(batch, map(plan.staged, passing(rows)))
        batch.headings, batch.mapping, batch.layout = reader.headings, layout.columns, layout.kept()

    first = stream.readline(csv_text.LONGEST_LINE)
    stream.seek(0)
    if workbook.is_workbook(first):
        with workbook.opened(stream, layout.sheet, layout.decimal, layout.date_order) as book:
            layout = settled(lambda: book.first)
            staged(layout, *reading.sheet_rows(book, layout, rates))
            digest = book.digest
    else:
        layout = settled(lambda: csv_text.heading(csv_text.decode(first))[0])
        lines = csv_text.Lines(stream)
        staged(layout, *reading.rows(lines, layout, rates))
        digest = lines.digest
    if batch.digest not in ("", digest):
        raise Refused(
            "This is not the file that was sent: it came here damaged. Send it again.", field="file"
        )
    batch.digest = digest


def checked(batch: ActualBatch, at: datetime) -> None:
    """The rows compared with the books as they are now; control totals and first problems follow (not saved)."""
    posting.check(batch, on=periods.local_day(batch.program, at))
    batch.totals = posting.totals(batch)
    batch.problems = list(
        StagedActual.objects.filter(batch=batch)
        .exclude(problem="")
        .order_by("row")
        .values("row", "source_reference", "problem")[:SHOWN_PROBLEMS]
    )


def stage(batch: ActualBatch, rows: Iterable[tuple[Any, ...]]) -> int:
    """Copy rows on trial, in the order of `STAGED`; how many."""
    return copy_rows(StagedActual._meta.db_table, STAGED, rows)


class Plan:
    """The program's projects and activities by their codes: rows are resolved as they are read."""

    def __init__(self, batch: ActualBatch, *, counts_same: bool = False) -> None:
        self.batch, self.counts_same = batch, counts_same
        self.projects = dict(Project.objects.filter(program_id=batch.program_id).values_list("code", "pk"))
        self.activities: dict[tuple[int, str], int] = {
            (project, code): pk
            for project, code, pk in Activity.objects.filter(program_id=batch.program_id).values_list(
                "project_id", "code", "pk"
            )
        }

    def staged(self, row: reading.Row) -> tuple[Any, ...]:
        """A row in the order of `STAGED`, with its fault when it names what does not exist."""
        cells, problem = row.cells, row.problem
        project_code, activity_code = cells["project"], cells["activity"]
        project = self.projects.get(project_code)
        activity = self.activities.get((project, activity_code)) if project and activity_code else None
        if not problem and project is None:
            problem = f"There is no project “{project_code}”."
        if not problem and activity_code and activity is None:
            problem = f"There is no activity “{activity_code}” in project {project_code}."
        return (
            self.batch.program_id,
            self.batch.pk,
            row.number,
            cells["source_reference"],
            cells["source_reference"] if self.counts_same else "",
            json.dumps(row.original),
            project_code,
            activity_code,
            cells["category"],
            cells["nature"],
            row.day,
            None,
            row.exact,
            row.minor,
            row.source_currency,
            row.source_minor,
            row.rate,
            cells["vendor"],
            cells["text"],
            project,
            activity,
            problem,
            False,
        )


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
    checked(batch, at)  # what was true when it was read may have changed since
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
        checked(locked, at)
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
