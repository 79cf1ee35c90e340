"""What holds of every operation of the API, those of tomorrow included: made from the OpenAPI document.

Answers are as documented; ids of other programs, unknown keys and hostile parameters are refused; a token does
no more than its scope and nothing that needs a person.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from functools import cache
from typing import Any

import jsonschema_rs
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from rest_framework.serializers import BaseSerializer

from pmo import commands
from pmo.accounts.models import User
from pmo.api.documents import document
from pmo.api.fields import BIG
from pmo.home import services as home
from tests.addresses import ADDRESSES, address
from tests.furnish import plan_rows
from tests.payloads import PAYLOADS
from tests.pmo.test_headers import somebody, writes_noted
from tests.routes import API, ROUTES
from tests.world import World, rolled_back

CODE = {"code": "ATLAS"}


@cache
def openapi() -> dict[str, Any]:
    return dict(json.loads(document()))


@cache
def by_name() -> dict[str, str]:
    """The path in the document of each route of the table."""
    paths = {}
    for path in openapi()["paths"]:
        for name in API:
            plain = address(name, "{code}", dict.fromkeys(ROUTES[name].names.values(), "{id}"))
            if plain == _with_id(path):
                paths[name] = path
    return paths


def _with_id(path: str) -> str:
    parts = path.split("/")
    return "/".join("{id}" if part.startswith("{") and part != "{code}" else part for part in parts)


def operations(*methods: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Route name, method, operation."""
    for name, path in sorted(by_name().items()):
        for method, operation in openapi()["paths"][path].items():
            if method.upper() in methods:
                yield name, method.upper(), operation


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        schema = openapi()["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    return schema


def body_of(operation: dict[str, Any]) -> dict[str, Any] | None:
    """The schema of the JSON body, if the operation takes one."""
    content = operation.get("requestBody", {}).get("content", {})
    return resolved(content["application/json"]["schema"]) if "application/json" in content else None


READS = [(name, operation) for name, _, operation in operations("GET")]
WRITES = [
    (name, method, operation) for name, method, operation in operations("POST", "PUT", "PATCH", "DELETE")
]
BODIES = [(name, method, body) for name, method, op in WRITES if (body := body_of(op)) is not None]
IDS = [f"{method} {name}" for name, method, _ in WRITES]


def send(client: Client, method: str, url: str, body: Any = None, **headers: str) -> Any:
    return client.generic(
        method, url, json.dumps({} if body is None else body), "application/json", headers=headers
    )


def test_every_route_of_the_api_is_in_the_document_and_the_other_way_round() -> None:
    assert set(API) - {"api-schema"} == set(by_name())
    assert len(by_name()) == len(openapi()["paths"])
    for name, path in by_name().items():
        assert {method.upper() for method in openapi()["paths"][path]} == set(ROUTES[name].methods), name


def test_the_document_tells_refusals_everywhere_and_keys_on_writes() -> None:
    for name, _, operation in operations("GET", "POST", "PUT", "PATCH", "DELETE"):
        assert {"400", "401", "403", "404"} <= set(operation["responses"]), name
        assert operation["operationId"]
    for name, _, operation in operations("POST", "PUT", "PATCH", "DELETE"):
        assert {"409", "422"} <= set(operation["responses"]), name
        assert "Idempotency-Key" in {one["name"] for one in operation["parameters"]}, name


@pytest.mark.parametrize(("name", "operation"), READS, ids=[name for name, _ in READS])
def test_an_answer_is_as_documented(
    name: str, operation: dict[str, Any], world: World, clients: dict[str, Client]
) -> None:
    answer = clients[somebody(ROUTES[name].methods["GET"])].get(address(name, "ATLAS", world.things))
    assert answer.status_code == 200
    content = operation["responses"]["200"]["content"]
    if answer["Content-Type"] != "application/json":
        assert answer["Content-Type"].split(";")[0] in content
        return
    schema = content["application/json"]["schema"] | {"components": openapi()["components"]}
    body = answer.json()
    jsonschema_rs.Draft202012Validator(schema).validate(body)
    if isinstance(body, dict) and "results" in body:
        assert body["results"], "an empty list proves nothing: furnish one"
        row = resolved(resolved(schema)["properties"]["results"]["items"])
        for one in body["results"]:
            assert set(one) == set(row["properties"])


# ------------------------------------------------------------------ ids of other programs
def related(body: dict[str, Any]) -> list[str]:
    """Properties that take the id of a row: see pmo.api.fields.Related."""
    return [
        name
        for name, one in body["properties"].items()
        if one.get("minimum") == 1 and one.get("maximum") == BIG and "integer" in str(one.get("type"))
    ]


RELATIONS = [(name, method, one) for name, method, body in BODIES for one in related(body)]
KIND = {
    "predecessor": "activity",
    "successor": "activity",
    "parent": "activity",
    "api:control-accounts-list activity": "summary",
    "api:free-question-list rule": "question_rule",
    "risk_acceptance": "acceptance",
}
MILESTONES_ONLY = {"api:gates activity", "api:contract-milestones activity"}
"""These take no activity but a milestone, which this world has none of."""


@pytest.mark.parametrize(("name", "method", "field"), RELATIONS)
def test_no_foreign_id_is_taken_for_a_relation(
    name: str, method: str, field: str, world: World, clients: dict[str, Client]
) -> None:
    """OpenProject CVE-2026-52782, Nautobot PYSEC-2026-2225: a reference to what one cannot see."""
    client = clients[somebody(ROUTES[name].methods[method])]
    url = address(name, "ATLAS", world.things)
    if field in ("person", "owner", "manager", "sponsor", "produced_by"):
        foreign, own = world.theirs.office.auditor.pk, world.ours.office.auditor.pk
    else:
        kind = KIND.get(f"{name} {field}", KIND.get(field, field))
        foreign, own = world.foreign[kind], world.things[kind]
    with rolled_back(), writes_noted() as written:
        for value in (foreign, 2**62, 0, -1, str(own), [own], {"id": own}, 1.5, True):
            answer = send(client, method, url, {field: value})
            assert answer.status_code == 400, (value, answer.content)
            assert field in answer.json()["errors"], (value, answer.content)
        assert written == []
        if f"{name.rpartition('-')[0]} {field}" in MILESTONES_ONLY:
            return
        answer = send(client, method, url, {field: own})
        # Taken as a row: what is said about it now (422: it has an account already) is about the row itself.
        assert answer.status_code == 422 or field not in answer.json().get("errors", {}), answer.content


def test_relations_were_found_to_test() -> None:
    assert len(RELATIONS) >= 14


# ------------------------------------------------------------------ mass assignment
FORBIDDEN = {
    "id": 1, "pk": 1, "program": 1, "program_id": 1, "created_at": "2020-01-01", "is_administrator": True,
    "requested_by": 1, "requester": 1, "approved": True, "warrant": 1, "warrant_id": 1, "digest_": "x",
    "__all__": 1, "__class__": "x", "accepted_by": 1, "number": 1, "is_current": True, "balance": 1, "role": "x",
    "fixed_cost": 1, "position": 1, "uploaded_by": 1, "score": 25, "currency_": "EUR", "state_": "approved",
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "method", "body"), BODIES, ids=[f"{method} {name}" for name, method, _ in BODIES]
)
def test_a_key_that_is_not_declared_is_refused(
    name: str, method: str, body: dict[str, Any], world: World, clients: dict[str, Client]
) -> None:
    client = clients[somebody(ROUTES[name].methods[method])]
    url = address(name, "ATLAS", world.things)
    assert body.get("properties"), name
    unknown = {key: value for key, value in FORBIDDEN.items() if key not in body["properties"]}
    with rolled_back(), writes_noted() as written:
        answer = send(client, method, url, unknown)
        assert answer.status_code == 400, answer.content
        named = set(answer.json()["errors"])
        assert set(sorted(unknown)[:20]) <= named
        for text in ("[]", "1", '"x"', "null", '{"a":1,"a":2}', "{" * 50, '{"a":' * 45 + "1" + "}" * 45):
            twisted = client.generic(method, url, text, "application/json")
            assert 400 <= twisted.status_code < 500, (text, twisted.content)
        assert written == []


