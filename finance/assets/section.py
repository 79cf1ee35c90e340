"""What assets show on the page of a capital request: what stands in service, and the look back."""

from __future__ import annotations

from django.http import HttpRequest

from finance.assets import selectors
from finance.assets.models import Asset, InvestmentReview
from finance.capex import sections
from finance.capex.models import CapitalRequest
from finance.capex.sections import Section
from finance.capex.selectors import Step
from pmo import formats
from pmo.accounts.roles import Permission


def of_request(request: HttpRequest, found: CapitalRequest) -> Section | None:
    """Four queries; nothing before the request is approved, or before anything was spent on it."""
    if found.state not in (CapitalRequest.State.APPROVED, CapitalRequest.State.CLOSED):
        return None
    assets = list(Asset.objects.filter(request=found).select_related("handed_over_by").order_by("pk"))
    left = selectors.not_handed_over(found)
    review = InvestmentReview.objects.filter(request=found).select_related("reviewed_by").first()
    if not assets and left <= 0:
        return None
    may = request.access.may  # type: ignore[attr-defined]

    def exact(minor: int | None) -> str:
        return formats.money_exact(minor, found.currency)

    steps = [
        Step(
            one.handed_over_at, one.handed_over_by.name, f"handed over {one.code} at {exact(one.cost_minor)}"
        )
        for one in assets
    ]
    if review and review.reviewed_at and review.reviewed_by:
        steps.append(Step(review.reviewed_at, review.reviewed_by.name, "looked back at the investment"))
    context = {
        "assets": [
            {
                "pk": one.pk,
                "name": f"{one.code} {one.name}",
                "asset_class": one.get_asset_class_display(),
                "in_service": formats.day(one.in_service_on),
                "cost": exact(one.cost_minor),
            }
            for one in assets
        ],
        "left": exact(left),
        "may_hand_over": left > 0 and may(Permission.POST_ACTUALS, found.program_id),
        "review": review,
        "due": formats.day(review.due_on) if review else "",
        "done": bool(review and review.state == InvestmentReview.State.DONE),
        "promised": exact(review.promised_minor) if review else "",
        "now": exact(review.now_minor) if review else "",
        "spent": exact(review.spent_minor) if review else "",
        "may_review": review is not None
        and review.state == InvestmentReview.State.DUE
        and found.requester_id != request.user.pk
        and may(Permission.REVIEW_INVESTMENT, found.program_id),
    }
    return Section("finance/assets/of_request.html", context, steps)


sections.register(of_request)
