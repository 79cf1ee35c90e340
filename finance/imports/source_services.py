"""Commands on the sources of cost files: name one, change how its files are read, end it, open it again."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from finance.imports.layout import Layout
from finance.imports.models import ActualBatch, CostSource
from finance.imports.source_selectors import last_told
from finance.structure import periods
from pmo.accounts.access import current_access
from pmo.accounts.models import User
from pmo.accounts.roles import Permission
from pmo.refusals import Conflict, Refused
from programs.portfolio.models import Program


def add_source(*, program: Program, name: str, layout: Layout, by: User | None, at: datetime) -> CostSource:
    """Name a source and say how its files are written. Raises Refused at the field that does not fit."""
    current_access().require(Permission.POST_ACTUALS, program.pk)
    source = CostSource(program=program, edited_by=by, edited_at=at)
    with transaction.atomic():
        _write(source, name, layout)
        source.save()
    return source


def edit_source(
    *, source_id: int, name: str, layout: Layout, version: int, by: User | None, at: datetime
) -> CostSource:
    """Change a source; `version` is the one the person saw. Files that were read stay as they were read.

    Its name stays once a file was read by it, since it stands in each reference.
    """
    with transaction.atomic():
        source = _held(source_id, version)
        used = ActualBatch.objects.filter(program_id=source.program_id, cost_source=source)
        if name.strip() != source.name and used.exists():
            raise Refused("Files were read by this name: it stands in their references.", field="name")
        _write(source, name, layout)
        source.version += 1
        source.edited_by, source.edited_at = by, at
        source.save()
    return source


def end_source(
    *, source_id: int, last_period: str, reason: str, version: int, by: User | None, at: datetime
) -> CostSource:
    """End a source with a period (a code, 2026-03), for a reason: its total is asked for up to that one, later rows of
    its files have a fault. `version` is the one the person saw. Raises Refused where it told costs of later periods.
    """
    with transaction.atomic():
        source = _held(source_id, version)
        words = reason.strip()
        try:
            periods.first_day(last_period)
        except Refused as refusal:
            raise Refused(refusal.message, field="last_period") from None
        if not words or len(words) > 400:
            raise Refused("Say why it ends, in at most 400 characters.", field="reason")
        if source.last_period:
            raise Refused(f"{source.name} ended already, with {source.last_period}.")
        told, what = last_told(source)
        if told > last_period:
            raise Refused(
                f"{source.name} has {what} of {told}: it does not end before that.", field="last_period"
            )
        return _settled(source, last_period, words, by, at)


def reopen_source(*, source_id: int, reason: str, version: int, by: User | None, at: datetime) -> CostSource:
    """A source that ended goes on: rows of later days are taken again, and its total is asked for again.

    The reason is kept in its history. `version` is the one the person saw.
    """
    with transaction.atomic():
        source = _held(source_id, version)
        words = reason.strip()
        if not words or len(words) > 400:
            raise Refused("Say why it goes on, in at most 400 characters.", field="reason")
        if not source.last_period:
            raise Refused(f"{source.name} has not ended.")
        return _settled(source, "", words, by, at)


def _held(source_id: int, version: int) -> CostSource:
    """The source, held; files that are being entered by it end first. Raises Conflict where it changed."""
    source: CostSource = CostSource.objects.select_for_update(of=("self",)).get(pk=source_id)
    current_access().require(Permission.POST_ACTUALS, source.program_id)
    if version != source.version:
        raise Conflict("Somebody changed this source after you opened it.", code="changed")
    return source


def _settled(source: CostSource, last_period: str, why: str, by: User | None, at: datetime) -> CostSource:
    source.last_period, source.end_why = last_period, why
    source.version += 1
    source.edited_by, source.edited_at = by, at
    source.save()
    return source


def _write(source: CostSource, name: str, layout: Layout) -> None:
    words = name.strip()
    if not (1 <= len(words) <= 14 and words.isascii() and words.replace("-", "").replace("_", "").isalnum()):
        raise Refused("A source has a short name of letters and digits, such as SAP or CODA-2.", field="name")
    layout.check()
    twin = CostSource.objects.filter(program_id=source.program_id, name__iexact=words).exclude(pk=source.pk)
    if twin.exists():
        raise Refused("There is a source of this name already.", field="name")
    source.name, source.layout = words, layout.kept()
