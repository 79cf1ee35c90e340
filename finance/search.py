"""What the search finds in finance: capital requests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Q
from django.urls import reverse

from finance.capex.models import CapitalRequest
from pmo.accounts.access import Access
from pmo.search import PER_KIND, Hit, register


def find(access: Access, user: Any, words: str) -> Iterator[Hit]:
    """Codes that begin with the words, titles and vendors that contain them; only what this person may see."""
    named = Q(code__istartswith=words) | Q(title__icontains=words) | Q(vendor__icontains=words)
    found = CapitalRequest.objects.visible_to(user).filter(named).select_related("program").order_by("-pk")
    for request in found[:PER_KIND]:
        yield Hit(
            "Capital request",
            f"{request.code} {request.title}",
            request.program.code,
            reverse("finance:capital-request", kwargs={"code": request.program.code, "pk": request.pk}),
        )


register(find)
