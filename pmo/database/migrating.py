"""Migrating a new database in a twentieth of the time, with the same result.

Django renders a model and all its relatives anew after each operation, since an operation may change relations.
Every table here points at its program, so the relatives are all tables; but what an operation reads afterwards is
the model itself, and of the others no more than table and key. Within `quickly()` a model is rendered alone, except
where a field is renamed. `tests/pmo/test_migrating.py` compares the two schemas, statement by statement;
`manage.py migrate` itself stays as Django made it.
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
    """Models are rendered one by one, for as long as this lasts."""
    states: Any = ProjectState
    triggers: Any = AddTrigger
    usual = states.reload_model, states.rename_field, triggers.state_forwards

    def rename_field(*args: Any) -> None:
        states.reload_model = usual[0]  # others name the field too
        try:
            usual[1](*args)
        finally:
            states.reload_model = _render_alone

    states.reload_model, states.rename_field = _render_alone, rename_field
    triggers.state_forwards = _add_trigger
    try:
        yield
    finally:
        states.reload_model, states.rename_field, triggers.state_forwards = usual


def _add_trigger(operation: AddTrigger, app_label: str, state: ProjectState) -> None:
    options = state.models[app_label, operation.model_name].options
    options["triggers"] = [*options.get("triggers", []), operation.trigger]
    _render_alone(state, app_label, operation.model_name)


def _render_alone(state: ProjectState, app_label: str, model_name: str, delay: bool = False) -> None:
    if "apps" in state.__dict__:  # else nothing is rendered yet
        with state.apps.bulk_update():
            state.apps.unregister_model(app_label, model_name)
            state.models[app_label, model_name].render(state.apps)
