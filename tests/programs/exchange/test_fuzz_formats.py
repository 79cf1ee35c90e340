"""Every format that comes in, damaged anywhere: in the process for many copies, in the real child for some.

The suite draws the same damage each time; `PMO_LONG=1` draws fifty times as much, other damage each time.
"""

from __future__ import annotations

import io
import os
import random
import re
import subprocess
import zipfile
from collections.abc import Callable
from time import time_ns
from typing import Any

import pytest

from programs.exchange import sandbox
from programs.exchange.problems import ImportRefused
from programs.exchange.reading import Read, parse_sheet, parse_upload
from programs.exchange.sheet_layout import SheetLayout

from . import xers
from .bundles import as_bytes, zipped
from .test_fuzz import PLAN, SMALL, _without_lines
from .test_gan import HOUSE
from .test_pmxml import PILOT
from .test_sheet import workbook

LONG = os.environ.get("PMO_LONG") == "1"
SEED = time_ns() if LONG else 8
COPIES, IN_CHILD = (15_000, 50) if LONG else (300, 1)
OURS = SheetLayout("NORTH")
ROWS = [
    ["code", "name", "wbs", "duration", "start", "predecessors", "resources", "percent"],
    ["10", "Survey", "1", "2d", "2027-01-04", "", "Jo [50%]", "40"],
    ["11", "Dig", "2", "3d", "", "10FS+1d", "Kim", "0"],
]
XER = xers.xer([xers.task(1, "A"), xers.task(2, "B", act_start_date="2027-01-04 08:00")], [xers.link(1, 2)])
NOTEBOOK = b"%T\tTASKMEMO\r\n%F\ttask_id\ttask_memo\r\n"
FORMATS: dict[str, tuple[str, bytes]] = {
    "bundle": ("plan.zip", zipped(as_bytes(SMALL))),
    "bundle as it is": ("plan.zip", zipped(as_bytes(SMALL), zipfile.ZIP_STORED)),
    "MS Project": ("plan.xml", PLAN),
    "Primavera XER": (
        "plan.xer",
        XER.replace(b"%E", NOTEBOOK + b"%R\t1\t<p>Ask &amp; wait</p>\x7f\x7f<p>So</p>\r\n%E"),
    ),
    "Primavera XML": ("plan.xml", PILOT),
    "GanttProject": ("plan.gan", HOUSE.encode()),
    "CSV table": ("plan.csv", "\n".join(",".join(row) for row in ROWS).encode()),
    "XLSX table": ("plan.xlsx", workbook([list(row) for row in ROWS])),
}
PIECES = (
    b"9" * 30, b"-", b"1e400", b"\x00", b"NaN", b'"', b"<", b"&x;", "\u0662".encode(), b"0000-00-00", b"\t", b"\n",
    b"]]>", b"<!--", b"%T\t", b"%R\t", b"\xff\xfe", b"\xed\xa0\x80", b"9999-12-31T23:59:59", b"=1+1", b"PT99999999H",
)  # fmt: skip


def damaged(data: bytes, chance: random.Random) -> bytes:
    """One copy with one to five places cut, flipped, overwritten, doubled, taken out or filled with something nasty."""
    copy = bytearray(data)
    for _ in range(chance.choice((1, 1, 1, 2, 5))):
        if not copy:
            break
        at, kind = chance.randrange(len(copy)), chance.randrange(6)
        if kind == 0:
            del copy[at:]
        elif kind == 1:
            copy[at] ^= 1 << chance.randrange(8)
        elif kind == 2:
            copy[at] = chance.randrange(256)
        elif kind == 3:
            begin = chance.randrange(len(copy))
            copy[at:at] = copy[begin : begin + chance.randrange(200)]
        elif kind == 4:
            del copy[at : at + chance.randrange(50)]
        else:
            copy[at:at] = chance.choice(PIECES)
    return bytes(copy)


def here(kind: str, data: bytes) -> Read:
    name = FORMATS[kind][0]
    return parse_sheet(data, name, OURS, own=True) if "table" in kind else parse_upload(data, name)


