"""Commands on files that came in: a dry run that is kept, comparing it again, accepting it, dropping it.

Reading a stranger's file happens before, outside of any transaction, in `sandbox`'s child process.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pmo.accounts.access import current_access
from pmo.accounts.models import User
from pmo.accounts.roles import Permission
from pmo.outbox.services import enqueue
from pmo.refusals import Conflict, Refused
from programs.baselines.models import Baseline
from programs.portfolio.models import Program
from programs.schedule.models import Computation
from programs.schedule.services import lock_plan

from .applying import apply
from .codec import decode, encode
from .draft import Draft
from .dry_run import compared, dry_run, fitted, told
from .models import PlanImport, PlanSource
from .reading import Read, looks_like

State = PlanImport.State
TOPIC = "import.read"
LAYOUT = "layout"
"""The name under which `draft` holds how a table that waits is written."""
UPLOAD = "upload"
"""The name under which `draft` holds the file itself (base64) while it waits for a worker."""


@dataclass(frozen=True)
class Staged:
    """A dry run. `already` when this very plan was accepted before: nothing was stored, there is nothing to do."""

    plan_import: PlanImport
    already: bool = False


@dataclass(frozen=True)
class Accepted:
    """An accepted import. `already` when it had been accepted before: nothing was done now, and `draft` is None."""

    plan_import: PlanImport
    program: Program
    draft: Draft | None = None
    computation: Computation | None = None
    baseline: Baseline | None = None
    already: bool = False
    moved: set[int] = field(default_factory=set)
    """Ids of the activities that have new dates."""


def accepted_before(program: Program, digest: str) -> PlanImport | None:
    """The accepted import of the same content, if there is one. Whether the plan still is as it has it is not said."""
    return (
        PlanImport.objects.filter(program_id=program.pk, digest=digest, state=State.ACCEPTED)
        .defer("draft")
        .order_by("-accepted_at")
        .first()
        if digest
        else None
    )


def stage(
    *,
    program: Program,
    file_name: str,
    read: Read,
    by: User | None,
    at: datetime,
    waiting: PlanImport | None = None,
    source: str = "",
) -> Staged:
    """Keep a dry run of what was read: draft, problems, control totals and what acceptance would do.

    The same content accepted before is said, and nothing is stored, where the plan still is as it has it. With
    errors only the list of problems is kept, no part of the plan. The same content waiting already is compared anew
    in its place. `waiting` is the row of a file that a worker has read, `source` the name of that by whose columns a
    table was read.
    """
    current_access().require(Permission.IMPORT, program.pk)
    program = lock_plan(program.pk)  # two uploads of one file meet here; and the version is the plan's
    digest = read.totals.digest
    result = dry_run(program, read, file_name, source)
    before = accepted_before(program, digest) if result.nothing else None
    if before is not None:
        if waiting is not None:
            _settle(waiting, State.DROPPED, draft={})
        return Staged(before, already=True)
    values: dict[str, Any] = {
        "file_name": file_name[:200],
        "source_name": source[:40],
        "format": read.draft.source,
        "digest": digest or hashlib.sha256(file_name.encode()).hexdigest(),
        "state": State.REFUSED if result.errors else State.READ,
        "draft": {} if result.errors else encode(read.draft),
        "problems": result.problems,
        "totals": read.totals.as_dict()
        | {"errors": result.errors, "warnings": result.warnings, "more": result.more},
        "changes": result.changes,
        "uploaded_by": by,
        "uploaded_at": at,
    }
    same = waiting or (
        PlanImport.objects.select_for_update(no_key=True, of=("self",))
        .filter(program_id=program.pk, digest=digest, state=State.READ)
        .first()
        if digest
        else None
    )
    if same is None:
        return Staged(PlanImport.objects.create(program=program, **values))
    return Staged(_settle(same, None, **values))


def receive(
    *,
    program: Program,
    file_name: str,
    data: bytes,
    by: User | None,
    at: datetime,
    source: PlanSource | None = None,
) -> PlanImport:
    """Keep a larger file for a worker to read; the outbox row and the file are written together.

    The same bytes waiting already are not kept twice. A table is kept with its `source`'s layout as it is now.
    """
    current_access().require(Permission.IMPORT, program.pk)
    digest = hashlib.sha256(data + (repr(source.layout).encode() if source else b"")).hexdigest()
    lock_plan(program.pk)  # two uploads of one file meet here
    waits = PlanImport.objects.filter(program_id=program.pk, digest=digest, state=State.WAITING).first()
    if waits is not None:
        return waits
    kept: PlanImport = PlanImport.objects.create(
        program=program,
        file_name=file_name[:200],
        source_name=source.name if source else "",
        format=PlanImport.Format.SHEET if source else looks_like(data),
        digest=digest,
        draft={UPLOAD: base64.b64encode(data).decode()} | ({LAYOUT: source.layout} if source else {}),
        uploaded_by=by,
        uploaded_at=at,
    )
    enqueue(
        topic=TOPIC,
        key=f"{TOPIC}:{kept.pk}",
        payload={"plan_import": kept.pk},
        program_id=program.pk,
        actor=by,
    )
    return kept


def refuse(*, plan_import: PlanImport, sentence: str, by: User | None, at: datetime) -> PlanImport:
    """A worker could not read the file as a whole: keep the reason, not the file."""
    problem = {
        "severity": "error",
        "file": plan_import.file_name,
        "row": None,
        "column": "",
        "value": "",
        "sentence": sentence,
    }
    totals = {"errors": 1, "warnings": 0, "more": 0}
    return _settle(plan_import, State.REFUSED, draft={}, problems=[problem], totals=totals)


def compare_again(*, plan_import: PlanImport, by: User | None, at: datetime) -> PlanImport:
    """Work out once more what acceptance would do, because the plan was edited after the dry run."""
    current_access().require(Permission.IMPORT, plan_import.program_id)
    found = _locked(plan_import)
    if found.state != State.READ:
        raise Refused("Only a file that waits for acceptance can be compared again.")
    program = Program.objects.get(pk=found.program_id)
    draft = decode(found.draft)
    comparison, lost = compared(program, draft, found.source_name)
    problems = fitted(program, draft, found.file_name, comparison, could=lost.going(lost.projects()))
    if problems.blocking:
        listed = [problem.as_dict() for problem in problems.shown()]
        totals = found.totals | {"errors": problems.count["error"], "more": problems.rest()}
        return _settle(found, State.REFUSED, draft={}, problems=listed, totals=totals)
    return _settle(found, changes=told(comparison, lost, draft, program))


def drop(*, plan_import: PlanImport, by: User | None, at: datetime) -> PlanImport:
    """Put a dry run aside; what was read is not kept."""
    current_access().require(Permission.IMPORT, plan_import.program_id)
    found = _locked(plan_import)
    if found.state == State.ACCEPTED:
        raise Refused("This import was accepted: it cannot be dropped any more.")
    return _settle(found, State.DROPPED, draft={})


def accept(
    *, plan_import: PlanImport, take_out: Collection[str] = (), by: User | None, at: datetime
) -> Accepted:
    """Write what the dry run showed: calendars, projects, activities, links, resources, progress, baseline; compute.

    `take_out` names projects whose rows that came by an earlier import of this source, and are not in the file any
    more, leave the plan, as far as nothing of record hangs on them; those of the other projects stay.
    All in the caller's transaction. Needs the right to import and to edit the plan. Accepting twice, or the same
    content again where nothing of it is to be done, does nothing and says so. Raises Conflict when the plan was
    edited after the dry run, Refused for an import with errors or dropped.
    """
    access = current_access()
    access.require(Permission.IMPORT, plan_import.program_id)
    access.require(Permission.EDIT_PLAN, plan_import.program_id)
    program = lock_plan(plan_import.program_id)
    found = _locked(plan_import)
    if found.state == State.ACCEPTED:
        return Accepted(found, program, already=True)
    if found.state != State.READ:
        raise Refused(_NOT_READY[State(found.state)])
    draft = decode(found.draft)
    chosen = _chosen(take_out, draft)
    comparison, lost = compared(program, draft, found.source_name)
    comparison.gone = lost.going(chosen)
    if comparison.nothing and not comparison.gone:
        before = accepted_before(program, found.digest)
        if before is not None:
            return Accepted(before, program, already=True)
    if found.changes["plan_version"] != program.plan_version:
        raise Conflict(
            "The plan was edited after this dry run, so it may not show what would happen. Compare again first.",
            code="plan-moved",
        )
    problems = fitted(program, draft, found.file_name, comparison)
    if problems.blocking:
        raise Refused(problems.shown()[0].sentence)
    said = told(comparison, lost, draft, program, chosen)
    computation, moved, baseline = apply(program, comparison, found, by=by, at=at)
    _settle(found, State.ACCEPTED, accepted_by=by, accepted_at=at, changes=said)
    return Accepted(found, program, draft, computation, baseline, moved=moved)


def _chosen(take_out: Collection[str], draft: Draft) -> set[str]:
    """The projects of the file that were named. Raises Refused for one that it does not have."""
    known = {project.code for project in draft.projects}
    for code in take_out:
        if code not in known:
            raise Refused(f"{code[:60]} is not a project of this file.", field="take_out")
    return set(take_out)


_NOT_READY = {
    State.WAITING: "This file is still being read.",
    State.REFUSED: "This file has errors: put them right and import it again.",
    State.DROPPED: "This import was dropped. Import the file again.",
}


def _locked(plan_import: PlanImport) -> PlanImport:
    found: PlanImport = PlanImport.objects.select_for_update(no_key=True, of=("self",)).get(pk=plan_import.pk)
    return found


def _settle(plan_import: PlanImport, state: str | None = None, /, **values: Any) -> PlanImport:
    """Set fields of an import and save just these."""
    if state is not None:
        values["state"] = state
    for name, value in values.items():
        setattr(plan_import, name, value)
    plan_import.save(update_fields=list(values))
    return plan_import
