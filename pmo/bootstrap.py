"""Make the project's environment on first use: standard library only, and no network host is named here.

It acts only where the project's packages are missing, and only on an environment that it made itself: never
in a container (the image sets PMO_NO_BOOTSTRAP), never in an environment that somebody else activated.
"""

import fcntl
import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
VENV = Path(os.environ.get("PMO_VENV") or ROOT / ".venv").absolute()
STAMP = VENV / ".pmo-environment"  # only an environment that carries it is ours to change
LOCKS = {"run": ROOT / "requirements.txt", "test": ROOT / "requirements-dev.txt"}
PROBES = {"run": ("django", "celery", "psycopg2", "granian"), "test": ("pytest", "pytest_django", "xdist")}


def enter(argv: list[str], *, with_tests: bool = False) -> None:
    """Return when the packages are importable, in this process or in the environment it re-executes in."""
    inside = Path(sys.prefix).resolve() == VENV.resolve()
    ours = STAMP.exists() or not VENV.exists()
    if inside and ours and not os.environ.get("PMO_NO_BOOTSTRAP"):
        _sync(with_tests)
        return
    missing = _missing(with_tests)
    if not missing:
        return
    if os.environ.get("PMO_NO_BOOTSTRAP") or inside or os.environ.get("VIRTUAL_ENV") or _is_environment():
        lock = LOCKS["test" if with_tests else "run"].name
        sys.exit(
            f"missing here: {', '.join(missing)}. Install the lock: pip install --require-hashes -r {lock}"
        )
    if ours:
        _make()
        _sync(with_tests)
    os.execv(_python(), [str(_python()), *argv])  # noqa: S606


def run_tests(arguments: list[str]) -> NoReturn:
    """Become pytest; two processes unless the caller says otherwise."""
    chosen = any(
        a.startswith(("-n", "--numprocesses", "--co", "-h", "--help")) or a == "no:xdist" for a in arguments
    )
    parallel = [] if chosen else ["-n", os.environ.get("PMO_TEST_PROCESSES", "2")]
    os.chdir(ROOT)
    os.execv(sys.executable, [sys.executable, "-m", "pytest", *parallel, *arguments])  # noqa: S606


def _missing(with_tests: bool) -> list[str]:
    names = PROBES["run"] + (PROBES["test"] if with_tests else ())
    return [name for name in names if importlib.util.find_spec(name) is None]


def _is_environment() -> bool:
    """Running from some virtual environment, activated or called by its path."""
    return sys.prefix != sys.base_prefix


def _python() -> Path:
    return VENV / "bin" / "python"


def _make() -> None:
    if _python().exists():
        return
    if STAMP.exists():
        shutil.rmtree(VENV)  # its Python is gone, as after a system upgrade
    print(f"making {VENV} (once)", file=sys.stderr, flush=True)
    uv = shutil.which("uv")
    VENV.mkdir(parents=True, exist_ok=True)
    STAMP.touch()
    try:
        venv.create(
            VENV, with_pip=importlib.util.find_spec("ensurepip") is not None or uv is None, symlinks=True
        )
    except (subprocess.CalledProcessError, OSError):
        shutil.rmtree(VENV, ignore_errors=True)
        sys.exit(
            "this Python cannot make environments: install your system's python3-venv package, then try again"
        )


def _digest(kind: str) -> str:
    return hashlib.sha256(LOCKS[kind].read_bytes()).hexdigest()


def _sync(with_tests: bool) -> None:
    """Install exactly the locked, hashed set; nothing happens when that is what was installed last."""
    STAMP.touch()
    if _is_synced(with_tests):
        return
    with (VENV / ".pmo-sync.lock").open("w") as lock:  # not ".lock": uv locks that one, and would wait for us
        fcntl.flock(lock, fcntl.LOCK_EX)
        if _is_synced(with_tests):
            return
        kind = "test" if with_tests or _installed().get("kind") == "test" else "run"
        print(f"installing the locked packages of {LOCKS[kind].name} (once)", file=sys.stderr, flush=True)
        STAMP.write_text("")  # if we are interrupted, the next start begins again
        if not _sync_with_uv(kind):
            _pip("install", "--require-hashes", "-r", str(LOCKS[kind]))
        STAMP.write_text(json.dumps({"kind": kind, **{name: _digest(name) for name in LOCKS}}))


def _installed() -> dict[str, str]:
    try:
        found = json.loads(STAMP.read_text() or "{}")
    except (FileNotFoundError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _is_synced(with_tests: bool) -> bool:
    """The set for testing holds the one for running, so either serves `up`."""
    found = _installed()
    if with_tests:
        return found.get("kind") == "test" and found.get("test") == _digest("test")
    return found.get("run") == _digest("run") and found.get("kind") in LOCKS


def _sync_with_uv(kind: str) -> bool:
    """Fast way: uv, itself installed from its pin and hashes in the lock. False where it cannot be had."""
    if os.environ.get("PMO_PIP_ONLY"):
        return False
    uv = VENV / "bin" / "uv"
    pin = re.search(r"^uv==.*(?:\n[ ].*)*", LOCKS["run"].read_text(), re.MULTILINE)
    if pin and shutil.which("uv") is None:
        with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
            file.write(pin[0])
            file.flush()
            _pip("install", "--no-deps", "--require-hashes", "-r", file.name)
    program = uv if uv.exists() else shutil.which("uv")
    if program is None:
        return False
    argv = [
        program,
        "pip",
        "sync",
        "--quiet",
        "--require-hashes",
        "--compile-bytecode",
        "--python",
        _python(),
        LOCKS[kind],
    ]
    trusting = {"UV_SYSTEM_CERTS": "1", **os.environ}  # as pip does: the machine's own authorities
    done = subprocess.run([str(part) for part in argv], env=trusting)
    if done.returncode:
        print("uv could not install them; trying pip", file=sys.stderr, flush=True)
    return done.returncode == 0


def _pip(*arguments: str) -> None:
    argv = [str(_python()), "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments]
    if subprocess.run(argv).returncode:
        sys.exit("the locked packages could not be installed: see the lines above")
