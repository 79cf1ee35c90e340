"""A PostgreSQL and a Redis-compatible server out of wheels, so that nothing needs to be installed by hand.

Only the wheels' programs are used; their Python helpers are not (they open directories to others as root,
and leave servers behind). Standard library only, importable before Django.

- Sockets only, in a directory only this user may enter: nothing listens on the network.
- A server ends with the process that started it, even on kill -9, and comes back with its data.
- One lock per state directory: its holder owns the servers, other commands share them.
"""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

from pmo import embedded, embedded_processes
from pmo.embedded import EmbeddedError

Child = subprocess.Popen[bytes]
ROLES = embedded.ROOT / "pmo" / "database" / "roles.sql"
THROW_AWAY = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "checkpoint_timeout": "1h",
    "log_min_duration_statement": "-1",
}


class Postgres:
    """The cluster in `state`/postgres. `durable=False` is for tests: fast, and lost with the machine."""

    def __init__(self, state: Path = embedded.STATE, *, durable: bool = True) -> None:
        self.state, self.durable = state, durable
        self.data, self.run, self.bin = state / "postgres", embedded.run_dir(state), embedded.pg_bin()
        self.as_root = os.geteuid() == 0
        self.environment = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC"}
        self.child: Child | None = None

    def start(self) -> None:
        """Start (making the cluster first if there is none), and return when it answers, with its roles."""
        for directory in (self.data, self.run):
            embedded.private_directory(directory)
        if self.as_root:
            self._give_to_its_user()
        if not (self.data / "PG_VERSION").exists() or (self.state / "postgres.incomplete").exists():
            self._initdb()
        self._end_leftover()
        deadline = time.monotonic() + 120
        while not self._launch(deadline):
            time.sleep(0.2)  # a dead postmaster's last process still holds the shared memory
        self._make_roles_and_database()

    def stop(self) -> None:
        """End it as a clean shutdown; what is still connected is disconnected."""
        embedded_processes.stop(self.child, signal.SIGINT, 30, signal.SIGQUIT)

    def ended(self) -> int | None:
        """The exit code of a server that ended by itself, None while it runs."""
        return self.child.poll() if self.child else None

    def psql(self, sql: str, database: str = "postgres") -> str:
        """Run SQL as the cluster's superuser; the answer unaligned, without headings."""
        return self._psql("-c", sql, database)

    def clone(self, template: str, name: str) -> None:
        """A copy of a database that nobody is connected to, as files: about 0.1 s."""
        self.psql(f"CREATE DATABASE {name} OWNER pmo_owner TEMPLATE {template} STRATEGY FILE_COPY")
        self.close_to_strangers(name)

    def close_to_strangers(self, name: str) -> None:
        """Only the four roles connect, and none of them makes temporary tables but the owner."""
        self.psql(
            f"REVOKE ALL ON DATABASE {name} FROM PUBLIC;"
            f"GRANT CONNECT ON DATABASE {name} TO pmo_app, pmo_worker, pmo_relay"
        )

    def _psql(self, how: str, what: str, database: str) -> str:
        argv = [str(self.bin / "psql"), "-XAtq", "-v", "ON_ERROR_STOP=1", "-h", str(self.run)]
        argv += ["-U", "postgres", "-d", database, how, what]
        done = subprocess.run(argv, capture_output=True, text=True, env=self.environment)
        if done.returncode:
            raise EmbeddedError(done.stderr.strip())
        return done.stdout.strip()

    def _give_to_its_user(self) -> None:
        """As root: the files are root's where namespaces work, else PMO_PG_USER's; they may have changed."""
        user = embedded_processes.postgres_user()
        uid, gid = (0, 0) if embedded_processes.namespaces_work() else (user.pw_uid, user.pw_gid)
        for directory in (self.data, self.run):
            if directory.stat().st_uid != uid:
                for path in (directory, *directory.rglob("*")):
                    os.lchown(path, uid, gid)

    def _initdb(self) -> None:
        mark = self.state / "postgres.incomplete"  # an interrupted initdb leaves files that look complete
        if not mark.exists() and any(self.data.iterdir()):
            raise EmbeddedError(f"{self.data} holds files that are no PostgreSQL cluster: move them away")
        mark.touch()
        for leftover in self.data.iterdir():
            shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink()
        version = subprocess.run(
            [self.bin / "initdb", "--version"], check=True, capture_output=True, text=True
        )
        # The built-in provider sorts alike on every machine, whatever its C library.
        modern = int(version.stdout.split()[2].split(".")[0]) >= 17
        provider = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] if modern else []
        argv = [self.bin / "initdb", "-D", self.data, "-U", "postgres", "-A", "trust", "-E", "UTF8"]
        argv += ["--no-instructions", "--locale=C" if modern else "--locale=C.UTF-8", *provider]
        argv += [] if self.durable else ["--no-sync"]
        child = embedded_processes.spawn(
            argv,
            not_root=self.as_root,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=self.environment,
        )
        output, _ = child.communicate()
        if child.returncode:
            raise EmbeddedError(f"initdb failed:\n{output.decode(errors='replace')}")
        mark.unlink()

    def _end_leftover(self) -> None:
        """We hold the lock, so a postmaster on this data is an orphan: end it, and drop its pid file."""
        pidfile = self.data / "postmaster.pid"
        with contextlib.suppress(FileNotFoundError, ValueError):
            pid = int(pidfile.read_text().split("\n", 1)[0])
            for signal_number, seconds in ((signal.SIGINT, 20), (signal.SIGQUIT, 20)):
                if embedded_processes.alive(pid, "postgres"):
                    os.kill(pid, signal_number)
                deadline = time.monotonic() + seconds
                while embedded_processes.alive(pid, "postgres") and time.monotonic() < deadline:
                    time.sleep(0.05)
            if embedded_processes.alive(pid, "postgres"):
                raise EmbeddedError(f"a PostgreSQL of an earlier run (process {pid}) does not end")
        for leftover in (pidfile, self.run / ".s.PGSQL.5432.lock", self.run / ".s.PGSQL.5432"):
            leftover.unlink(missing_ok=True)  # the process they name may be a zombie, which counts as alive

    def _launch(self, deadline: float) -> bool:
        options = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.run),
            "unix_socket_permissions": "0700",
            "max_connections": "100",
            "shared_buffers": "128MB",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "log_min_duration_statement": "250ms",
            "shared_preload_libraries": self._preloaded(),
        }
        argv: list[object] = [self.bin / "postgres", "-D", self.data]
        for name, value in (options | ({} if self.durable else THROW_AWAY)).items():
            argv += ["-c", f"{name}={value}"]
        path = self.state / "postgres.log"
        _keep_short(path)
        with path.open("ab") as log:
            begins = log.tell()
            self.child = embedded_processes.spawn(
                argv,
                die_with=signal.SIGINT,
                not_root=self.as_root,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self.environment,
            )
        pidfile = self.data / "postmaster.pid"
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError, IndexError, ValueError):
                lines = pidfile.read_text().splitlines()
                if int(lines[0]) == self.child.pid and lines[7].strip() == "ready":
                    return True
            if self.child.poll() is not None:
                said = path.read_bytes()[begins:].decode(errors="replace")
                if "shared memory block" in said and "still in use" in said:
                    return False
                raise EmbeddedError(f"PostgreSQL ended with {self.child.returncode}:\n{said[-2000:]}")
            time.sleep(0.01)
        raise EmbeddedError(f"PostgreSQL did not become ready: see {path}")

    def _preloaded(self) -> str:
        share = self.bin.parent / "share"
        return "pg_stat_statements" if any(share.rglob("pg_stat_statements.control")) else ""

    def _make_roles_and_database(self) -> None:
        self._psql("-f", str(ROLES), "postgres")
        if not self.psql("SELECT 1 FROM pg_database WHERE datname = 'pmo'"):
            self.psql("CREATE DATABASE pmo OWNER pmo_owner")
        self.close_to_strangers("pmo")


