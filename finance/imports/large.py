"""Larger files of cost: kept in pieces for a worker, read and entered behind the outbox, stopped when somebody wishes.

Reading and entering are one transaction each, so a worker that dies leaves the file as it was: waiting. The row of the
file is not held while the work goes on, since its progress is written beside it; at the end it is held and looked at.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from datetime import datetime
from typing import Any, BinaryIO, cast

from django.db import connection

from finance.imports import services, staging, workbook
from finance.imports.layout import Layout
from finance.imports.models import ActualBatch, CostSource, StagedActual, UploadedPart
from pmo.accounts.access import current_access
from pmo.accounts.models import User
from pmo.accounts.roles import Permission
from pmo.outbox.progress import Cancelled, Say
from pmo.outbox.services import enqueue
from pmo.refusals import Conflict, Refused
from programs.portfolio.models import Program

State = ActualBatch.State
READ_TOPIC, ENTER_TOPIC = "import.cost_read", "import.cost_enter"
PIECE = 1 << 20
READ_AT_ONCE, WORKBOOK_AT_ONCE = 3 << 20, 512 << 10
"""Bytes that are read while the person waits; some 30,000 rows either way."""
MOST_BYTES, MOST_WORKBOOK_BYTES = 200 << 20, 50 << 20
MOST_WAITING = 5
"""Files of a program that wait to be read: nobody fills the disk with what no worker has seen yet."""
_ONE_AT_A_TIME = 0x4C46
ENTER_AT_ONCE = 20_000
"""Rows that are entered while the person waits."""


def receive(
    *,
    program: Program,
    name: str,
    stream: Any,
    digest: str,
    by: User | None,
    at: datetime,
    source: CostSource | None = None,
    control_minor: int | None = None,
    sheet: str = "",
) -> ActualBatch:
    """Keep a larger file for a worker to read: its pieces and the outbox row are written together.

    `digest` is the sha256 of the stream (an open file) in hex; the worker reads that file or none. Raises Refused as
    `services.read_file` does for what is wrong before a row is read.
    """
    current_access().require(Permission.POST_ACTUALS, program.pk)
    layout = staging.first_layout(program, source, sheet)
    with (
        connection.cursor() as cursor
    ):  # of two files sent at once the second waits here and counts the first
        cursor.execute("select pg_advisory_xact_lock(%s, %s)", [_ONE_AT_A_TIME, program.pk % 2**31])
    if ActualBatch.objects.filter(program=program, state=State.WAITING).count() >= MOST_WAITING:
        raise Conflict(
            f"{MOST_WAITING} files wait to be read already. Send this one when one of them is done."
        )
    batch: ActualBatch = ActualBatch.objects.create(
        program=program,
        cost_source=source,
        file_name=name[:200],
        digest=digest,
        state=State.WAITING,
        step="Waiting for a worker",
        layout=layout.kept(),
        control_minor=control_minor,
        uploaded_by=by,
        uploaded_at=at,
    )
    stream.seek(0)
    number = 0
    while piece := stream.read(PIECE):
        UploadedPart.objects.create(program=program, batch=batch, number=number, content=piece)
        number, batch.size = number + 1, batch.size + len(piece)
    batch.save(update_fields=["size"])
    enqueue(
        topic=READ_TOPIC,
        key=f"{READ_TOPIC}:{batch.pk}",
        payload={"batch": batch.pk},
        program_id=program.pk,
        actor=by,
    )
    return batch


def read_kept(*, batch: ActualBatch, say: Say, by: User | None, at: datetime) -> ActualBatch:
    """What the worker does with a file that was kept: its rows on trial, its pieces gone.

    Raises Cancelled when it was dropped meanwhile, Refused where it cannot be read at all.
    """
    current_access().require(Permission.POST_ACTUALS, batch.program_id)
    stream = cast(BinaryIO, io.BufferedReader(_Pieces(batch), PIECE))
    staging.fill(batch, stream, Layout.of(batch.layout), None, _told(batch, stream, say))
    say("Comparing with what is in the books", 75)
    staging.checked(batch, at)
    _still(batch, State.WAITING)
    UploadedPart.objects.filter(batch=batch).delete()
    batch.state, batch.step, batch.percent = State.READ, "", 0
    batch.save(
        update_fields=[
            "state", "step", "percent", "digest", "headings", "mapping", "layout", "totals", "problems",
        ]
    )  # fmt: skip
    return batch


def _told(batch: ActualBatch, stream: BinaryIO, say: Say) -> staging.Passing:
    def passing(rows: Iterator[Any]) -> Iterator[Any]:
        for count, row in enumerate(rows):
            if count % 10_000 == 0:
                say(f"{count:,} rows read", min(70, 70 * stream.tell() // max(batch.size, 1)))
            yield row

    return passing


def _still(batch: ActualBatch, state: str) -> None:
    """Hold the row and look whether the work is still wanted. Raises Cancelled."""
    rows = ActualBatch.objects.select_for_update(no_key=True, of=("self",)).filter(pk=batch.pk, state=state)
    if not rows.exists():
        raise Cancelled


def not_read(*, batch_id: int, reason: str, by: User | None, at: datetime) -> None:
    """The reading was given up: the file says why, its pieces go."""
    batch = ActualBatch.objects.select_for_update(no_key=True, of=("self",)).get(pk=batch_id)
    if batch.state != State.WAITING:
        return
    UploadedPart.objects.filter(batch=batch).delete()
    batch.state, batch.said, batch.step, batch.percent = State.REFUSED, reason[:300], "", 0
    batch.save(update_fields=["state", "said", "step", "percent"])


def ask_entering(*, batch: ActualBatch, by: User | None, at: datetime) -> ActualBatch:
    """Accept a file of many rows: a worker enters them. Raises as `services.accept` for what is known already."""
    locked = services.waiting(batch)
    if locked.totals.get("faults"):
        raise Refused(f"{locked.totals['faults']:,} rows have a fault: nothing was entered.", field="file")
    services.refuse_restated(locked)
    locked.state, locked.step, locked.percent, locked.said = State.ENTERING, "Waiting for a worker", 0, ""
    locked.save(update_fields=["state", "step", "percent", "said"])
    enqueue(
        topic=ENTER_TOPIC,
        key=f"{ENTER_TOPIC}:{locked.pk}:{at.isoformat()}",
        payload={"batch": locked.pk},
        program_id=locked.program_id,
        actor=by,
    )
    return locked


def enter_kept(*, batch: ActualBatch, say: Say, by: User | None, at: datetime) -> ActualBatch:
    """What the worker does with an accepted file. Raises Cancelled when somebody stopped it, else as `accept`."""
    current_access().require(Permission.POST_ACTUALS, batch.program_id)
    services.enter(batch=batch, by=by, at=at, say=say)
    _still(batch, State.ENTERING)
    batch.state, batch.step, batch.percent = State.ACCEPTED, "", 0
    batch.save(update_fields=["state", "step", "percent", "totals", "accepted_by", "accepted_at"])
    return batch


def not_entered(*, batch_id: int, reason: str, by: User | None, at: datetime) -> None:
    """The entering was given up: nothing of it is in the books, the file waits again and says why."""
    batch = ActualBatch.objects.select_for_update(no_key=True, of=("self",)).get(pk=batch_id)
    if batch.state == State.ENTERING:
        batch.state, batch.said, batch.step, batch.percent = State.READ, reason[:300], "", 0
        batch.save(update_fields=["state", "said", "step", "percent"])


def stop(*, batch: ActualBatch, by: User | None, at: datetime) -> ActualBatch:
    """Stop a worker: a file that is being read is dropped, one that is being entered waits again for acceptance.

    Raises Conflict when the work is over.
    """
    current_access().require(Permission.POST_ACTUALS, batch.program_id)
    rows = ActualBatch.objects.filter(pk=batch.pk)
    if rows.filter(state=State.WAITING).update(state=State.DROPPED, step="", percent=0):
        UploadedPart.objects.filter(batch=batch).delete()
        StagedActual.objects.filter(batch=batch).delete()
    elif not rows.filter(state=State.ENTERING).update(state=State.READ, step="", percent=0):
        raise Conflict("This is over already: look at the file again.")
    batch.refresh_from_db()
    return batch


def is_large(file: Any) -> bool:
    """Is this uploaded file one for a worker? Raises Refused for a workbook beyond its own limit."""
    size, first = int(file.size or 0), file.read(8)
    file.seek(0)
    if not workbook.is_workbook(first):
        return size > READ_AT_ONCE
    if size > MOST_WORKBOOK_BYTES:
        most = MOST_WORKBOOK_BYTES >> 20
        raise Refused(f"A workbook can have at most {most} MB: save larger ones as CSV.", field="file")
    return size > WORKBOOK_AT_ONCE


class _Pieces(io.RawIOBase):
    """The kept pieces as one file that can be read and wound back to its beginning; one piece in memory."""

    def __init__(self, batch: ActualBatch) -> None:
        self._rows = UploadedPart.objects.filter(batch=batch)
        self._number, self._piece, self._at, self._before = 0, b"", 0, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._before + self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        if whence == io.SEEK_CUR and not offset:
            return self.tell()
        if offset or whence != io.SEEK_SET:
            raise io.UnsupportedOperation("only back to the beginning")
        self._number, self._piece, self._at, self._before = 0, b"", 0, 0
        return 0

    def readinto(self, buffer: Any) -> int:
        if self._at >= len(self._piece):
            found = self._rows.filter(number=self._number).values_list("content", flat=True).first()
            if found is None:
                return 0
            self._before += len(self._piece)
            self._piece, self._at, self._number = bytes(found), 0, self._number + 1
        taken = self._piece[self._at : self._at + len(buffer)]
        buffer[: len(taken)] = taken
        self._at += len(taken)
        return len(taken)


def digest_of(stream: Any) -> str:
    """sha256 of an open file, in hex; it is wound back before and after."""
    stream.seek(0)
    found = hashlib.sha256()
    while piece := stream.read(PIECE):
        found.update(piece)
    stream.seek(0)
    return found.hexdigest()
