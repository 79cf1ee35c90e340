"""Rows with a fault: corrected in a file of their own and read again in their place, or left out with a reason."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from finance.imports import reading, workbook
from finance.imports.layout import Layout
from finance.imports.models import ActualBatch, LeftOutRow, StagedActual
from finance.imports.restated import stale_rows
from finance.imports.services import waiting
from finance.imports.staging import Plan, checked, stage
from finance.rates.converting import Rates
from finance.structure.csv_text import Lines, split
from pmo.accounts.models import User
from pmo.refusals import Refused

NUMBER, PROBLEM = "row", "problem"
MORE = "more"
"""Headings of the file of faults before the source's own; cells beyond those stand under `more`."""
_QUOTED = ("'=", "'+", "'-", "'@")
SHOWN = 20
MOST_LETTERS = 16 << 20
"""Of corrected rows in one file; a workbook may say far more than its own size."""
SLICE = 500


def replace_rows(*, batch: ActualBatch, content: bytes, by: User | None, at: datetime) -> ActualBatch:
    """Read corrected rows in the place of the faulty ones of the same numbers; the others stay as they are.

    The file is the one of faults, with its columns `row` and the source's own; what stands under `problem` does not
    count. All of its rows are read, or none: raises Refused for a row that has no fault (any more), stands there
    twice, or has cells beyond the headings.
    """
    with transaction.atomic():
        locked = waiting(batch)
        layout = Layout.of(locked.layout)
        rows = _rows(content, locked, layout)
        numbers = [row.number for row in rows]
        faulty = StagedActual.objects.filter(batch=locked).exclude(problem="")
        known = set(faulty.filter(row__in=numbers).values_list("row", flat=True))
        if strangers := sorted(set(numbers) - known):
            told = ", ".join(map(str, strangers[:SHOWN]))
            raise Refused(f"Of this file, these rows have no fault to be corrected: {told}.", field="file")
        faulty.filter(row__in=numbers).delete()
        plan = Plan(locked, counts_same=layout.count_same)
        stage(locked, map(plan.staged, rows))
        checked(locked, at)
        locked.save(update_fields=["totals", "problems"])
        return locked


def _rows(content: bytes, batch: ActualBatch, layout: Layout) -> list[reading.Row]:
    """Of the file as CSV, or as a workbook whose first sheet it is."""
    if workbook.is_workbook(content[:8]):
        with workbook.opened(io.BytesIO(content), "", layout.decimal, layout.date_order) as book:
            names = book.first
            wide = ((row.number, row.cells + [""] * (len(names) - len(row.cells))) for row in book)
            return _corrected(names, wide, batch, layout)
    lines = Lines(io.BytesIO(content))
    source = iter(lines)
    names, separator = split(next(source, ""))
    table = csv.reader(source, delimiter=separator, strict=True)
    try:
        return _corrected(names, ((lines.number, cells) for cells in table), batch, layout)
    except csv.Error as error:
        raise Refused(f"Row {lines.number}: this is not a table ({error}).", field="file") from None


def _corrected(
    names: list[str], table: Iterable[tuple[int, list[str]]], batch: ActualBatch, layout: Layout
) -> list[reading.Row]:
    own: list[str] = batch.headings
    lost = [name for name in [NUMBER, *own] if name not in names]
    if lost or len(names) != len(set(names)):
        raise Refused(
            f"Row 1: a file of corrected rows has the columns of the file of faults; {lost[0]} is missing."
            if lost
            else "Row 1: a heading occurs twice.",
            field="file",
        )
    at, places = names.index(NUMBER), [names.index(name) for name in own]
    ignored = {at, *places} | ({names.index(PROBLEM)} if PROBLEM in names else set())
    reader = reading.Reader(layout, Rates.of(batch.program_id, batch.program.currency), own)
    found: dict[int, reading.Row] = {}
    letters = 0
    for line, cells in table:
        if not any(cell.strip() for cell in cells):
            continue
        here = f"Row {line}"
        number = cells[at].strip() if at < len(cells) else ""
        if not (number.isascii() and number.isdigit() and len(number) < 10):
            raise Refused(f"{here}: “{number[:20]}” is not the number of a row.", field="file")
        if int(number) in found:
            raise Refused(f"{here}: row {number} stands here twice.", field="file")
        letters += sum(map(len, cells))
        if letters > MOST_LETTERS:
            raise Refused(
                f"{here}: the rows up to here have more than {MOST_LETTERS >> 20} MB of text. "
                "Send the corrected rows in several files.",
                field="file",
            )
        beyond = [cell for n, cell in enumerate(cells) if n not in ignored and cell.strip()]
        if beyond or len(cells) < len(names) - (MORE in names):
            raise Refused(
                f"{here}: row {number} has still not as many cells as there are headings.", field="file"
            )
        found[int(number)] = reader.marked(int(number), [_unquoted(cells[n]) for n in places])
    if not found:
        raise Refused("There is no row in this file.", field="file")
    return list(found.values())