def _told(good: Read, found: Read) -> None:
    """Other content has another digest; what has no place here is counted one by one."""
    other, known = _without_lines(found.draft), _without_lines(good.draft)
    other.dropped, other.unknown = known.dropped, known.unknown
    assert (other == known) == (found.totals.digest == good.totals.digest), SEED


def in_child(kind: str, data: bytes) -> Read:
    name = FORMATS[kind][0]
    return sandbox.read_own_table(data, name, OURS) if "table" in kind else sandbox.read_upload(data, name)


@pytest.mark.parametrize("kind", FORMATS)
def test_damage_anywhere_is_refused_or_listed_or_counted(kind: str) -> None:
    data = FORMATS[kind][1]
    good, chance = here(kind, data), random.Random(SEED)
    assert good.acceptable, good.problems
    refused = listed = 0
    for _ in range(COPIES):
        copy = damaged(data, chance)
        try:
            found = here(kind, copy)
        except ImportRefused as refusal:
            assert refusal.reason
            refused += 1
            continue
        if not found.acceptable:
            listed += 1
            assert found.problems
            assert all(problem.sentence for problem in found.problems)
            assert found.totals.digest == ""
        else:
            _told(good, found)
    assert refused, (kind, SEED)
    assert listed or "XLSX" in kind or kind == "bundle", (kind, SEED)  # a zip's checksums see it before


@pytest.mark.parametrize("kind", FORMATS)
def test_the_child_answers_damage_as_the_process_does(kind: str) -> None:
    data, chance = FORMATS[kind][1], random.Random(SEED + 1)
    for copy in (data, *(damaged(data, chance) for _ in range(IN_CHILD))):
        assert _said(in_child, kind, copy) == _said(here, kind, copy), (kind, SEED)


def _said(read: Callable[[str, bytes], Read], kind: str, data: bytes) -> object:
    try:
        found = read(kind, data)
    except ImportRefused as refusal:
        assert "could not be read (" not in refusal.reason, "a fault of ours"
        return refusal.reason, refusal.row
    return found.problems, found.totals.digest, found.errors, found.warnings


