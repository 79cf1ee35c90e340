"""Every address, every role, own and other programs: what opens, what is closed, and what does not exist.

Generated from the URL resolver and the one table in `tests/routes/`. Each request is made in a transaction that is
rolled back, so that each finds the world as it was built.
"""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from pmo.accounts.roles import GRANTS, Permission, Role
from tests.addresses import ADDRESSES, address, walk
from tests.routes import ACCOUNTS, API, PAGES, ROUTES
from tests.routes.kinds import MAY, Need
from tests.world import CANARY, World, rolled_back

METHODS = ("GET", "POST", "PATCH", "PUT", "DELETE")
LOGIN = "/accounts/login/"


def ask(client: Client, method: str, url: str) -> Any:
    """One request whose effects are undone. The body is empty: a door opens or not before it is read."""
    with rolled_back():
        if url.startswith("/api/") and method != "GET":
            return client.generic(method, url, json.dumps({}), "application/json")
        return client.generic(method, url)


def outcome(answer: Any) -> str:
    """What became of a request: opened, sign in, forbidden, missing, wrong method, or broken."""
    code = answer.status_code
    if code == 401 or (code == 302 and answer["Location"].startswith(LOGIN)):
        return "sign in"
    return {403: "forbidden", 404: "missing", 405: "wrong method"}.get(
        code, "opened" if code < 500 else "broken"
    )


def expected(need: Need, who: str) -> set[str]:
    """What the table says should become of it."""
    if need.who == "anybody":
        return {"opened"}
    if who == "anonymous":
        return {"sign in"}
    if need.who == "signed in":
        return {"opened"}
    if who in ("stranger", "former", "neighbour"):
        return {"forbidden"} if need.reach == "office" else {"missing"}
    if need.lets(who):
        return {"opened", "forbidden"} if need.or_not else {"opened"}
    return {"missing", "forbidden"} if need.hidden else {"forbidden"}


def shown(answer: Any) -> str:
    body = getattr(answer, "content", b"")
    text = re.sub(r"(?s)<head>.*?</head>|<nav.*?</nav>|<[^>]+>|\s+", " ", body.decode(errors="replace"))
    return f"{answer.status_code} {text[:200]!r}"


# ------------------------------------------------------------------ the table itself
def test_every_address_is_declared_and_nothing_is_declared_that_is_not_there() -> None:
    names = [name for name, _ in walk()]
    assert sorted(names) == sorted(set(names)), "two addresses of one name"
    undeclared = {name: ADDRESSES[name] for name in set(names) - set(ROUTES) - ACCOUNTS}
    assert undeclared == {}, "declare these in tests/routes/, with who may use them"
    assert set(ROUTES) | ACCOUNTS == set(names), "these are not served any more"


def test_the_grants_are_those_of_the_table() -> None:
    roles = {
        "program_manager": Role.PROGRAM_MANAGER,
        "staff": Role.PMO_STAFF,
        "erp_manager": Role.PROJECT_MANAGER,
        "iam_manager": Role.PROJECT_MANAGER,
        "controller": Role.FINANCE_CONTROLLER,
        "chair": Role.COMMITTEE_CHAIR,
        "member": Role.COMMITTEE_MEMBER,
        "member2": Role.COMMITTEE_MEMBER,
        "sponsor": Role.SPONSOR,
        "auditor": Role.AUDITOR,
        "assurance": Role.ASSURANCE,
        "administrator": Role.ADMINISTRATOR,
    }
    assert set(MAY) - {"the sponsor's", "the office's"} == {one.value for one in Permission}
    for permission in Permission:
        held = {name for name, role in roles.items() if permission in GRANTS[role]}
        assert held == MAY[permission.value], permission


def test_who_approves_and_votes_is_never_who_asks_or_keeps_the_plan() -> None:
    voters = MAY["vote"]
    for right in (
        "request_capital",
        "edit_plan",
        "edit_budget",
        "post_actuals",
        "propose_decision",
        "import",
    ):
        assert not voters & MAY[right], right
    assert MAY["view_money"].isdisjoint({"administrator"})


