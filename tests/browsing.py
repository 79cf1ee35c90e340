"""Fixtures for tests in a real browser: the office served by its own web server, and Debian's Chromium.

Where no Chromium is, such tests are skipped and say so; with PMO_REQUIRE_BROWSER=1 (as in CI) they fail.
"""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pmo import embedded, embedded_processes

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM_FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def free_port() -> int:
    """A port of the loopback that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def served(environment: dict[str, str], log: Path) -> Iterator[str]:
    """The office behind granian, as `up` serves it, with the database and broker that the environment names."""
    port = free_port()
    argv = [
        sys.executable,
        "-m",
        "granian",
        "--interface",
        "wsgi",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
    ]
    argv += ["--workers", "1", "--blocking-threads", "4", "--no-access-log", "--workers-kill-timeout", "5"]
    more = {"PMO_PROCESS": "web", "PMO_SITE_URL": f"http://127.0.0.1:{port}"}
    with running([*argv, "pmo.wsgi:application"], environment | more, log) as web:
        _wait_for(f"http://127.0.0.1:{port}/healthz", web, log)
        yield f"http://127.0.0.1:{port}"


@contextlib.contextmanager
def running(argv: list[str], environment: dict[str, str], log: Path) -> "Iterator[subprocess.Popen[bytes]]":
    """A process of the office beside the tests, ended as its supervisor would end it."""
    with log.open("ab") as out:
        child = embedded_processes.spawn(
            argv, env=environment, cwd=embedded.ROOT, stdin=subprocess.DEVNULL, stdout=out, stderr=out
        )
        try:
            yield child
        finally:
            embedded_processes.stop(child, signal.SIGTERM, 10, signal.SIGKILL)


@pytest.fixture
def site(own_database: Any, broker: Any, tmp_path: Path) -> Iterator[str]:
    """Address of the office, served by granian from this test's own database."""
    with served(own_database.environment, tmp_path / "web.log") as address:
        yield address


def _wait_for(address: str, web: "subprocess.Popen[bytes]", log: Path, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while web.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            try:
                urllib.request.urlopen(address, timeout=2).close()  # noqa: S310  (our own loopback address)
            except urllib.error.HTTPError as answer:
                pytest.fail(f"{address} answered {answer.code}:\n{log.read_text()[-3000:]}")
            return
        time.sleep(0.1)
    pytest.fail(f"the web server did not answer:\n{log.read_text()[-3000:]}")


@pytest.fixture(scope="session")
def chromium() -> Iterator["Browser"]:
    """A headless Chromium, started once for the worker."""
    program = os.environ.get("PMO_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        loud = "no Chromium here: install Debian's `chromium` to walk the pages in a browser"
        if os.environ.get("PMO_REQUIRE_BROWSER"):
            pytest.fail(loud)
        pytest.skip(loud)
    from playwright.sync_api import sync_playwright  # heavy: only for those who browse

    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright's loop runs in this thread; our queries do not
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=CHROMIUM_FLAGS + sandbox)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: "Browser", site: str) -> Iterator["Page"]:
    """An empty page whose relative addresses are the office's; script errors and CSP reports fail it."""
    context = chromium.new_context(base_url=site, viewport={"width": 1440, "height": 900}, locale="en-GB")
    opened = context.new_page()
    complaints: list[str] = []
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on(
        "console",
        lambda said: complaints.append(said.text) if "Content Security Policy" in said.text else None,
    )
    yield opened
    context.close()
    assert not complaints, complaints