# ------------------------------------------------------------------ hostile parameters
FILTERED = [
    (name, parameter["name"])
    for name, _, operation in operations("GET")
    for parameter in operation.get("parameters", [])
    if parameter["in"] == "query"
]


SHARE = 10
"""Of the hostile texts, for each parameter; the next parameter gets the next ones, so that all are sent."""


def _hostile(name: str, parameter: str, texts: list[str], world: World, clients: dict[str, Client]) -> None:
    client = clients[somebody(ROUTES[name].methods["GET"])]
    url = address(name, "ATLAS", world.things)
    for text in texts:
        begun = time.perf_counter()
        answer = client.get(url, {parameter: text})
        assert answer.status_code in (200, 400, 404), (parameter, text[:80], answer.content[:300])
        assert time.perf_counter() - begun < 30, (parameter, text[:80])  # none that keeps the server busy
        assert b"Zebrafish" not in answer.content


@pytest.mark.parametrize(("name", "parameter"), FILTERED)
def test_a_hostile_parameter_is_refused_or_finds_nothing(
    name: str, parameter: str, world: World, clients: dict[str, Client]
) -> None:
    """OpenProject CVE-2026-34717, -52785, -44736. A share of the payloads here, all of them in the long one below."""
    start = FILTERED.index((name, parameter)) * SHARE % len(PAYLOADS)
    _hostile(name, parameter, (PAYLOADS + PAYLOADS)[start : start + SHARE], world, clients)


@pytest.mark.skipif(not os.environ.get("PMO_LONG"), reason="the long one: PMO_LONG=1, as `make fuzz` sets")
@pytest.mark.proof
@pytest.mark.parametrize(("name", "parameter"), FILTERED)
def test_two_hundred_hostile_texts_in_every_parameter(
    name: str, parameter: str, world: World, clients: dict[str, Client]
) -> None:
    _hostile(name, parameter, PAYLOADS, world, clients)


