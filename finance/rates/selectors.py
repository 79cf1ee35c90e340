"""Reads of exchange rates: what one was before."""

from __future__ import annotations

from typing import Any

from django.apps import apps

from finance.rates.converting import plain
from finance.rates.models import ExchangeRate
from pmo import formats


def trail(rate: ExchangeRate) -> list[dict[str, str]]:
    """Every version of a rate, latest first: when, who, what it said."""
    events: Any = apps.get_model("finance", "ExchangeRateEvent")
    rows = events.objects.filter(pgh_obj_id=rate.pk).order_by("-pgh_id")[:50]
    return [
        {
            "at": formats.moment(one.pgh_created_at),
            "by": (one.pgh_context or {}).get("name", "the office"),
            "said": f"{one.currency} {plain(one.rate)} from {formats.day(one.from_day)}",
            "note": one.note,
        }
        for one in rows
    ]