class Redis:
    """The server in `state`/redis, its append-only file synced each second; it never evicts."""

    def __init__(self, state: Path = embedded.STATE, *, durable: bool = True) -> None:
        self.state, self.durable = state, durable
        self.data, self.run, self.bin = state / "redis", embedded.run_dir(state), embedded.redis_bin()
        self.child: Child | None = None

    def start(self) -> None:
        """Start, and return when it answers."""
        for directory in (self.data, self.run):
            embedded.private_directory(directory)
        sock, log = self.run / "redis.sock", self.state / "redis.log"
        sock.unlink(missing_ok=True)
        _keep_short(log)
        argv: list[object] = [self.bin, "--port", "0", "--unixsocket", sock, "--unixsocketperm", "700"]
        argv += ["--dir", self.data]
        argv += ["--daemonize", "no", "--save", "", "--appendonly", "yes" if self.durable else "no"]
        argv += ["--appendfsync", "everysec", "--aof-load-truncated", "yes", "--databases", "64"]
        argv += ["--maxmemory-policy", "noeviction", "--loglevel", "notice", "--logfile", log]
        nowhere = subprocess.DEVNULL
        self.child = embedded_processes.spawn(argv, stdin=nowhere, stdout=nowhere, stderr=nowhere)
        deadline = time.monotonic() + 30
        while not _answers(sock):
            if self.child.poll() is not None or time.monotonic() > deadline:
                raise EmbeddedError(f"Redis did not start: see {log}")
            time.sleep(0.01)

    def stop(self) -> None:
        """End it, its file written."""
        embedded_processes.stop(self.child, signal.SIGTERM, 10, signal.SIGKILL)

    def ended(self) -> int | None:
        """The exit code of a server that ended by itself, None while it runs."""
        return self.child.poll() if self.child else None


Server = Postgres | Redis


def _answers(sock: Path) -> bool:
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as talk:
        talk.settimeout(1)
        talk.connect(str(sock))
        talk.sendall(b"PING\r\n")
        return talk.recv(16).startswith(b"+PONG")
    return False


def _keep_short(log: Path, limit: int = 8 << 20) -> None:
    """Make a log readable by its owner alone, and keep one older file: nobody tends it, and the disk is finite."""
    with contextlib.suppress(FileNotFoundError):
        if log.stat().st_size > limit:
            log.replace(log.with_suffix(".log.1"))
    log.touch(mode=0o600)
