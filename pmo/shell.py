"""The frame around every page: navigation in five groups, who I am, which moment I look at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib import import_module
from itertools import islice
from typing import Any

from django.apps import apps
from django.http import HttpRequest
from django.urls import reverse

from pmo.accounts.access import Access
from pmo.accounts.roles import Permission
from pmo.clocks import as_of
from pmo.refusals import Refused
from pmo.search import PER_KIND, Hit

MENU = (
    ("My programs", "pmo:home"),
    ("Profile", "people:me"),
    ("API tokens", "pmo:tokens"),
    ("Two-step sign-in", "mfa_index"),
    ("Password", "account_change_password"),
)
GROUPS = ("Overview", "Plan", "Manage", "Money", "Govern")


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of the navigation, shown to whom its page would open."""

    group: str
    label: str
    url: str
    permission: Permission
    position: int = 100
    count: Callable[[HttpRequest, Any], int] | None = None
    more: bool = False
    """Folded away under *More* of its group, unless one is there or something waits in it."""


@dataclass
class Shell:
    """What base.html needs besides the view's own context."""

    program: Any = None
    groups: list[dict[str, Any]] = field(default_factory=list)
    user: Any = None
    as_of: Any = None
    theme: str = "system"
    menu: list[dict[str, str]] = field(default_factory=list)


_items: list[Item] = []


def register(*items: Item) -> None:
    """Add entries (each app's nav.py does so once, when the app is ready)."""
    for item in items:
        if item.group not in GROUPS:
            raise ValueError(f"no such group: {item.group}")
        if item not in _items:
            _items.append(item)


def find_pages(access: Access, user: Any, words: str) -> Iterator[Hit]:
    """The pages whose name begins like the words or has a word that does, in each program where they would open."""
    wanted = words.lower()
    named = [item for item in _items if any(part.startswith(wanted) for part in _beginnings(item.label))]
    if not named:
        return
    programs = (
        apps.get_model("programs", "Program").objects.filter(pk__in=access.program_ids).order_by("code")
    )
    hits = (
        Hit("Page", item.label, program.code, reverse(item.url, kwargs={"code": program.code}))
        for program in programs
        for item in named
        if access.may_somewhere(item.permission, program.pk)
    )
    yield from islice(hits, PER_KIND)


def _beginnings(label: str) -> list[str]:
    """`earned value`, `value`: what one may begin to type."""
    words = label.lower().split()
    return [" ".join(words[place:]) for place in range(len(words))]


def _groups(request: HttpRequest, program: Any, access: Any) -> list[dict[str, Any]]:
    here = request.path
    listed: list[dict[str, Any]] = []
    for title in GROUPS:
        items = []
        for item in sorted((one for one in _items if one.group == title), key=lambda one: one.position):
            if not access.may_somewhere(item.permission, program.pk):
                continue
            url = reverse(item.url, kwargs={"code": program.code})
            count = item.count(request, program) if item.count else 0
            items.append(
                {"label": item.label, "url": url, "active": False, "count": count, "more": item.more}
            )
        listed.append({"title": title, "items": items})
    inside = [item for group in listed for item in group["items"] if here.startswith(item["url"])]
    if inside:
        max(inside, key=lambda item: len(item["url"]))["active"] = True
    unfolded = request.COOKIES.get("nav-more", "").split(".")
    return [_folded(group, group["title"] in unfolded) for group in listed if group["items"]]


def _folded(group: dict[str, Any], unfolded: bool) -> dict[str, Any]:
    """Its entries in two: those always there, and those under *More*; what one looks at is always there."""
    folds = [item["more"] and not item["active"] and not item["count"] for item in group["items"]]
    if sum(folds) < 2:  # one entry takes no less room folded
        folds = [False] * len(folds)
    return {
        "title": group["title"],
        "items": [item for item, fold in zip(group["items"], folds, strict=True) if not fold],
        "more": [item for item, fold in zip(group["items"], folds, strict=True) if fold],
        "unfolded": unfolded,
    }


def shell(request: HttpRequest) -> dict[str, Shell]:
    """Context processor: costs no query but the counts of what waits for me."""
    theme = request.COOKIES.get("theme", "system")
    frame = Shell(
        user=getattr(request, "user", None), theme=theme if theme in {"light", "dark"} else "system"
    )
    if frame.user is not None and frame.user.is_authenticated and not request.headers.get("HX-Request"):
        frame.menu = [{"label": label, "url": reverse(name)} for label, name in MENU]
        if import_module("programs.portfolio.services").may_begin(frame.user):  # stands to the right of pmo
            frame.menu.insert(1, {"label": "Begin a program", "url": reverse("beginning:begin")})
        if frame.user.is_administrator:
            frame.menu.append({"label": "People", "url": reverse("people:people")})
    program, access = getattr(request, "program", None), getattr(request, "access", None)
    if program is not None and access is not None and not request.headers.get("HX-Request"):
        frame.program = program
        try:
            frame.as_of = as_of(request, program)
        except Refused:
            frame.as_of = None
        frame.groups = _groups(request, program, access)
    return {"shell": frame}
