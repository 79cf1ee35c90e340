"""What holds of every answer: its headers, no inline code, CSRF on every form, no write by a look."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

from tests.addresses import ADDRESSES, address
from tests.cast import PASSWORD
from tests.routes import ROUTES
from tests.routes.kinds import MAY, Need
from tests.world import World, rolled_back

GETS = sorted(name for name, route in ROUTES.items() if "GET" in route.methods)
PAGES = [name for name in GETS if not ADDRESSES[name].startswith("/api/") or name == "api-docs"]
WRITES = [
    (name, method) for name, route in sorted(ROUTES.items()) for method in route.methods if method != "GET"
]
POLICY = {
    "default-src": {"'none'"},
    "script-src": {"'self'"},
    "style-src": {"'self'"},
    "font-src": {"'self'"},
    "connect-src": {"'self'"},
    "form-action": {"'self'"},
    "img-src": {"'self'", "data:"},
    "frame-ancestors": {"'none'"},
    "base-uri": {"'none'"},
}


def somebody(need: Need) -> str:
    """A role that may."""
    if need.who in MAY:
        order = ("program_manager", "controller", "chair", "sponsor", "administrator")
        return next(role for role in order if need.lets(role))
    return "program_manager"


def look(clients: dict[str, Client], world: World, name: str, **headers: str) -> Any:
    """The address as somebody sees it who may."""
    client = clients[somebody(ROUTES[name].methods["GET"])]
    return client.get(address(name, "ATLAS", world.things), headers=headers)


class Inline(HTMLParser):
    """Collects what a strict policy refuses, and what would lead away from here."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "style" or (
            tag == "script" and "src" not in given and given.get("type") != "application/json"
        ):
            self.found.append(f"inline {tag}")
        for name, value in attrs:
            text = (value or "").strip().lower()
            if name == "style" or name.startswith(("on", "hx-on")):
                self.found.append(f"{tag} {name}={text[:40]}")
            if text.startswith(("javascript:", "vbscript:", "js:")):
                self.found.append(f"{tag} {name}={text[:40]}")
            if name in ("src", "action", "formaction") and text.startswith(("http:", "https:", "//")):
                self.found.append(f"{tag} {name}={text[:60]}")
            if name == "href" and tag == "link" and text.startswith(("http:", "https:", "//")):
                self.found.append(f"{tag} {name}={text[:60]}")


def faults_of(html: str) -> list[str]:
    """What of a page the policy would refuse."""
    parser = Inline()
    parser.feed(html)
    return parser.found


def directives(answer: Any) -> dict[str, set[str]]:
    parts = (part.split() for part in answer["Content-Security-Policy"].split(";") if part.strip())
    return {part[0]: set(part[1:]) for part in parts}


