"""Fixtures of the two offices in `tests.world`, built once for each module that asks for them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from django.test import Client

    from tests.world import World


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """Both offices, thrown away at the end of the module."""
    from tests.world import make_world, rolled_back  # Django is not ready yet when plugins are loaded

    with django_db_blocker.unblock(), rolled_back():
        yield make_world()


@pytest.fixture(scope="module")
def clients(world: World) -> dict[str, Client]:
    """A signed-in browser for every role, a stranger, a former member, a neighbour; and one that is not signed in."""
    from django.test import Client

    from tests.fresh import sign_in
    from tests.routes.kinds import ROLES

    people: dict[str, Any] = {role: world.ours.office.people[role] for role in ROLES}
    people |= {"stranger": world.stranger, "former": world.former, "anonymous": None}
    people["neighbour"] = world.theirs.office.people["program_manager"]
    made = {}
    for name, person in people.items():
        made[name] = Client(raise_request_exception=False)
        if person is not None:
            sign_in(made[name], person, ago=-86_400)  # a slow run is not ten minutes late
    return made
