"""Be another of the four logins for a while."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections


@contextmanager
def logged_in_as(role: str) -> Iterator[None]:
    """Django's connections log in as this role (with `own_database` only)."""
    usual = connections.settings["default"]["USER"]
    connections.close_all()
    connections.settings["default"]["USER"] = role
    try:
        yield
    finally:
        connections.close_all()
        connections.settings["default"]["USER"] = usual
