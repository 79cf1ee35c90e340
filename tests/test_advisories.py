"""Failures that others published, as tests of ours (trust.md 1b). What other modules hold is named there:

foreign keys in the API, mass assignment, hostile filters: tests/pmo/test_api_generated.py; former members, fragments,
choices and error pages that tell about another program: tests/test_routes.py; approval bound to content, one's own
request: tests/governance; `**request.GET` and SQL from text: tests/test_names.py; where a link may lead back to:
tests/pmo/test_headers.py.
"""

from __future__ import annotations

import ast
import json
import os
import re
from functools import cache
from typing import Any

import pytest
from django.apps import apps
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, models, transaction
from django.test import Client

from pmo import commands
from pmo.accounts.models import ApiToken
from pmo.home import services as home
from pmo.refusals import Refused
from programs.schedule import services as schedule
from tests.addresses import ADDRESSES, address
from tests.cast import PASSWORD, everything
from tests.payloads import PAYLOADS
from tests.pmo.test_headers import GETS, faults_of, look, somebody, writes_noted
from tests.routes import ROUTES
from tests.routes.kinds import ROLES
from tests.test_names import ROOT, SOURCES, calls
from tests.world import CANARY, World, rolled_back

PAGES = [name for name in GETS if not ADDRESSES[name].startswith("/api/") and "code>" in ADDRESSES[name]]
SHARE = 20
READ = re.compile(r"(?:GET|params)(?:\.get\(|\.getlist\(|\[)\s*[\"'](\w+)[\"']")


@cache
def parameters() -> list[str]:
    """Every name that a page reads from its address."""
    found = {name for path in SOURCES for name in READ.findall(path.read_text())}
    return sorted(found | {"at", "known"})


def _pages_with(texts: list[str], name: str, world: World, clients: dict[str, Client]) -> None:
    """The page with each text in every parameter at once; every third time in the two clocks, which come first."""
    client = clients[somebody(ROUTES[name].methods["GET"])]
    url = address(name, "ATLAS", world.things)
    for number, text in enumerate(texts):
        clocks = number % 3 == 0
        answer = client.get(url, {one: text for one in parameters() if (one in ("at", "known")) == clocks})
        assert answer.status_code < 500, (clocks, text[:60])
        assert CANARY.encode() not in answer.getvalue()  # files come in pieces


# ------------------------------------------------------------------ OpenProject CVE-2026-34717, CVE-2026-52785
def test_the_parameters_of_pages_are_found() -> None:
    assert {"q", "sort", "page", "state", "project", "at", "known", "from", "format"} <= set(parameters())


@pytest.mark.parametrize("name", PAGES)
def test_a_hostile_parameter_of_a_page_breaks_nothing(
    name: str, world: World, clients: dict[str, Client]
) -> None:
    """A share of the texts, the next page the next ones, so that each is sent somewhere; `PMO_LONG` sends all."""
    start = PAGES.index(name) * SHARE % len(PAYLOADS)
    _pages_with((PAYLOADS + PAYLOADS)[start : start + SHARE], name, world, clients)


@pytest.mark.skipif(not os.environ.get("PMO_LONG"), reason="the long one: PMO_LONG=1, as `make fuzz` sets")
@pytest.mark.proof
@pytest.mark.parametrize("name", PAGES)
def test_two_hundred_hostile_texts_in_every_parameter_of_a_page(
    name: str, world: World, clients: dict[str, Client]
) -> None:
    _pages_with(PAYLOADS, name, world, clients)


# ------------------------------------------------------------------ OpenProject CVE-2026-52782, GHSA-2qr3-mhmh-xfwj
FORMS = [
    ("programs:activity-add", "project", "project", {"code": "X1", "name": "x", "kind": "task", "days": "1"}),
    ("programs:activity", "calendar", "calendar", {"name": "x", "constraint": "ASAP"}),
    ("programs:risk-add", "project", "project", {"code": "X1", "title": "x", "probability": 1, "impact": 1}),
    ("programs:risk", "project", "project", {"code": "X1", "title": "x", "probability": 1, "impact": 1}),
    ("programs:link", "predecessor", "activity", {"kind": "FS", "lag_days": "0"}),
    (
        "finance:capital-request-add",
        "project",
        "project",
        {"title": "x", "amount": "1.00", "category": "hardware"},
    ),
    ("finance:budget-create", "project", "project", {}),
    (
        "programs:invite",
        "projects",
        "project",
        {"email": "new@office.example", "name": "New", "roles": "project_manager"},
    ),
    (
        "governance:seat-add",
        "person",
        "person",
        {"role": "member", "voting": "on", "valid_from": "2026-01-01"},
    ),
    (
        "governance:rule-add",
        "body",
        "body",
        {"code": "X", "subject_kind": "budget", "valid_from": "2026-01-01"},
    ),
    ("governance:propose", "subject", "subject", {"question": "x"}),
]


