"""A small site of made-up pages built from the real templates, scripts and styles, for tests in a browser.

It needs no database: what is tried is how the parts behave under the product's content security policy.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.template import RequestContext, engines
from django.test import RequestFactory

from pmo import charts
from pmo.charts import Bar, Series
from programs.schedule import gantt, gantt_axis
from programs.schedule.gantt import GanttLink, GanttRow
from programs.schedule.gantt_axis import wall

STATIC = Path(__file__).parents[2] / "static"
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'"
)
PAGE = Path(__file__).with_name("parts.html")


class CapitalRequest(forms.Form):
    """Some fields of each kind."""

    name = forms.CharField(help_text="As on the paper form.")
    kind = forms.ChoiceField(choices=[("a", "Software"), ("b", "Hardware")], widget=forms.RadioSelect)
    within = forms.BooleanField(label="Within the budget", required=False)
    why = forms.CharField(widget=forms.Textarea)


def page(theme: str, bound: bool = False) -> str:
    """The whole page as HTML, in the theme that the person chose."""
    first, last = date(2026, 9, 1), date(2028, 5, 31)
    codes = ["DC-MIG", "ERP-FIN", "IAM"]
    start = wall(first)
    rows = [
        GanttRow(code, code, "task", start + place * 40_000, start + place * 40_000 + 90_000, href="/x/")
        for place, code in enumerate(codes)
    ]
    context: dict[str, Any] = {
        "shell": SimpleNamespace(
            user=SimpleNamespace(name="Maria Olsen", email="maria@example.org"),
            theme=theme,
            as_of=SimpleNamespace(label="22 Nov 2026", is_now=True, day=date(2026, 11, 22), known=None),
            program=SimpleNamespace(time_zone="Europe/Vienna"),
            groups=[{"title": "Plan", "items": [{"label": "Plan", "url": "/", "active": True, "count": 3}]}],
        ),
        "crumbs": [("Programs", "/"), ("Parts", "")],
        "states": ["green", "amber", "red", "", "green", "red"],
        "codes": codes,
        "form": CapitalRequest({"kind": "a"} if bound else None),
        "curve": charts.line_chart(
            [Series("Actual", [(0, 0), (9, 9)], 2, "Actual 9"), Series("Earned", [(0, 0), (9, 8)], 1, "Earned 8")],
            title="Earned value", description="Made up", key="ev", x_labels=[(0, "Jan"), (9, "Sep")], y_text=str,
        ),
        "heat": charts.heat_map(
            {(3, 3): 6}, title="Risks", description="By count", key="heat", href=lambda _l, _i: "/x/"
        ),
        "bars": charts.bars([Bar("ERP-FIN", 12, "12 d", 2)], title="Slip", description="In days", key="slip"),
        "twin": {"caption": "Earned value", "head": ["Month", "EUR"], "rows": [["Jan", "1.2M"]]},
        "head": gantt_axis.header(first=first, last=last),
        "plan": gantt.render(rows, [GanttLink("DC-MIG", "IAM")], first=first, last=last),
        "when": datetime(2026, 11, 22, 9, 14, tzinfo=UTC),
        "rows": [{"name": "finish", "label": "Finish", "base": "13 Mar", "theirs": "31 Mar", "mine": "24 Mar"}],
    }  # fmt: skip
    request = RequestFactory().get("/?zoom=week")
    # What is given here goes before what the context processors find: there is no session and no database.
    template = engines["django"].from_string(PAGE.read_text()).template
    return template.render(RequestContext(request, context))


FRAGMENTS: dict[str, tuple[int, dict[str, str], str]] = {
    "/search/": (200, {}, '<ul><li><a href="/x/">ISS-88 Vendor</a></li><li><a href="/y/">IAM</a></li></ul>'),
    "/drawer": (200, {}, '<h2>RSK-19</h2><button class="button" type="button" data-closes>Close</button>'),
    "/save": (200, {"HX-Trigger": '{"toast": {"text": "Saved <b>it</b>", "kind": "good"}}'}, "saved"),
    "/fail": (500, {}, "<!doctype html><title>x</title><h1>Something failed</h1>"),
    "/gone": (404, {}, "<!doctype html><title>x</title><h1>Not found</h1>"),
    "/cell": (
        200,
        {},
        '<form hx-post="/cell-saved" hx-target="closest td">'
        '<input class="cell" name="v" value="7" aria-label="Float"></form>',
    ),
    "/cell-saved": (200, {}, "9"),
    "/x/": (200, {}, "<!doctype html><title>Elsewhere</title><p>Elsewhere"),
}  # fmt: skip


class _Handler(BaseHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""

    def do_GET(self) -> None:
        """Static files, the page, or a fragment."""
        path = urlsplit(self.path).path
        if path.startswith("/static/"):
            file = STATIC / path.removeprefix("/static/")
            return self._answer(200, {"Content-Type": TYPES[file.suffix]}, file.read_bytes())
        if path in ("/", "/dark/"):
            return self._answer(200, {}, page("dark" if path == "/dark/" else "light").encode())
        if path == "/form":
            whole = page("light", bound=True)
            form = whole[
                whole.index('<form class="form"') : whole.index("</form>", whole.index('<form class="form"'))
                + 7
            ]
            return self._answer(422, {}, f"<h2>Request</h2>{form}".encode())
        status, headers, text = FRAGMENTS.get(path, (404, {}, "nothing here"))
        self._answer(status, headers, text.encode())

    def do_POST(self) -> None:
        """Forms are read and answered as if asked for."""
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.tokens.append(self.headers.get("X-CSRFToken"))  # type: ignore[attr-defined]
        self.do_GET()

    def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "text/html; charset=utf-8", **headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def served() -> Iterator[tuple[str, list[str | None]]]:
    """The address of the site, and the CSRF tokens that its posts carried."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.tokens = []  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", server.tokens  # type: ignore[attr-defined]
    finally:
        server.shutdown()
        server.server_close()
