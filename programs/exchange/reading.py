"""What kind of file this is, and the draft, problems and totals read from it. Runs inside the sandbox's child."""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

from .bundle import read_bundle
from .container import checked_size, from_folder, from_zip
from .dates import compare_dates
from .draft import Draft
from .gan import read_gan
from .mspdi import read_mspdi
from .pmxml import read_pmxml
from .problems import ERROR, ImportRefused, Problem, Problems
from .sheet_layout import SheetLayout
from .sheet_plan import read_sheet
from .sheet_rows import with_our_headings
from .totals import Totals, totals_of
from .xer import read_xer

_FOREIGN = (
    (b"\xd0\xcf\x11\xe0", "is a Project (.mpp) or old Office file: save the plan as XML in MS Project first"),
    (b"MPX,", "is an MPX file: save the plan as XML in MS Project first"),
    (b"%PDF", "is a PDF; MS Project XML, Primavera, GanttProject and CSV bundles are read"),
    (b"Rar!", "is a RAR archive: zip the CSV files instead"),
    (b"7z\xbc\xaf", "is a 7-Zip archive: zip the CSV files instead"),
    (b"\x1f\x8b", "is a gzip file: zip the CSV files instead"),
)
_GAN = re.compile(rb"<project[\s>]")
"""GanttProject's root; MS Project's has a capital letter."""


@dataclass(slots=True)
class Read:
    """What was read. Where problems forbid accepting it, `draft` is left without its tables but the projects."""

    draft: Draft
    problems: list[Problem] = field(default_factory=list)
    totals: Totals = field(default_factory=Totals)
    errors: int = 0
    """Problems that block acceptance, all of them counted."""
    warnings: int = 0
    more: int = 0
    """Problems found beyond those listed."""

    @property
    def acceptable(self) -> bool:
        """Whether nothing found forbids accepting the import."""
        return self.errors == 0


def expect_currency(read: Read, currency: str) -> None:
    """Add an error where the plan is in another currency than the program it is to go into (ISO codes)."""
    found = read.draft.program.currency
    if found and found != currency:
        sentence = f"The plan is in {found}, the program in {currency}."
        read.problems.insert(0, Problem(ERROR, "", None, "currency", found, sentence))
        read.errors += 1


def parse_upload(data: bytes, filename: str) -> Read:
    """A file's content into a draft. Raises `ImportRefused` where the file as a whole cannot be read."""
    file = shown_name(filename)
    checked_size(len(data), file)
    if not data.strip():
        raise ImportRefused("is empty", file=file)
    for magic, reason in _FOREIGN:
        if data.startswith(magic):
            raise ImportRefused(reason, file=file)
    problems = Problems()
    if data[:4] in (b"PK\x03\x04", b"PK\x05\x06") or zipfile.is_zipfile(BytesIO(data)):
        return _read(read_bundle(from_zip(data, file, problems), problems), problems)
    if data.removeprefix(b"\xef\xbb\xbf").startswith(b"ERMHDR"):
        return _read(read_xer(data, file, problems), problems)
    if data.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<" or data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        reader = {"pmxml": read_pmxml, "gan": read_gan}.get(looks_like(data), read_mspdi)
        return _read(reader(data, file, problems), problems)
    raise ImportRefused(
        "is neither MS Project XML, Primavera XER nor a zip of CSV files, nor a GanttProject file; "
        "for a table choose the source that says what its columns mean",
        file=file,
    )


def parse_sheet(data: bytes, filename: str, layout: SheetLayout, *, own: bool = False) -> Read:
    """A table's content into a draft, by a source's layout. Raises `ImportRefused` as `parse_upload` does.

    With `own` the headings are ours where the layout names no other.
    """
    file = shown_name(filename)
    checked_size(len(data), file)
    if not data.strip():
        raise ImportRefused("is empty", file=file)
    for magic, reason in _FOREIGN:
        if data.startswith(magic):
            raise ImportRefused(reason, file=file)
    problems = Problems()
    if own:
        layout = with_our_headings(data, file, layout)
    return _read(read_sheet(data, file, layout, problems), problems)


def looks_like(data: bytes) -> str:
    """The format that a file's first bytes promise, before anybody has read it."""
    if data[:2] == b"PK":
        return "bundle"
    head = data[:2_000].removeprefix(b"\xef\xbb\xbf")
    if head.startswith(b"ERMHDR"):
        return "xer"
    if _GAN.search(head):
        return "gan"
    return "pmxml" if b"APIBusinessObjects" in head else "mspdi"


def parse_folder(path: Path) -> Read:
    """A folder of CSV files into a draft. Raises `ImportRefused` where it cannot be read at all."""
    problems = Problems()
    return _read(read_bundle(from_folder(path, problems), problems), problems)


def _read(draft: Draft, problems: Problems) -> Read:
    totals = totals_of(draft, identified=not problems.blocking)
    if not problems.blocking:
        totals.dates = compare_dates(draft)
    if problems.blocking:
        draft = Draft(draft.source, draft.program, projects=draft.projects, unknown=draft.unknown)
    return Read(
        draft=draft,
        problems=problems.shown(),
        totals=totals,
        errors=problems.count["error"],
        warnings=problems.count["warning"],
        more=problems.rest(),
    )


def shown_name(filename: str) -> str:
    """A file's name as it may be shown: without folders and unprintable characters, at most 100 long."""
    name = filename.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(c for c in name if c.isprintable())[:100] or "upload"
