"""The page of one seat: its holder, who stands in, when the holder is away, and what people do about it there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from governance.bodies import standing as selectors
from governance.bodies.models import Seat
from governance.bodies.standing_models import Absence, Alternate, Proxy
from governance.decisions.opening import local_day
from governance.standing import proxies, services
from governance.standing.forms import AbsenceForm, AlternateForm, EndAlternateForm, ProxyForm
from pmo.accounts.roles import Permission
from pmo.commands import AlreadyDone
from pmo.http import act, page, reading
from pmo.refusals import Refused
from pmo.seen import seen_version
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Program


@page(Permission.VIEW_PROGRAM, methods=("GET", "POST"))
def seat(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """One seat. POST `do`: name or end an alternate, declare or end an absence, give or withdraw a proxy."""
    with reading(request):
        found = _find(program, pk)
        if request.method == "GET":
            return _page(request, program, found)
        do = request.POST.get("do", "")
        if do not in DEEDS:
            return _page(request, program, found, refused="Say what is to be done.", status=422)
        form, service, given, done = DEEDS[do](request, program, found)
        if form is not None and not form.is_valid():
            return _page(request, program, found, form=form, status=422)
    try:
        act(request, service, **given, **(form.values() if form is not None else {}))
    except AlreadyDone:
        return redirect("governance:seat", code=program.code, pk=pk)
    except Refused as refusal:
        with reading(request):
            if form is not None:
                known = "last_day" if refusal.field == "valid_to" else refusal.field
                form.add_error(known if known in form.fields else None, refusal.message)
            refused = "" if form is not None else refusal.message
            return _page(
                request, program, _find(program, pk), form=form, refused=refused, status=refusal.status
            )
    messages.success(request, done)
    return redirect("governance:seat", code=program.code, pk=pk)


Deed = tuple[Any, Callable[..., Any], dict[str, Any], str]


def _name(request: HttpRequest, program: Program, found: Seat) -> Deed:
    form = AlternateForm(program, request.POST)
    return form, services.name_alternate, {"seat": found}, "The alternate is named."


def _end_alternate(request: HttpRequest, program: Program, found: Seat) -> Deed:
    row = _row(request, Alternate.objects.filter(seat=found))
    given = {"alternate": row, "version": seen_version(request.POST.get("version", ""))}
    return (
        EndAlternateForm(request.POST),
        services.end_alternate,
        given,
        "The term of the alternate is ended.",
    )


def _declare(request: HttpRequest, program: Program, found: Seat) -> Deed:
    return AbsenceForm(request.POST), services.declare_absence, {"seat": found}, "The absence is declared."


def _end_absence(request: HttpRequest, program: Program, found: Seat) -> Deed:
    row = _row(request, Absence.objects.filter(seat=found).select_related("seat"))
    given = {"absence": row, "version": seen_version(request.POST.get("version", ""))}
    return None, services.end_absence, given, "The absence is ended."


def _give(request: HttpRequest, program: Program, found: Seat) -> Deed:
    form = ProxyForm(found, local_day(program.pk, timezone.now()), request.POST)
    return form, proxies.give, {"seat": found}, "The proxy is given."


def _withdraw(request: HttpRequest, program: Program, found: Seat) -> Deed:
    row = _row(request, Proxy.objects.filter(seat=found))
    given = {"proxy": row, "version": seen_version(request.POST.get("version", ""))}
    return None, proxies.withdraw, given, "The proxy is taken back."


DEEDS: dict[str, Callable[[HttpRequest, Program, Seat], Deed]] = {
    "name": _name,
    "end-alternate": _end_alternate,
    "declare": _declare,
    "end-absence": _end_absence,
    "give": _give,
    "withdraw": _withdraw,
}


def _row(request: HttpRequest, rows: Any) -> Any:
    pk = request.POST.get("row", "")
    found = rows.filter(pk=int(pk)).first() if pk.isascii() and pk.isdigit() and len(pk) < 18 else None
    if found is None:
        raise Http404("No such row of this seat.")
    return found


def _find(program: Program, pk: int) -> Seat:
    found = (
        Seat.objects.filter(program_id=program.pk, pk=pk).select_related("body", "person", "program").first()
    )
    if found is None:
        raise Http404("No such seat.")
    return found


def _page(
    request: HttpRequest,
    program: Program,
    found: Seat,
    *,
    form: forms.Form | None = None,
    refused: str = "",
    status: int = 200,
) -> HttpResponse:
    access = request.access  # type: ignore[attr-defined]
    today = local_day(program.pk, timezone.now())
    may_edit = access.may(Permission.EDIT_PROGRAM, program.pk)
    may_declare = services.may_declare(found, request.user, today)
    alternates, absences = selectors.history(found)
    bodies = reverse("governance:bodies", kwargs={"code": program.code})
    ending = form if isinstance(form, EndAlternateForm) else None
    context = {
        "program": program,
        "seat": found,
        "last_day": _last(found.term),
        "alternates": [
            {
                "row": one,
                "last_day": _last(one.term),
                "now": today in one.term,
                "may_end": may_edit and (one.term.upper is None or one.term.upper > today),
            }
            for one in alternates
        ],
        "absences": [
            {
                "row": one,
                "last_day": _last(one.term),
                "now": one.ended_at is None and today in one.term,
                "may_end": one.ended_at is None
                and one.term.upper > today
                and (may_declare or one.declared_by_id == request.user.pk),
            }
            for one in absences
        ],
        "alternate_form": (
            form
            if isinstance(form, AlternateForm)
            else AlternateForm(program, initial={"valid_from": max(today, found.term.lower)})
        )
        if may_edit and found.voting
        else None,
        "absence_form": (form if isinstance(form, AbsenceForm) else AbsenceForm(initial={"first_day": today}))
        if may_declare and found.voting
        else None,
        **_proxies(request, found, form, today),
        "today": today,
        "refused": refused
        or (" ".join(str(error) for errors in ending.errors.values() for error in errors) if ending else ""),
        "crumbs": crumbs(program, ("Bodies", bodies), (f"{found.person.name}, {found.body.name}", "")),
        "no_clock": True,
    }
    return render(request, "governance/bodies/seat.html", context, status=status)


def _proxies(request: HttpRequest, found: Seat, form: forms.Form | None, today: Any) -> dict[str, Any]:
    """The proxies of the seat, and the form for its holder where the body's rules know them."""
    mine = found.person_id == request.user.pk
    rows: list[Any] = list(selectors.proxies_of(found)) if found.voting else []
    allowed = found.voting and found.body.proxies_per_person > 0
    return {
        "proxies": [
            {
                "row": one,
                "until": _last(one.term) if one.term else None,
                "may_end": mine and one.withdrawn_at is None and (one.term is None or one.term.upper > today),
                "without_effect": one.withdrawn_at is None
                and (one.term is None or one.term.upper > today)
                and not one.giver_votes,
            }
            for one in rows
        ],
        "proxy_form": (form if isinstance(form, ProxyForm) else ProxyForm(found, today))
        if mine and allowed
        else None,
        "knows_proxies": allowed,
    }


def _last(term: Any) -> Any:
    """The last day of a term; None where it has no end."""
    return term.upper - timedelta(days=1) if term.upper is not None else None