@pytest.mark.parametrize(
    ("name", "field", "kind", "rest"), FORMS, ids=[f"{one[0]}-{one[1]}" for one in FORMS]
)
def test_no_foreign_id_is_taken_by_a_form(
    name: str, field: str, kind: str, rest: dict[str, Any], world: World, clients: dict[str, Client]
) -> None:
    foreign = {
        "person": world.theirs.office.auditor.pk,
        "subject": f"capital_request:{world.foreign['capital_request']}",
    }.get(kind) or world.foreign[kind]
    with rolled_back(), writes_noted() as written:
        answer = clients[somebody(ROUTES[name].methods["POST"])].post(
            address(name, "ATLAS", world.things), rest | {field: str(foreign)}
        )
        assert answer.status_code in (404, 422), (answer.status_code, answer.content[-400:])
        assert CANARY.encode() not in answer.getvalue()  # files come in pieces
        assert written == []


def test_a_form_takes_an_id_of_its_own_program_so_that_the_test_above_means_something(
    world: World, clients: dict[str, Client]
) -> None:
    name, field, kind, rest = FORMS[0]
    with rolled_back():
        answer = clients["program_manager"].post(
            address(name, "ATLAS", world.things), rest | {field: str(world.things[kind])}
        )
        assert answer.status_code == 302


# ------------------------------------------------------------------ OpenProject GHSA-9c69-v342-vqr7
@pytest.mark.parametrize(
    "attribute", ["delete", "save", "__class__", "objects", "version", "program", "pk", "project"]
)
def test_an_edit_in_place_names_a_field_of_the_list_and_no_method(
    attribute: str, world: World, clients: dict[str, Client]
) -> None:
    with pytest.raises(Refused), rolled_back():
        commands.run(
            schedule.edit_activity,
            actor=world.ours.office.program_manager,
            activity_id=world.things["activity"],
            changes={attribute: "1"},
            version=None,
        )
    with rolled_back(), writes_noted() as written:
        cells = [{"cell": f"{attribute}.capital.2026-11", "text": "1.00", "version": 0}]
        answer = clients["controller"].post(
            address("finance:budget-cells", "ATLAS", world.things), {"cells": json.dumps(cells)}
        )
        assert answer.status_code == 422, answer.status_code
        assert written == []


# ------------------------------------------------------------------ OpenProject CVE-2026-23625
def test_what_was_uploaded_is_never_served_and_its_name_is_only_text(
    world: World, clients: dict[str, Client]
) -> None:
    served = [route for route in ADDRESSES.values() if re.search(r"upload|media|attach|/raw", route)]
    assert served == []
    name = '"><img src=x onerror=alert(1)>.xml'
    with rolled_back():
        answer = clients["staff"].post(
            "/p/ATLAS/import/",
            {"file": SimpleUploadedFile(name, b"<script>alert(1)</script>", "text/html")},
            follow=True,
        )
        assert faults_of(answer.content.decode()) == []
        listed = clients["staff"].get("/p/ATLAS/import/")
        assert faults_of(listed.content.decode()) == []


@pytest.mark.parametrize("name", ["reports:download", "api:report-file"])
def test_a_file_is_saved_and_never_shown(name: str, world: World, clients: dict[str, Client]) -> None:
    answer = look(clients, world, name)
    assert answer["Content-Disposition"].startswith("attachment;")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"


