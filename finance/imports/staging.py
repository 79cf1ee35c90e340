"""Rows of a file of costs on trial: laid beside the books with their faults, before anything is entered."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any, BinaryIO

from finance.imports import posting, reading, workbook
from finance.imports.layout import Layout
from finance.imports.models import ActualBatch, CostSource, StagedActual
from finance.rates.converting import Rates
from finance.structure import csv_text, periods
from pmo.copy import copy_rows
from pmo.refusals import Refused
from programs.portfolio.models import Program, Project
from programs.schedule.models import Activity

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
        program=program, state=ActualBatch.State.ACCEPTED, source=ActualBatch.Source.FILE, cost_source=None
    )
    for mapping in accepted.order_by("-pk").values_list("mapping", flat=True)[:5]:
        if mapping and set(mapping.values()) <= set(names):
            return dict(mapping)
    return reading.default_mapping(names)


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
