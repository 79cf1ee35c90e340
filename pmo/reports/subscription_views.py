"""Pages of my subscriptions: what is sent to me, and when."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from pmo import formats
from pmo.accounts.roles import Permission
from pmo.commands import AlreadyDone
from pmo.http import act, page, reading
from pmo.refusals import Refused
from pmo.reports import selectors, services
from pmo.reports.forms import WEEKDAYS, RuleForm, SubscribeForm
from pmo.reports.models import Subscription
from pmo.zones import zone


def _home(program: Any) -> str:
    return reverse("reports:subscriptions", kwargs={"code": program.code})


def _crumbs(program: Any, *more: tuple[str, str]) -> list[tuple[str, str]]:
    return [
        ("Programs", reverse("pmo:home")),
        (program.code, f"/p/{program.code}/"),
        ("Reports", reverse("reports:list", kwargs={"code": program.code})),
        ("My subscriptions", _home(program) if more else ""),
        *more,
    ]


def when(subscription: Subscription) -> str:
    """The rule in words: `Every week on Monday at 07:30 (Europe/Brussels)`."""
    every = Subscription.Every
    day = {
        every.WEEK: f" on {WEEKDAYS[subscription.weekday]}",
        every.MONTH: " on its last day"
        if subscription.monthday == 31
        else f" on day {subscription.monthday}",
    }.get(every(subscription.every), "")
    label = every(subscription.every).label
    return f"{label}{day} at {subscription.at_time} ({subscription.time_zone})"


@page(Permission.SUBSCRIBE, somewhere=True)
def listing(request: HttpRequest, program: Any) -> HttpResponse:
    mine = zone(request.user.time_zone)  # type: ignore[union-attr]
    rows = [
        {
            "subscription": one,
            "title": selectors.title(one.kind),
            "when": when(one),
            "next": formats.moment(one.next_run_at, mine) if one.active else "",
        }
        for one in selectors.subscriptions_of(request.user, program.pk)  # type: ignore[arg-type]
    ]
    context = {
        "crumbs": _crumbs(program),
        "program": program,
        "rows": rows,
        "zone": request.user.time_zone,  # type: ignore[union-attr]
        "no_clock": True,
    }
    return render(request, "pmo/reports/subscriptions.html", context)


@page(Permission.SUBSCRIBE, methods=("GET", "POST"), somewhere=True)
def subscribe(request: HttpRequest, program: Any) -> HttpResponse:
    with reading(request) as access:
        kinds = selectors.kinds_for(access, program.pk)
    action = reverse("reports:subscribe", kwargs={"code": program.code})
    if request.method != "POST":
        initial = {"time_zone": request.user.time_zone, "kind": request.GET.get("kind", "")}  # type: ignore[union-attr]
        return _form_page(request, program, SubscribeForm(kinds=kinds, initial=initial), action, "Subscribe")
    form = SubscribeForm(request.POST, kinds=kinds)
    if form.is_valid():
        try:
            act(request, services.subscribe, program=program, kind=form.cleaned_data["kind"], **form.rule())
            return HttpResponseRedirect(_home(program))
        except AlreadyDone:
            return HttpResponseRedirect(_home(program))
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, refused.message)
    return _form_page(request, program, form, action, "Subscribe", status=422)


@page(Permission.SUBSCRIBE, methods=("GET", "POST"), somewhere=True)
def edit(request: HttpRequest, program: Any, pk: int) -> HttpResponse:
    with reading(request):
        found = _mine(request, program, pk)
    action = reverse("reports:subscription", kwargs={"code": program.code, "pk": pk})
    heading = f"Change: {selectors.title(found.kind)}"
    if request.method != "POST":
        initial = {name: getattr(found, name) for name in RuleForm.base_fields}
        return _form_page(request, program, RuleForm(initial=initial), action, heading)
    form = RuleForm(request.POST)
    if form.is_valid():
        version = form.cleaned_data["version"] or 0
        try:
            act(request, services.change_subscription, subscription=found, version=version, **form.rule())
            return HttpResponseRedirect(_home(program))
        except AlreadyDone:
            return HttpResponseRedirect(_home(program))
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, refused.message)
            return _form_page(request, program, form, action, heading, status=refused.status)
    return _form_page(request, program, form, action, heading, status=422)


@page(Permission.SUBSCRIBE, methods=("POST",), somewhere=True)
def stop(request: HttpRequest, program: Any, pk: int) -> HttpResponse:
    with reading(request):
        found = _mine(request, program, pk)
    act(request, services.stop_subscription, subscription=found)
    return HttpResponseRedirect(_home(program))


def _mine(request: HttpRequest, program: Any, pk: int) -> Subscription:
    mine = Subscription.objects.filter(program_id=program.pk, recipient_id=request.user.pk)
    found: Subscription = get_object_or_404(mine, pk=pk)
    return found


def _form_page(
    request: HttpRequest, program: Any, form: RuleForm, action: str, heading: str, status: int = 200
) -> HttpResponse:
    with reading(request):
        context = {
            "crumbs": _crumbs(program, (heading, "")),
            "program": program,
            "form": form,
            "action": action,
            "heading": heading,
            "cancel_url": _home(program),
            "no_clock": True,
        }
        return render(request, "pmo/reports/subscribe.html", context, status=status)