def _unquoted(cell: str) -> str:
    """A cell without the apostrophe that keeps spreadsheets from taking it for a formula (`pmo.cells.csv_cell`)."""
    return cell[1:] if cell.startswith(_QUOTED) else cell


def leave_out(
    *, batch: ActualBatch, rows: Sequence[int], reason: str, by: User | None, at: datetime
) -> ActualBatch:
    """Leave rows out of a file that waits, with the reason; they stay on record and count as left out.

    Raises Refused without a reason, and for numbers that the file does not have.
    """
    words = reason.strip()
    if not words or len(words) > 400 or not words.isprintable():
        raise Refused("Say in at most 400 characters, on one line, why they are left out.", field="reason")
    with transaction.atomic():
        locked = waiting(batch)
        found = list(StagedActual.objects.filter(batch=locked, row__in=list(rows)).order_by("row"))
        if lost := sorted(set(rows) - {one.row for one in found}):
            raise Refused(
                f"The file has no row {', '.join(map(str, lost[:SHOWN]))} (any more).", field="rows"
            )
        if not found:
            raise Refused("Name the rows by their numbers.", field="rows")
        LeftOutRow.objects.bulk_create(
            [
                LeftOutRow(
                    program_id=locked.program_id,
                    batch=locked,
                    row=one.row,
                    source_reference=one.source_reference,
                    cells=one.cells,
                    problem=one.problem,
                    effective=one.effective,
                    amount_minor=one.amount_minor,
                    reason=words,
                    left_by=by,
                    left_at=at,
                )
                for one in found
            ],
            batch_size=2_000,
        )
        StagedActual.objects.filter(pk__in=[one.pk for one in found]).delete()
        checked(locked, at)
        locked.save(update_fields=["totals", "problems"])
        return locked


def check_again(*, batch: ActualBatch, by: User | None, at: datetime) -> ActualBatch:
    """Read the faulty rows once more as they are: a rate, a project or a period may be there now.

    Also those that were converted at a rate which was corrected since.
    """
    with transaction.atomic():
        locked = waiting(batch)
        layout = Layout.of(locked.layout)
        meant = ~Q(problem="") | Q(row__in=stale_rows(locked))
        again = StagedActual.objects.filter(meant, batch=locked).exclude(cells=None)
        pks = list(again.order_by("row").values_list("pk", flat=True))
        reader = reading.Reader(
            layout, Rates.of(locked.program_id, locked.program.currency), list(locked.headings)
        )
        plan = Plan(locked, counts_same=layout.count_same)
        for first in range(0, len(pks), SLICE):  # rows may be long: never all of them in memory
            rows = StagedActual.objects.filter(pk__in=pks[first : first + SLICE])
            kept = list(rows.values_list("row", "cells"))
            rows.delete()
            stage(locked, (plan.staged(reader.marked(number, cells or [])) for number, cells in kept))
        checked(locked, at)
        locked.save(update_fields=["totals", "problems"])
        return locked


def numbers(text: str) -> list[int]:
    """Row numbers as people write them: `3, 17-20`. Raises Refused."""
    found: set[int] = set()
    for part in text.replace(",", " ").split():
        first, dash, last = part.partition("-")
        if not all(
            one.isascii() and one.isdigit() and len(one) < 8 for one in (first, last if dash else first)
        ):
            raise Refused(f"“{part[:20]}” is not the number of a row.", field="rows")
        ends = (int(first), int(last) if dash else int(first))
        if ends[1] - ends[0] >= 100_000:
            raise Refused("At most 100,000 rows at once.", field="rows")
        found |= set(range(ends[0], ends[1] + 1))
        if len(found) > 100_000:
            raise Refused("At most 100,000 rows at once.", field="rows")
    return sorted(found)


__all__ = ["MORE", "NUMBER", "PROBLEM", "check_again", "leave_out", "numbers", "replace_rows"]
