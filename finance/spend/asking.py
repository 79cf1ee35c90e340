"""What is asked of spend, as an address says it: how the money is cut, and of which money."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from django.http import HttpRequest

from finance.ledger.choice import ALL, Choice, Filters, chosen
from programs.portfolio.models import Program

CUTS: Final = {
    "project": "Project",
    "category": "Category",
    "nature": "Nature",
    "vendor": "Vendor",
    "period": "Period",
}
"""What money can be cut by."""
NO_VENDOR: Final = "-"
"""Stands in an address for costs that name no vendor."""
LONGEST_VENDOR: Final = 200
PARAMETERS: Final = frozenset({"by", "then", "project", "category", "nature", "vendor", "from", "to"})


@dataclass(frozen=True, slots=True)
class Question:
    """Cut `by` one thing and, in each of its lines, `then` by another (or ""); of a choice, and of one vendor.

    `vendor` is None for all of them and "" for the costs that name none.
    """

    by: str = "project"
    then: str = ""
    choice: Choice = ALL
    vendor: str | None = None

    @property
    def costs_only(self) -> bool:
        """Whether vendors are asked about: nothing but costs is known by vendor."""
        return self.vendor is not None or "vendor" in (self.by, self.then)

    @property
    def whole_projects(self) -> bool:
        """Whether nothing but projects was chosen: only then does a project's forecast stand beside its money."""
        choice = self.choice
        return not (self.costs_only or choice.category or choice.nature or choice.first or choice.last)


@dataclass(frozen=True, slots=True)
class Asked:
    """The question, the filters a page offers, and by parameter what could not be understood."""

    question: Question
    filters: Filters
    problems: dict[str, str] = field(default_factory=dict)


def asked(request: HttpRequest | Any, program: Program) -> Asked:
    """Read `?by=project&then=category` and the filters. What is not understood is left out, and said. One query."""
    filters = chosen(request, program)
    problems = dict(filters.problems)
    by, then = request.GET.get("by", ""), request.GET.get("then", "")
    one_of = "One of " + ", ".join(CUTS) + "."
    if by and by not in CUTS:
        problems["by"] = one_of
        by = ""
    by = by or "project"
    if then and (then not in CUTS or then == by):
        problems["then"] = one_of if then not in CUTS else "The second cut is the first one again."
        then = ""
    vendor = request.GET.get("vendor", "")[:LONGEST_VENDOR]
    name = None if not vendor else "" if vendor == NO_VENDOR else vendor
    return Asked(Question(by, then, filters.choice, name), filters, problems)
