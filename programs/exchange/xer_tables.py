"""A Primavera XER file into its tables: lines of tab-separated text, `%T` table, `%F` columns, `%R` values, `%E` end.

Primavera writes Windows-1252, newer servers UTF-8. Line breaks inside a value are two DEL characters, a
quote is written twice. Only the tables that the reader asks for are kept; of the others the rows are counted.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from .p6_values import LINE, Row
from .problems import ImportRefused, Problems

MAX_COLUMNS = 400
MAX_ROWS = 400_000
_MOST_COMPLAINTS = 20


@dataclass(slots=True)
class XerFile:
    """The tables asked for, the number of rows of the others, and the currency that the header names."""

    currency: str = ""
    tables: dict[str, list[Row]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)


def decoded(data: bytes, file: str, problems: Problems) -> str:
    """The text of a file in UTF-8 or Windows-1252."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    if "\ufffd" in text:
        problems.warn(
            file, None, "", "", "Some characters are neither UTF-8 nor Windows-1252 and were replaced."
        )
    return text


def tables_of(data: bytes, file: str, wanted: frozenset[str], problems: Problems) -> XerFile:
    """Split a file into its tables. Raises `ImportRefused` where it is no XER file or too large a one.

    A file without its end mark was cut off: an error, because nobody could tell what is missing.
    """
    text = decoded(data, file, problems)
    if not text.startswith("ERMHDR"):
        raise ImportRefused("is not a Primavera XER file: it does not begin with ERMHDR", file=file)
    found = XerFile()
    table, columns, rows, ended, complaints = "", [""], 0, False, 0
    for number, raw in enumerate(text.split("\n"), 1):
        one = raw.removesuffix("\r")
        mark, _, rest = one.partition("\t")
        if mark == "%R":
            rows += 1
            if rows > MAX_ROWS:
                raise ImportRefused(f"holds more than {MAX_ROWS:,} rows", file=file)
            if not table or columns == [""]:
                raise ImportRefused(
                    "has values before it names their table and columns", file=file, row=number
                )
            found.counts[table] += 1
            if table not in wanted:
                continue
            values = rest.replace('""', '"').split("\t")
            if len(values) > len(columns):
                complaints += 1
                if complaints <= _MOST_COMPLAINTS:
                    problems.error(
                        file,
                        number,
                        table,
                        rest,
                        f"This row has {len(values)} values for {len(columns)} columns.",
                    )
                continue
            row = dict(zip(columns, values, strict=False))
            row[LINE] = str(number)
            found.tables[table].append(row)
        elif mark == "%T":
            table, columns = rest.strip(), [""]
            found.tables.setdefault(table, [])
            found.counts.setdefault(table, 0)
        elif mark == "%F":
            columns = [name.strip() for name in rest.split("\t")]
            if len(columns) > MAX_COLUMNS or len(set(columns)) < len(columns):
                raise ImportRefused("has a table with columns twice or too many", file=file, row=number)
        elif mark in ("%E", "ERMTAIL"):
            ended = True
            break
        elif mark == "ERMHDR" and number == 1:
            parts = rest.split("\t")
            found.currency = parts[-1].strip() if len(parts) > 5 else ""
        elif one.strip():
            complaints += 1
            if complaints <= _MOST_COMPLAINTS:
                problems.error(file, number, "", one, "This line begins with none of %T, %F, %R, %E.")
    if not ended:
        problems.error(
            file, None, "", "", "The file ends without its end mark (%E): it was cut off on its way."
        )
    return found