# ------------------------------------------------------------------ OpenProject CVE-2026-44736
def test_every_filter_with_an_id_of_another_program_finds_nothing(
    world: World, clients: dict[str, Client]
) -> None:
    from tests.pmo.test_api_generated import FILTERED

    seen = 0
    for name, parameter in FILTERED:
        kind = {"predecessor": "activity", "successor": "activity", "parent": "activity"}.get(
            parameter, parameter
        )
        if (name, parameter) == ("api:progress-list", "period"):
            kind = (
                "status_period"  # not a month of the books, whose number may by chance be that of one of ours
            )
        foreign = world.foreign.get(kind)
        if isinstance(foreign, int) and name.endswith("-list"):
            client = clients[somebody(ROUTES[name].methods["GET"])]
            answer = client.get(address(name, "ATLAS", world.things), {parameter: foreign})
            if answer.status_code == 200:
                seen += 1
                assert answer.json()["results"] == [], (name, parameter)
    assert seen >= 10


# ------------------------------------------------------------------ OpenProject CVE-2026-22604, GHSA-773c-7fc3-342g
def test_who_forgot_a_password_is_told_the_same_whether_we_know_her_or_not(world: World) -> None:
    answers = []
    for email in (world.ours.office.auditor.email, "nobody@office.example"):
        answer = Client().post("/accounts/password/reset/", {"email": email}, follow=True)
        text = re.sub(r"(?s)csrf[^>]*>|X-CSRFToken[^}]*", "", answer.content.decode())
        answers.append((answer.status_code, answer.redirect_chain, text.replace(email, "")))
    assert answers[0] == answers[1]
    mail.outbox.clear()


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_signing_in_leads_nowhere_else(target: str, world: World) -> None:
    client = Client()
    with rolled_back():
        answer = client.post(
            f"/accounts/login/?next={target}",
            {"login": world.ours.office.auditor.email, "password": PASSWORD, "next": target},
        )
        assert answer.status_code == 302
        assert "evil" not in answer["Location"]
        assert answer["Location"].startswith("/")


# ------------------------------------------------------------------ NetBox GHSA-32w2-6gm2-7766
def test_the_search_finds_what_its_pages_would_show_and_nothing_else(
    world: World, clients: dict[str, Client]
) -> None:
    link = re.compile(r'href="(/p/[^"]+)"')
    for who in (*ROLES, "stranger", "former"):
        for words in ("Renewal", "ERP", "risk", "arrays", "St"):
            found = clients[who].get("/search/", {"q": words})
            assert found.status_code == 200
            assert CANARY not in found.content.decode()
            hits = set(link.findall(found.content.decode()))
            if who in ("stranger", "former"):
                assert hits == set()
            for hit in hits:
                assert hit.startswith("/p/ATLAS/")
                assert clients[who].get(hit).status_code == 200, (who, hit)
        # Asked for by name, it is told back in the words of who asked, and not found.
        asked = clients[who].get("/search/", {"q": CANARY}).content.decode()
        assert asked.count(CANARY) <= 1 and not link.findall(asked), who
    assert link.findall(clients["auditor"].get("/search/", {"q": "Renewal"}).content.decode())


# ------------------------------------------------------------------ NetBox CVE-2026-29514, OpenProject CVE-2026-22601
def test_nobody_writes_templates_or_commands() -> None:
    for path in SOURCES:
        for name, call in calls(path):
            where = f"{path.relative_to(ROOT)}:{call.lineno}"
            assert name not in ("from_string", "eval", "exec", "system", "popen"), where
            assert name != "Template" or "django.template" not in path.read_text(), where
            for keyword in call.keywords:
                shell = (
                    keyword.arg == "shell" and isinstance(keyword.value, ast.Constant) and keyword.value.value
                )
                assert not shell, where


# ------------------------------------------------------------------ NetBox GHSA-q22p-vcc5-p4qg (stored XSS)
XSS = [
    '"><script>alert(1)</script>', "'><img src=x onerror=alert(1)>", '" onmouseover="alert(1)',
    "' autofocus onfocus='a()",
    "</title><svg/onload=alert(1)>", "javascript:alert(1)", '[x](javascript:alert(1))', "<iframe srcdoc='<b>'>",
    '" hx-get="/x" hx-trigger="load', "' hx-on:click='alert(1)", "{{7*7}}{% debug %}", "</script><script>a()</script>",
    "<style>*{x:y}</style>", '<a href="javascript:a()">x</a>', "a\", \"choice\":\"approve",
    "<!--><img src=x onerror=a()>",
]  # fmt: skip
# Names and forms that a person does not choose freely, or that the database holds to a form.
CHECKED = re.compile(
    r"^(code|currency|.*time_zone|.*digest|.*sha256|kind|state|key|topic|password|email|wbs|category|nature|at_time)$"
)
TOLD = {"programs", "finance", "governance", "pmo"}


