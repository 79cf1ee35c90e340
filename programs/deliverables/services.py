"""Commands on what is handed over: written directly until a baseline holds its project; accepted by somebody else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from pmo.accounts.access import current_access
from pmo.accounts.models import User
from pmo.accounts.roles import Permission
from pmo.refusals import Conflict, NotAllowed, Refused
from pmo.zones import zone
from programs.deliverables import values
from programs.deliverables.models import Deliverable, Requirement
from programs.deliverables.selectors import free_projects, own, people
from programs.portfolio.models import Program, Project

EVIDENCE = 1000
CHANGED = "Somebody changed this after you opened it. Here is how it is now."


def add(
    *, program: Program, project: Project, given: Mapping[str, Any], by: User | None, at: datetime
) -> Deliverable:
    """A new deliverable of a project that stands in no baseline: `code`, `name`, `due_on`, `requirements` (words)."""
    with transaction.atomic():
        _lock(program.pk)
        _free(Project.objects.get(pk=project.pk))
        to = values.values(given, {"code", "name", "due_on", "requirements"})
        values.whole(to)
        if Deliverable.objects.filter(program_id=program.pk, code=to["code"]).exists():
            raise Refused("The program has a deliverable of that code already.", field="code")
        if not to.get("requirements"):
            raise Refused("Write at least one requirement: what is it accepted by?", field="requirements")
        made: Deliverable = Deliverable.objects.create(
            program_id=program.pk,
            project_id=project.pk,
            code=to["code"],
            name=to["name"],
            due_on=date.fromisoformat(to["due_on"]),
        )
        more(made, number(made, to["requirements"]))
        return made


def edit(
    *, deliverable: Deliverable, version: int, given: Mapping[str, Any], by: User | None, at: datetime
) -> Deliverable:
    """Another `name` or `due_on` of a deliverable, or `requirements` that are added to it."""
    with transaction.atomic():
        found = _open(deliverable.pk, version)
        to = values.values(given, {"name", "due_on", "requirements"})
        change(found, to)
        more(found, number(found, to.get("requirements", [])))
        return found


def edit_requirement(
    *, requirement: Requirement, version: int, changes: Mapping[str, Any], by: User | None, at: datetime
) -> Requirement:
    """Other words (`text`), another day (`due_on`) or producer (`produced_by`) of one that is not accepted yet.

    Who produces it is nothing that a baseline froze: that alone is said under one, too. Nobody takes themselves out.
    """
    with transaction.atomic():
        found = _requirement(requirement.pk, version)
        project = found.deliverable.project
        if set(changes) == {"produced_by"}:
            current_access().require(Permission.EDIT_PLAN, project.program_id, project.pk)
            values.refuse_closed(project)
        else:
            _free(project)
        if found.accepted_on is not None:
            raise Refused(f"{found.code} is accepted: take the acceptance back first.", field="text")
        if set(changes) - {"text", "due_on", "produced_by"}:
            raise Refused("Only words, day and producer of a requirement can be edited.", code="not-editable")
        if "text" in changes:
            found.text = values.wording(changes["text"], "text")
        if "due_on" in changes:
            found.due_on = date.fromisoformat(values.day(str(changes["due_on"])))
        if "produced_by" in changes:
            named = _member(found.program_id, changes["produced_by"])
            if by is not None and found.produced_by_id == by.pk != getattr(named, "pk", None):
                raise Refused("You produced it: somebody else says otherwise.", field="produced_by")
            found.produced_by = named
        found.version += 1
        found.save(update_fields=["text", "due_on", "produced_by", "version"])
        return found


def accept(
    *, requirement: Requirement, version: int, accepted_on: date, evidence: str, by: User, at: datetime
) -> Requirement:
    """Say that a requirement is met, and by what it is seen; not by who ever produced it or its manager."""
    with transaction.atomic():
        found = _requirement(requirement.pk, version)
        project = found.deliverable.project
        current_access().require(Permission.ACCEPT_DELIVERY, found.program_id)
        if own(found, by):
            raise NotAllowed("Who produced it, or was named so, or manages its project, does not accept it.")
        if found.accepted_on is not None:
            raise Conflict(f"{found.code} is accepted already.", code="changed")
        if accepted_on > at.astimezone(zone(project.program.time_zone)).date():
            raise Refused("It was accepted today or earlier, not later.", field="accepted_on")
        if accepted_on.year < values.EARLIEST:
            raise Refused("Write a day from 1990 on.", field="accepted_on")
        words = evidence.strip()
        if not words or len(words) > EVIDENCE:
            raise Refused("Say by what it is seen, in up to 1,000 characters.", field="evidence")
        found.accepted_on, found.accepted_by, found.evidence = accepted_on, by, words
        found.version += 1
        found.save(update_fields=["accepted_on", "accepted_by", "evidence", "version"])
        return found


def take_back(
    *, requirement: Requirement, version: int, reason: str, by: User | None, at: datetime
) -> Requirement:
    """Take an acceptance back: it was a mistake, or what was accepted is not there. `reason` is in the history."""
    with transaction.atomic():
        found = _requirement(requirement.pk, version)
        current_access().require(Permission.ACCEPT_DELIVERY, found.program_id)
        if found.accepted_on is None:
            raise Conflict(f"{found.code} is not accepted.", code="changed")
        if not reason.strip():
            raise Refused("Say why.", field="why")
        found.accepted_on, found.accepted_by, found.evidence = None, None, ""
        found.version += 1
        found.save(update_fields=["accepted_on", "accepted_by", "evidence", "version"])
        return found


def change(found: Deliverable, to: Mapping[str, Any]) -> None:
    """Write another name or day; open requirements that were due with it move along. Rights were checked."""
    found.version += 1
    found.name = to.get("name", found.name)
    if "due_on" in to:
        before, found.due_on = found.due_on, date.fromisoformat(to["due_on"])
        Requirement.objects.filter(deliverable=found, accepted_on=None, due_on=before).update(
            due_on=found.due_on, version=F("version") + 1
        )
    found.save(update_fields=["name", "due_on", "version"])


def more(found: Deliverable, texts: Sequence[Mapping[str, str]]) -> None:
    """Write requirements (`code`, `text`), due with their deliverable. Rights were checked."""
    for one in texts:
        Requirement.objects.create(
            program_id=found.program_id,
            deliverable=found,
            code=one["code"],
            text=one["text"],
            due_on=found.due_on,
        )


def number(found: Deliverable, texts: Sequence[str]) -> list[dict[str, str]]:
    """Words with the next free codes of a deliverable's requirements. One query."""
    known = Requirement.objects.filter(program_id=found.program_id, code__startswith=f"{found.code}-R")
    return values.numbered(set(known.values_list("code", flat=True)), found.code, texts)


