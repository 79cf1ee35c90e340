"""A capital program's file as values: who asks for what, from which source, and what each step made of it.

The file names each request's sources in rows of their own; rows of kind `Total` repeat a request's sum and are held
against its sources. Headings may be those of our own format or of a city's export.
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from finance.funding.models import MOST_STEPS
from finance.structure.csv_text import decode, heading
from pmo.money import format_plain, parse_amount
from pmo.refusals import Refused

HEADINGS: Final = {
    "fiscal_year": ("fiscal_year", "year"),
    "unit": ("unit", "bureau_program", "agency"),
    "unit_name": ("unit_name", "bureau_name", "agency_name"),
    "request": ("request", "cip_number"),
    "title": ("title", "project_title"),
    "source": ("source", "source_code"),
    "source_name": ("source_name",),
    "kind": ("kind", "amt_type"),
}
"""Our name of a column -> what files call it; `kind` may be absent."""
LONGEST: Final = {"unit": 20, "unit_name": 120, "request": 40, "title": 300, "source": 20, "source_name": 120}
MOST_ROWS: Final = 100_000
MOST_FUNDS: Final = 20


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the file; `amounts` in minor units, one for each step."""

    row: int
    fiscal_year: int
    unit: str
    unit_name: str
    request: str
    title: str
    source: str
    source_name: str
    fund: str
    amounts: list[int]


def steps(text: str) -> list[str]:
    """The headings of the steps, as typed: separated by commas, the first request first. Raises Refused."""
    found = [name.strip() for name in text.split(",") if name.strip()]
    if not found or len(found) > MOST_STEPS or len(set(found)) != len(found):
        raise Refused(
            f"Name 1 to {MOST_STEPS} columns of amounts, each once, in the order in which they were decided.",
            field="steps",
        )
    return found


def funds(text: str) -> list[tuple[str, tuple[str, ...]]]:
    """Groups of sources, one a line: `Bonds: 1, 657` holds every source whose code begins so. Raises Refused."""
    found = []
    for line in text.splitlines():
        if line.strip():
            name, colon, codes = line.partition(":")
            begins = tuple(code.strip() for code in codes.split(",") if code.strip())
            if not (colon and name.strip() and begins and len(name.strip()) <= 60):
                raise Refused(f"“{line.strip()[:60]}” is not a group: write Bonds: 1, 657.", field="funds")
            found.append((name.strip(), begins))
    if len(found) > MOST_FUNDS or len({name for name, _ in found}) != len(found):
        raise Refused(f"Name each group once, {MOST_FUNDS} at most.", field="funds")
    return found


def fund_of(source: str, name: str, groups: Sequence[tuple[str, tuple[str, ...]]]) -> str | None:
    """The group whose beginning fits a source's code longest; without groups the source itself; None for no group."""
    if not groups:
        return name[:60]
    fitting = [
        (len(begin), group) for group, begins in groups for begin in begins if source.startswith(begin)
    ]
    return max(fitting)[1] if fitting else None


def read(
    content: bytes, currency: str, wanted: Sequence[str], groups: Sequence[tuple[str, tuple[str, ...]]]
) -> list[Line]:
    """Every source's row. Raises Refused with the rows that cannot be read, or whose sources miss their total."""
    text = decode(content)
    headings, separator = heading(text)
    places = _places(headings, wanted)
    found: list[Line] = []
    totals: dict[tuple[int, str, str], list[int]] = {}
    faults: list[str] = []
    for row, cells in _cells(text, separator, len(headings)):
        texts = {name: cells[place].strip() for name, place in places.items()}
        try:
            line = _line(row, texts, currency, wanted, groups)
        except Refused as refused:
            faults.append(f"Row {row}: {refused.message}")
            continue
        if texts.get("kind", "").lower() == "total":
            key = (line.fiscal_year, line.unit, line.request)
            before = totals.get(key, [0] * len(wanted))
            totals[key] = [a + b for a, b in zip(before, line.amounts, strict=True)]
        else:
            found.append(line)
    faults += _unequal(found, totals, currency, wanted)
    if faults:
        more = f" And {len(faults) - 20:,} more." if len(faults) > 20 else ""
        raise Refused(f"{' '.join(faults[:20])}{more} Nothing was entered.", field="file")
    if not found:
        raise Refused("The file has no row of a source.", field="file")
    return found


