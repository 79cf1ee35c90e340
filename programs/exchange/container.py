"""The files of a bundle out of a zip or a folder, within limits that are counted on what really comes out."""

from __future__ import annotations

import io
import stat
import zipfile
from pathlib import Path

from .columns import FILES
from .problems import ImportRefused, Problems

MAX_FILE = 10 << 20
"""Bytes of an upload, and of each file in a folder."""
MAX_UNPACKED = 60 << 20
MAX_RATIO = 120
MAX_MEMBERS = 200
_DOCUMENTS = ("readme", "notice", "license", "licence", "copying", "changelog")


def from_zip(data: bytes, file: str, problems: Problems) -> dict[str, bytes]:
    """The bundle's CSV files by name. Whatever is wrong with the zip itself raises `ImportRefused`.

    The files may lie at the top or in one folder; what else lies there is reported and not read. Nothing is
    written to disk.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        members = archive.infolist()
    except Exception:  # zipfile raises eight kinds of exception on damaged files
        raise ImportRefused("is not a readable zip file", file=file) from None
    _check_members(members, file)
    if any(member.filename == "[Content_Types].xml" for member in members):
        raise ImportRefused(
            "is an Office document: for a workbook choose the source that says what its columns mean",
            file=file,
        )
    content = _unpacked(archive, members, file)
    root = _common_folder([name for name in content if _base(name) in FILES])
    return _known({name.removeprefix(root): body for name, body in content.items()}, file, problems)


def from_folder(path: Path, problems: Problems) -> dict[str, bytes]:
    """The bundle's CSV files in a folder, not looking into folders below it."""
    found: dict[str, bytes] = {}
    total = 0
    try:
        entries = sorted(path.iterdir())
        if len(entries) > MAX_MEMBERS:
            raise ImportRefused(f"holds more than {MAX_MEMBERS} files", file=path.name)
        for entry in entries:
            if entry.name not in FILES:
                if entry.is_file():
                    found[entry.name] = b""
                continue
            if not entry.is_file():
                raise ImportRefused("is not a regular file", file=entry.name)
            size = entry.stat().st_size
            total += size
            if size > MAX_FILE or total > MAX_UNPACKED:
                raise ImportRefused(_too_large(size), file=entry.name)
            with entry.open("rb") as source:
                found[entry.name] = source.read(MAX_FILE + 1)
    except OSError as fault:
        raise ImportRefused(f"cannot be read: {fault.strerror}", file=path.name) from None
    return _known(found, path.name, problems)


def checked_size(size: int, file: str) -> None:
    """Refuse a file that is too large to be looked at, before it is read."""
    if size > MAX_FILE:
        raise ImportRefused(_too_large(size), file=file)


def _too_large(size: int) -> str:
    return f"is too large ({size / (1 << 20):,.1f} MB; at most {MAX_FILE >> 20} MB are read)"


def _check_members(members: list[zipfile.ZipInfo], file: str) -> None:
    if len(members) > MAX_MEMBERS:
        raise ImportRefused(f"holds {len(members):,} members; at most {MAX_MEMBERS} are read", file=file)
    names: set[str] = set()
    for member in members:
        name = member.filename
        parts = name.replace("\\", "/").split("/")
        if name.startswith(("/", "\\")) or ".." in parts or ":" in name or "\x00" in member.orig_filename:
            raise ImportRefused("holds a member whose name leads outside of it", file=file)
        if name.casefold() in names:
            raise ImportRefused(f"holds two members named {name[:60]}", file=file)
        names.add(name.casefold())
        if member.flag_bits & 0x41:
            raise ImportRefused("is encrypted", file=file)
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise ImportRefused("is compressed in a way that is not read; use an ordinary zip", file=file)
        mode = member.external_attr >> 16
        if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise ImportRefused("holds a link or a device", file=file)
    if sum(member.file_size for member in members) > MAX_UNPACKED:
        raise ImportRefused(f"unpacks to more than {MAX_UNPACKED >> 20} MB", file=file)


def _unpacked(archive: zipfile.ZipFile, members: list[zipfile.ZipInfo], file: str) -> dict[str, bytes]:
    """Every member's real content; the sizes that a zip declares are not believed."""
    content: dict[str, bytes] = {}
    total = 0
    for member in members:
        if member.is_dir():
            continue
        room = min(MAX_UNPACKED - total, max(1 << 20, MAX_RATIO * member.compress_size), MAX_FILE)
        try:
            with archive.open(member) as source:
                body = source.read(room + 1)
                at_end = len(body) <= room and not source.read(1)
        except Exception:  # see above: any of eight kinds
            raise ImportRefused(
                f"is damaged: the member {member.filename[:60]} cannot be unpacked", file=file
            ) from None
        if not at_end:
            raise ImportRefused(f"expands too much: the member {member.filename[:60]}", file=file)
        total += len(body)
        content[member.filename.replace("\\", "/")] = body
    return content


def _base(name: str) -> str:
    return name.rsplit("/", 1)[-1]


def _common_folder(names: list[str]) -> str:
    """The shallowest folder that holds a known file: a bundle zipped with its folder is read all the same."""
    if not names:
        return ""
    shallowest = min(names, key=lambda name: (name.count("/"), name))
    return shallowest.rsplit("/", 1)[0] + "/" if "/" in shallowest else ""


def _known(found: dict[str, bytes], file: str, problems: Problems) -> dict[str, bytes]:
    """Only the files of the format; the others are named in a warning, except what documents a bundle."""
    known = {name: body for name, body in found.items() if name in FILES}
    for name in sorted(found.keys() - known.keys()):
        if not name.rsplit("/", 1)[-1].lower().startswith(_DOCUMENTS):
            problems.warn(
                name if "/" not in name else file,
                None,
                "",
                name,
                "This file is not part of a bundle; not read.",
            )
    return known
