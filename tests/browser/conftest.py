"""The whole office for people in browsers: example program, web server, relay, a worker, a mail server. Set up once."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import psycopg2
import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.test import override_settings

from governance.example.people import PASSWORD, email_of
from pmo import embedded
from pmo.celery import QUEUES
from tests.browsing import running, served
from tests.cluster import TEMPLATE, Cluster, addresses
from tests.pmo.outbox.postbox import Postbox, open_postbox

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

# Broker and cache numbers that no test of another kind empties, and no office in another process works from.
BROKER = 40 + 2 * int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
CELERY = [sys.executable, "-m", "celery", "--quiet", "-A", "pmo"]
Enter = Callable[..., "Page"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All of these carry the mark (and go to one process, `tests.dealing`: the office is dear to set up)."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@dataclass
class Office:
    """Where it is served, and what stands behind it."""

    address: str
    database: str
    environment: dict[str, str]
    postbox: Postbox
    logs: Path
    known: dict[str, Any] = field(default_factory=dict)  # who has signed in already: cookies by key
    hands: ExitStack = field(default_factory=ExitStack)  # the worker that runs now

    def work(self, *, mail_server: bool) -> None:
        """A Celery worker, with a mail server or (as in development) without: then mails are kept to be read."""
        self.hands.close()
        mail = {"EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": str(self.postbox.port)} if mail_server else {}
        argv = [*CELERY, "worker", "-l", "warning", "-c", "1", "-Q", ",".join(QUEUES)]
        environment = self.environment | mail | {"PMO_PROCESS": "worker", "PMO_SITE_URL": self.address}
        self.hands.enter_context(
            running([*argv, "--without-gossip", "--without-mingle"], environment, self.logs / "worker.log")
        )

    def tick(self, task: str) -> None:
        """What beat does each minute, now."""
        run(
            [*CELERY, "call", task, "--queue", "default"],
            self.environment | {"PMO_PROCESS": "beat"},
            self.logs / "beat.log",
        )

    def traces(self) -> list[str]:
        """The errors that the web server logged, the last three with their traces."""
        lines = (self.logs / "web.log").read_text(errors="replace").splitlines()
        return [line.replace("\\n", "\n")[-2500:] for line in lines if '"level": "error"' in line][-3:]

    def owner(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """One statement as the owner of the tables, whom row security does not filter."""
        link = psycopg2.connect(embedded.database_url("pmo_owner", name=self.database))
        link.autocommit = True
        with link.cursor() as cursor:
            cursor.execute(statement, values)
            rows = cursor.fetchall() if cursor.description else []
        link.close()
        return rows

    def sessions_grow_old(self, *, minutes: int) -> None:
        """As if everybody who is signed in had done so that much earlier."""
        with override_settings(SECRET_KEY=self.environment["SECRET_KEY"]):
            for key, data in self.owner("select session_key, session_data from django_session"):
                store = SessionStore(key)
                session = store.decode(data)
                for record in session.get("account_authentication_methods", []):
                    record["at"] -= 60 * minutes
                change = "update django_session set session_data = %s where session_key = %s"
                self.owner(change, store.encode(session), key)


def run(argv: list[str], environment: dict[str, str], log: Path) -> None:
    """A command to its end; its words are shown when it fails."""
    with log.open("ab") as out:
        done = subprocess.run(argv, env=environment, cwd=embedded.ROOT, stdout=out, stderr=out, timeout=300)
    if done.returncode:
        pytest.fail(f"{argv[1:]} ended with {done.returncode}:\n{log.read_text()[-3000:]}")


@pytest.fixture(scope="package")
def office(chromium: Browser, cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """The example program and an empty one, served with everything that works behind the pages."""
    name, logs = f"walked_{uuid4().hex[:10]}", tmp_path_factory.mktemp("office")
    cluster.postgres.clone(TEMPLATE, name)
    environment = addresses(name, BROKER)
    try:
        run([sys.executable, "-m", "tests.browser.furnishing"], environment, logs / "example.log")
        with ExitStack() as stack:
            address = stack.enter_context(served(environment, logs / "web.log"))
            relay = [sys.executable, str(embedded.ROOT / "manage.py"), "relay"]
            stack.enter_context(running(relay, environment | {"PMO_PROCESS": "relay"}, logs / "relay.log"))
            postbox = stack.enter_context(open_postbox())
            made = Office(address, name, environment, postbox, logs)
            stack.callback(made.hands.close)
            made.work(mail_server=True)
            yield made
    finally:
        cluster.postgres.psql(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def enter(chromium: Browser, office: Office) -> Iterator[Enter]:
    """`enter("chair")`: a browser of her own for a person of the cast, signed in, looking at her first page.

    Keywords go to the browser's context (viewport, color_scheme, has_touch). Whatever the console said of errors
    or of the content security policy fails the test when it ends; answers 4xx are the test's own affair.
    """
    complaints: list[str] = []
    opened: list[BrowserContext] = []

    def listen(page: Page, who: str) -> None:
        page.set_default_timeout(60_000)
        page.on("pageerror", lambda error: complaints.append(f"{who} at {page.url}: {error}"))
        page.on("console", lambda said: heard(said, page, who))
        page.on("dialog", lambda dialog: dialog.accept())

    def heard(said: Any, page: Page, who: str) -> None:
        refused = "Failed to load resource: the server responded with a status of 4" in said.text
        if (said.type == "error" and not refused) or "Content Security Policy" in said.text:
            complaints.append(f"{who} at {page.url}: {said.text}")

    def newcomer(key: str, path: str = "/", **options: Any) -> Page:
        settings: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}, "locale": "en-GB"} | options
        context = chromium.new_context(
            base_url=office.address, storage_state=office.known.get(key), accept_downloads=True, **settings
        )
        opened.append(context)
        page = context.new_page()
        listen(page, key)
        if key and key not in office.known:
            sign_in(page, key)
            office.known[key] = context.storage_state()
        page.goto(path)
        return page

    yield newcomer
    for context in opened:
        context.close()
    assert not complaints, "\n".join([*complaints, *office.traces()])


def sign_in(page: Page, key: str) -> None:
    """By the form, as everybody does."""
    page.goto("/accounts/login/")
    page.get_by_label("Email").fill(email_of(key))
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda address: "login" not in address)
