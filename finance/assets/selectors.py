"""Reading assets: what of a request is not handed over yet, its cost by month, what it was and is worth."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from django.db.models import Sum

from finance.assets.models import Asset
from finance.capex.appraisal import appraise
from finance.capex.models import CapitalRequest
from finance.ledger.models import Posting
from pmo.money import round_half_even


def not_handed_over(request: CapitalRequest) -> int:
    """Actual cost of the request that is no asset yet (minor units); two queries."""
    handed = Asset.objects.filter(request=request).aggregate(total=Sum("cost_minor"))["total"]
    return sum(spent_by_month(request).values()) - int(handed or 0)


def spent_by_month(request: CapitalRequest) -> dict[str, int]:
    """The request's actual cost, period -> minor units, from its journals; one query."""
    rows = (
        Posting.objects.filter(
            program_id=request.program_id, journal__request_id=request.pk, account__kind="spent"
        )
        .order_by()
        .values_list("journal__period__code")
        .annotate(total=Sum("amount"))
    )
    return {code: int(total) for code, total in rows if total}


def worth(request: CapitalRequest, paid: Mapping[str, int], returned: Mapping[str, int]) -> int | None:
    """The net present value of such cash at the request's rate (minor units); None where it is not defined."""
    asked = CapitalRequest(
        cash_profile=dict(paid),
        returns=dict(returned),
        discount_percent=None if request.discount_percent is None else Decimal(request.discount_percent),
        currency=request.currency,
    )
    value = next((one.value for one in appraise(asked).figures if one.name == "npv"), None)
    return None if value is None else round_half_even(value)
