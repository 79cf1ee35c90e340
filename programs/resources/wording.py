"""How people say who works on what, in cells and in files: `Jo [50%]; Kim`. Text alone, no database.

The number in brackets is a percentage of one unit, as in MS Project; without it somebody is there wholly.
"""

from __future__ import annotations

import re
from decimal import Decimal

from pmo.refusals import Refused

WHOLE = Decimal(1)
MOST = Decimal(1_000_000)
"""Units that an assignment may have; the table takes a hundred times as many."""
LONGEST = 2_000
_PERSON = re.compile(r"(.+?)\s*\[\s*([0-9.,]{1,12})\s*%?\s*\]")
_PERCENT = re.compile(r"\d{1,9}(?:[.,]\d{1,2})?", re.ASCII)
_APART = {";": re.compile(r";(?![^\[\];,]*\])"), ";,": re.compile(r"[;,](?![^\[\];,]*\])")}


def parts(text: str, separators: str = ";,") -> list[str]:
    """The parts of a cell: between semicolons or commas (or only `;`), those within brackets left alone."""
    return [part.strip() for part in _APART[separators].split(text) if part.strip()]


def person(part: str) -> tuple[str, str | None]:
    """The name in one part, and the number in its brackets as typed, None for none."""
    found = _PERSON.fullmatch(part)
    return (found[1], found[2]) if found else (part, None)


def read(text: str) -> list[tuple[str, Decimal]]:
    """Names and units of what is typed into a cell. Raises Refused at `resources`."""
    if len(text) > LONGEST or "\x00" in text:
        raise Refused("This text is too long, or no text.", field="resources")
    found: list[tuple[str, Decimal]] = []
    for part in parts(text):
        name, number = person(part)
        if number is None:
            if "[" in part or "]" in part:
                raise Refused(f"Write {part[:40]} as a name and a percentage: Jo [50%].", field="resources")
            found.append((name, WHOLE))
            continue
        if not _PERCENT.fullmatch(number):
            raise Refused(
                f"“{part[:60]}”: write the percentage as 50% or 12.5%, with at most two decimals.",
                field="resources",
            )
        units = Decimal(number.replace(",", ".")) / 100
        if not 0 < units <= MOST:
            raise Refused(
                f"“{part[:60]}”: more than nothing, or leave the name out to take it off.", field="resources"
            )
        found.append((name, units))
    return found


def written(name: str, units: Decimal) -> str:
    """One part of a cell as it is typed: `Jo`, `Jo [50%]`."""
    return name if units == WHOLE else f"{name} [{percent(units)}%]"


def percent(units: Decimal) -> str:
    """Units in percent of one, exact: four decimals of units are two of a percentage."""
    return f"{(units * 100).normalize():f}"


def sayable(name: str) -> bool:
    """Can a name be typed into a cell as it is? One with separators or brackets cannot: its code is."""
    return bool(name.strip()) and name == " ".join(name.split()) and not set(name) & set(";,[]/")
