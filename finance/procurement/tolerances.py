"""The command on a program's tolerance of invoices."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from finance.procurement.bills import Tolerance
from pmo.accounts.access import current_access
from pmo.accounts.models import User
from pmo.accounts.roles import Permission
from pmo.refusals import Conflict, Refused
from programs.portfolio.models import Program

FIELDS = frozenset({"quantity_percent", "price_percent", "price_minor"})


def current(program: Program) -> Tolerance:
    """What the program tolerates; where nothing was kept yet, nothing (version 0, not in the database)."""
    found = Tolerance.objects.filter(program=program).first()
    return found or Tolerance(program=program, version=0)


def keep(
    *, program: Program, version: int, values: Mapping[str, Any], by: User | None, at: datetime
) -> Tolerance:
    """Keep a tolerance (percents 0 to 100, minor units); `version` is the one that was seen, 0 for none yet."""
    current_access().require(Permission.EDIT_POLICY, program.pk)
    if set(values) != FIELDS:
        raise Refused("Give all three limits.")
    with transaction.atomic():
        Program.objects.select_for_update(no_key=True).get(
            pk=program.pk
        )  # two first ones are one after the other
        found = current(program)
        if found.version != version:
            raise Conflict("Somebody changed the tolerance after you opened it.", code="changed")
        for name, value in values.items():
            setattr(found, name, value)
        try:
            found.clean_fields(exclude=["program"])
        except ValidationError as error:
            field, messages = next(iter(error.message_dict.items()))
            raise Refused(messages[0], field=field) from error
        found.version += 1
        found.save()
        return found
