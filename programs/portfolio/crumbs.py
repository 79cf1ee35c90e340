"""Where a page of a program stands."""

from __future__ import annotations

from django.urls import reverse

from programs.portfolio.models import Program


def crumbs(program: Program, *more: tuple[str, str]) -> list[tuple[str, str]]:
    """Programs / CODE / ..."""
    return [
        ("Programs", "/"),
        (program.code, reverse("governance:dashboard", kwargs={"code": program.code})),
        *more,
    ]