def _say(world: World, text: str) -> int:
    """Put a text into every free text that a person may have typed, whatever the table."""
    changed = 0
    program = world.ours.program
    with everything(program):
        for model in apps.get_models():
            if model._meta.app_label not in TOLD or model.__name__.endswith("Event"):
                continue
            names = {field.name for field in model._meta.fields}
            if "program" not in names and model.__name__ not in ("Program", "User"):
                continue
            free = {
                field.name: text[: field.max_length or 200]
                for field in model._meta.fields
                if isinstance(field, models.CharField | models.TextField)
                and not field.choices
                and not field.unique
                and not CHECKED.match(field.name)
            }
            if free:
                try:
                    with transaction.atomic():
                        changed += model._base_manager.all().update(**free)
                except DatabaseError:
                    for field, value in free.items():
                        try:
                            with transaction.atomic():
                                changed += model._base_manager.all().update(**{field: value})
                        except DatabaseError:
                            continue  # frozen or checked by the database: nobody can have typed it there
    return changed


@pytest.mark.parametrize("start", range(0, len(XSS), 4))
def test_what_people_typed_is_text_on_every_page(
    start: int, world: World, clients: dict[str, Client]
) -> None:
    with rolled_back():
        assert _say(world, " ".join(XSS[start : start + 4])) > 40
        for name in PAGES:
            answer = clients[somebody(ROUTES[name].methods["GET"])].get(address(name, "ATLAS", world.things))
            assert answer.status_code < 400, (name, answer.status_code)
            if answer["Content-Type"].startswith("text/html"):
                html = answer.content.decode()
                assert faults_of(html) == [], name
                for raw in (
                    "<script>alert",
                    "onerror=alert(1)>",
                    "<svg/onload",
                    "<iframe",
                    "{{49",
                    "<style>*",
                ):
                    assert raw not in html, (name, raw)


# ------------------------------------------------------------------ Zulip GHSA-478x-rfqr-w4jf, CVE-2022-31168
@pytest.mark.parametrize(
    "label", ["programs.Project", "programs.Activity", "finance.CapitalRequest", "programs.Risk"]
)
def test_nothing_moves_into_another_program(label: str, world: World) -> None:
    model = apps.get_model(label)
    with everything(world.ours.program, world.theirs.program):
        row = model.objects.filter(program=world.ours.program).order_by("pk").first()
        if label == "programs.Risk":  # stands alone: its project is what ties it to its program
            row = model.objects.filter(program=world.ours.program, project__isnull=False).first()
        with pytest.raises(DatabaseError), transaction.atomic():
            model.objects.filter(pk=row.pk).update(program=world.theirs.program)
            with transaction.atomic():
                from django.db import connection

                connection.check_constraints()


def test_roles_and_administrators_are_made_in_one_place() -> None:
    makers = set()
    for path in SOURCES:
        text = path.read_text()
        if re.search(r"Membership(\.objects\.(create|bulk_create|update_or_create|get_or_create)|\()", text):
            makers.add(str(path.relative_to(ROOT)))
        if re.search(r"is_administrator\s*=(?!=)", text) and "class User" not in text:
            makers.add(str(path.relative_to(ROOT)))
    makers -= {"pmo/accounts/models.py"}
    examples = {
        one for one in makers if one.startswith("governance/example/") or "management/commands" in one
    }
    assert makers - examples == {"programs/portfolio/services.py"}


# ------------------------------------------------------------------ tokens are kept from the database and from logs
def test_a_token_is_nowhere_but_in_its_owners_hands(world: World, caplog: pytest.LogCaptureFixture) -> None:
    with rolled_back(), caplog.at_level("DEBUG"):
        _, text = commands.run(
            home.make_token,
            actor=world.ours.office.auditor,
            name="canary",
            allows="read",
            days=1,
            program_ids=[],
        )
        headers = {"Authorization": f"Token {text}"}
        assert Client().get("/api/v1/me/", headers=headers).status_code == 200
        assert Client().get("/api/v1/programs/NOWHERE/risks/", headers=headers).status_code == 404
        row = ApiToken.objects.get(name="canary")
        assert text not in (row.digest, row.token_key)
        assert len(row.token_key) < len(text) / 2
        assert text not in caplog.text
        assert text not in Client().get("/api/v1/me/tokens/", headers=headers).content.decode()
