"""Migrating a new database in a third of the time, with the same result.

Django renders a model and all its relatives anew after each operation, since an operation may change relations.
Every table here points at its program, so the relatives are all tables; but constraints, indexes and triggers
change no relation. Within `quickly()` they render their own model alone. `tests/pmo/test_migrating.py` compares
the two schemas, statement by statement; `manage.py migrate` itself stays as Django made it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management import call_command
from django.db.migrations.state import ProjectState
from pgtrigger.migrations import AddTrigger


def migrate(database: str = "owner") -> None:
    """Apply all migrations as the owner."""
    with quickly():
        call_command("migrate", database=database, interactive=False, verbosity=0)


@contextmanager
def quickly() -> Iterator[None]:
    """Additions of constraints, indexes and triggers render one model, for as long as this lasts."""
    states: Any = ProjectState
    triggers: Any = AddTrigger
    append, add_trigger = states._append_option, triggers.state_forwards
    states._append_option, triggers.state_forwards = _append_option, _add_trigger
    try:
        yield
    finally:
        states._append_option, triggers.state_forwards = append, add_trigger


def _append_option(
    state: ProjectState, app_label: str, model_name: str, option_name: str, added: Any
) -> None:
    options = state.models[app_label, model_name].options
    options[option_name] = [*options[option_name], added]
    _render_alone(state, app_label, model_name)


def _add_trigger(operation: AddTrigger, app_label: str, state: ProjectState) -> None:
    options = state.models[app_label, operation.model_name].options
    options["triggers"] = [*options.get("triggers", []), operation.trigger]
    _render_alone(state, app_label, operation.model_name)


def _render_alone(state: ProjectState, app_label: str, model_name: str) -> None:
    if "apps" in state.__dict__:  # else nothing is rendered yet
        with state.apps.bulk_update():
            state.apps.unregister_model(app_label, model_name)
            state.models[app_label, model_name].render(state.apps)
