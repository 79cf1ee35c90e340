"""Who may give which role to whom: asked before a role is given, changed or ended, and when an invitation is taken.

What each role may do, and which roles give which, is code (`pmo.accounts.roles`); this asks it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date

from django.db.models import Q

from pmo.accounts.access import Access
from pmo.accounts.models import Membership, User
from pmo.accounts.roles import GIVES, GIVES_ONLY, Permission, Role, clashes
from pmo.refusals import NotAllowed, Refused

LEADS = (Role.PROGRAM_MANAGER, Role.ADMINISTRATOR)
"""Roles of which a program never loses the last: who leads it, and who keeps its members."""


NEVER_PROVEN = (
    "the address was never proven, for the link of the invitation was read in the office and no mail went there; "
    "ask the person whether this account is theirs"
)
Clash = tuple[str, list[str]]
"""A person's name, and what that person would newly unite, in words; NEVER_PROVEN where it may be somebody else."""


class RolesClash(Refused):
    """Somebody would hold two rights that two persons should hold, or may be somebody else; nobody has agreed yet.

    All people of a list are told of, and agreed to, at once.
    """

    def __init__(self, clashing: list[Clash]) -> None:
        both = [f"{name} then {one}" for name, words in clashing for one in words if one != NEVER_PROVEN]
        said = [f"Two persons should do that: {'; '.join(both)}."] if both else []
        said += [f"{name}: {NEVER_PROVEN}." for name, words in clashing if NEVER_PROVEN in words]
        super().__init__(f"{' '.join(said)} Nothing was saved.", code="roles-clash")
        self.seal = seal(clashing)
        self.told = {"agreed": self.seal}


def seal(clashing: list[Clash]) -> str:
    """What a person agrees to, so that an agreement is never taken for another one."""
    lines = [line for name, words in clashing for line in (name, *words)]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:24]


def givable(access: Access, program_id: int) -> frozenset[str]:
    """The roles that this person gives in the program; the office itself gives all."""
    if access.system:
        return frozenset(Role.values)
    if not access.may(Permission.MANAGE_MEMBERS, program_id):
        return frozenset()
    return frozenset().union(*(GIVES.get(role, frozenset()) for role in access.roles_in(program_id)))


def endable(access: Access, program_id: int) -> frozenset[str]:
    """The roles that this person changes and ends in the program: those given, but not who looks at oneself."""
    if not givable(access, program_id) or access.system:
        return givable(access, program_id)
    roles = access.roles_in(program_id)
    return frozenset().union(
        *(GIVES.get(role, frozenset()) - GIVES_ONLY.get(role, frozenset()) for role in roles)
    )


def require_ends(access: Access, program_id: int, role: str, *, longer: bool = False) -> None:
    """Raise NotAllowed, in words, unless the role may be ended or shortened; `longer`: prolonged."""
    require_gives(access, program_id, [role])
    if not longer and role not in endable(access, program_id):
        label = Role(role).label.lower()
        raise NotAllowed(
            f"Your role gives the role {label} and does not end it: ask an administrator.", field="role"
        )


def require_gives(access: Access, program_id: int, roles: Iterable[str], to: User | None = None) -> None:
    """Raise NotAllowed, in words, unless every one of the roles may be given, and not to oneself."""
    access.require(Permission.MANAGE_MEMBERS, program_id)
    if not access.system and to is not None and access.user is not None and to.pk == access.user.pk:
        raise NotAllowed("Nobody gives a role to oneself: somebody else who may has to do it.", field="user")
    for role in sorted(set(roles) - givable(access, program_id)):
        label = Role(role).label.lower() if role in Role.values else "that"
        raise NotAllowed(f"Your role does not give the role {label}: ask an administrator.", field="role")


def held_by(program_id: int, user_id: int, day: date) -> list[str]:
    """The roles that a person holds in the program on a day or will hold after it."""
    return list(
        Membership.objects.filter(
            Q(valid_to=None) | Q(valid_to__gte=day), program_id=program_id, user_id=user_id
        )
        .values_list("role", flat=True)
        .distinct()
    )


def refuse_clash(program_id: int, person: User, more: Iterable[str], day: date, agreed: str) -> None:
    """Raise RolesClash where `more` unites what two persons should do, unless just that was agreed to.

    So, too, where nobody knows that the account is of whom its address names.
    """
    refuse_clashes(clash_of(program_id, person, more, day), agreed)


def clash_of(program_id: int, person: User, more: Iterable[str], day: date) -> list[Clash]:
    """What has to be agreed to before the person gets these roles; empty where there is nothing."""
    words = clashes(held_by(program_id, person.pk, day), more)
    doubts = [] if person.address_proven else [NEVER_PROVEN]
    return [(person.name, [*words, *doubts])] if words or doubts else []


def refuse_clashes(clashing: list[Clash], agreed: str) -> None:
    """Raise RolesClash with all of them, unless just these were agreed to."""
    if clashing and agreed != seal(clashing):
        raise RolesClash(clashing)


def keep_a_lead(membership: Membership, until: date, day: date, where: str = "") -> None:
    """Raise Refused where the program would be without its last manager or administrator after `until`.

    Of the others who are active and hold the role, one must hold it as long as this person did.
    """
    if membership.role not in LEADS or (membership.valid_to is not None and membership.valid_to <= until):
        return
    others = Membership.objects.filter(
        program_id=membership.program_id,
        role=membership.role,
        user__is_active=True,
        valid_from__lte=max(day, until),
    ).exclude(user_id=membership.user_id)
    last = membership.valid_to
    enough = Q(valid_to=None) if last is None else Q(valid_to=None) | Q(valid_to__gte=last)
    if not others.filter(enough).exists():
        label = membership.get_role_display().lower()
        raise Refused(
            f"{membership.user.name} is the last {label} of{where or ' this program'}: "
            "give the role to somebody else first.",
            code="last-lead",
        )
