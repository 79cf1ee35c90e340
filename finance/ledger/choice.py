"""What of a program's money is looked at, as its address says: project, category, nature."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from finance.structure.models import Category, Nature
from programs.portfolio.models import Program, Project


@dataclass(frozen=True, slots=True)
class Choice:
    """None and "" mean all of it."""

    project_id: int | None = None
    category: str = ""
    nature: str = ""


ALL = Choice()


@dataclass(frozen=True, slots=True)
class Filters:
    """The choice with what a page needs to offer it: the projects, and the words for what was chosen."""

    choice: Choice
    projects: list[tuple[str, str]]
    project: str

    def context(self) -> dict[str, Any]:
        """For `finance/filters.html`."""
        return {
            "projects": self.projects,
            "project": self.project,
            "categories": Category.choices,
            "category": self.choice.category,
            "natures": Nature.choices,
            "nature": self.choice.nature,
        }


def chosen(request: HttpRequest, program: Program) -> Filters:
    """Read `?project=CODE&category=&nature=`; what does not exist is taken as not chosen. One query."""
    rows = list(
        Project.objects.filter(program=program).order_by("position", "pk").values_list("pk", "code", "name")
    )
    code = request.GET.get("project", "")
    found = next((row for row in rows if row[1] == code), None)
    category, nature = request.GET.get("category", ""), request.GET.get("nature", "")
    choice = Choice(
        found[0] if found else None,
        category if category in Category.values else "",
        nature if nature in Nature.values else "",
    )
    return Filters(choice, [(row[1], f"{row[1]} {row[2]}") for row in rows], found[1] if found else "")