def _places(headings: Sequence[str], wanted: Sequence[str]) -> dict[str, int]:
    lower = [name.lower() for name in headings]
    places = {}
    for name, called in HEADINGS.items():
        place = next((lower.index(one) for one in called if one in lower), None)
        if place is None and name != "kind":
            raise Refused(f"Row 1: there is no column {name} ({' or '.join(called)}).", field="file")
        if place is not None:
            places[name] = place
    for step in wanted:
        if step.lower() not in lower:
            raise Refused(f"Row 1: there is no column {step[:60]}, which you name as a step.", field="steps")
        places[f"step {step}"] = lower.index(step.lower())
    return places


def _cells(text: str, separator: str, width: int) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text), delimiter=separator, strict=True)
    try:
        next(reader)
        for count, cells in enumerate(reader, 1):
            if count > MOST_ROWS:
                raise Refused(f"A file can have at most {MOST_ROWS:,} rows.", field="file")
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != width:
                raise Refused(
                    f"Row {reader.line_num} has {len(cells)} cells; the heading has {width}.", field="file"
                )
            yield reader.line_num, cells
    except csv.Error as error:
        raise Refused(f"Row {reader.line_num} cannot be read as CSV: {error}.", field="file") from None


def _line(
    row: int,
    texts: dict[str, str],
    currency: str,
    wanted: Sequence[str],
    groups: Sequence[tuple[str, tuple[str, ...]]],
) -> Line:
    year = texts["fiscal_year"]
    if not (year.isascii() and year.isdigit() and len(year) == 4 and 1900 <= int(year) < 2200):
        raise Refused(f"“{year[:12]}” is not a fiscal year such as 2026.")
    kind = texts.get("kind", "").lower()
    if kind not in ("", "source", "total"):
        raise Refused(f"the kind “{kind[:20]}” is neither source nor total.")
    for name in ("unit", "request"):
        if not texts[name]:
            raise Refused(f"there is no {name}.")
    for name, longest in LONGEST.items():
        if len(texts[name]) > longest or not texts[name].isprintable():
            raise Refused(f"{name} has more than {longest} characters, or some that cannot be printed.")
    fund: str | None = ""
    if kind != "total":
        if not texts["source"]:
            raise Refused("there is no source of funds.")
        fund = fund_of(texts["source"], texts["source_name"] or texts["source"], groups)
        if fund is None:
            raise Refused(f"source {texts['source']} is in none of your groups.")
    amounts = []
    for step in wanted:
        try:
            amounts.append(parse_amount(texts[f"step {step}"] or "0", currency, signed=True))
        except Refused as refused:
            raise Refused(f"{step}: {refused.message}") from None
    words = {name: texts[name] for name in LONGEST}
    return Line(row=row, fiscal_year=int(year), fund=fund or "", amounts=amounts, **words)


def _unequal(
    found: Sequence[Line],
    totals: dict[tuple[int, str, str], list[int]],
    currency: str,
    wanted: Sequence[str],
) -> Iterator[str]:
    """What the sources of a request add up to, against the total that the file gives for it."""
    sums: dict[tuple[int, str, str], list[int]] = defaultdict(lambda: [0] * len(wanted))
    for line in found:
        key = (line.fiscal_year, line.unit, line.request)
        sums[key] = [a + b for a, b in zip(sums[key], line.amounts, strict=True)]
    for key, total in totals.items():
        for step, is_sum, is_total in zip(wanted, sums[key], total, strict=True):
            if is_sum != is_total:
                yield (
                    f"Request {key[2]} of {key[0]}: the sources of {step} add up to {format_plain(is_sum, currency)}, "
                    f"its total says {format_plain(is_total, currency)}."
                )
