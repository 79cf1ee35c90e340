"""What can happen to the gates of a project before a body decides: planned, shown, looked at.

The gate's row is locked first; whatever changes what a reviewer read makes a new revision. Days are calendar days.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max

from pmo.accounts.access import current_access
from pmo.accounts.models import User
from pmo.accounts.roles import Permission
from pmo.refusals import Conflict, NotAllowed, Refused
from programs.gates import selectors
from programs.gates.models import Gate, GateCriterion, GateOpinion, GateReviewer
from programs.portfolio.models import Program
from programs.schedule.models import Activity

State = Gate.State
GATE_FIELDS = frozenset({"project", "position", "code", "name", "activity", "due_on"})
CRITERION_FIELDS = frozenset({"text", "mandatory", "position"})
MILESTONES = (Activity.Kind.START_MILESTONE, Activity.Kind.FINISH_MILESTONE)
CHANGED = "Somebody changed this after you opened it: look at it again, then save."
SPOKE = "Who has said whether the gate is ready stays its reviewer: what was said is shown to who decides."
MOST_CRITERIA = 100


def locked(gate: Gate, version: int | None = None) -> Gate:
    """The gate as it is under its lock; Conflict where it is not the version that was seen."""
    live: Gate = Gate.objects.select_for_update(of=("self",)).select_related("project").get(pk=gate.pk)
    if version is not None and version != live.version:
        raise Conflict(CHANGED, code="changed")
    return live


def require_open(gate: Gate) -> None:
    """Refused unless it is in preparation."""
    if gate.state == State.SUBMITTED:
        raise Refused(f"{gate.code} is put forward for a decision: take it back before you change it.")
    if gate.state != State.OPEN:
        raise Refused(f"{gate.code} is decided: it stays as it is.")


def _checked(row: Any) -> None:
    try:
        row.full_clean(validate_constraints=False, validate_unique=False)
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise Refused(messages[0], field=field) from error


def _check(gate: Gate) -> None:
    if gate.activity is not None and (
        gate.activity.project_id != gate.project_id or gate.activity.kind not in MILESTONES
    ):
        raise Refused("Name a milestone of the gate's own project.", field="activity")
    _checked(gate)
    others = Gate.objects.filter(project_id=gate.project_id).exclude(pk=gate.pk)
    if others.filter(code=gate.code).exists():
        raise Refused("The project has a gate of this code already.", field="code")
    if others.filter(position=gate.position).exists():
        raise Refused("Another gate of the project has this place already.", field="position")


def add(*, program: Program, values: Mapping[str, Any], by: User | None, at: datetime) -> Gate:
    """Plan a gate (`GATE_FIELDS`). Raises Refused at the field; after a gate that passed no earlier one is added."""
    project = values["project"]
    current_access().require(Permission.KEEP_GATES, program.pk, project.pk)
    if set(values) - GATE_FIELDS or project.program_id != program.pk:
        raise Refused("This cannot be recorded here.", code="not-editable")
    gate = Gate(program=program, **values)
    _check(gate)
    gate.save(force_insert=True)
    return gate


def edit(*, gate: Gate, version: int, changes: Mapping[str, Any], by: User | None, at: datetime) -> Gate:
    """Change code, name, place, milestone or day of a gate in preparation; its project stays."""
    with transaction.atomic():
        live = locked(gate, version)
        current_access().require(Permission.KEEP_GATES, live.program_id, live.project_id)
        require_open(live)
        if set(changes) - GATE_FIELDS | ({"project"} & set(changes)):
            raise Refused("This cannot be edited here.", code="not-editable")
        was = live.position
        for name, value in changes.items():
            setattr(live, name, value)
        _check(live)
        _keeps_its_order(live, was)
        return _revised(live)


def _keeps_its_order(gate: Gate, was: int) -> None:
    """A gate moved over another would let that one pass before it, or after."""
    between = (min(was, gate.position), max(was, gate.position))
    others = Gate.objects.filter(project_id=gate.project_id, position__range=between).exclude(pk=gate.pk)
    over = others.order_by("position").first()
    if over is not None:
        raise Refused(
            f"{gate.code} would be moved over {over.code}: the order of gates stays as it was planned.",
            field="position",
        )


def _revised(live: Gate) -> Gate:
    live.version += 1
    live.revision += 1
    live.save()
    return live


def add_criterion(
    *, gate: Gate, version: int, text: str, by: User | None, at: datetime, mandatory: bool = True
) -> GateCriterion:
    """What must be true, at the end of the list."""
    with transaction.atomic():
        live = locked(gate, version)
        current_access().require(Permission.KEEP_GATES, live.program_id, live.project_id)
        require_open(live)
        rows = GateCriterion.objects.filter(gate=live)
        if rows.count() >= MOST_CRITERIA:
            raise Refused(f"A gate has up to {MOST_CRITERIA} criteria.", field="text")
        last = rows.aggregate(last=Max("position"))["last"] or 0
        made = GateCriterion(
            program_id=live.program_id,
            gate=live,
            position=last + 1,
            text=text.strip(),
            mandatory=mandatory,
        )
        _checked(made)
        made.save(force_insert=True)
        _revised(live)
        return made


def _criterion(criterion: GateCriterion, version: int) -> tuple[Gate, GateCriterion]:
    live = locked(criterion.gate)
    one: GateCriterion = GateCriterion.objects.get(pk=criterion.pk)
    if version != one.version:
        raise Conflict(CHANGED, code="changed")
    return live, one


def edit_criterion(
    *, criterion: GateCriterion, version: int, changes: Mapping[str, Any], by: User | None, at: datetime
) -> GateCriterion:
    """Change its words or whether it is mandatory. Other words are to be shown anew."""
    with transaction.atomic():
        live, one = _criterion(criterion, version)
        current_access().require(Permission.KEEP_GATES, live.program_id, live.project_id)
        require_open(live)
        if set(changes) - CRITERION_FIELDS:
            raise Refused("This cannot be edited here.", code="not-editable")
        if changes.get("text", one.text) != one.text:
            reopen(one)
        for name, value in changes.items():
            setattr(one, name, value.strip() if isinstance(value, str) else value)
        _checked(one)
        one.version += 1
        one.save()
        _revised(live)
        return one


def remove_criterion(*, criterion: GateCriterion, version: int, by: User | None, at: datetime) -> Gate:
    """Take a criterion out of a gate in preparation; its history stays."""
    with transaction.atomic():
        live, one = _criterion(criterion, version)
        current_access().require(Permission.KEEP_GATES, live.program_id, live.project_id)
        require_open(live)
        one.delete()
        return _revised(live)


def reopen(criterion: GateCriterion) -> None:
    """Not shown yet; what was said as evidence stays to be looked at again. The caller saves it."""
    criterion.state = GateCriterion.State.OPEN
    criterion.assessed_by = None
    criterion.assessed_at = None


def assess(
    *,
    criterion: GateCriterion,
    version: int,
    state: str,
    by: User,
    at: datetime,
    evidence: str = "",
    link: str = "",
) -> GateCriterion:
    """Say whether a criterion is met, with the evidence: words, or an address. By who may edit the project's plan.

    Met and not applicable need evidence; what is left open takes none: somebody stands for evidence.
    Refused for a reviewer of the gate: nobody looks at what is one's own.
    """
    with transaction.atomic():
        live, one = _criterion(criterion, version)
        current_access().require(Permission.EDIT_PLAN, live.program_id, live.project_id)
        require_open(live)
        if GateReviewer.objects.filter(gate=live, person=by).exists():
            raise Refused("You review this gate: somebody else says whether its criteria are met.")
        words, address = evidence.strip(), link.strip()
        if state == GateCriterion.State.OPEN:
            if words not in ("", one.evidence) or address not in ("", one.link):
                raise Refused(
                    "Evidence goes with what you say of the criterion: met, not met or not applicable.",
                    field="state",
                )
            reopen(one)
        else:
            one.state, one.evidence, one.link = state, words, address
            one.assessed_by, one.assessed_at = by, at
        if state in ("met", "not_applicable") and not (one.evidence or one.link):
            raise Refused("Say what shows it, or give the address of what does.", field="evidence")
        if one.link and not one.link.startswith(("https://", "http://")):
            raise Refused("An address begins with https:// or http://.", field="link")
        _checked(one)
        one.version += 1
        one.save()
        _revised(live)
        return one


def name_reviewer(*, gate: Gate, person: User, by: User | None, at: datetime) -> GateReviewer:
    """Ask somebody with a role in the program to look at the gate; who wrote or assessed its criteria cannot."""
    with transaction.atomic():
        live = locked(gate)
        current_access().require(Permission.KEEP_GATES, live.program_id, live.project_id)
        require_open(live)
        if not person.memberships.filter(program_id=live.program_id).exists():
            raise Refused("Name somebody with a role in this program.", field="person")
        if GateReviewer.objects.filter(gate=live, person=person).exists():
            raise Refused(f"{person.name} reviews this gate already.", field="person")
        how = selectors.writers(live).get(person.pk)
        if how is not None:
            raise Refused(f"{person.name} {how}: somebody else reviews it.", field="person")
        made: GateReviewer = GateReviewer.objects.create(program_id=live.program_id, gate=live, person=person)
        return made


def release_reviewer(*, reviewer: GateReviewer, version: int, by: User | None, at: datetime) -> Gate:
    """Somebody no longer reviews the gate. `version` is the gate's that was seen.

    Refused for who spoke about the gate as it is, or said last that it is not ready: the voters are to see that.
    """
    with transaction.atomic():
        live = locked(reviewer.gate, version)
        current_access().require(Permission.KEEP_GATES, live.program_id, live.project_id)
        require_open(live)
        said = GateOpinion.objects.filter(gate=live, person_id=reviewer.person_id).order_by("pk").last()
        if said is not None and (
            said.revision == live.revision or said.opinion == GateOpinion.Opinion.NOT_READY
        ):
            raise Refused(SPOKE)
        GateReviewer.objects.filter(pk=reviewer.pk).delete()
        return live


def give_opinion(
    *, gate: Gate, revision: int, opinion: str, by: User, at: datetime, remarks: str = ""
) -> GateOpinion:
    """Say as a named reviewer, in person, whether the gate is ready. `revision` is the one that was read."""
    if current_access().by_token:
        raise NotAllowed("This needs a person present: an API token cannot do it.", code="person-needed")
    with transaction.atomic():
        live = locked(gate)
        current_access().require(Permission.VIEW_PROGRAM, live.program_id)
        if not GateReviewer.objects.filter(gate=live, person=by).exists():
            raise NotAllowed("Only the reviewers named for this gate say whether it is ready.")
        require_open(live)
        if revision != live.revision:
            raise Conflict("The gate was changed after you opened it: read it again first.", code="changed")
        made = GateOpinion(
            program_id=live.program_id,
            gate=live,
            person=by,
            revision=revision,
            opinion=opinion,
            remarks=remarks.strip(),
            at=at,
        )
        if opinion != GateOpinion.Opinion.READY and not made.remarks:
            raise Refused("Say what is missing, or what you remark.", field="remarks")
        _checked(made)
        made.save(force_insert=True)
        return made
