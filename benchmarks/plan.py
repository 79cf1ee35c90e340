"""The master plan at 10,000 activities, on the server and in a real Chromium.

    python -m benchmarks.plan [--activities 10000] [--rounds 15] [--write]

On the server: what the first window, a window deep down and 1,000 bars with their links cost (queries, CPU of ours and
of PostgreSQL, beside the two reference pages of the same run). In the browser, with the office behind its own web
server: first paint, wheel through the plan looking for rows that are not there, an edit by keyboard until the new
dates stand, memory of the page. Targets are those of the issue; `--write` puts the tables into docs/performance.md.
The database is that of `benchmarks.pages`.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from benchmarks.pages import EDIT_CPU, PERFORMANCE, Measured, machine, measure, table

BEGIN, END = "<!-- written by benchmarks.plan -->", "<!-- end of benchmarks.plan -->"
WIDTH, HEIGHT = 1440, 900
SCREENS = 120
"""Turns of the wheel by most of a screen each: some 2,500 rows."""
_STATE = """() => {
  const box = document.querySelector('.gantt'), edge = box.getBoundingClientRect();
  const bottom = Math.min(edge.bottom, innerHeight);  // below the window nobody looks
  let gaps = 0, seen = 0;
  for (let y = edge.top + 40; y < bottom - 4; y += 30) {
    seen += 1;
    const at = document.elementFromPoint(edge.left + 60, y);
    if (!at || !at.closest('tr')) gaps += 1;
  }
  return [gaps, seen, document.querySelectorAll('.gantt tbody tr[data-at]').length];
}"""


def served_pages(client: Any, program: Any, activities: int) -> list[Measured]:
    """What one answer of the server costs; the drawing of 1,000 bars is what an edit far down brings back."""
    from programs.master_plan import views

    base = f"/p/{program.code}/plan/"

    def get(path: str) -> Callable[[], Any]:
        return lambda: client.get(path, headers={"HX-Request": "true"})

    original = views.plan_context

    def thousand() -> Any:
        """The plan drawn down to row 1,000, as it comes back after an edit there."""
        views.plan_context = lambda *given, **more: original(*given, **(more | {"upto": 999}))
        try:
            return client.get(base)
        finally:
            views.plan_context = original

    return [
        Measured("first window, 200 rows", get(base)),
        Measured("a window three quarters down", get(f"{base}?from={activities * 3 // 4 // 200 * 200}")),
        Measured("1,000 bars with links", thousand, most_cpu=EDIT_CPU),
        Measured("critical only", get(f"{base}?critical=1")),
    ]


def browser_figures(
    address: str, cookie: tuple[str, str], code: str, rounds: int
) -> list[tuple[str, str, str]]:
    """(what, measured, target) in Chromium."""
    import shutil

    from playwright.sync_api import sync_playwright

    from tests.browsing import CHROMIUM_FLAGS

    program = os.environ.get("PMO_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        return [("browser", "no Chromium here", "")]
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=CHROMIUM_FLAGS + sandbox)
        context = browser.new_context(base_url=address, viewport={"width": WIDTH, "height": HEIGHT})
        context.add_cookies([{"name": cookie[0], "value": cookie[1], "url": address}])
        page = context.new_page()
        paints, bars = [], []
        for _ in range(rounds):
            page.goto("about:blank")
            begun = time.perf_counter()
            page.goto(f"/p/{code}/plan/", wait_until="commit")
            page.wait_for_selector(".gantt svg .bar")
            bars.append(time.perf_counter() - begun)
            page.wait_for_load_state("load")
            paints.append(
                page.evaluate("performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0")
                / 1000
            )
        found = [
            ("first contentful paint, median", f"{statistics.median(paints):.2f} s", "1 s"),
            ("address to the first bars, median", f"{statistics.median(bars):.2f} s", "1 s"),
        ]
        edits = _edits(page, rounds)
        found.append(
            ("edit by keyboard to the new dates, median (worst)",
             f"{1000 * statistics.median(edits):.0f} ms ({1000 * max(edits):.0f} ms)", "300 ms")
        )  # fmt: skip
        blank, looked, rows = _scrolled(page)
        found.append((f"places without a row while turning the wheel through {rows:,} rows",
                      f"{blank} of {looked:,}", "0"))  # fmt: skip
        heap = _heap(context.new_cdp_session(page))
        found.append((f"memory of the page with {rows:,} rows: its process (heap of scripts)",
                      f"{_renderer():.0f} MB ({heap:.0f} MB)", "300 MB"))  # fmt: skip
        browser.close()
    return found


def _heap(tools: Any) -> float:
    """Memory of the page's scripts, in MB."""
    tools.send("Performance.enable")
    metrics = {one["name"]: one["value"] for one in tools.send("Performance.getMetrics")["metrics"]}
    return float(metrics.get("JSHeapUsedSize", 0)) / 2**20


