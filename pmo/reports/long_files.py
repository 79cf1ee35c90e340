"""Writing a register to a file beside the database, keeping it there in pieces, and giving it out piece by piece."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from django.http import Http404, HttpResponse, StreamingHttpResponse

from pmo import sheets
from pmo.accounts.models import User
from pmo.money import format_exact, to_decimal
from pmo.outbox.mails import MEDIA
from pmo.reports.document import Document, KeyFigure, KeyFigures, Kind, Paragraph, Section
from pmo.reports.models import Artefact, ArtefactPart, ReportRun
from pmo.reports.registers import KEPT_DAYS, Listing
from pmo.scope import read_scope

PIECE: Final = 1_000_000
SAID_EVERY: Final = 10_000
Say = Callable[[str, int], None]


class Uneven(Exception):  # a defect, not a refusal: it is tried again and then said without details
    """The rows do not come to what the register says that they come to."""


@dataclass(frozen=True, slots=True)
class Written:
    """A file on disk before it is kept, with what its run's page says of it."""

    path: Path
    format: str
    name: str
    size: int
    sha256: str
    document: Document


def write(run: ReportRun, listing: Listing, program: Any, folder: Path, say: Say) -> Written:
    """Write all rows to a file in `folder`, telling how far it is. Raises Uneven."""
    kind = run.asked["format"]
    path = folder / f"register.{kind}"
    seen, total = 0, 0

    def counted() -> Iterator[list[Any]]:
        nonlocal seen, total
        for row in listing.rows:
            total += row[listing.money]
            amount = to_decimal(row[listing.money], listing.currency)
            yield [*row[: listing.money], amount, *row[listing.money + 1 :]]
            seen += 1
            if seen % SAID_EVERY == 0:
                say(f"{seen:,} of {listing.count:,} rows written", 2 + 88 * seen // max(1, listing.count))

    if kind == "xlsx":
        sheets.write_workbook(str(path), listing.heads, counted())
    else:
        with path.open("w", encoding="utf-8", newline="") as out:
            sheets.write_comma_separated(out, listing.heads, counted())
    if (seen, total) != (listing.count, listing.total):
        raise Uneven(f"{seen} rows of {listing.count}, {total} of {listing.total}")
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            digest.update(piece)
    name = f"{program.code}-{listing.name}-{run.requested_at:%Y-%m-%d}.{kind}"
    return Written(path, kind, name, path.stat().st_size, digest.hexdigest(), _told(run, listing, program))


def _told(run: ReportRun, listing: Listing, program: Any) -> Document:
    """What the run's page shows: how many rows, what they come to, and what was asked."""
    figures = (
        KeyFigure("Rows", listing.count, Kind.NUMBER),
        KeyFigure(
            "Add up to",
            listing.total,
            Kind.MONEY,
            listing.currency,
            note=f"{format_exact(listing.total, listing.currency)}, as the register says",
        ),
    )
    asked = "; ".join(f"{name}: {value}" for name, value in listing.filters) or "Everything."
    kept = f"The file is kept for {KEPT_DAYS} days, for who asked for it."
    return Document(
        title=listing.title,
        program_code=program.code,
        program_name=program.name,
        as_of=run.as_of,
        known=run.known,
        sections=(Section("What it holds", (KeyFigures(figures), Paragraph(asked), Paragraph(kept))),),
        subtitle=f"Amounts in {listing.currency}",
        inputs_version=listing.inputs_version,
    )


def keep(run: ReportRun, written: Written) -> Artefact:
    """The file in pieces, in the running transaction; never more than one of them in memory."""
    made: Artefact = Artefact.objects.create(
        program_id=run.program_id,
        run=run,
        format=written.format,
        name=written.name,
        content=b"",
        size=written.size,
        sha256=written.sha256,
    )
    with written.path.open("rb") as file:
        number = 0
        while piece := file.read(PIECE):
            ArtefactPart.objects.create(
                program_id=run.program_id, artefact=made, number=number, content=piece
            )
            number += 1
    return made


def answer(user: Any, found: Artefact) -> HttpResponse:
    """A run's file to be saved, never to be shown by this site. Raises Http404 where it is kept no longer.

    A file in pieces is read one by one while it goes out, each in a scope of its own: the reader's, as it is then.
    """
    kind = "/".join(MEDIA[found.format])
    response: Any  # a view's answer, whether it is whole or goes out in pieces
    if found.content:
        response = HttpResponse(bytes(found.content), content_type=kind)
    else:
        count = ArtefactPart.objects.filter(artefact=found).count()
        if not count:
            raise Http404("This file is kept no longer.")
        response = StreamingHttpResponse(_pieces(user, found.pk, count), content_type=kind)
        response["Content-Length"] = str(found.size)
    response["Content-Disposition"] = f'attachment; filename="{found.name}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    made: HttpResponse = response
    return made


def _pieces(user: Any, pk: int, count: int) -> Iterator[bytes]:
    for number in range(count):
        with read_scope(user):
            piece = ArtefactPart.objects.filter(artefact_id=pk, number=number).values_list("content").first()
        if (
            piece is None
        ):  # its days were over in between: the reader sees a file that is too short, not a whole one
            raise LookupError("the file's days are over")
        yield bytes(piece[0])


def remove_old(*, program_id: int, by: User | None, at: datetime) -> int:
    """Remove the pieces of files whose days are over; returns how many files."""
    old = Artefact.objects.filter(
        program_id=program_id,
        parts__number=0,
        run__finished_at__lt=at - timedelta(days=KEPT_DAYS),
    )
    ids = list(old.values_list("pk", flat=True))
    ArtefactPart.objects.filter(program_id=program_id, artefact_id__in=ids).delete()
    return len(ids)