def _lock(program_id: int) -> Program:
    """The plan's lock: no baseline is approved between the look and the writing."""
    return Program.objects.select_for_update(no_key=True, of=("self",)).get(pk=program_id)


def _free(project: Project) -> None:
    """May this person write the project's scope directly? Refused, in words, where a baseline holds it."""
    current_access().require(Permission.EDIT_PLAN, project.program_id, project.pk)
    values.refuse_closed(project)
    if not free_projects(project.program_id).filter(pk=project.pk).exists():
        raise Refused(
            f"{project.code} stands in a baseline: its deliverables change by a change request.",
            field="project",
            code="in-baseline",
        )


def _open(pk: int, version: int) -> Deliverable:
    program_id = Deliverable.objects.values_list("program_id", flat=True).get(pk=pk)
    _lock(program_id)
    found: Deliverable = (
        Deliverable.objects.select_for_update(of=("self",)).select_related("project").get(pk=pk)
    )
    _free(found.project)
    if found.withdrawn_at is not None:
        raise Refused(f"{found.code} is withdrawn: it stays as it is.")
    if found.version != version:
        raise Conflict(CHANGED, code="changed")
    return found


def _requirement(pk: int, version: int) -> Requirement:
    """A requirement under its deliverable's lock, as it was seen; not of one that is withdrawn."""
    program_id = Requirement.objects.values_list("program_id", flat=True).get(pk=pk)
    _lock(program_id)
    found: Requirement = (
        Requirement.objects.select_for_update(of=("self",))
        .select_related("deliverable__project__program")
        .get(pk=pk)
    )
    if found.deliverable.withdrawn_at is not None:
        raise Refused(f"{found.deliverable.code} is withdrawn: its requirements stay as they are.")
    if found.version != version:
        raise Conflict(CHANGED, code="changed")
    return found


def _member(program_id: int, person: User | None) -> User | None:
    if person is not None and not people(program_id).filter(pk=person.pk).exists():
        raise Refused("That person is not in the program.", field="produced_by")
    return person