# ------------------------------------------------------------------ own program
@pytest.mark.parametrize("name", sorted(ROUTES))
def test_who_may_use_an_address(name: str, world: World, clients: dict[str, Client]) -> None:
    url = address(name, "ATLAS", world.things)
    faults = []
    for method, need in ROUTES[name].methods.items():
        for who, client in clients.items():
            answer = ask(client, method, url)
            if outcome(answer) not in expected(need, who):
                faults.append(
                    f"{method} {url} as {who}: {outcome(answer)} ({shown(answer)}), not {expected(need, who)}"
                )
            # Who keeps the accounts of the office sees the people of all programs, by name; nobody else does.
            keeps = need.who == "the office's" and who == "administrator"
            if who != "neighbour" and not keeps and CANARY.encode() in getattr(answer, "content", b""):
                faults.append(f"{method} {url} as {who} tells about the other program")
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("name", sorted(ROUTES))
def test_a_method_that_is_not_declared_is_refused(
    name: str, world: World, clients: dict[str, Client]
) -> None:
    url = address(name, "ATLAS", world.things)
    undeclared = sorted(set(METHODS) - set(ROUTES[name].methods))
    asked = [("program_manager", method) for method in undeclared] + [("stranger", undeclared[0])]
    for who, method in asked:
        answer = ask(clients[who], method, url)
        assert outcome(answer) == "wrong method", f"{method} {url} as {who}: {shown(answer)}"


# ------------------------------------------------------------------ other programs
IN_A_PROGRAM = sorted(name for name in ROUTES if "code>" in ADDRESSES[name])
OF_AN_OBJECT = sorted(
    name for name in IN_A_PROGRAM if set(ROUTES[name].names) & {"pk", "number", "project_code"}
)
OURS = ("program_manager", "administrator")


@pytest.mark.parametrize("name", IN_A_PROGRAM)
def test_another_program_does_not_exist_for_us(name: str, world: World, clients: dict[str, Client]) -> None:
    for things, people in ((world.foreign, OURS), (world.things, OURS[:1])):
        url = address(name, "BOREAS", things)
        for method in ROUTES[name].methods:
            for who in people:
                answer = ask(clients[who], method, url)
                assert outcome(answer) == "missing", f"{method} {url} as {who}: {shown(answer)}"
                assert CANARY.encode() not in answer.content, f"{method} {url} as {who}"


@pytest.mark.parametrize("name", [one for one in OF_AN_OBJECT if "pk" in ROUTES[one].names])
def test_an_object_of_another_program_does_not_exist_in_ours(
    name: str, world: World, clients: dict[str, Client]
) -> None:
    url = address(
        name, "ATLAS", world.things | {kind: world.foreign[kind] for kind in ROUTES[name].names.values()}
    )
    for method, need in ROUTES[name].methods.items():
        for who in ("program_manager", "controller", "erp_manager", "administrator", "chair", "sponsor"):
            answer = ask(clients[who], method, url)
            allowed = {"missing"} if need.lets(who) else {"missing", "forbidden"}
            assert outcome(answer) in allowed, f"{method} {url} as {who}: {shown(answer)}"


def test_a_neighbour_reads_her_own_program_so_that_the_tests_above_mean_something(
    world: World, clients: dict[str, Client]
) -> None:
    opened = 0
    for name in IN_A_PROGRAM:
        if "GET" in ROUTES[name].methods:
            answer = ask(clients["neighbour"], "GET", address(name, "BOREAS", world.foreign))
            opened += outcome(answer) == "opened"
    assert opened > 0.8 * sum("GET" in ROUTES[name].methods for name in IN_A_PROGRAM)
    plan = ask(clients["neighbour"], "GET", "/p/BOREAS/plan/")
    assert CANARY.encode() in plan.content


def test_an_unknown_address_looks_like_one_that_is_not_ours(clients: dict[str, Client], world: World) -> None:
    unknown = ask(clients["program_manager"], "GET", "/p/NOWHERE/plan/")
    foreign = ask(clients["program_manager"], "GET", "/p/BOREAS/plan/")
    assert (unknown.status_code, foreign.status_code) == (404, 404)
    neutral = re.compile(rb"NOWHERE|BOREAS|csrf[^>]*>|[0-9a-f-]{20,}|X-CSRFToken[^}]*")
    assert neutral.sub(b"", unknown.content) == neutral.sub(b"", foreign.content)


def test_there_is_no_admin_site_and_no_media_folder() -> None:
    """Of advisories of others: attachments served as scripts, admin as a side door, user-written templates."""
    assert "django.contrib.admin" not in settings.INSTALLED_APPS
    assert not settings.MEDIA_ROOT
    for word in ("admin", "attachment", "upload", "media", "webhook", "template", "eval", "settings"):
        ours = (
            {ADDRESSES["programs:settings"]} if word == "settings" else set()
        )  # of a program, not of the server
        assert not [route for route in set(ADDRESSES.values()) - ours if word in route], word


def test_the_tables_of_pages_and_api_do_not_overlap() -> None:
    assert not set(PAGES) & set(API)
