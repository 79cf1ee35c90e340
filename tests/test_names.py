"""References that point up, or into a template, are names; here every one of them is checked."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.staticfiles import finders
from django.template import TemplateDoesNotExist
from django.template.loader import get_template
from django.urls import reverse

from pmo import commands, shell
from pmo.accounts.roles import GRANTS, SENTENCES, Permission, Role
from pmo.celery import QUEUES, app
from tests.addresses import ADDRESSES
from tests.routes import ROUTES

ROOT = Path(settings.BASE_DIR)
APPS = ("pmo", "programs", "finance", "governance")
SOURCES = sorted(
    path for name in APPS for path in (ROOT / name).rglob("*.py") if "migrations" not in path.parts
)
TEMPLATES = sorted(
    path.relative_to(ROOT / "templates") for path in (ROOT / "templates").rglob("*") if path.is_file()
)


@cache
def calls(path: Path) -> list[tuple[str, ast.Call]]:
    """Every call in a file with the name of what is called."""
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            found.append((name, node))
    return found


def first_texts(*names: str, position: int = 0) -> Iterator[tuple[str, str]]:
    """The literal text at a position of every call of these names, and where it stands."""
    for path in SOURCES:
        for name, call in calls(path):
            if name in names and len(call.args) > position:
                value = call.args[position]
                if isinstance(value, ast.Constant) and isinstance(value.value, str):
                    yield value.value, f"{path.relative_to(ROOT)}:{call.lineno}"


# ------------------------------------------------------------------ templates
@pytest.mark.parametrize("name", [str(path) for path in TEMPLATES if path.suffix in {".html", ".txt"}])
def test_a_template_compiles(name: str) -> None:
    get_template(name)


def test_every_template_that_is_named_exists() -> None:
    missing = []
    for position, names in ((1, ("render",)), (0, ("render_to_string", "get_template"))):
        for text, where in first_texts(*names, position=position):
            try:
                get_template(text)
            except TemplateDoesNotExist:
                missing.append(f"{where}: {text}")
    assert not missing, "\n".join(missing)


def _named(pattern: str) -> Iterator[tuple[str, Path]]:
    """What a pattern finds in the pages' templates, and in which."""
    for path in TEMPLATES:
        if path.suffix == ".html":
            for name in re.findall(pattern, (ROOT / "templates" / path).read_text()):
                yield name, path


def test_every_address_named_in_a_template_exists() -> None:
    named = list(_named(r"{%-?\s*url\s+['\"]([\w:-]+)['\"]"))
    assert len(named) > 50
    assert not [(name, path) for name, path in named if name not in ADDRESSES]


def test_every_file_named_in_a_template_exists() -> None:
    named = list(_named(r"{%-?\s*static\s+['\"]([^'\"]+)['\"]"))
    assert len(named) > 10
    assert not [(name, path) for name, path in named if finders.find(name) is None]


# ------------------------------------------------------------------ addresses
def test_every_address_named_in_code_exists() -> None:
    known = {name for name in ADDRESSES if name} | {"account_login"}
    missing = [
        f"{where}: {text}"
        for text, where in first_texts("reverse", "reverse_lazy")
        if re.fullmatch(r"[a-z-]+:[\w-]+|[a-z]+_\w+", text) and text not in known
    ]
    missing += [
        f"{where}: {text}"
        for text, where in first_texts("redirect", "to")
        if re.fullmatch(r"[a-z]+:[\w-]+", text) and text not in known
    ]
    assert not missing, "\n".join(missing)


def test_every_entry_of_the_navigation_opens_for_whom_it_is_shown() -> None:
    assert shell._items
    for item in shell._items:
        assert reverse(item.url, kwargs={"code": "ATLAS"}), item
        need = ROUTES[item.url].methods["GET"]
        assert need.who in (item.permission.value, "member"), (item, need)


# ------------------------------------------------------------------ work of the background
def test_every_entry_of_the_clock_is_a_task() -> None:
    app.loader.import_default_modules()
    assert {entry["task"] for entry in app.conf.beat_schedule.values()} <= set(app.tasks)


