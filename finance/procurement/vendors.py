"""Commands on vendors: whoever keeps them does not order from them (pmo/accounts/roles.py)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from finance.procurement.models import Vendor
from pmo.accounts.access import current_access
from pmo.accounts.models import User
from pmo.accounts.roles import Permission
from pmo.numbering import next_code
from pmo.refusals import Conflict, Refused
from programs.portfolio.models import Program

EDITABLE = frozenset({"name", "tax_number", "email", "payment_days", "active"})


def add(*, program: Program, values: Mapping[str, Any], by: User | None, at: datetime) -> Vendor:
    """Register a vendor. `payment_days`: from the date of an invoice to the day it is due, 0 to 365."""
    current_access().require(Permission.KEEP_VENDORS, program.pk)
    with transaction.atomic():
        vendor = _checked(Vendor(program=program, code=next_code(Vendor, program.pk, "V")), values)
        vendor.save(force_insert=True)
        return vendor


def edit(*, vendor: Vendor, version: int, values: Mapping[str, Any], by: User | None, at: datetime) -> Vendor:
    """Change a vendor; `version` is the one the person saw."""
    current_access().require(Permission.KEEP_VENDORS, vendor.program_id)
    with transaction.atomic():
        found = Vendor.objects.select_for_update(no_key=True).get(pk=vendor.pk)
        if found.version != version:
            raise Conflict("Somebody changed this vendor after you opened it.", code="changed")
        _checked(found, values)
        found.version += 1
        found.save()
        return found


def _checked(vendor: Vendor, values: Mapping[str, Any]) -> Vendor:
    if set(values) - EDITABLE:
        raise Refused("This cannot be edited here.", code="not-editable")
    for name, value in values.items():
        setattr(vendor, name, " ".join(value.split()) if isinstance(value, str) else value)
    same = Vendor.objects.filter(program_id=vendor.program_id, name__iexact=vendor.name).exclude(pk=vendor.pk)
    if taken := same.first():
        raise Refused(f"{taken.code} has this name already.", field="name")
    if not 0 <= vendor.payment_days <= 365:
        raise Refused("Payment is due within 0 to 365 days.", field="payment_days")
    try:
        vendor.clean_fields(exclude=["program"])
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise Refused(messages[0], field=field) from error
    return vendor
