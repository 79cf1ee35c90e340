"""What may come in as a paper: we say what a file is, by its ending and its first bytes, never who sends it."""

from __future__ import annotations

import hashlib
import io
import struct
import zipfile
import zlib
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Final

from pmo.attachments.models import MOST_BYTES
from pmo.refusals import Refused

_OFFICE = "application/vnd.openxmlformats-officedocument."
_OPEN = "application/vnd.oasis.opendocument."
TYPES: Final = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "docx": f"{_OFFICE}wordprocessingml.document",
    "xlsx": f"{_OFFICE}spreadsheetml.sheet",
    "pptx": f"{_OFFICE}presentationml.presentation",
    "odt": f"{_OPEN}text",
    "ods": f"{_OPEN}spreadsheet",
    "txt": "text/plain; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
}
"""Ending -> the type under which the paper is given out."""
_FIRST: Final = {
    "pdf": b"%PDF-",
    "png": b"\x89PNG\r\n\x1a\n",
    "jpg": b"\xff\xd8\xff",
    "jpeg": b"\xff\xd8\xff",
}
_PART: Final = {"docx": "word/", "xlsx": "xl/", "pptx": "ppt/"}
_MOST_PARTS: Final = 5_000
LONGEST_NAME: Final = 120


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that was looked at: name and type are ours, `content` are its bytes."""

    name: str
    content_type: str
    sha256: str
    content: bytes = field(repr=False)


def examined(name: str, content: bytes) -> Upload:
    """Look at a file's name and bytes. Raises Refused (field `file`) for what is empty, too large or not allowed."""
    if not content:
        raise Refused("The file is empty.", field="file")
    if len(content) > MOST_BYTES:
        raise Refused(TOO_LARGE, field="file")
    safe = _name(name)
    ending = PurePosixPath(safe).suffix[1:].lower()
    if ending not in TYPES:
        raise Refused(f"A paper is one of these: {', '.join(TYPES)}.", field="file")
    if not _is(ending, content):
        raise Refused(f"This is no {ending} file, whatever its name says.", field="file")
    return Upload(safe, TYPES[ending], hashlib.sha256(content).hexdigest(), content)


TOO_LARGE: Final = f"A paper has at most {MOST_BYTES >> 20} MB."


def _name(given: str) -> str:
    """The last part of the name without what is not printed, short enough, its ending kept."""
    last = given.replace("\\", "/").rsplit("/", 1)[-1]
    clean = "".join(char for char in last if char.isprintable()).strip(" .")
    path = PurePosixPath(clean or "paper")
    return f"{path.stem[: LONGEST_NAME - len(path.suffix)]}{path.suffix}"[:LONGEST_NAME]


def _is(ending: str, content: bytes) -> bool:
    if ending in _FIRST:
        return content.startswith(_FIRST[ending])
    if ending in ("txt", "csv"):
        try:
            return "\x00" not in content.decode("utf-8")
        except UnicodeDecodeError:
            return False
    return _is_package(ending, content)


def _is_package(ending: str, content: bytes) -> bool:
    """An office file: a container that says what it holds, and no macros in it. Nothing of it is unpacked."""
    if not content.startswith(b"PK\x03\x04"):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            names = package.namelist()
            if len(names) > _MOST_PARTS or any(one.lower().endswith("vbaproject.bin") for one in names):
                return False
            if ending in _PART:
                return "[Content_Types].xml" in names and any(one.startswith(_PART[ending]) for one in names)
            if package.getinfo("mimetype").compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                return False  # no office writes it otherwise
            with package.open("mimetype") as said:
                return said.read(100).decode("ascii", "replace") == TYPES[ending]
    except (
        zipfile.BadZipFile, zlib.error, struct.error, KeyError, RuntimeError, NotImplementedError, OSError,
        ValueError, EOFError,
    ):  # fmt: skip
        return False
