"""What else a change request asks for besides edits of the plan: money, which is finance's, to the right of here.

An annex registers itself when its app is ready. Its content is part of a revision's bytes, its figures are part of the
impact's: one digest covers plan and money, so that neither can be decided on without the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from django.http import HttpRequest

from pmo.accounts.models import User
from pmo.warrants import Warrant
from programs.changes.models import ChangeRequest


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a request's page: its template, and what that template needs."""

    template: str
    context: dict[str, Any]


class Annex(Protocol):
    """One kind of thing that is asked for; its figures stand in the impact under `name`."""

    name: str

    def content(self, request: ChangeRequest) -> list[Any]:
        """What is asked for, in plain values with one order; empty: nothing of this kind."""
        ...

    def measured(self, request: ChangeRequest, *, at: datetime) -> dict[str, Any]:
        """What it does, in plain values (text, integers, lists, mappings)."""
        ...

    def why_not(self, request: ChangeRequest, shown: dict[str, Any]) -> str:
        """Why nobody can decide on these figures now ("" where somebody can)."""
        ...

    def apply(self, request: ChangeRequest, warrant: Warrant, *, by: User | None, at: datetime) -> None:
        """Do exactly what was asked for, in the decision's own transaction."""
        ...

    def section(
        self, page: HttpRequest, request: ChangeRequest, shown: dict[str, Any] | None
    ) -> Section | None:
        """What the request's page shows of it to this person; None: nothing."""
        ...


_ANNEXES: dict[str, Annex] = {}


def register(annex: Annex) -> None:
    """Make an annex known (once, when the app is ready)."""
    _ANNEXES[annex.name] = annex


def contents(request: ChangeRequest) -> dict[str, list[Any]]:
    """By annex, what is asked for; those that ask for nothing are left out."""
    found = {name: annex.content(request) for name, annex in _ANNEXES.items()}
    return {name: content for name, content in found.items() if content}


def measured(request: ChangeRequest, *, at: datetime) -> dict[str, dict[str, Any]]:
    """By annex, the figures of what is asked for."""
    return {name: _ANNEXES[name].measured(request, at=at) for name in contents(request)}


def why_not(request: ChangeRequest, figures: dict[str, Any]) -> str:
    """The first reason why nobody can decide on these figures now."""
    for name, annex in _ANNEXES.items():
        if name in figures and (reason := annex.why_not(request, figures[name])):
            return reason
    return ""


def apply(
    request: ChangeRequest,
    figures: dict[str, Any],
    warrant: Warrant,
    *,
    by: User | None,
    at: datetime,
) -> None:
    """Do what the figures that were decided on are about."""
    for name, annex in _ANNEXES.items():
        if name in figures:
            annex.apply(request, warrant, by=by, at=at)


def sections(page: HttpRequest, request: ChangeRequest, figures: dict[str, Any] | None) -> list[Section]:
    """What the request's page shows besides the plan."""
    found = [annex.section(page, request, (figures or {}).get(name)) for name, annex in _ANNEXES.items()]
    return [one for one in found if one is not None]