@pytest.mark.parametrize("name", [name for name, _ in READS])
def test_a_parameter_that_is_not_declared_is_refused(
    name: str, world: World, clients: dict[str, Client]
) -> None:
    client = clients[somebody(ROUTES[name].methods["GET"])]
    for parameter in ("program", "program_id", "id__gt", "user__password__startswith", "format", "sort", "o"):
        if (name, parameter) not in FILTERED:
            answer = client.get(address(name, "ATLAS", world.things), {parameter: "1"})
            assert answer.status_code == 400, parameter


# ------------------------------------------------------------------ tokens
def token_of(user: User, scope: str) -> dict[str, str]:
    _, text = commands.run(home.make_token, actor=user, name=scope, allows=scope, days=1, program_ids=[])
    return {"Authorization": f"Token {text}"}


@pytest.mark.parametrize(("name", "method", "operation"), WRITES, ids=IDS)
def test_a_reading_token_writes_nothing(name: str, method: str, operation: Any, world: World) -> None:
    role = somebody(ROUTES[name].methods[method])
    with rolled_back():
        headers = token_of(world.ours.office.people[role], "read")
        with writes_noted() as written:
            answer = send(Client(), method, address(name, "ATLAS", world.things), {}, **headers)
        own = name.startswith(
            "api:my-token"
        )  # refused by the service, since a person is needed, or by its form
        assert answer.status_code == 403 or (own and answer.status_code in (400, 403)), answer.content
        assert not [sql for sql in written if "pmo_apitoken" not in sql]


PERSONS = {
    "api:decision-open": {"closes_at": "2030-01-01T00:00:00Z"},
    "api:decision-votes": {"choice": "approve", "digest": "0" * 64},
    "api:decision-close": {},
    "api:decision-withdraw": {"reason": "No longer wanted."},
    "api:my-tokens": {"name": "more", "scope": "write", "days": 1},
    "api:calendar-feeds-list": {"name": "more"},
    "api:program-list": {},
    "api:body-list": {},
    "api:seat-list": {},
    "api:alternate-list": {},
    "api:absence-list": {},
    "api:proxy-list": {},
    "api:authority-rule-list": {},
}


@pytest.mark.parametrize("name", sorted(PERSONS))
def test_what_needs_a_person_is_refused_to_a_token(name: str, world: World) -> None:
    role = "chair" if name.startswith("api:decision") else "program_manager"
    with rolled_back():
        headers = token_of(world.ours.office.people[role], "write")
        answer = send(Client(), "POST", address(name, "ATLAS", world.things), PERSONS[name], **headers)
        assert answer.status_code in (400, 403), answer.content
        if PERSONS[name] or name == "api:decision-close":
            assert answer.status_code == 403, answer.content
            assert answer.json()["type"] == "person-needed", answer.content


def test_a_token_sees_what_its_owner_sees_and_no_more(world: World) -> None:
    with rolled_back():
        headers = token_of(world.ours.office.auditor, "read")
        for name, _ in READS:
            if "code" in ADDRESSES[name]:
                own = Client().get(address(name, "ATLAS", world.things), headers=headers)
                need = ROUTES[name].methods["GET"]
                refused = 404 if need.hidden else 403
                assert own.status_code == (200 if need.lets("auditor") else refused), name
                other = Client().get(address(name, "BOREAS", world.foreign), headers=headers)
                assert other.status_code == 404, name


# ------------------------------------------------------------------ price of a list
def test_a_hundred_rows_cost_at_most_twelve_queries(world: World, clients: dict[str, Client]) -> None:
    with rolled_back():
        plan_rows(world.ours.office, 120, start=1000)
        client = clients["program_manager"]
        for kind in ("activities", "risks", "progress", "baseline-lines", "assignments", "dependencies"):
            url = f"/api/v1/programs/ATLAS/{kind}/?page_size=100"
            answer = client.get(url)
            assert len(answer.json()["results"]) == 100
            with CaptureQueriesContext(connection) as seen:
                client.get(url)
            assert len(seen) <= 12, kind


def test_no_two_shapes_of_the_api_are_called_the_same() -> None:
    """The document knows them by name: of two with one name only one would stand in it, for both."""
    openapi()  # every module that writes the document is imported by then
    found: dict[str, set[str]] = {}
    waiting: list[type[BaseSerializer[Any]]] = [BaseSerializer]
    while waiting:
        shape = waiting.pop()
        waiting.extend(shape.__subclasses__())
        ours = shape.__module__.partition(".")[0] in ("pmo", "programs", "finance", "governance")
        if ours and not shape.__name__.startswith("_"):
            found.setdefault(shape.__name__.removesuffix("Serializer"), set()).add(shape.__module__)
    assert {name: places for name, places in found.items() if len(places) > 1} == {}
