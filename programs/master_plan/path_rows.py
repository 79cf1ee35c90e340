"""Rows of the plan that lie on paths to an activity: looked up once for a page or a file, which may not have them."""

from __future__ import annotations

from dataclasses import replace

from pmo.clocks import AsOf
from pmo.refusals import Refused
from programs.master_plan.filters import Filters, PathChoice
from programs.master_plan.float_chains import ids_on
from programs.portfolio.models import Program

OF_NOW = "paths are those of now, and this is a view of the past."


def looked_up(filters: Filters, program: Program, as_of: AsOf) -> Filters:
    """The filters with the activities on their paths. Refused where paths cannot be told: of the past, of large plans.

    Six queries where there are paths to be looked up, none otherwise.
    """
    if not filters.path.activity:
        return filters
    if not as_of.is_now:
        raise Refused(f"{OF_NOW[0].upper()}{OF_NOW[1:]}", code="of-now")
    return replace(filters, on=tuple(ids_on(program, *filters.path)))


def or_all(filters: Filters, program: Program, as_of: AsOf) -> tuple[Filters, str]:
    """The same for a page: where paths cannot be told, all rows, and a sentence that says so and why."""
    try:
        return looked_up(filters, program, as_of), ""
    except Refused as refusal:
        why = f"{refusal.message[0].lower()}{refusal.message[1:]}"
        return replace(filters, path=PathChoice()), f"All rows are shown, not only those on paths: {why}"
