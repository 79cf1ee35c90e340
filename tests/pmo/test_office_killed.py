"""`manage.py up` in a place of its own: web, worker and Postgres are killed with -9 while they import and report.

Nothing is lost, nothing is half there, and `verify` finds nothing. What was done and seen is printed (`-s`).
"""

from __future__ import annotations

import contextlib
import http.client
import http.cookiejar
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from pmo import embedded
from tests.browsing import free_port

pytestmark = [
    pytest.mark.fault,
    pytest.mark.skipif(
        not os.environ.get("PMO_LONG"), reason="a whole office, five kills: PMO_LONG=1, as `make faults` sets"
    ),
]
PASSWORD = "program-office-demo"
PATIENCE = float(os.environ.get("PMO_KILL_PATIENCE", "240"))  # seconds for a loaded machine
PLAN = (
    "programs_activity",
    "programs_dependency",
    "programs_calendar",
    "programs_project",
    "programs_planimport",
)


class Stays(urllib.request.HTTPRedirectHandler):
    """Where a form leads is looked at, not followed: the next page may wait for what we hold."""

    def redirect_request(self, *_: Any) -> None:
        return None


class OurOffice:
    """A running `up`, its log, its database by the owner's login, and one browser without scripts."""

    def __init__(self, place: Path) -> None:
        self.place, self.port = place, free_port()
        self.lines: list[str] = []
        named = (
            "DATABASE_URL",
            "DATABASE_OWNER_URL",
            "DATABASE_WORKER_URL",
            "DATABASE_RELAY_URL",
            "REDIS_URL",
        )
        gone = {
            *named,
            "REDIS_CACHE_URL",
            "PMO_NO_EMBEDDED",
            "DJANGO_SETTINGS_MODULE",
            "PMO_TEST_OWNER",
            "PMO_PROCESS",
        }
        self.environment = {key: value for key, value in os.environ.items() if key not in gone}
        self.environment |= {
            "PMO_STATE_DIR": str(place),
            "PMO_NO_BOOTSTRAP": "1",
            "PMO_OUTBOX_LEASE_SECONDS": "6",
            "PYTHONUNBUFFERED": "1",
        }
        argv = [*self.manage, "up", "--bind", f"127.0.0.1:{self.port}", "--worker-processes", "1"]
        self.up = subprocess.Popen(
            argv,
            env=self.environment,
            cwd=embedded.ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            text=True,
        )
        threading.Thread(target=self._read, daemon=True).start()
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self.browser = urllib.request.build_opener(cookies, Stays)

    manage = [sys.executable, str(embedded.ROOT / "manage.py")]

    def _read(self) -> None:
        assert self.up.stdout is not None
        for line in self.up.stdout:
            self.lines.append(line.rstrip())

    def said(self) -> str:
        return "\n".join(self.lines[-60:])

    def until(self, what: Callable[[], Any], sentence: str, seconds: float = PATIENCE) -> Any:
        begun = time.monotonic()
        while True:
            with contextlib.suppress(psycopg2.Error, OSError):
                found = what()
                if found:
                    print(f"    {sentence}: after {time.monotonic() - begun:.1f} s")
                    return found
            assert self.up.poll() is None, f"`up` ended.\n{self.said()}"
            assert time.monotonic() - begun < seconds, (
                f"not within {seconds:.0f} s: {sentence}\n{self.said()}"
            )
            time.sleep(0.02)

    # ------------------------------------------------------------------ its database
    def owner(self) -> Any:
        link = psycopg2.connect(embedded.database_url("pmo_owner", state=self.place))
        link.autocommit = True
        return link

    def ask(self, sql: str, *values: Any) -> Any:
        """The first cell of the answer."""
        link = self.owner()
        with contextlib.closing(link), link.cursor() as cursor:
            cursor.execute(sql, values)
            return cursor.fetchone()[0]

    def counts(self) -> dict[str, int]:
        return {name: self.ask(f"select count(*) from {name}") for name in PLAN}  # noqa: S608

    @contextlib.contextmanager
    def held(self, table: str) -> Iterator[Callable[..., bool]]:
        """Nobody gets at this table. The function tells whether a login waits for it, having `written` to another."""
        link = self.owner()
        link.autocommit = False
        cursor = link.cursor()
        cursor.execute(f"lock table {table} in access exclusive mode")
        waits = """select count(*) from pg_locks w join pg_stat_activity a on a.pid = w.pid
                    where not w.granted and w.relation = %s::regclass and a.usename = %s and (%s = '' or exists (
                      select from pg_locks h join pg_class c on c.oid = h.relation
                       where h.pid = w.pid and h.granted and h.mode = 'RowExclusiveLock' and c.relname = %s))"""
        try:
            yield lambda login, written="": bool(self.ask(waits, table, login, written, written))
        finally:
            with contextlib.suppress(psycopg2.Error):
                link.rollback()
            link.close()

    # ------------------------------------------------------------------ its pages
    def address(self, path: str) -> str:
        return path if path.startswith("http") else f"http://127.0.0.1:{self.port}{path}"

    def get(self, path: str) -> str:
        """The page."""
        with self.browser.open(self.address(path), timeout=PATIENCE) as answer:
            return answer.read().decode()

    def token(self, path: str) -> str:
        """What a form of that page carries against forgery."""
        page = self.get(path)
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert found, page[:2000]
        return found[1]

    def send(self, path: str, token: str, **values: str) -> str:
        """Send a form; the address it leads to. A page instead of an address is a refusal, and fails."""
        body = urllib.parse.urlencode({"csrfmiddlewaretoken": token, **values}).encode()
        try:
            with self.browser.open(self.address(path), body, timeout=PATIENCE) as answer:
                raise AssertionError(answer.read().decode()[-3000:])
        except urllib.error.HTTPError as answer:
            if answer.code not in (302, 303):
                raise
            return str(answer.headers["Location"])

    def post(self, path: str, form_at: str = "", **values: str) -> str:
        """Send the form of `form_at` (else of `path`) as a browser would; the address it leads to."""
        return self.send(path, self.token(form_at or path), **values)

    def sign_in(self) -> None:
        self.post("/accounts/login/", login="manager@atlas.example", password=PASSWORD)

    # ------------------------------------------------------------------ killing
    def pids(self, *words: str) -> list[int]:
        """Processes under our `up` whose command line has one of these words."""
        below, found = {self.up.pid}, []
        parents = {}
        for entry in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                parents[int(entry.name)] = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
        for _ in range(6):
            below |= {pid for pid, parent in parents.items() if parent in below}
        for pid in sorted(below - {self.up.pid}):
            with contextlib.suppress(OSError):
                line = (Path("/proc") / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                if any(word in line for word in words):
                    found.append(pid)
        return found

    def kill(self, name: str, *words: str) -> None:
        victims = self.pids(*words)
        assert victims, f"nobody to kill: {name}"
        for pid in victims:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        print(f"    kill -9 {name}: {victims}")

    def kill_web(self) -> None:
        self.kill("web", "granian")

    def kill_worker(self) -> None:
        self.kill("worker", "celery -A pmo worker", "celery --quiet -A pmo worker")

    def kill_postgres(self) -> None:
        """The postmaster and all its children at once, as a power cut would."""
        self.kill("Postgres", f"{self.place}/postgres", "postgres: ")

    def verify(self) -> str:
        done = subprocess.run(
            [*self.manage, "verify"], env=self.environment, cwd=embedded.ROOT, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout.strip().splitlines()[-1]

    def answers(self) -> bool:
        return bool(self.get("/readyz"))

    def stop(self) -> float:
        begun = time.monotonic()
        if self.up.poll() is None:
            self.up.send_signal(signal.SIGINT)
            try:
                self.up.wait(90)
            except subprocess.TimeoutExpired:
                os.killpg(self.up.pid, signal.SIGKILL)
                self.up.wait(10)
        return time.monotonic() - begun


@pytest.fixture
def office() -> Iterator[OurOffice]:
    """The example program, served; a program manager signed in."""
    with tempfile.TemporaryDirectory(prefix="pmo-killed-") as place:
        made = OurOffice(Path(place))
        try:
            made.until(
                lambda: any(f"open http://127.0.0.1:{made.port}/" in line for line in made.lines),
                "`up` is up",
            )
            made.until(lambda: made.pids("celery --quiet -A pmo worker"), "the worker is there")
            made.sign_in()
            yield made
        finally:
            took = made.stop()
            print(f"    Ctrl-C: ended with {made.up.returncode} after {took:.1f} s")
        assert made.up.returncode == 0


KILLS: dict[str, Callable[[OurOffice], None]] = {
    "worker": OurOffice.kill_worker,
    "web": OurOffice.kill_web,
    "Postgres": OurOffice.kill_postgres,
}


def state_of(office: OurOffice, run: int) -> str:
    return str(office.ask("select state from pmo_reportrun where id = %s", run))


def a_report_meets(office: OurOffice, victim: str) -> None:
    """The report waits for a table that we hold, in its read of the program; then the victim is killed."""
    print(f"\n  report, {victim} killed in the middle")
    office.until(office.answers, "the site answers")
    token = office.token("/p/ATLAS/reports/request/")
    with office.held("programs_risk") as waited_for:
        run = int(office.send("/p/ATLAS/reports/request/", token, kind="status").strip("/").split("/")[-1])
        office.until(
            lambda: state_of(office, run) == "running" and waited_for("pmo_worker"), "it is in its read"
        )
        KILLS[victim](office)
        if victim == "Postgres":
            time.sleep(0.5)
    office.until(lambda: state_of(office, run) == "done", f"run {run} is done by itself")
    files = office.ask("select count(*) from pmo_artefact where run_id = %s and size > 1000", run)
    rows = office.ask("select count(*) from pmo_outbox where key = %s and state = 'sent'", f"report:{run}")
    attempts = office.ask("select attempts from pmo_outbox where key = %s", f"report:{run}")
    print(f"    {files} files, {rows} outbox row at its end after {attempts} attempts")
    assert (files, rows) == (2, 1)


def an_import_meets(office: OurOffice, victim: str) -> None:
    """Its acceptance, with the rows written, waits for a table that we hold; then the victim is killed."""
    print(f"\n  import, {victim} killed in the middle")
    office.until(office.answers, "the site answers")
    where = office.post("/p/ATLAS/import/sample/", form_at="/p/ATLAS/import/")
    token = office.token(where)
    before = office.counts()
    answers: list[str] = []

    def accept() -> None:
        try:
            answers.append(office.send(f"{where}accept/", token))
        except (AssertionError, OSError, http.client.HTTPException) as error:
            answers.append(f"cut off: {error}")

    with office.held("programs_computeddates") as waited_for:
        hand = threading.Thread(target=accept)
        hand.start()
        written = "414 activities are written and not committed"
        office.until(lambda: waited_for("pmo_app", "programs_activity"), written)
        KILLS[victim](office)
        hand.join(PATIENCE)
    print(f"    the browser was told: {answers}")
    office.until(office.answers, "the site answers again")
    assert office.until(office.counts, "the database answers") == before, "nothing of it is there"
    state = office.ask("select state from programs_planimport order by id desc limit 1")
    assert state == "read", "the dry run still waits"
    office.post(f"{where}drop/", form_at=where)


def test_nothing_is_lost_whoever_is_killed_in_the_middle(office: OurOffice) -> None:
    print("\n  verify before:", office.verify())
    for victim in ("worker", "web", "Postgres"):
        a_report_meets(office, victim)
    for victim in ("web", "Postgres"):
        an_import_meets(office, victim)
    print("  verify after:", office.verify())
    where = office.post("/p/ATLAS/import/sample/", form_at="/p/ATLAS/import/")
    office.post(f"{where}accept/", form_at=where)
    assert (
        office.ask(
            "select count(*) from programs_activity a join programs_project p on p.id = a.project_id"
            " where p.code = 'F20'"
        )
        == 414
    )
    print("  accepted once nobody is killed; verify:", office.verify())
