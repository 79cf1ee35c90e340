"""The amendments of an order as its page shows them: who, when, why, and what each made of the lines."""

from __future__ import annotations

from typing import Any

from finance.procurement.matching import plain
from finance.procurement.models import OrderAmendment, PurchaseOrder
from pmo import formats


def amendments_of(order: PurchaseOrder) -> list[dict[str, Any]]:
    """In their order; one query where there is none, else three."""

    def exact(minor: int) -> str:
        return formats.money_exact(minor, order.currency)

    rows = OrderAmendment.objects.filter(order=order).select_related("amended_by").order_by("n")
    return [
        {
            "n": one.n,
            "from": exact(one.from_minor),
            "to": exact(one.to_minor),
            "difference": ("+" if one.to_minor > one.from_minor else "")
            + exact(one.to_minor - one.from_minor),
            "lines": [
                f"{line.line.text}: {plain(line.from_quantity)} to {plain(line.to_quantity)}"
                for line in sorted(one.lines.all(), key=lambda line: line.line.n)
            ],
            "expected": _day(one),
            "reason": one.reason,
            "by_id": one.amended_by_id,
            "by": one.amended_by.name,
            "at": one.amended_at,
        }
        for one in rows.prefetch_related("lines__line")
    ]


def _day(one: OrderAmendment) -> str:
    """The day on which it is expected since, where it is another one."""
    if one.expected_on == one.expected_before:
        return ""
    return formats.day(one.expected_on) if one.expected_on else "not said any more"
