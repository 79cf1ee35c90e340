"""Commands on assets and reviews: handed over out of actual cost, looked back at some months later."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from finance.assets import selectors
from finance.assets.models import Asset, AssetAdjustment, InvestmentReview
from finance.capex import services as capex
from finance.capex.models import CapitalRequest
from finance.procurement import paying
from finance.procurement.bills import Invoice
from finance.structure import periods
from pmo.accounts.access import current_access
from pmo.accounts.models import User
from pmo.accounts.roles import Permission
from pmo.money import format_exact
from pmo.numbering import next_code
from pmo.refusals import Conflict, Refused

REVIEW_AFTER_MONTHS = 12
"""From the day in service to the review, unless the hand-over says otherwise."""


def hand_over(
    *,
    capital_request: CapitalRequest,
    name: str,
    asset_class: str,
    in_service_on: date,
    life_months: int,
    cost_minor: int,
    by: User,
    at: datetime,
    review_after_months: int = REVIEW_AFTER_MONTHS,
) -> Asset:
    """Make a fixed asset of a part of a request's actual cost (minor units); the first one sets the review's day.

    Raises Refused for more than was spent and not handed over before, and at the field that does not fit.
    """
    with transaction.atomic():
        request = capex.lock(capital_request)
        current_access().require(Permission.POST_ACTUALS, request.program_id)
        left = selectors.not_handed_over(request)
        if cost_minor <= 0 or cost_minor > left:
            raise Refused(
                f"{format_exact(left, request.currency)} of {request.code} was spent and is not handed over yet; "
                "an asset takes that much at most.",
                field="cost_minor",
            )
        if in_service_on > periods.local_day(request.program, at):
            raise Refused("It is handed over when it is in service: today or earlier.", field="in_service_on")
        if not 1 <= life_months <= 600:
            raise Refused("A cost is written off over 1 to 600 months.", field="life_months")
        if not 0 <= review_after_months <= 120:
            raise Refused("A review is due within 0 to 120 months.", field="review_after_months")
        asset = Asset(
            program=request.program,
            request=request,
            code=next_code(Asset, request.program_id, "FA"),
            name=name.strip(),
            asset_class=asset_class,
            in_service_on=in_service_on,
            life_months=life_months,
            cost_minor=cost_minor,
            currency=request.currency,
            handed_over_by=by,
            handed_over_at=at,
        )
        _clean(asset)
        asset.save(force_insert=True)
        InvestmentReview.objects.get_or_create(
            request=request,
            defaults={"program": request.program, "due_on": months_later(in_service_on, review_after_months)},
        )
        return asset


def follow_credit(*, request: CapitalRequest, note: Invoice, by: User | None, at: datetime) -> None:
    """Take a credit note off the assets of its request, as far as they cost more than was spent after it.

    What is not handed over yet gives way first; the rest is shared by the assets' cost, to the cent. Called with the
    request locked, in the transaction that enters the credit note.
    """
    excess = -selectors.not_handed_over(request)
    if excess <= 0:
        return
    found = list(Asset.objects.select_for_update(no_key=True).filter(request=request).order_by("pk"))
    total = sum(one.cost_minor for one in found)
    shares = [divmod(excess * one.cost_minor, total) for one in found]
    left = excess - sum(whole for whole, _ in shares)
    first = sorted(range(len(found)), key=lambda n: (-shares[n][1], n))[:left]
    for n, (asset, (whole, _)) in enumerate(zip(found, shares, strict=True)):
        part = whole + (n in first)
        if part:
            asset.cost_minor -= part
            asset.version += 1
            asset.save(update_fields=["cost_minor", "version"])
            AssetAdjustment.objects.bulk_create(
                [
                    AssetAdjustment(
                        program_id=asset.program_id, asset=asset, amount_minor=-part, note=note, by=by, at=at
                    )
                ]
            )


paying.AFTER_CREDIT.append(follow_credit)


def review(
    *,
    review: InvestmentReview,
    version: int,
    returns: Mapping[str, int],
    lessons: str,
    by: User,
    at: datetime,
) -> InvestmentReview:
    """Look back: what comes back as seen now (period -> minor units) against what was promised, and what was learnt.

    The net present values are computed here, at the request's own rate: promised from the request as it was decided,
    now from its actual cost by month and these returns. Without a rate both stay unknown.
    """
    with transaction.atomic():
        request = capex.lock(review.request)
        current_access().require(Permission.REVIEW_INVESTMENT, request.program_id)
        found = InvestmentReview.objects.get(pk=review.pk)
        if found.version != version:
            raise Conflict("Somebody changed this review after you opened it.", code="changed")
        if found.state == InvestmentReview.State.DONE:
            raise Conflict("This review is done.")
        if request.requester_id == by.pk:
            raise Refused("Who asked for the money does not judge whether it was worth it.")
        if not lessons.strip():
            raise Refused("Say what was learnt.", field="lessons")
        capex.check_cash(dict(returns), "returns", "What comes back")
        found.returns, found.lessons = dict(returns), lessons.strip()
        found.promised_minor = selectors.worth(request, request.cash_profile, request.returns)
        spent = selectors.spent_by_month(request)
        found.now_minor = selectors.worth(request, spent, dict(returns))
        found.spent_minor = sum(spent.values())
        found.state, found.reviewed_by, found.reviewed_at = InvestmentReview.State.DONE, by, at
        found.version += 1
        found.save()
        return found


def months_later(day: date, months: int) -> date:
    """The same day so many months later, or the last of that month."""
    month = day.year * 12 + day.month - 1 + months
    first = periods.first_day(f"{month // 12:04}-{month % 12 + 1:02}")
    following = periods.first_day(f"{(month + 1) // 12:04}-{(month + 1) % 12 + 1:02}")
    return min(
        first.replace(day=1).fromordinal(first.toordinal() + day.day - 1),
        following.fromordinal(following.toordinal() - 1),
    )


def _clean(asset: Asset) -> None:
    try:
        asset.clean_fields(exclude=["program", "request", "handed_over_by"])
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise Refused(messages[0], field=field) from error
