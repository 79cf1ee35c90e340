"""Reading a stranger's file in a child process, so that nothing in it can take the worker along.

The child limits itself (address space, CPU seconds, no file writing, no further processes) before it looks at a
byte, reads the file from its standard input and answers in JSON. Whatever happens in it, the caller gets a `Read` or
an `ImportRefused`.
"""

from __future__ import annotations

import gc
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from pmo.confined import limit

from . import msproject
from .codec import decode, encode
from .container import checked_size
from .problems import ImportRefused, Problem
from .reading import Read, parse_folder, parse_sheet, parse_upload, shown_name
from .sheet_layout import SheetLayout
from .totals import ProjectTotals, Totals

MEMORY = 700 << 20
CPU_SECONDS = 20
WALL_SECONDS = 40
MAX_ANSWER = 150 << 20
READ_AT_ONCE = 3 << 20
"""Bytes that are read while the person waits; a larger file is read by a worker (state `waiting`)."""
_REFUSED = 3
_ROOT = str(Path(__file__).resolve().parents[2])
# Isolated mode keeps the surroundings (current folder, PYTHONPATH, user packages) out; only our own code is let in.
_START = "import sys; sys.path.insert(0, sys.argv[1]); from programs.exchange import sandbox; sandbox.child()"


def for_a_worker(data: bytes) -> bool:
    """Is this read by a worker rather than while the person waits: for its size, or as Java reads it first?

    What this installation cannot read is refused at once; Java is not started for it.
    """
    return len(data) > READ_AT_ONCE or (msproject.is_project_file(data) and not msproject.missing())


def read_upload(data: bytes, filename: str) -> Read:
    """Read an uploaded plan file of any format that says itself what it is, in the child.

    MS Project's own files become XML before, in a process of MPXJ's.

    Raises `ImportRefused` where the file as a whole cannot be read, takes too long or too much memory; everything
    else that does not fit is in the result's problems. Stores nothing.
    """
    name = shown_name(filename)
    checked_size(len(data), name)
    if msproject.is_project_file(data):
        data = msproject.as_xml(data, name)
    return _answer(data, ["upload", name])


def read_table(data: bytes, filename: str, layout: SheetLayout) -> Read:
    """Read a CSV or XLSX table by a source's layout, in the child. Raises as `read_upload`."""
    name = shown_name(filename)
    checked_size(len(data), name)
    return _answer(data, ["sheet", name, json.dumps(layout.kept())])


def read_own_table(data: bytes, filename: str, layout: SheetLayout) -> Read:
    """Read a table whose headings are ours, except where the layout names others, in the child. Raises as above."""
    name = shown_name(filename)
    checked_size(len(data), name)
    return _answer(data, ["own sheet", name, json.dumps(layout.kept())])


def read_by(data: bytes, filename: str, layout: dict[str, Any] | None) -> Read:
    """Read a table by a kept layout, or (None) a file that says itself what it is. Raises as `read_upload`."""
    return read_table(data, filename, SheetLayout.of(layout)) if layout else read_upload(data, filename)


def read_folder(path: Path | str) -> Read:
    """Read a folder that holds the CSV files of a bundle, in the child. Raises as `read_upload`."""
    return _answer(b"", ["folder", str(Path(path).resolve())])


def read_path(path: Path | str) -> Read:
    """Read what the command line was given: a folder, a zip or an XML file. Raises as `read_upload`."""
    path = Path(path)
    if path.is_dir():
        return read_folder(path)
    try:
        checked_size(path.stat().st_size, path.name)
        return read_upload(path.read_bytes(), path.name)
    except OSError as fault:
        raise ImportRefused(f"cannot be read: {fault.strerror}", file=path.name) from None


def _answer(data: bytes, arguments: list[str]) -> Read:
    command = [sys.executable, "-I", "-B", "-c", _START, _ROOT, *arguments]
    environment = {"LANG": "C.UTF-8", "PYTHONUTF8": "1"}
    name = Path(arguments[1]).name
    try:
        done = subprocess.run(
            command, input=data, capture_output=True, timeout=WALL_SECONDS, env=environment, check=False
        )
    except subprocess.TimeoutExpired:
        raise ImportRefused(f"took longer than {WALL_SECONDS} seconds to read", file=name) from None
    except (OSError, ValueError):
        raise ImportRefused("could not be read: no process could be started for it", file=name) from None
    if done.returncode == _REFUSED:
        said = json.loads(done.stdout)
        raise ImportRefused(said["reason"], file=said["file"], row=said["row"])
    if done.returncode:
        raise ImportRefused("could not be read within the limits of memory and time", file=name)
    return _revived(json.loads(done.stdout))


def _revived(said: dict[str, Any]) -> Read:
    totals = said["totals"]
    totals["projects"] = [ProjectTotals(**project) for project in totals["projects"]]
    return Read(
        draft=decode(said["draft"]),
        problems=[Problem(*problem) for problem in said["problems"]],
        totals=Totals(**totals),
        errors=said["errors"],
        warnings=said["warnings"],
        more=said["more"],
    )


def child() -> None:
    """What runs in the child: limits, then `sys.argv` (root, kind, name) and the file from standard input."""
    limit(MEMORY, CPU_SECONDS)
    sys.exit(_speak(*sys.argv[2:]))


def _speak(kind: str, name: str, layout: str = "{}") -> int:
    gc.disable()  # it lives for one file; looking for cycles among records that stay would double its time
    try:
        if kind == "folder":
            read = parse_folder(Path(name))
        elif kind.endswith("sheet"):
            own = kind == "own sheet"
            read = parse_sheet(sys.stdin.buffer.read(), name, SheetLayout.of(json.loads(layout)), own=own)
        else:
            read = parse_upload(sys.stdin.buffer.read(), name)
        said = {
            "draft": encode(read.draft),
            "problems": [list(problem.as_dict().values()) for problem in read.problems],
            "totals": read.totals.as_dict(),
            "errors": read.errors,
            "warnings": read.warnings,
            "more": read.more,
        }
        answer = json.dumps(said, separators=(",", ":")).encode()
        if len(answer) > MAX_ANSWER:
            raise ImportRefused("holds too much to be checked in one piece", file=name)
        sys.stdout.buffer.write(answer)
        return 0
    except ImportRefused as refusal:
        reason = {"reason": refusal.reason, "file": refusal.file, "row": refusal.row}
    except MemoryError:
        reason = {"reason": "needs more memory than an import may use", "file": Path(name).name, "row": None}
    except (
        Exception
    ) as fault:  # a defect of ours: the person hears of a refusal, the log of the kind of fault
        print(type(fault).__name__, fault, file=sys.stderr)
        reason = {
            "reason": f"could not be read ({type(fault).__name__})",
            "file": Path(name).name,
            "row": None,
        }
    sys.stdout.buffer.write(json.dumps(reason).encode())
    return _REFUSED
