"""The money of a change request for people: its figures as rows before and after."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from finance.structure.models import RESERVES, Category, Nature
from pmo import formats


@dataclass(frozen=True, slots=True)
class MoneyRow:
    """Before and after in minor units; `state` colours the difference."""

    key: str
    label: str
    before: int
    after: int
    state: str = ""


def rows(found: dict[str, Any]) -> list[MoneyRow]:
    """Budget, estimates, reserves and places; a reserve that is not touched is left out."""
    made = [MoneyRow("money-budget", "Approved budget, reserves apart", *found["budget"])]
    for one in found["eac"]:
        whose = one["project"]
        before, after = one["eac"]
        label = f"{whose} estimate at completion" if whose else "Estimate at completion"
        made.append(MoneyRow(f"money-eac-{whose}", label, before, after, "amber" if after > before else ""))
    for category, (before, after) in found["reserves"].items():
        if before != after:
            state = "red" if after < 0 else "amber" if after < before else "green"
            label = f"Left of {Category(category).label.lower()}"
            made.append(MoneyRow(f"money-{category}", label, before, after, state))
    for number, one in enumerate(found["places"]):
        if one["category"] in RESERVES and not one["project"]:
            continue
        before, after = one["left"]
        made.append(
            MoneyRow(
                f"money-place-{number}",
                f"Available: {place(one['project'], one['category'], one['nature'])}",
                before,
                after,
                "red" if after < 0 else "",
            )
        )
    return made


def place(project: str, category: str, nature: str) -> str:
    """A cost line in words."""
    return f"{project or 'program'} {Category(category).label.lower()}, {Nature(nature).label.lower()}"


def in_words(line: list[Any], currency: str) -> str:
    """One line of an amendment in a sentence without its end."""
    project, category, nature, period, amount = line
    signed = formats.money_exact(amount, currency, sign=True)
    return f"{place(project, category, nature)}, {formats.period(period)}: {signed}"
