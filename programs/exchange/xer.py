"""A Primavera XER file into a draft."""

from __future__ import annotations

from . import p6_calendars
from .draft import Draft
from .p6 import TABLES, read_p6
from .p6_file import P6File
from .p6_values import Fields
from .problems import Problems
from .xer_tables import tables_of


def read_xer(data: bytes, file: str, problems: Problems) -> Draft:
    """The draft of an XER file. Raises `ImportRefused` where it is no such file; the rest is in `problems`."""
    found = tables_of(data, file, TABLES, problems)
    fields = Fields(file, problems)
    calendars = [p6_calendars.from_text(row, fields) for row in found.tables.get("CALENDAR", [])]
    return read_p6(P6File("xer", found.currency, found.tables, calendars, found.counts), file, problems)
