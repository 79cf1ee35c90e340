"""What may be named where money is written about: the program's projects, the categories that can be spent in."""

from __future__ import annotations

from typing import Any

from finance.structure.models import RESERVES, Category
from programs.portfolio.models import Project

SPENDABLE = [one for one in Category.choices if one[0] not in RESERVES]
"""Value and label of each cost category but the reserves."""


def projects(program_id: int) -> Any:
    """The component projects of one program."""
    return Project.objects.filter(program_id=program_id)