def sheet(*pieces: bytes, times: int = 1) -> bytes:
    """Our workbook with its sheet replaced by these pieces, the last one many times; packed piece by piece."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(FORMATS["XLSX table"][1])) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            if name != "xl/worksheets/sheet1.xml":
                new.writestr(name, old.read(name))
        with new.open("xl/worksheets/sheet1.xml", "w") as member:
            for piece in (*pieces[:-1], *(pieces[-1] for _ in range(times))):
                member.write(piece)
    return out.getvalue()


MEMO = b"%R\t1\t" + b"<a>" * 333_000 + b"\r\n"
MAIN = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
LAUGHS = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>'
NASTY: dict[str, tuple[str, Callable[[], bytes]]] = {
    "a line of 9 MB": ("CSV table", lambda: b"code,name,duration\n1," + b"x" * (9 << 20) + b",2\n"),
    "a quote that never ends": ("CSV table", lambda: b'code,name,duration\n1,"' + b"x\n" * (4 << 20)),
    "nine million empty rows": ("CSV table", lambda: b"code,name,duration\n" + b"\n" * 9_000_000),
    "nine million columns": ("CSV table", lambda: b"code,name,duration" + b"," * 9_000_000),
    "an XER line of 9 MB": ("Primavera XER", lambda: XER.replace(b"%E", b"%R\t" + b"1" * (9 << 20) + b"\r\n%E")),
    "an XER row of columns": ("Primavera XER", lambda: XER.replace(b"%E", b"%F" + b"\ta" * (4 << 20) + b"\r\n%E")),
    "an XER calendar of brackets": (
        "Primavera XER",
        lambda: XER.replace(b"DaysOfWeek()(", b"(" * (1 << 20)),
    ),
    "a notebook of tags": (
        "Primavera XER",
        lambda: XER.replace(b"%E", NOTEBOOK + MEMO * 9),
    ),
    "P6 XML of levels": ("Primavera XML", lambda: b"<APIBusinessObjects>" + b"<Project>" * 900_000),
    "P6 XML with entities": ("Primavera XML", lambda: LAUGHS + b"<APIBusinessObjects>&b;</APIBusinessObjects>"),
    "a text of 9 MB": ("MS Project", lambda: PLAN.replace(b"Pilot plan", b"x" * (9 << 20))),
    "MS Project of elements": ("MS Project", lambda: PLAN.replace(b"<Tasks>", b"<Tasks>" + b"<Task/>" * 1_200_000)),
    "MS Project of attributes": (
        "MS Project",
        lambda: PLAN.replace(b"<Tasks>", b"<Tasks " + b" ".join(b'a%d=""' % n for n in range(900_000)) + b">"),
    ),
    "tasks a thousand levels deep": (
        "GanttProject",
        lambda: HOUSE.encode().replace(b'<task id="5"', b'<task id="9" name="x">' * 90_000 + b'<task id="5"'),
    ),
    "GanttProject with entities": ("GanttProject", lambda: LAUGHS + b'<project name="&b;"/>'),
    "a workbook with a line of 1 GB": (
        "XLSX table",
        lambda: sheet(MAIN, b'<row r="1"><c t="inlineStr"><is><t>', b"x" * (1 << 20), times=1024),
    ),
    "a workbook of rows without end": ("XLSX table", lambda: sheet(MAIN, b"<row><c/></row>" * 3_000, times=1_000)),
    "a workbook with entities": ("XLSX table", lambda: sheet(LAUGHS + MAIN + b"<row>&b;</row>")),
    "a workbook of levels": ("XLSX table", lambda: sheet(MAIN + b"<a>" * 500_000)),
    "a bundle of one line": ("bundle", lambda: zipped(as_bytes(SMALL) | {"activities.csv": b"x," * (12 << 20)})),
    "MPX without MPXJ": ("MS Project", lambda: b"MPX,Microsoft Project,4.0,ANSI\n" + b"70,1,2\n" * 1_000),
}  # fmt: skip


UNREAD = {"MS Project of attributes"}
"""What changes nothing: no reader asks for it, and what is asked for is there."""
PEAK = (
    "import atexit, sys; atexit.register(lambda: sys.stderr.write("
    "next(line for line in open('/proc/self/status') if line.startswith('VmHWM')))); "
)


@pytest.fixture
def peaks(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Bytes of memory that each child had at its highest, as it says itself at its end.

    What the system tells of "all children" includes those of other tests, and what this process had when it forked.
    """
    said: list[int] = []
    run = subprocess.run

    def listen(*args: Any, **named: Any) -> subprocess.CompletedProcess[bytes]:
        done = run(*args, **named)
        said.extend(int(kib) << 10 for kib in re.findall(rb"VmHWM:\s+(\d+) kB", done.stderr))
        return done

    monkeypatch.setattr(sandbox, "_START", PEAK + sandbox._START)
    monkeypatch.setattr(subprocess, "run", listen)
    return said


@pytest.mark.parametrize(
    "name", NASTY if LONG else [*[*NASTY][:3], "a workbook with entities", "MPX without MPXJ"]
)
def test_the_child_refuses_or_lists_what_is_nasty_within_its_limits(
    name: str, peaks: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox.msproject, "missing", lambda: "MPXJ is not installed")
    kind, make = NASTY[name]
    data = make()
    try:
        found = in_child(kind, data)
    except ImportRefused as refusal:
        assert "could not be read (" not in refusal.reason, "a fault of ours"
        assert "limits of memory and time" not in refusal.reason, "the reader's own bounds come first"
    else:
        assert found.problems
        assert not found.acceptable or name in UNREAD
    assert len(peaks) == ("without MPXJ" not in name)
    assert all(10 << 20 < peak <= sandbox.MEMORY for peak in peaks)
