"""What belongs to a program: rows that only its members may see."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.db import models

from pmo.accounts.access import current_access
from pmo.accounts.roles import Permission


class ProgramOwnedQuerySet(models.QuerySet[Any]):
    """Row security is under every query; `visible_to` adds the right to see this kind of row."""

    def visible_to(self, user: Any) -> Self:
        """The rows of programs in which this person holds the model's view right, by the current access.

        Fails closed: outside a read scope or command, or for another person than the scope's, no row.
        """
        access = current_access()
        if not access.system and (access.user is None or user is None or access.user.pk != user.pk):
            return self.none()
        permission: Permission = getattr(self.model, "view_permission", Permission.VIEW_PROGRAM)
        return self.filter(program_id__in=access.programs_with(permission))

    def in_program(self, program_id: int) -> Self:
        return self.filter(program_id=program_id)


class ProgramOwned(models.Model):
    """A row of one program. The database holds it there by row security and composite keys."""

    view_permission: ClassVar[Permission] = Permission.VIEW_PROGRAM

    program = models.ForeignKey("programs.Program", models.PROTECT, related_name="+")

    objects = ProgramOwnedQuerySet.as_manager()

    class Meta:
        abstract = True


class Versioned(models.Model):
    """Optimistic locking: an edit names the version it saw; a later edit in between is told, not overwritten."""

    version = models.PositiveIntegerField(default=1)

    class Meta:
        abstract = True