def _edits(page: Any, rounds: int) -> list[float]:
    """Seconds from Enter in a cell of days until the plan with its new dates is in the page."""
    took = []
    cell = page.locator("tr[data-edits]:not(.summary):not(.group) td[data-f=days]").nth(3)
    for number in range(rounds):
        wanted = str(3 + number % 4)
        if cell.inner_text() == wanted:  # what is typed as it stands is no edit
            wanted = "9"
        cell.dblclick()
        editor = page.locator("td.editing input")
        editor.fill(wanted)
        page.evaluate(
            "() => { window.arrived = new Promise((done, lost) => { "
            "setTimeout(() => lost(new Error('no answer')), 30000); "
            "document.addEventListener('plan:arrives', () => requestAnimationFrame(() => done(performance.now())), "
            "{ once: true }); }); window.arrived.catch(() => 0); }"
        )
        begun = page.evaluate("performance.now()")
        editor.press("Enter")
        try:
            took.append((page.evaluate("window.arrived") - begun) / 1000)
        except Exception:
            print(page.inner_text("#plan-said"), page.locator("td.failed, td.editing").all_inner_texts())
            raise
    return took


def _scrolled(page: Any) -> tuple[int, int, int]:
    """(places without a row, places looked at, rows there in the end)."""
    page.mouse.move(WIDTH / 3, HEIGHT / 2)
    blank = looked = rows = 0
    for _ in range(SCREENS):
        page.mouse.wheel(0, 630)
        page.wait_for_timeout(60)
        gaps, seen, rows = page.evaluate(_STATE)
        blank, looked = blank + gaps, looked + seen
    return blank, looked, rows


def _renderer() -> float:
    """Proportional memory of the largest renderer process, in MB."""
    most = 0.0
    for process in Path("/proc").iterdir():
        with suppress(OSError, ValueError, StopIteration):
            if b"--type=renderer" in (process / "cmdline").read_bytes():
                lines = (process / "smaps_rollup").read_text().splitlines()
                pss = next(one for one in lines if one.startswith("Pss:"))
                most = max(most, int(pss.split()[1]) / 1024)
    return most


def run(given: argparse.Namespace) -> None:
    """Server and browser, on one program."""
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connections
    from django.test import Client

    from benchmarks import page_data
    from pmo.database import migrating
    from tests.browsing import served

    settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1"]
    migrating.migrate()
    call_command("grants", verbosity=0)
    ((label, program, who),) = page_data.prepare([str(given.activities)])
    with connections["owner"].cursor() as cursor:
        cursor.execute("vacuum analyze")
    client = Client(headers={"host": "localhost"})
    client.force_login(who)
    fixed = Measured("(reference: /bench/fixed/)", lambda: client.get("/bench/fixed/"))
    rows = Measured("(reference: /bench/rows/)", lambda: client.get("/bench/rows/"))
    measured = [fixed, rows, *served_pages(client, program, given.activities)]
    measure(measured, given.rounds)
    lines = ["", f"### {label}: {page_data.size(program)}", "", *table(measured, fixed, rows)]
    print("\n".join(lines), flush=True)
    cookie = (settings.SESSION_COOKIE_NAME, client.cookies[settings.SESSION_COOKIE_NAME].value)
    with tempfile.TemporaryDirectory() as folder:
        environment = dict(os.environ) | {"SECRET_KEY": settings.SECRET_KEY, "PMO_ALLOWED_HOSTS": "127.0.0.1"}
        with served(environment, Path(folder) / "web.log") as address:
            found = browser_figures(address, cookie, program.code, given.rounds)
    seen = ["", "| in Chromium, 1440 x 900 | measured | target |", "| --- | ---: | ---: |"]
    seen += [f"| {what} | {value} | {target} |" for what, value, target in found]
    print("\n".join(seen), flush=True)
    lines += seen
    if given.write:
        _write(lines)


def _write(lines: list[str]) -> None:
    text = PERFORMANCE.read_text()
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    command = "python -m benchmarks.plan " + " ".join(sys.argv[1:])
    head = f"`{command.strip()}` on {time.strftime('%d %b %Y').lstrip('0')}: {machine()}."
    PERFORMANCE.write_text("\n".join([f"{before}{BEGIN}", head, *lines, f"{END}{after}"]))


def main() -> None:
    """Servers of its own, then everything."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--activities", type=int, default=10_000)
    options.add_argument("--rounds", type=int, default=9)
    options.add_argument("--write", action="store_true", help="put the tables into docs/performance.md")
    given = options.parse_args()
    from pmo import embedded_lock  # only now is the state directory named

    with embedded_lock.servers("benchmarks.plan"):
        run(given)


if __name__ == "__main__":
    main()
