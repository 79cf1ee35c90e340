"""The month a fiscal year begins in stays once months are kept: budgets, limits and ceilings are counted by it."""

from __future__ import annotations

from finance.structure.models import FiscalPeriod
from programs.charter.selectors import FISCAL_YEAR_HELD


def held(program_id: int) -> str:
    """Why another first month would break what is counted by fiscal year, or "" where nothing is yet. One query."""
    first = (
        FiscalPeriod.objects.filter(program_id=program_id).order_by("code").values_list("code", flat=True)[:1]
    )
    if not first:
        return ""
    return (
        f"It stays: months are in use since {first[0]}, and budgets, ceilings and limits of transfers are counted "
        "by the fiscal years that they lie in."
    )


FISCAL_YEAR_HELD.append(held)