def test_every_topic_of_the_outbox_is_a_task_with_a_queue() -> None:
    app.loader.import_default_modules()
    topics: dict[str, str] = {}
    for path in SOURCES:
        tree = ast.parse(path.read_text())
        for node in ast.walk(tree):
            named = isinstance(node, ast.Assign) and any(
                getattr(target, "id", "").endswith("TOPIC") for target in node.targets
            )
            value = node.value if isinstance(node, ast.Assign) and named else None
            if isinstance(node, ast.keyword) and node.arg == "topic":
                value = node.value
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                topics[value.value] = str(path.relative_to(ROOT))
    assert {"mail.send", "report.build", "import.read"} <= set(topics)
    for topic, where in topics.items():
        assert topic in app.tasks, (topic, where)
        queue = app.amqp.router.route({}, topic)["queue"]
        assert getattr(queue, "name", queue) in QUEUES, topic


# ------------------------------------------------------------------ names of modules and models
def test_every_module_and_model_that_is_named_exists() -> None:
    for text, where in first_texts("import_module"):
        assert importlib.util.find_spec(text), f"{where}: {text}"
    for path in SOURCES:
        for name, call in calls(path):
            texts = [one.value for one in call.args if isinstance(one, ast.Constant)]
            if (
                name == "get_model"
                and len(texts) == len(call.args)
                and all(isinstance(t, str) for t in texts)
            ):
                assert apps.get_model(*texts), f"{path}: {texts}"


def _services() -> Iterator[tuple[str, Any]]:
    for name in APPS:
        package = importlib.import_module(name)
        for module in pkgutil.walk_packages(package.__path__, f"{name}."):
            if module.name.endswith(".services"):
                found = importlib.import_module(module.name)
                for label, function in vars(found).items():
                    if (
                        inspect.isfunction(function)
                        and function.__module__ == module.name
                        and label[0] != "_"
                    ):
                        yield f"{module.name}.{label}", function


def test_a_command_that_the_runner_runs_takes_nothing_under_the_runners_own_names() -> None:
    """`make_token(scope=...)` once was the scope of the command itself, and nobody could make a token."""
    own = set(inspect.signature(commands.run).parameters) - {"service", "arguments", "at"}
    seen = 0
    for name, function in _services():
        parameters = inspect.signature(function).parameters
        if {"by", "at"} <= set(parameters):
            seen += 1
            assert not own & set(parameters), name
            positional = [
                one.name for one in parameters.values() if one.kind == inspect.Parameter.POSITIONAL_OR_KEYWORD
            ]
            assert not positional, f"{name} takes {positional} by position"
    assert seen > 20


def test_no_command_takes_what_a_person_sent_as_names_of_its_arguments() -> None:
    """No `**request.POST`, `**request.GET`, `**request.data`: what is changed is chosen by us, name by name."""
    for path in SOURCES:
        for _, call in calls(path):
            for keyword in call.keywords:
                if keyword.arg is None:
                    text = ast.unparse(keyword.value)
                    assert not re.search(r"request\.(POST|GET|data|query_params|FILES)", text), (
                        f"{path}: {text}"
                    )


def test_no_statement_is_built_from_text() -> None:
    """SQL of ours is literal text with parameters; names of tables come from our own models only (noqa: S608)."""
    for path in SOURCES:
        lines = path.read_text().splitlines()
        for name, call in calls(path):
            if name in ("raw", "extra", "execute", "executemany", "RawSQL") and call.args:
                statement = call.args[0]
                built = isinstance(statement, ast.JoinedStr) or (
                    isinstance(statement, ast.BinOp) and isinstance(statement.op, ast.Mod | ast.Add)
                )
                span = "\n".join(lines[call.lineno - 1 : call.end_lineno])
                assert not built or "S608" in span, f"{path.relative_to(ROOT)}:{call.lineno}"


# ------------------------------------------------------------------ roles
def test_every_role_has_its_sentence_and_every_right_a_holder() -> None:
    assert set(GRANTS) == set(SENTENCES) == {role.value for role in Role}
    assert set().union(*GRANTS.values()) == set(Permission)