@pytest.mark.parametrize("name", GETS)
def test_an_answer_carries_its_headers(name: str, world: World, clients: dict[str, Client]) -> None:
    answer = look(clients, world, name)
    assert answer.status_code < 400
    policy = answer["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "nonce" not in policy
    if "sandbox" in policy:
        assert answer["Content-Disposition"].startswith("attachment;")
    else:
        assert directives(answer) == POLICY
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in answer["Permissions-Policy"]
    assert answer["Cache-Control"] == "no-store"
    assert "HX-Request" in answer["Vary"]
    assert answer["X-Request-Id"]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_holds_nothing_that_the_policy_refuses(
    name: str, world: World, clients: dict[str, Client]
) -> None:
    for headers in ({}, {"HX-Request": "true"}):
        answer = look(clients, world, name, **headers)
        if answer["Content-Type"].startswith("text/html"):
            assert faults_of(answer.content.decode()) == []


def test_the_parser_of_the_test_above_sees_what_it_looks_for() -> None:
    bad = (
        '<p style="x">', "<script>1</script>", "<style>p{}</style>", "<a href='javascript:1'>", "<b onclick=x>",
        "<script src='//x/y.js'></script>", "<form action='https://x'>", "<a hx-on:click='x'>",
    )  # fmt: skip
    for html in bad:
        assert faults_of(html), html
    assert faults_of("<script src='/static/a.js'></script><script type='application/json'>1</script>") == []


@pytest.mark.parametrize(
    "url",
    ["/p/NOWHERE/plan/", "/nothing/", "/p/ATLAS/members/", "/p/ATLAS/plan/?at=nonsense", "/accounts/login/"],
)
def test_an_error_page_carries_them_too(url: str, world: World, clients: dict[str, Client]) -> None:
    answer = clients["auditor"].get(url)
    assert directives(answer) == POLICY
    assert answer["X-Content-Type-Options"] == "nosniff"
    if answer["Content-Type"].startswith("text/html"):
        assert faults_of(answer.content.decode()) == []
    anonymous = clients["anonymous"].get(url)
    assert directives(anonymous) == POLICY


# ------------------------------------------------------------------ writes only by POST, with its token
TAKES_FILES = {
    "api:imports-list",
    "api:cost-files-file",
    "api:capital-request-papers-list",
    "api:contract-papers-list",
}


@pytest.mark.parametrize(("name", "method"), WRITES)
def test_a_write_without_its_token_is_refused(
    name: str, method: str, world: World, clients: dict[str, Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = Client(enforce_csrf_checks=True)
    client.cookies = clients[somebody(ROUTES[name].methods[method])].cookies
    url = address(name, "ATLAS", world.things)
    with rolled_back():
        if name in TAKES_FILES:  # takes a file, so that another content type is refused even before
            answer = client.post(url, {"file": "x"})
        else:
            answer = client.generic(method, url, json.dumps({}), "application/json")
        assert answer.status_code == 403, (name, answer.status_code)
        api = url.startswith("/api/")
        assert (b"CSRF" if api else b"form") in answer.content


@contextmanager
def writes_noted() -> Iterator[list[str]]:
    """Every statement that would change a row, but for the session's own."""
    seen: list[str] = []

    def note(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        words = str(sql).lstrip().split(None, 3)
        changes = words and words[0].upper() in {"INSERT", "UPDATE", "DELETE", "TRUNCATE", "MERGE", "COPY"}
        if changes and "django_session" not in str(sql)[:120]:
            seen.append(str(sql)[:200])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield seen


@pytest.mark.parametrize("name", GETS)
def test_a_look_writes_nothing(name: str, world: World, clients: dict[str, Client]) -> None:
    with writes_noted() as seen:
        look(clients, world, name)
        clients[somebody(ROUTES[name].methods["GET"])].head(address(name, "ATLAS", world.things))
    assert seen == []


def test_the_note_of_writes_notes_one(world: World, clients: dict[str, Client]) -> None:
    with rolled_back(), writes_noted() as seen:
        clients["staff"].post("/p/ATLAS/import/sample/")
    assert any("programs_planimport" in sql for sql in seen)


# ------------------------------------------------------------------ sessions
def test_a_fragment_after_the_session_ended_is_sent_to_the_login_as_a_whole(world: World) -> None:
    """Never a login form inside a table cell."""
    for method, url in (
        ("GET", "/p/ATLAS/plan/"),
        ("POST", "/p/ATLAS/plan/edit/"),
        ("GET", "/search/?q=a"),
    ):
        answer = Client().generic(method, url, headers={"HX-Request": "true"})
        assert answer.status_code == 401, url
        assert answer["HX-Redirect"] == "/accounts/login/"
        assert b"<form" not in answer.content


def test_an_idle_session_ends(world: World) -> None:
    from datetime import timedelta

    import time_machine
    from django.utils import timezone

    client = Client()
    client.force_login(world.ours.office.auditor)
    assert client.get("/p/ATLAS/plan/").status_code == 200
    with time_machine.travel(timezone.now() + timedelta(seconds=settings.SESSION_IDLE_SECONDS - 60)):
        assert client.get("/p/ATLAS/plan/").status_code == 200
    with time_machine.travel(timezone.now() + timedelta(seconds=2 * settings.SESSION_IDLE_SECONDS)):
        answer = client.get("/p/ATLAS/plan/", headers={"HX-Request": "true"})
        assert answer.status_code == 401


def test_the_session_cookie_is_kept_from_scripts_and_other_sites(world: World) -> None:
    client = Client()
    client.post("/accounts/login/", {"login": world.ours.office.auditor.email, "password": PASSWORD})
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    client.get("/p/ATLAS/plan/")
    csrf = client.cookies[settings.CSRF_COOKIE_NAME]
    assert (csrf["httponly"], csrf["samesite"]) == (True, "Strict")


def test_the_way_back_leads_nowhere_else(world: World, clients: dict[str, Client]) -> None:
    for target in (
        "https://evil.example/", "//evil.example/", "/\\evil.example", "http:evil.example", "javascript:alert(1)",
        "\x08//evil.example", "https:///evil.example", "\thttps://evil.example", "%2F%2Fevil.example/",
    ):  # fmt: skip
        answer = clients["auditor"].post("/theme/", {"theme": "dark", "next": target})
        assert answer.status_code == 302
        assert "evil" not in answer["Location"] or answer["Location"].startswith(("/%2F", "%2F"))
