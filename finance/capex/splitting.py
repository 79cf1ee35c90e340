"""What a capital request amounts to together with those it may have been split from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from finance.capex.models import CapitalRequest

SPLIT_DAYS = 90
"""Requests of one project to one vendor in one category within this many days count as one (domain.md 5)."""

LIVE = ("submitted", "in_review", "approved", "committed", "closed")


@dataclass(frozen=True, slots=True)
class Exposure:
    """What a request amounts to together with those it may have been split from (minor units; their codes)."""

    minor: int
    with_codes: tuple[str, ...]


def exposure_of(request: CapitalRequest) -> Exposure:
    """The request's amount plus that of its likely parts: same project, vendor and category within 90 days.

    Drafts, rejected and withdrawn requests do not count. A vendor is the same whatever its case and spaces;
    requests without a vendor are taken as of the same one, since leaving it out must not be a way around.
    """
    moment = request.submitted_at
    if moment is None:
        return Exposure(request.amount_minor, ())
    window = timedelta(days=SPLIT_DAYS)
    others = (
        CapitalRequest.objects.filter(
            program_id=request.program_id,
            project_id=request.project_id,
            category=request.category,
            currency=request.currency,
            state__in=LIVE,
            submitted_at__gte=moment - window,
            submitted_at__lte=moment + window,
        )
        .exclude(pk=request.pk)
        .order_by("code")
        .values_list("code", "vendor", "amount_minor")
    )
    same = [(code, amount) for code, vendor, amount in others if _plain(vendor) == _plain(request.vendor)]
    return Exposure(request.amount_minor + sum(amount for _, amount in same), tuple(code for code, _ in same))


def _plain(vendor: str) -> str:
    return " ".join(vendor.casefold().split())
