"""An XLSX file that somebody sent, read in a child process: its rows come one after the other, as texts.

The child bounds itself before it looks at a byte (`pmo.confined`), reads the file from its standard input and writes a
line of JSON for each row. The parent keeps one row; what is wrong with the file becomes a sentence.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from finance.structure.csv_text import PREAMBLE
from pmo.confined import limit
from pmo.refusals import Refused
from pmo.workbook import sheet_rows
from pmo.workbook_cells import SheetRow, Unreadable, Writing

MAGIC, OLD = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
MEMORY, CPU_SECONDS, WALL_SECONDS = 600 << 20, 120, 600
_ROOT = str(Path(__file__).resolve().parents[2])
# Isolated mode keeps the surroundings (current folder, PYTHONPATH, user packages) out; only our own code is let in.
_START = "import sys; sys.path.insert(0, sys.argv[1]); from finance.imports import workbook; workbook.child()"
_DAYS = {"ymd": "{0:%Y-%m-%d}", "dmy": "{0:%d/%m/%Y}", "mdy": "{0:%m/%d/%Y}"}


def is_workbook(first: bytes) -> bool:
    """Do these first bytes begin an XLSX file? Raises Refused for older or protected Office files."""
    if first.startswith(OLD):
        raise Refused(
            "This is an older Excel file, or one with a password: save it as a workbook (.xlsx) without one.",
            field="file",
        )
    return first.startswith(MAGIC)


class Sheet:
    """The rows of a sheet; `digest` is of the file. Rows come from `heading` on."""

    def __init__(self, rows: Iterator[SheetRow], digest: str) -> None:
        self._rows, self.digest = rows, digest
        self._first: SheetRow | None = next(rows, None)

    @property
    def first(self) -> list[str]:
        """The cells of the first row that has any. Raises Refused for an empty sheet."""
        if self._first is None:
            raise Refused("The sheet is empty: its first row names the columns.", field="file")
        return _named(self._first)

    def heading(self, wanted: set[str]) -> list[str]:
        """The row of headings, as in `csv_text.find_heading`; what follows are its rows."""
        names = self.first
        if not wanted or wanted & set(names):
            return names
        for _, row in zip(range(PREAMBLE - 1), self._rows, strict=False):
            if wanted <= set(_named(row)):
                return _named(row)
        raise Refused(
            f"None of the first {PREAMBLE} rows has the headings of this source: {', '.join(sorted(wanted))}.",
            field="file",
        )

    def __iter__(self) -> Iterator[SheetRow]:
        return self._rows


def _named(row: SheetRow) -> list[str]:
    return [name.strip() for name in row.cells]


@contextmanager
def opened(stream: BinaryIO, sheet: str, decimal: str = ".", date_order: str = "ymd") -> Iterator[Sheet]:
    """A sheet by its name ("": the first one), its numbers and days written with this decimal sign and order.

    The child ends with the block. Raises Refused for what cannot be read, also later, while rows are taken.
    """
    digest = hashlib.sha256()
    with tempfile.TemporaryFile() as copy:  # the child reads a file of its own, whatever the stream is
        while piece := stream.read(1 << 20):
            digest.update(piece)
            copy.write(piece)
        copy.seek(0)
        command = [sys.executable, "-I", "-B", "-c", _START, _ROOT, sheet[:60], decimal, date_order]
        environment = {"LANG": "C.UTF-8", "PYTHONUTF8": "1"}
        try:
            child = subprocess.Popen(
                command, stdin=copy, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment
            )
        except (OSError, ValueError):
            raise Refused("This file could not be read: no process could be started for it.") from None
        clock = threading.Timer(WALL_SECONDS, child.kill)
        clock.start()
        try:
            yield Sheet(_told(child), digest.hexdigest())
        finally:
            clock.cancel()
            child.kill()
            if child.stdout is not None:
                child.stdout.close()
            child.wait()


def _told(child: subprocess.Popen[bytes]) -> Iterator[SheetRow]:
    """What the child says; it ends with how it went, so that one that was killed is not taken for a short file."""
    for line in child.stdout or ():
        said = json.loads(line)
        if isinstance(said, list):
            yield SheetRow(*said)
        elif said["refused"]:
            raise Refused(f"This file {said['refused']}.", field="file")
        else:
            return
    raise Refused("This file could not be read within the limits of memory and time.", field="file")


def child() -> None:
    """What runs in the child: limits, then `sys.argv` (root, sheet, decimal, date order) and standard input."""
    limit(MEMORY, CPU_SECONDS)
    sheet, decimal, order = sys.argv[2:5]
    out = sys.stdout
    refused = ""
    try:
        for row in sheet_rows(sys.stdin.buffer, sheet, Writing(decimal, _DAYS[order])):
            out.write(json.dumps([row.number, row.cells], separators=(",", ":")) + "\n")
    except Unreadable as fault:
        refused = str(fault)
    except MemoryError:
        refused = "needs more memory than an import may use"
    except BrokenPipeError:  # nobody listens any more
        sys.exit(0)
    except Exception as fault:  # a defect of ours: the person hears a refusal and the kind of fault
        refused = f"could not be read ({type(fault).__name__})"
    out.write(json.dumps({"refused": refused}) + "\n")
    out.flush()
