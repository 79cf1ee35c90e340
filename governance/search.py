"""What the search finds in governance: decisions, action items and bodies."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Q
from django.urls import reverse

from governance.bodies.models import Body
from governance.decisions.models import Decision
from governance.meetings.models import ActionItem
from pmo.accounts.access import Access
from pmo.search import PER_KIND, Hit, register


def find(access: Access, user: Any, words: str) -> Iterator[Hit]:
    """Decisions and action items by number (D-12, AI-3) or words, bodies by code or name; what this person may see."""
    said = Q(title__icontains=words) | Q(question__icontains=words)
    number = words.upper().removeprefix("D-")
    if number.isascii() and number.isdigit() and len(number) < 9:
        said |= Q(number=int(number))
    decisions = Decision.objects.visible_to(user).filter(said).select_related("program").order_by("-number")
    for one in decisions.defer("figures", "figures_canonical")[:PER_KIND]:
        yield Hit(
            "Decision",
            f"{one.code} {one.title}",
            one.program.code,
            reverse("governance:decision", kwargs={"code": one.program.code, "number": one.number}),
        )
    asked = Q(title__icontains=words)
    number = words.upper().removeprefix("AI-")
    if number.isascii() and number.isdigit() and len(number) < 9:
        asked |= Q(number=int(number))
    for action in (
        ActionItem.objects.visible_to(user)
        .filter(asked)
        .select_related("program")
        .order_by("-number")[:PER_KIND]
    ):
        href = reverse("governance:action", kwargs={"code": action.program.code, "pk": action.pk})
        yield Hit("Action item", f"{action.code} {action.title}", action.program.code, href)
    named = Q(code__istartswith=words) | Q(name__icontains=words)
    for body in (
        Body.objects.visible_to(user).filter(named).select_related("program").order_by("code")[:PER_KIND]
    ):
        href = reverse("governance:bodies", kwargs={"code": body.program.code})
        yield Hit("Body", body.name, body.program.code, f"{href}#{body.code}")


register(find)
