"""Commands on the sources of plan tables: name one, change how its files are read."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from pmo.accounts.access import current_access
from pmo.accounts.models import User
from pmo.accounts.roles import Permission
from pmo.refusals import Conflict, Refused
from programs.portfolio.models import Program

from .models import PlanSource
from .sheet_layout import SheetLayout

MOST = 100


def add_source(
    *, program: Program, name: str, layout: SheetLayout, by: User | None, at: datetime
) -> PlanSource:
    """Name a source and say how its tables are written. Raises Refused at the field that does not fit."""
    current_access().require(Permission.IMPORT, program.pk)
    if PlanSource.objects.filter(program_id=program.pk).count() >= MOST:
        raise Refused(f"A program has at most {MOST} sources.", field="name")
    source = PlanSource(program=program, edited_by=by, edited_at=at)
    with transaction.atomic():
        _write(source, name, layout)
        source.save()
    return source


def edit_source(
    *, source_id: int, name: str, layout: SheetLayout, version: int, by: User | None, at: datetime
) -> PlanSource:
    """Change a source; `version` is the one the person saw. Files that were read stay as they were read."""
    with transaction.atomic():
        source: PlanSource = PlanSource.objects.select_for_update(of=("self",)).get(pk=source_id)
        current_access().require(Permission.IMPORT, source.program_id)
        if version != source.version:
            raise Conflict("Somebody changed this source after you opened it.", code="changed")
        _write(source, name, layout)
        source.version += 1
        source.edited_by, source.edited_at = by, at
        source.save()
    return source


def _write(source: PlanSource, name: str, layout: SheetLayout) -> None:
    words = " ".join(name.split())
    if not 1 <= len(words) <= 40 or not words.isprintable():
        raise Refused("A source has a name of at most 40 characters.", field="name")
    layout.check()
    twin = PlanSource.objects.filter(program_id=source.program_id, name__iexact=words).exclude(pk=source.pk)
    if twin.exists():
        raise Refused("There is a source of this name already.", field="name")
    source.name, source.layout = words, layout.kept()
