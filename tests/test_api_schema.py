"""The API against its own document, by schemathesis: 5,000 made-up requests, right ones and wrong ones, 0 failures.

The cases are the same in every run (derandomized). Each runs in a transaction that is rolled back, so that each finds
the world as it was built; a token of somebody with every role sends them.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.openapi import from_dict
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from pmo import commands
from pmo.accounts.models import Membership
from pmo.accounts.roles import Role
from pmo.api.documents import document
from pmo.home import services as home
from tests.cast import everything, person
from tests.pmo.test_api_generated import by_name, openapi
from tests.routes import ROUTES
from tests.world import World, rolled_back

pytestmark = pytest.mark.proof
EACH = 25 if os.environ.get("PMO_LONG") else 5
"""Requests of each kind, right and wrong, for each operation."""
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
]
# What a JSON schema cannot say, and a request that keeps the schema may therefore be told.
BEYOND_A_SCHEMA = {
    "There is no such row in this program.",
    "There is no such baseline.",
    "Not acceptable JSON: text has a character that cannot be stored.",  # a NUL or half a pair, inside a string
    "An instant is written like 2027-03-31T08:00:00Z, with its offset, from 1900 to 2200.",
    "A day is written like 2027-03-31, from 1900 to 2200.",
    "This is not a cursor of this list.",
    "That is not a date such as 2027-03-31.",
    "This field may not be blank.",
    "Null characters are not allowed.",
    "Enter a valid date.",
    "Ensure this value is less than or equal to 100.",  # of a number that is written as text
    "Ensure this value is greater than or equal to 0.001.",  # so too
    "Send exactly one file, under the name file.",
    "A valid integer is required.",  # 163.0 is an integer to JSON Schema, and a float to us
    "An amount is a whole number of minor units: 1234.50 EUR is 123450.",  # the same, of money
    "A whole number is expected here.",
    "Name exactly one subject: capital_request, budget, change_request, waiver, gate, risk_acceptance or baseline.",
    "This request cannot be understood.",  # a NUL in the address
    "Give a value, or leave the parameter out.",
    "There is no such project in this program.",
    "The second cut is the first one again.",
    "That is of another register.",
    "A period is written like 2026-11.",
    "A line of the order occurs twice.",
    "Ensure this field has at least 1 elements.",  # the document knows no bounds of nested lists
    "Ensure this field has no more than 40 elements.",
}
OPERATIONS = [
    (name, path, method)
    for name, path in sorted(by_name().items())
    for method in sorted(openapi()["paths"][path])
]


@pytest.fixture(scope="module")
def schema() -> Iterator[Any]:
    """The document, sent to the real WSGI application in this process and on this connection."""
    loaded = from_dict(json.loads(document()))
    loaded.app = get_wsgi_application()
    for signal in (request_started, request_finished):  # as Django's own test client does: the world's
        signal.disconnect(close_old_connections)  # transaction must stay open between requests
    yield loaded
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture(scope="module")
def token(world: World) -> str:
    """Of somebody who holds every role in our program."""
    everyone = person("Olga Omni")
    with everything(world.ours.program):
        for role in Role:
            if role != Role.PROJECT_MANAGER:
                Membership.objects.create(
                    program=world.ours.program, user=everyone, role=role, valid_from="2020-01-01"
                )
    _, text = commands.run(
        home.make_token,
        actor=everyone,
        name="fuzz",
        allows="write",
        days=1,
        program_ids=[world.ours.program.pk],
    )
    return f"Token {text}"


def parameters(name: str, path: str, world: World) -> dict[str, Any]:
    """Our program, and in half of the cases a row that is there."""
    known: dict[str, Any] = {"code": "ATLAS"} if "{code}" in path else {}
    names = ROUTES[name].names
    for placeholder, route_name in (("id", "pk"), ("number", "number"), ("kind", "kind")):
        if "{" + placeholder + "}" in path and route_name in names:
            known[placeholder] = world.things[names[route_name]]
    return known


def told(answer: Any) -> list[str]:
    """Every sentence of a 400, however deep."""

    def sentences(errors: Any) -> list[str]:
        if isinstance(errors, dict):
            return [one for value in errors.values() for one in sentences(value)]
        if isinstance(errors, list):
            return [one for value in errors for one in sentences(value)]
        return [str(errors)]

    return sentences(answer.json().get("errors", {}) or [answer.json().get("title", "")])


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["right", "wrong"])
@pytest.mark.parametrize(("name", "path", "method"), OPERATIONS, ids=[f"{m} {n}" for n, _, m in OPERATIONS])
def test_the_api_does_what_its_document_says(
    name: str, path: str, method: str, mode: GenerationMode, schema: Any, token: str, world: World
) -> None:
    operation = schema[path][method.upper()]
    strategy = operation.as_strategy(
        generation_mode=mode, path_parameters=parameters(name, path, world), headers={"Authorization": token}
    )

    @settings(
        max_examples=EACH,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        verbosity=Verbosity.quiet,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=strategy)
    def check(case: schemathesis.Case) -> None:
        with rolled_back():
            answer = case.call()
        case.validate_response(answer, checks=CHECKS)
        if mode is GenerationMode.POSITIVE and answer.status_code == 400:
            beyond = [one for one in told(answer) if one not in BEYOND_A_SCHEMA]
            assert not beyond, f"{case.as_curl_command()}: {beyond}"

    try:
        check()
    except Unsatisfiable:
        assert mode is GenerationMode.NEGATIVE, "no right request could be made up"
        pytest.skip("nothing in this operation can be wrong")
