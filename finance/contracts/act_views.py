"""Pages of what happens to a contract in force: milestones agreed and accepted, what is retained released and paid."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone

from finance.contracts import handing_over, milestones, retention, selectors
from finance.contracts.forms import AcceptForm, CloseForm, HandOverForm, MilestoneForm, PaidForm, ReleaseForm
from finance.contracts.models import Contract, ContractMilestone, RetentionRelease
from finance.contracts.views import Made, answered, at_once, find_contract
from finance.structure import periods
from pmo.accounts.roles import Permission
from pmo.http import page, reading
from pmo.money import format_plain
from programs.portfolio.models import Program


@page(Permission.PLACE_ORDER, methods=("GET", "POST"), somewhere=True)
def agree(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Add a milestone."""

    def make(found: Contract, posted: Any) -> Made:
        form = MilestoneForm(found.currency, found, posted, initial={"version": found.version})

        def takes(data: Any) -> dict[str, Any]:
            return {
                "contract": found,
                "name": data["name"],
                "amount_minor": data["amount"],
                "due_on": data["due_on"],
                "activity": data["activity"],
            }

        return form, f"Milestone of {found.code}", milestones.agree, takes

    return answered(request, program, pk, make, Permission.PLACE_ORDER, "{code} has another milestone.")


def _milestone(found: Contract, pk: int) -> ContractMilestone:
    one = ContractMilestone.objects.filter(contract=found, pk=pk).select_related("contract__request").first()
    if one is None:
        raise Http404("No such milestone.")
    milestone: ContractMilestone = one
    return milestone


@page(Permission.RECEIVE_GOODS, methods=("GET", "POST"), somewhere=True)
def accept(request: HttpRequest, program: Program, pk: int, milestone: int) -> HttpResponse:
    """Accept a milestone."""

    def make(found: Contract, posted: Any) -> Made:
        one = _milestone(found, milestone)
        today = periods.local_day(program, timezone.now())
        form = AcceptForm(found.currency, posted, initial={"version": found.version, "accepted_on": today})

        def takes(data: Any) -> dict[str, Any]:
            return {"milestone": one, "accepted_on": data["accepted_on"], "note": data["note"]}

        return form, f"Accept {one.name}", milestones.accept, takes

    return answered(
        request, program, pk, make, Permission.RECEIVE_GOODS, "A milestone of {code} is accepted."
    )


@page(Permission.PLACE_ORDER, methods=("GET", "POST"), somewhere=True)
def withdraw(request: HttpRequest, program: Program, pk: int, milestone: int) -> HttpResponse:
    """Withdraw a milestone that nobody wants any more."""

    def make(found: Contract, posted: Any) -> Made:
        one = _milestone(found, milestone)
        form = CloseForm(found.currency, posted, initial={"version": found.version})
        heading = f"Withdraw {one.name}"
        return form, heading, milestones.withdraw, lambda data: {"milestone": one, "reason": data["why"]}

    return answered(request, program, pk, make, Permission.PLACE_ORDER, "A milestone of {code} is withdrawn.")


@page(Permission.PLACE_ORDER, methods=("GET", "POST"), somewhere=True)
def hand_over(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Have somebody else manage a contract in force."""

    def make(found: Contract, posted: Any) -> Made:
        takers = handing_over.who_may_take(found, request.user, timezone.now())  # type: ignore[arg-type]
        form = HandOverForm(found, takers, posted, initial={"version": found.version})

        def takes(data: Any) -> dict[str, Any]:
            return {"contract": found, "manager": data["manager"], "reason": data["why"]}

        return form, f"Hand over {found.code}", handing_over.hand_over, takes

    return answered(request, program, pk, make, Permission.PLACE_ORDER, "{code} has another manager.")


@page(Permission.PLACE_ORDER, methods=("POST",), somewhere=True)
def drop(request: HttpRequest, program: Program, pk: int, milestone: int) -> HttpResponse:
    """Take a milestone out of a draft."""
    with reading(request):
        found = find_contract(request, program, pk)
        one = _milestone(found, milestone)
    return at_once(request, program, pk, milestones.drop, milestone=one)


@page(Permission.RELEASE_PAYMENT, methods=("GET", "POST"))
def release(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Release what is retained, or a part of it."""

    def make(found: Contract, posted: Any) -> Made:
        free = max(0, selectors.standing(found).releasable)
        initial = {"amount": format_plain(free, found.currency), "version": found.version}
        form = ReleaseForm(found.currency, posted, initial=initial)

        def takes(data: Any) -> dict[str, Any]:
            return {"contract": found, "amount_minor": data["amount"], "reason": data["why"]}

        return form, f"Release what {found.code} retains", retention.release, takes

    return answered(
        request, program, pk, make, Permission.RELEASE_PAYMENT, "A part of what {code} retains may be paid."
    )


@page(Permission.POST_ACTUALS, methods=("GET", "POST"))
def pay(request: HttpRequest, program: Program, pk: int, release: int) -> HttpResponse:
    """Note that what was released was paid."""

    def make(found: Contract, posted: Any) -> Made:
        one = RetentionRelease.objects.filter(contract=found, pk=release).first()
        if one is None:
            raise Http404("No such release.")
        today = periods.local_day(program, timezone.now())
        form = PaidForm(found.currency, posted, initial={"version": one.version, "paid_on": today})
        return (
            form,
            f"{one.code} paid",
            retention.pay,
            lambda data: {"release": one, "paid_on": data["paid_on"]},
        )

    return answered(request, program, pk, make, Permission.POST_ACTUALS, "A payment of {code} is noted.")
