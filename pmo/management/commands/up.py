"""`manage.py up`: the whole office in one process tree, until Ctrl-C."""

import contextlib
import io
import os
import signal
import socket
import sys
import threading
import time
import traceback
import urllib.error
import urllib.request
from argparse import ArgumentParser
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management import CommandError, call_command, get_commands
from django.core.management.base import BaseCommand
from django.db import connections
from django.db.migrations.executor import MigrationExecutor

from pmo import embedded, embedded_lock
from pmo.celery import QUEUES
from pmo.database import migrating
from pmo.supervisor import GaveUp, Part, Supervisor, child_environment

TRIED_PORTS = 20  # beyond the one asked for
LOGIN = embedded.STATE / "first-login.txt"  # how to sign in to the example, shown again at each start


class Command(BaseCommand):
    """Servers unless they are named, migrations, the example program, then web, worker, beat and relay."""

    help = "Runs everything: servers (unless DATABASE_URL and REDIS_URL name some), web, worker, beat, relay."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--bind", default="127.0.0.1:8000", help="address and port of the web server")
        parser.add_argument("--server", choices=["granian", "gunicorn"], default="granian")
        parser.add_argument("--web-threads", type=int, default=4)
        parser.add_argument("--worker-processes", type=int, default=2)
        parser.add_argument("--no-example", action="store_true", help="do not load the example program")

    def handle(self, *args: Any, **options: Any) -> None:
        self.begun = time.monotonic()
        self.writing = threading.Lock()
        for each in (signal.SIGTERM, signal.SIGHUP):  # like Ctrl-C, as long as nothing is served
            signal.signal(each, signal.default_int_handler)
        try:
            with embedded_lock.servers("up", alone=True) as own:
                self.note("database and broker are up" if own else "database and broker are named elsewhere")
                self.prepare(example=not options["no_example"])
                host, port = self.address(options["bind"])
                parts = self.parts(host, port, options)
                self.run(Supervisor(parts, own, self.say), f"http://{host}:{port}")
        except (embedded.EmbeddedError, GaveUp) as refusal:
            raise CommandError(str(refusal)) from refusal
        except KeyboardInterrupt:
            self.note("interrupted before anything was served")
        self.note("everything is stopped")

    def run(self, supervisor: Supervisor, site: str) -> None:
        """Start the parts, tell where to look once a page answers, and stay until told to stop."""
        supervisor.listen()
        try:
            supervisor.start()
            threading.Thread(target=self.greet, args=(site, supervisor), daemon=True).start()
            supervisor.watch()
        finally:
            asked = time.monotonic()
            self.note("stopping")
            supervisor.stop()
            self.note(f"processes ended in {time.monotonic() - asked:.1f} s")

    # ------------------------------------------------------------------ before anything is served
    def prepare(self, *, example: bool) -> None:
        """Bring the schema up to date as the owner; without the owner's login, insist that it already is."""
        if "owner" not in settings.DATABASES:
            connection = connections["default"]
            executor = MigrationExecutor(connection)
            if executor.migration_plan(executor.loader.graph.leaf_nodes()):
                raise CommandError(
                    "migrations are pending, and DATABASE_OWNER_URL is not set: "
                    "run `manage.py migrate --database owner` and `manage.py grants` with it first"
                )
            connection.close()
            self.note("the schema is up to date")
            return
        migrating.migrate()
        call_command("grants", verbosity=0)
        self.note("migrated, grants applied")
        if example:
            self.load_example()
        connections.close_all()

    def load_example(self) -> None:
        """The example program, once: when the database holds no program at all."""
        if "example_program" not in get_commands():
            self.note("no example program: this checkout has no such command")
            return
        if apps.get_model("programs", "Program")._base_manager.using("owner").exists():
            return
        self.note("loading the example program")
        said = io.StringIO()
        try:
            call_command("example_program", stdout=said)
        except Exception:  # the office is of use without its example; the reason is told in full
            for line in traceback.format_exc().splitlines():
                self.say("example", line)
            self.note("the example program could not be loaded, see above; going on without it")
            return
        login = [line for line in said.getvalue().splitlines() if line.startswith("Sign in")]
        LOGIN.touch(mode=0o600)
        LOGIN.write_text("\n".join(login))
        self.note("the example program is loaded")

    # ------------------------------------------------------------------ the parts
    def address(self, bind: str) -> tuple[str, int]:
        """The address to serve on: the one asked for, or the next free port when somebody else is there."""
        host, _, wanted = bind.rpartition(":")
        for port in range(int(wanted), int(wanted) + TRIED_PORTS + 1):
            with contextlib.suppress(OSError), socket.socket(_family(host)) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((host.strip("[]"), port))
                if port != int(wanted):
                    self.note(f"port {wanted} is taken; using {port}")
                return host, port
        raise CommandError(f"no free port from {wanted} on; say --bind ADDRESS:PORT")

    def parts(self, host: str, port: int, options: dict[str, Any]) -> list[Part]:
        """The web server first: what a person waits for, and what has to go before the others do."""
        python = [sys.executable, "-m"]
        celery = [*python, "celery", "--quiet", "-A", "pmo"]
        worker = [*celery, "worker", "-l", "warning", "-c", str(options["worker_processes"])]
        worker += ["-Q", ",".join(QUEUES), "--without-gossip", "--without-mingle"]
        beat = [*celery, "beat", "-l", "warning", "--pidfile="]
        relay = [sys.executable, str(settings.BASE_DIR / "manage.py"), "relay"]
        site = {
            "PMO_SITE_URL": os.environ.get("PMO_SITE_URL") or f"http://{host}:{port}",
            # Meant as they are here: a checkout without collected files, and a worker that root started.
            "PYTHONWARNINGS": "ignore:No directory at,ignore:You're running the worker with superuser",
        }
        return [
            Part("web", self.web(python, host, port, options), child_environment("web", **site)),
            Part("worker", worker, child_environment("worker", **site), grace=30),
            Part("relay", relay, child_environment("relay", **site)),
            Part("beat", beat, child_environment("beat", **site), grace=10),
        ]

    @staticmethod
    def web(python: list[str], host: str, port: int, options: dict[str, Any]) -> list[str]:
        """Command line of either web server: one process, several threads, no access log."""
        threads = str(options["web_threads"])
        if options["server"] == "gunicorn":
            gunicorn = [*python, "gunicorn", "pmo.wsgi", "--bind", f"{host}:{port}", "--threads", threads]
            return [*gunicorn, "--graceful-timeout", "10", "--log-level", "warning"]
        granian = [*python, "granian", "--interface", "wsgi", "--host", host.strip("[]")]
        granian += ["--port", str(port), "--workers", "1", "--blocking-threads", threads]
        granian += ["--respawn-failed-workers", "--workers-kill-timeout", "10"]
        return [*granian, "--no-access-log", "--log-level", "warning", "pmo.wsgi:application"]

    # ------------------------------------------------------------------ what the person sees
    def greet(self, site: str, supervisor: Supervisor) -> None:
        """Say where to look, once the first answer came; then the rest may start."""
        while not supervisor.stopping.wait(0.1):
            try:
                urllib.request.urlopen(f"{site}/healthz", timeout=5).close()  # noqa: S310  (our own address)
            except urllib.error.HTTPError as answer:
                self.note(f"the web server answers, but with {answer.code}: see the lines above")
                return
            except OSError:
                continue
            break
        supervisor.ready()
        if supervisor.stopping.is_set():
            return
        self.note(f"open {site}/   (Ctrl-C stops everything)")
        with contextlib.suppress(FileNotFoundError):
            for line in LOGIN.read_text().splitlines():
                self.note(line)

    def note(self, line: str) -> None:
        """A line of our own, with the seconds since the start."""
        self.say("up", f"{time.monotonic() - self.begun:6.1f} s  {line}")

    def say(self, name: str, line: str) -> None:
        """One line of the one log."""
        with self.writing, contextlib.suppress(OSError, ValueError):
            self.stdout.write(f"{name:>7} | {line}")
            self.stdout.flush()


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET
