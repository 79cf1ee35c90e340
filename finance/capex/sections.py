"""What other slices show on the page of a capital request, and what they add to its trail."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from finance.capex.models import CapitalRequest
from finance.capex.selectors import Step


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the page: its template, what that template needs, and steps for the trail."""

    template: str
    context: dict[str, Any]
    steps: list[Step]


Maker = Callable[[HttpRequest, CapitalRequest], Section | None]
_MAKERS: list[Maker] = []


def register(maker: Maker) -> None:
    """Have `maker` asked for every page of a request; None shows nothing."""
    if maker not in _MAKERS:
        _MAKERS.append(maker)


def made_for(request: HttpRequest, found: CapitalRequest) -> list[Section]:
    """The sections for this request as this person may see them, in the order of their registration."""
    return [section for maker in _MAKERS if (section := maker(request, found)) is not None]
