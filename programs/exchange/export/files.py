"""The doors of the export: which files a plan can leave as, and the making of one.

Page, API and command line come here; what each format carries is in `docs/exchange.md`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from programs.portfolio.models import Program

from ..draft import Draft
from .bundle_out import bundle_zip
from .kept import kept
from .mspdi_out import mspdi
from .pmxml_out import pmxml
from .xer_out import xer


@dataclass(frozen=True, slots=True)
class Format:
    """One kind of file: its name in addresses, what people call it, its ending and media type, and who writes it."""

    name: str
    label: str
    ending: str
    media: str
    write: Callable[[Draft], bytes]


@dataclass(frozen=True, slots=True)
class PlanFile:
    """A file to be saved."""

    name: str
    media: str
    content: bytes


FORMATS: dict[str, Format] = {
    one.name: one
    for one in (
        Format(
            "bundle",
            "CSV bundle",
            "zip",
            "application/zip",
            bundle_zip,
        ),
        Format("mspdi", "MS Project XML", "xml", "application/xml", mspdi),
        Format("xer", "Primavera XER", "xer", "application/octet-stream", xer),
        Format("pmxml", "Primavera P6 XML", "xml", "application/xml", pmxml),
    )
}


def plan_file(program: Program, name: str) -> PlanFile:
    """The whole plan of a program, as of now and with its planned costs, as a file of that format.

    Reads in the scope of the caller, who has checked the right to see the program's money. Raises KeyError for a
    format that is not in `FORMATS`.
    """
    chosen = FORMATS[name]
    return PlanFile(f"{program.code}-plan.{chosen.ending}", chosen.media, chosen.write(kept(program)))
