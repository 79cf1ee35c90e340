"""Pages of bodies and seats."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from governance.bodies import selectors, services, standing
from governance.bodies.forms import BodyForm, RulesForm, SeatForm
from governance.bodies.models import Body
from pmo.accounts.roles import Permission
from pmo.http import act, page, reading
from pmo.refusals import Refused
from pmo.zones import zone
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Program


@page(Permission.VIEW_PROGRAM)
def bodies(request: HttpRequest, program: Program) -> HttpResponse:
    """Every body with its charter's rules and who sits in it today."""
    today = timezone.now().astimezone(zone(program.time_zone)).date()
    stands_in = standing.in_words(program.pk, today)
    found = selectors.bodies_with_seats(program.pk, today)
    for one in found:
        one["now"] = [(seat, stands_in.get(seat.pk, "")) for seat in one["now"]]
    context = {
        "program": program,
        "bodies": found,
        "seats_at": f"{reverse('governance:bodies', kwargs={'code': program.code})}seats/",
        "may_edit": request.access.may(Permission.EDIT_PROGRAM, program.pk),  # type: ignore[attr-defined]
        "crumbs": crumbs(program, ("Bodies", "")),
        "no_clock": True,
    }
    return render(request, "governance/bodies/bodies.html", context)


def _form_page(
    request: HttpRequest,
    program: Program,
    form: BodyForm | RulesForm | SeatForm,
    heading: str,
    status: int = 200,
) -> HttpResponse:
    here = reverse("governance:bodies", kwargs={"code": program.code})
    context = {
        "program": program,
        "form": form,
        "heading": heading,
        "action": request.get_full_path(),
        "cancel": here,
        "crumbs": crumbs(program, ("Bodies", here), (heading, "")),
        "no_clock": True,
    }
    return render(request, "governance/form.html", context, status=status)


@page(Permission.EDIT_PROGRAM, methods=("GET", "POST"))
def add_body(request: HttpRequest, program: Program) -> HttpResponse:
    """Found a body."""
    form = BodyForm(request.POST or None)
    if request.method == "GET":
        return _form_page(request, program, form, "Add a body")
    if form.is_valid():
        try:
            made = act(request, services.create_body, program=program, **form.values())
        except Refused as refusal:
            form.add_error("quorum" if refusal.code == "governance_body_quorum" else None, refusal.message)
        else:
            messages.success(request, f"{made.name} is founded.")
            return redirect("governance:bodies", code=program.code)
    with reading(request):
        return _form_page(request, program, form, "Add a body", 422)


@page(Permission.EDIT_PROGRAM, methods=("GET", "POST"))
def add_seat(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Give a person a seat."""
    with reading(request):
        body = Body.objects.filter(program_id=program.pk, pk=pk).first()
        if body is None:
            raise Http404("No such body.")
        heading = f"Add a seat in {body.name}"
        form = SeatForm(program, request.POST or None, initial={"valid_from": timezone.now().date()})
        if request.method == "GET":
            return _form_page(request, program, form, heading)
        if not form.is_valid():
            return _form_page(request, program, form, heading, 422)
    try:
        act(request, services.seat_person, body=body, **form.values())
    except Refused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        with reading(request):
            return _form_page(request, program, form, heading, refusal.status)
    messages.success(request, "The seat is given.")
    return redirect("governance:bodies", code=program.code)


@page(Permission.EDIT_PROGRAM, methods=("GET", "POST"))
def rules(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Who may act for a seat (alternates with a vote of their own, proxies), and what silence counts as."""
    with reading(request):
        body = Body.objects.filter(program_id=program.pk, pk=pk).first()
        if body is None:
            raise Http404("No such body.")
        heading = f"Rules of {body.name}: who may act for a seat, and silence"
        now = {
            name: getattr(body, name)
            for name in ("members_stand_in", "proxies_per_person", "silence", "version")
        }
        form = RulesForm(request.POST or None, initial=now)
        if request.method == "GET":
            return _form_page(request, program, form, heading)
        if not form.is_valid():
            return _form_page(request, program, form, heading, 422)
    try:
        act(request, services.change_rules, body=body, **form.values())
    except Refused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        with reading(request):
            return _form_page(request, program, form, heading, refusal.status)
    messages.success(request, "The rules are changed. Open ballots keep those that they froze.")
    return redirect("governance:bodies", code=program.code)
