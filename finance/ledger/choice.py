"""What of a program's money is looked at, as its address says: project, category, nature, periods."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Final

from django.http import HttpRequest

from finance.structure.models import Category, Nature
from programs.portfolio.models import Program, Project

OWN: Final = "-"
"""Stands for no project in an address: money of the program itself."""
PERIOD: Final = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True)
class Choice:
    """None and "" mean all of it; `own` is the program's own money; `first` and `last` are codes of periods."""

    project_id: int | None = None
    category: str = ""
    nature: str = ""
    own: bool = False
    first: str = ""
    last: str = ""


ALL = Choice()


@dataclass(frozen=True, slots=True)
class Filters:
    """The choice with what a page needs to offer it: the projects, and the words for what was chosen.

    `names` are all projects of the program by id; `problems` says by parameter what could not be understood.
    """

    choice: Choice
    projects: list[tuple[str, str]]
    project: str
    names: dict[int, str] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)

    def context(self) -> dict[str, Any]:
        """For `finance/filters.html`."""
        return {
            "projects": self.projects,
            "project": self.project,
            "categories": Category.choices,
            "category": self.choice.category,
            "natures": Nature.choices,
            "nature": self.choice.nature,
            "first": self.choice.first,
            "last": self.choice.last,
        }


def chosen(request: HttpRequest | Any, program: Program) -> Filters:
    """Read `?project=CODE&category=&nature=&from=2026-01&to=2026-12` (`project=-`: the program itself). One query.

    What does not exist is taken as not chosen, and named in `problems`.
    """
    rows = list(
        Project.objects.filter(program=program).order_by("position", "pk").values_list("pk", "code", "name")
    )
    given = {name: request.GET.get(name, "") for name in ("project", "category", "nature", "from", "to")}
    found = next((row for row in rows if row[1] == given["project"]), None)
    own = given["project"] == OWN
    known = {
        "project": bool(found) or own,
        "category": given["category"] in Category.values,
        "nature": given["nature"] in Nature.values,
        "from": bool(PERIOD.fullmatch(given["from"])),
        "to": bool(PERIOD.fullmatch(given["to"])),
    }
    good = {name: text if known[name] else "" for name, text in given.items()}
    choice = Choice(
        found[0] if found else None, good["category"], good["nature"], own, good["from"], good["to"]
    )
    return Filters(
        choice,
        [(row[1], f"{row[1]} {row[2]}") for row in rows],
        good["project"],
        {row[0]: row[1] for row in rows},
        {name: _PROBLEMS[name] for name, text in given.items() if text and not known[name]},
    )


_PROBLEMS: Final = {
    "project": "There is no such project in this program.",
    "category": "There is no such cost category.",
    "nature": "Nature is capital or operating.",
    "from": "A period is written like 2026-11.",
    "to": "A period is written like 2026-11.",
}
