"""MS Project's own files (.mpp, .mpx) through MPXJ, where the extra `msproject` and a full Java runtime are installed.

MPXJ turns the file into MS Project's XML in a Java process of its own: 512 MB of heap, 60 seconds of CPU, no larger
file written than an import may unpack, a folder that is deleted. What comes out is read like any such XML, in the
confined child. Java's process cannot be bounded by address space (it reserves much more than it uses).
"""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

from .container import MAX_FILE
from .problems import ImportRefused

MPP, MPX = b"\xd0\xcf\x11\xe0", b"MPX,"
HEAP, CPU_SECONDS, WALL_SECONDS = "512m", 60, 90
_CONVERT = "org.mpxj.sample.MpxjConvert"
_BOUNDED = (
    "import os, resource, sys\n"
    f"resource.setrlimit(resource.RLIMIT_CPU, ({CPU_SECONDS}, {CPU_SECONDS + 1}))\n"
    f"resource.setrlimit(resource.RLIMIT_FSIZE, ({60 << 20}, {60 << 20}))\n"
    "resource.setrlimit(resource.RLIMIT_CORE, (0, 0))\n"
    "os.execv(sys.argv[1], sys.argv[1:])"
)
_OPTIONS = (
    f"-Xmx{HEAP}",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:-UsePerfData",
    "-XX:+ExitOnOutOfMemoryError",
    "-Djava.awt.headless=true",
)


def is_project_file(data: bytes) -> bool:
    """Do these first bytes begin a file that only MPXJ reads?"""
    return data.startswith((MPP, MPX))


def missing() -> str:
    """What this installation lacks for reading such files, as the end of a sentence; empty where nothing is."""
    if not _jars():
        return "the extra “msproject” (the package mpxj) is not installed here"
    java = shutil.which("java")
    if java is None:
        return "no Java runtime is installed here"
    if not _whole(java):
        return "the Java runtime here is a trimmed one without the module jdk.charsets: a full one is needed"
    return ""


def as_xml(data: bytes, name: str) -> bytes:
    """The plan as MS Project XML. Raises `ImportRefused` where something is missing or the file cannot be read."""
    if lacking := missing():
        raise ImportRefused(
            f"is MS Project's own file, and {lacking}. Save the plan as XML in MS Project instead", file=name
        )
    java = shutil.which("java") or ""
    with tempfile.TemporaryDirectory(prefix="pmo-mpp-") as folder:
        source, target = Path(folder, "plan.mpp"), Path(folder, "plan.xml")
        source.write_bytes(data)
        command = [sys.executable, "-I", "-c", _BOUNDED, java, *_OPTIONS]
        command += [f"-Djava.io.tmpdir={folder}", f"-Duser.home={folder}", "-cp", _jars(), _CONVERT]
        try:
            done = subprocess.run(
                [*command, str(source), str(target)],
                capture_output=True,
                timeout=WALL_SECONDS,
                env={"LANG": "C.UTF-8"},
                cwd=folder,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise ImportRefused(f"took longer than {WALL_SECONDS} seconds to read", file=name) from None
        except OSError:
            raise ImportRefused("could not be read: Java could not be started for it", file=name) from None
        if done.returncode or not target.is_file():
            raise ImportRefused("could not be read by MPXJ: is it a plan of MS Project?", file=name)
        if target.stat().st_size > MAX_FILE:
            raise ImportRefused(f"is, as XML, larger than the {MAX_FILE >> 20} MB that are read", file=name)
        return target.read_bytes()


def _jars() -> str:
    """The class path of the installed package, empty without it; the package itself is never imported."""
    found = importlib.util.find_spec("mpxj")
    places = list(found.submodule_search_locations or ()) if found else []
    return str(Path(places[0], "lib", "*")) if places else ""


@cache
def _whole(java: str) -> bool:
    """Has this runtime the module that MPXJ's reading of old encodings needs? Asked once in a process."""
    try:
        said = subprocess.run(
            [java, "--list-modules"], capture_output=True, timeout=30, env={"LANG": "C.UTF-8"}, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return b"jdk.charsets" in said.stdout
