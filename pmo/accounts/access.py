"""What one person may do in this transaction: read once, at its start, from the memberships in force."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextvars import ContextVar, Token
from dataclasses import dataclass, field

from pmo.accounts.models import User
from pmo.accounts.roles import GRANTS, PERSON_ONLY, Permission, Role
from pmo.refusals import NotAllowed


@dataclass(frozen=True, slots=True)
class Held:
    """One membership in force: program, role, and the project it is limited to (None: the whole program)."""

    program_id: int
    role: str
    project_id: int | None


@dataclass(frozen=True)
class Access:
    """A person's rights in each program, worked out from the memberships held today.

    `read_only` and `only_programs` come from an API token and narrow, never widen.
    """

    user: User | None
    held: tuple[Held, ...] = ()
    read_only: bool = False
    by_token: bool = False
    system: bool = False
    _whole: Mapping[int, frozenset[Permission]] = field(init=False, repr=False)
    _by_project: Mapping[tuple[int, int], frozenset[Permission]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        whole: dict[int, frozenset[Permission]] = {}
        by_project: dict[tuple[int, int], frozenset[Permission]] = {}
        readable = frozenset({Permission.VIEW_PROGRAM, Permission.VIEW_MONEY, Permission.VIEW_HISTORY})
        for one in self.held:
            granted = GRANTS[one.role]
            if self.by_token:
                granted -= PERSON_ONLY
            if self.read_only:
                granted &= readable
            if one.role == Role.PROJECT_MANAGER and one.project_id is not None:
                # Reads the whole program, acts in one project of it.
                key = (one.program_id, one.project_id)
                by_project[key] = by_project.get(key, frozenset()) | granted
                granted &= readable
            whole[one.program_id] = whole.get(one.program_id, frozenset()) | granted
        object.__setattr__(self, "_whole", whole)
        object.__setattr__(self, "_by_project", by_project)

    @property
    def program_ids(self) -> list[int]:
        """Every program in which any role is held."""
        return sorted(self._whole)

    def programs_with(self, permission: Permission) -> list[int]:
        """The programs in which the whole-program right is held (system work: every program in scope)."""
        return sorted(pk for pk, granted in self._whole.items() if permission in granted)

    def projects_with(self, permission: Permission, program_id: int) -> list[int]:
        """The projects in which a right limited to projects is held."""
        return sorted(
            project for (program, project), granted in self._by_project.items()
            if program == program_id and permission in granted
        )  # fmt: skip

    def may(self, permission: Permission, program_id: int, project_id: int | None = None) -> bool:
        """May this be done in the program (or, given a project, in that project)?"""
        if permission in self._whole.get(program_id, ()):
            return True
        return project_id is not None and permission in self._by_project.get((program_id, project_id), ())

    def may_somewhere(self, permission: Permission, program_id: int) -> bool:
        """May this be done in the program as a whole or in at least one of its projects?"""
        return self.may(permission, program_id) or bool(self.projects_with(permission, program_id))

    def require(self, permission: Permission, program_id: int, project_id: int | None = None) -> None:
        """Raise NotAllowed, in words, unless `may`."""
        if self.may(permission, program_id, project_id):
            return
        if self.by_token and permission in PERSON_ONLY:
            raise NotAllowed("This needs a person present: an API token cannot do it.", code="person-needed")
        raise NotAllowed(f"Your role in this program does not include: {permission.value.replace('_', ' ')}.")

    def roles_in(self, program_id: int) -> list[str]:
        return sorted({one.role for one in self.held if one.program_id == program_id})


class SystemAccess(Access):
    """The office's own work inside one program: every right, in the programs of the scope only."""

    def may(self, permission: Permission, program_id: int, project_id: int | None = None) -> bool:
        return program_id in self._whole

    def programs_with(self, permission: Permission) -> list[int]:
        return self.program_ids


def system_access(program_ids: Iterable[int]) -> Access:
    """Rights of the office itself in these programs (workers, clock, import commands)."""
    return SystemAccess(
        user=None, held=tuple(Held(pk, Role.AUDITOR, None) for pk in program_ids), system=True
    )


NOBODY = Access(user=None)
_current: ContextVar[Access] = ContextVar("access", default=NOBODY)


def current_access() -> Access:
    """The access of the transaction we are in; NOBODY (no program, no right) outside one: fails closed."""
    return _current.get()


def enter(access: Access) -> Token[Access]:
    """Make `access` current (used by pmo.scope and pmo.commands only); give the token to `leave`."""
    return _current.set(access)


def leave(token: Token[Access]) -> None:
    _current.reset(token)
