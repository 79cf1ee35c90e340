"""Building reports in the background, and what the clock does for them each minute."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from celery import shared_task
from django.apps import apps
from django.db import connection, transaction
from django.utils import timezone

from pmo import commands
from pmo.accounts.models import User
from pmo.outbox.models import Outbox
from pmo.outbox.progress import Cancelled, shown
from pmo.outbox.tasks import Work, outbox_task
from pmo.refusals import Refused
from pmo.reports import emails, long_files, registers, registry, stored
from pmo.reports.clockwork import serve_due
from pmo.reports.document import Document
from pmo.reports.models import Artefact, ReportRun
from pmo.reports.renderers import pdf, tidy, xlsx
from pmo.reports.selectors import ACTIVE
from pmo.scope import program_ids, system_scope
from pmo.zones import zone

log = logging.getLogger(__name__)
RENDERERS: dict[str, tuple[str, Callable[[Document], bytes]]] = {
    Artefact.Format.PDF: ("Setting the PDF", pdf.render),
    Artefact.Format.XLSX: ("Writing the workbook", xlsx.render),
    Artefact.Format.CSV: ("Writing the figures", tidy.render),
}
READ_UNTIL_PERCENT = 80
ABANDONED = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class File:
    """A rendered file before it is kept."""

    format: str
    content: bytes


def run_failed(
    *, program_id: int, payload: dict[str, Any], reason: str, by: User | None, at: datetime
) -> None:
    """Say on the run, and to its subscribers, why there is no report."""
    run = ReportRun.objects.select_for_update().filter(pk=payload["run"], state__in=ACTIVE).first()
    if run is None:
        return
    run.state, run.error, run.finished_at = ReportRun.State.FAILED, reason[:300], at
    run.save(update_fields=["state", "error", "finished_at"])
    emails.tell_of_failure(run)


@outbox_task("report.build", staged=True, as_office=True, failed=run_failed)
def build(work: Work) -> None:
    """Build one run: read the figures in one snapshot, set the files, keep all of it at once."""
    run_id = int(work.payload["run"])
    with work.scope("a report begins"):
        begun = ReportRun.objects.filter(pk=run_id, state__in=ACTIVE).update(
            state=ReportRun.State.RUNNING, step="Reading the plan and the books", percent=1, error=""
        )
        run = ReportRun.objects.get(pk=run_id) if begun else None
    if run is None:
        work.settle(Outbox.State.SENT)  # cancelled or done before
        return
    if (register := registers.get(run.kind)) is not None:
        _write_register(work, run, register)
        return
    with shown(work, "pmo_reportrun", run_id) as say:
        try:
            document, kind = _read(work, run, say)
            files = []
            for position, name in enumerate(kind.formats):
                step, render = RENDERERS[name]
                rest = 100 - READ_UNTIL_PERCENT
                say(step, READ_UNTIL_PERCENT + rest * position // len(kind.formats))
                files.append(File(name, render(document)))
            say("Keeping the report", 99)
        except Cancelled:
            work.settle(Outbox.State.SENT)
            return
    work.finish(keep, run_id=run_id, document=document, files=files)


def _write_register(work: Work, run: ReportRun, register: registers.Register) -> None:
    """A whole register from one snapshot to a file of this worker's, and from there into the database."""
    program_model: Any = apps.get_model("programs", "Program")  # a name: pmo stands to the left of programs
    with TemporaryDirectory(prefix="pmo-register-") as folder, shown(work, "pmo_reportrun", run.pk) as say:
        try:
            with transaction.atomic(durable=True):
                with connection.cursor() as cursor:
                    cursor.execute("set transaction isolation level repeatable read, read only")
                reason = "who asked for a register may read all of its program's money"
                with system_scope([run.program_id], reason=reason, user=work.actor):
                    program = program_model.objects.get(pk=run.program_id)
                    say("Counting the rows", 1)
                    listing = register.read(run)
                    if listing.count > registers.MOST_ROWS:
                        most = f"{registers.MOST_ROWS:,}"
                        raise Refused(
                            f"These are {listing.count:,} rows, and a file takes {most}: narrow the filter."
                        )
                    with timezone.override(zone(program.time_zone)):
                        written = long_files.write(run, listing, program, Path(folder), say)
            say("Keeping the file", 95)
        except Cancelled:
            work.settle(Outbox.State.SENT)
            return
        work.finish(keep_register, run_id=run.pk, written=written)


