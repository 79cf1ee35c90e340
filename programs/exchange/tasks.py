"""Larger files are read by a worker: in the sandbox's child, outside of any transaction."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Any

from pmo.accounts.models import User
from pmo.outbox.tasks import Work, outbox_task

from . import sandbox, services
from .models import PlanImport
from .problems import ImportRefused


def give_up(*, program_id: int, payload: dict[str, Any], reason: str, by: User | None, at: datetime) -> None:
    """The reading was given up: the import says so."""
    found = PlanImport.objects.filter(pk=payload["plan_import"], state=PlanImport.State.WAITING).first()
    if found is not None:
        services.refuse(plan_import=found, sentence=reason, by=by, at=at)


@outbox_task(services.TOPIC, staged=True, failed=give_up)
def read_import(work: Work) -> None:
    """Read an uploaded file and keep its dry run. A file that cannot be read is a result, not a failure."""
    with work.scope("the file to be read"):
        found = PlanImport.objects.select_related("program").get(pk=work.payload["plan_import"])
    if found.state != PlanImport.State.WAITING:
        work.finish(_nothing)
        return
    data = base64.b64decode(found.draft[services.UPLOAD])
    try:
        read = sandbox.read_by(data, found.file_name, found.draft.get(services.LAYOUT))
    except ImportRefused as refusal:
        work.finish(services.refuse, plan_import=found, sentence=str(refusal))
        return
    work.finish(
        services.stage,
        program=found.program,
        file_name=found.file_name,
        read=read,
        waiting=found,
        source=found.source_name,
    )


def _nothing(*, by: User | None, at: datetime) -> None:
    """Somebody dropped the import while it waited."""
