"""What a person still has to do when leaving: each app declares its kinds, and which of them a successor takes over.

Only who acts from now on is changed. What the person did, decided and signed stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.apps import apps
from django.db.models import CharField, F, Q, Value
from django.db.models.functions import Cast

from pmo.accounts.models import Membership, User
from pmo.accounts.roles import GRANTS, Permission
from pmo.refusals import Refused
from programs.portfolio.models import Program, Project
from programs.portfolio.selectors import members
from programs.raid.issue_models import UNSOLVED

MOST_NAMED = 20


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of duty: whose row it is (`person`: a path), which rows wait, and how a row is called (`code`).

    `handed`: a successor, whose role has the right `needs` in the program (a project manager's: in any project of it),
    takes it over here; else `instead` says where somebody does.
    """

    label: str
    model: str
    person: str
    waits: Q
    code: str = "code"
    program: str = "program_id"
    handed: bool = False
    instead: str = ""
    needs: Permission = Permission.VIEW_PROGRAM


@dataclass(slots=True)
class Duty:
    """The rows of one kind in one program: how many, and the codes of the first."""

    label: str
    count: int
    codes: list[str] = field(default_factory=list)
    handed: bool = False
    instead: str = ""
    needs: Permission = Permission.VIEW_PROGRAM


_kinds: list[Kind] = []


def register(*kinds: Kind) -> None:
    """Declare kinds of duties (once, when the app is ready)."""
    _kinds.extend(kind for kind in kinds if kind not in _kinds)


def _rows(kind: Kind, person: User, program_ids: Iterable[int]) -> Any:
    model: Any = apps.get_model(kind.model)
    wanted = Q(**{kind.person: person.pk, f"{kind.program}__in": list(program_ids)})
    return model.objects.filter(wanted & kind.waits)


def open_duties(person: User, program_ids: Iterable[int]) -> dict[int, list[Duty]]:
    """Program id -> what waits for the person there. Read in a scope that sees these programs.

    Codes only: who deactivates people need not see the plan.
    """
    ids = list(program_ids)
    first, *others = [
        _rows(kind, person, ids)
        .order_by()
        .annotate(duty=Value(n), called=Cast(kind.code, CharField()), place=F(kind.program))
        .values_list("place", "duty", "called")
        for n, kind in enumerate(_kinds)
    ]
    waiting: dict[int, dict[int, list[str]]] = {}
    for program_id, n, code in first.union(*others, all=True):  # one statement, however many kinds there are
        waiting.setdefault(program_id, {}).setdefault(n, []).append(code)
    return {
        program_id: [
            Duty(
                _kinds[n].label,
                len(codes),
                sorted(codes)[:MOST_NAMED],
                _kinds[n].handed,
                _kinds[n].instead,
                _kinds[n].needs,
            )
            for n, codes in sorted(of_kind.items())
        ]
        for program_id, of_kind in waiting.items()
    }


def successors(person: User, program_id: int, waiting: Iterable[Duty], day: date) -> list[User]:
    """Who could take over all that can be taken over there: active, with a role that has every right it needs."""
    wanted = {duty.needs for duty in waiting if duty.handed}
    able = [one for one, granted in _rights(program_id, day).items() if one != person and wanted <= granted]
    return sorted((one for one in able if one.is_active), key=lambda one: (one.name, one.pk))


def _rights(program_id: int, day: date) -> dict[User, frozenset[Permission]]:
    """Person -> all that the roles held in the program on a day grant, in whatever project."""
    found: dict[User, frozenset[Permission]] = {}
    held = Membership.objects.filter(
        Q(valid_to=None) | Q(valid_to__gte=day), program_id=program_id, valid_from__lte=day
    )
    for one in held.select_related("user"):
        found[one.user] = found.get(one.user, frozenset()) | GRANTS[one.role]
    return found


def hand_over(person: User, successor: User, program: Program, day: date) -> int:
    """Have a successor, who holds a role with the rights for it, take over what can be taken over; how many rows."""
    if successor.pk == person.pk:
        raise Refused("The successor is somebody else.", field=f"successor_{program.pk}")
    if not members(program.pk, day).filter(pk=successor.pk).exists():
        raise Refused(f"{successor.name} holds no role in {program.code}.", field=f"successor_{program.pk}")
    granted = _rights(program.pk, day)[successor]
    count = 0
    for kind in _kinds:
        if not kind.handed:
            continue
        rows = _rows(kind, person, [program.pk])
        if kind.needs not in granted and rows.exists():
            raise Refused(
                f"{successor.name} holds no role in {program.code} for this: {person.name} {kind.label}.",
                field=f"successor_{program.pk}",
            )
        change: dict[str, Any] = {kind.person: successor.pk}
        if any(one.name == "version" for one in rows.model._meta.concrete_fields):
            change["version"] = F("version") + 1
        count += rows.update(**change)
    return count


register(
    Kind(
        "leads the program", "programs.Program", "manager_id", Q(), program="id", handed=True,
        needs=Permission.EDIT_PROGRAM,
    ),
    Kind(
        "sponsors the program", "programs.Program", "sponsor_id", Q(), program="id",
        instead="named under Settings",
    ),
    Kind(
        "manages projects", "programs.Project", "manager_id",
        ~Q(state__in=[Project.State.COMPLETE, Project.State.CANCELLED]), handed=True,
        needs=Permission.EDIT_PLAN,
    ),
    Kind("owns risks", "programs.Risk", "owner_id", ~Q(state="closed"), handed=True, needs=Permission.EDIT_RISKS),
    Kind("owns issues", "programs.Issue", "owner_id", Q(state__in=UNSOLVED), handed=True, needs=Permission.EDIT_RISKS),
    Kind("answers for benefits", "programs.Objective", "owner_id", Q(retired_at=None), handed=True),
    Kind(
        "reviews gates", "programs.GateReviewer", "person_id", Q(gate__state__in=["open", "submitted"]),
        code="gate__code", instead="named on the gate's page",
    ),
)  # fmt: skip