def keep_register(
    *, run_id: int, written: long_files.Written, by: User | None, at: datetime
) -> ReportRun | None:
    """The file, its run's end and the mail that was asked for, in one transaction; nothing if it was cancelled."""
    run = ReportRun.objects.select_for_update().filter(pk=run_id, state=ReportRun.State.RUNNING).first()
    if run is None:
        return None
    _done(run, written.document, at)
    long_files.keep(run, written)
    emails.tell_of_file(run, written.document)
    return run


def _done(run: ReportRun, document: Document, at: datetime) -> None:
    run.figures = stored.to_json(document)
    run.inputs_version = document.inputs_version[:80]
    run.state, run.step, run.percent, run.finished_at = ReportRun.State.DONE, "Done", 100, at
    run.save(update_fields=["figures", "inputs_version", "state", "step", "percent", "finished_at"])


def keep(
    *, run_id: int, document: Document, files: list[File], by: User | None, at: datetime
) -> ReportRun | None:
    """Figures, files, state and the subscribers' mails in one transaction; nothing if it was cancelled meanwhile."""
    run = ReportRun.objects.select_for_update().filter(pk=run_id, state=ReportRun.State.RUNNING).first()
    if run is None:
        return None
    _done(run, document, at)
    artefacts = [
        Artefact(
            program_id=run.program_id,
            run=run,
            format=file.format,
            name=emails.file_name(document, run.kind, file.format),
            content=file.content,
            size=len(file.content),
            sha256=hashlib.sha256(file.content).hexdigest(),
        )
        for file in files
    ]
    Artefact.objects.bulk_create(artefacts, ignore_conflicts=True)
    emails.send_to_subscribers(run, document)
    return run


def _read(
    work: Work, run: ReportRun, say: Callable[[str, int], None]
) -> tuple[Document, registry.ReportKind]:
    """The document, from one REPEATABLE READ, READ ONLY snapshot of the run's program."""
    kind = registry.get(run.kind)

    def progress(step: str, percent: int) -> None:
        say(step, max(1, min(percent, 100)) * READ_UNTIL_PERCENT // 100)

    with transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            cursor.execute("set transaction isolation level repeatable read, read only")
        with system_scope([run.program_id], reason="a report reads its whole program", user=work.actor):
            return stored.kept(kind.build(run, progress)), kind


@shared_task(name="clock.subscriptions")
def subscriptions() -> None:
    """Every minute: due subscriptions become occurrences and report runs, one program at a time."""
    _for_each_program(serve_due)


@shared_task(name="clock.sweep")
def sweep() -> None:
    """Every few minutes: a run whose work is over without a word has failed."""
    _for_each_program(fail_abandoned)
    _for_each_program(long_files.remove_old)


def fail_abandoned(*, program_id: int, by: User | None, at: datetime) -> int:
    """Fail the runs that no outbox row is going to build any more; returns how many."""
    failed = 0
    for run in ReportRun.objects.filter(
        program_id=program_id, state__in=ACTIVE, requested_at__lt=at - ABANDONED
    ):
        waiting = Outbox.objects.filter(
            key=f"report:{run.pk}", state__in=(Outbox.State.PENDING, Outbox.State.HANDED)
        )
        if not waiting.exists():
            reason = "The work on this report ended without a result. Please ask for it again."
            run_failed(program_id=program_id, payload={"run": run.pk}, reason=reason, by=by, at=at)
            failed += 1
    return failed


def _for_each_program(service: Callable[..., Any]) -> None:
    for program_id in program_ids():
        try:
            commands.run(service, actor=None, scope=[program_id], program_id=program_id)
        except Exception:  # the others' reports do not wait for this program's trouble
            log.exception("the clock stumbled over a program", extra={"program_id": program_id})
