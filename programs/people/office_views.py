"""Pages of the office's accounts (for its administrators), and everybody's own profile."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from pmo.accounts.models import AccountMove, NameChange, User
from pmo.commands import AlreadyDone, run
from pmo.http import act, reading
from pmo.refusals import Refused
from pmo.scope import system_scope
from pmo.tables import Column, Register
from programs.people import duties, leaving, profile
from programs.people.office_forms import BackForm, LeaveForm, ProfileForm
from programs.portfolio.models import Program


@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """Every account of the office."""
    leaving.require_office(request.user)  # type: ignore[arg-type]
    register = Register(
        name="people",
        rows=User.objects.order_by("-is_active", "name", "pk"),
        columns=[
            Column("Person", lambda one: one.name, "name", href=lambda one: f"/people/{one.pk}/"),
            Column("E-mail", lambda one: one.email, "email"),
            Column("State", lambda one: "active" if one.is_active else "deactivated", "is_active"),
            Column("Office", lambda one: "administrator" if one.is_administrator else ""),
        ],
        search=("name", "email"),
        empty={"title": "Nobody", "text": "Nobody fits."},
    )
    context = {"crumbs": [("Programs", "/"), ("People", "")], "no_clock": True}
    return register.respond(request, "programs/people/people.html", context)


def _person(request: HttpRequest, pk: int) -> User:
    leaving.require_office(request.user)  # type: ignore[arg-type]
    found = User.objects.filter(pk=pk).first()
    if found is None:
        raise Http404("No such person.")
    return found


def _waiting(person: User) -> tuple[list[dict[str, Any]], dict[Program, list[User]]]:
    """What waits for the person, program by program, and who could take over there: read as the office."""
    ids = leaving.programs_of(person)
    with transaction.atomic(), system_scope(ids, reason="an administrator reads what a person leaves behind"):
        found = duties.open_duties(person, ids)
        programs = Program.objects.filter(pk__in=found).order_by("code")
        listed: list[dict[str, Any]] = [
            {"program": program, "duties": found[program.pk]} for program in programs
        ]
        day = timezone.now().date()
        choices = {
            one["program"]: duties.successors(person, one["program"].pk, one["duties"], day)
            for one in listed
            if any(duty.handed for duty in one["duties"])
        }
    return listed, choices


def _page(request: HttpRequest, person: User, form: Any = None, status: int = 200) -> HttpResponse:
    listed, choices = _waiting(person)
    if form is None and person.pk != request.user.pk:
        form = LeaveForm(choices=choices) if person.is_active else BackForm()
    moves = AccountMove.objects.filter(person=person).select_related("by").order_by("-pk")[:50]
    context = {
        "person": person,
        "listed": listed,
        "form": form,
        "moves": moves,
        "names": NameChange.objects.filter(person=person).select_related("by").order_by("-pk")[:50],
        "crumbs": [("Programs", "/"), ("People", "/people/"), (person.name, "")],
        "no_clock": True,
    }
    with reading(request):
        return render(request, "programs/people/person.html", context, status=status)


@require_safe
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """One account, and what waits for the person."""
    return _page(request, _person(request, pk))


@require_POST
def deactivate(request: HttpRequest, pk: int) -> HttpResponse:
    """The person signs in no more; a successor takes over what can be taken over."""
    found = _person(request, pk)
    form = LeaveForm(request.POST, choices=_waiting(found)[1])
    if not form.is_valid():
        return _page(request, found, form, 422)
    reason, successors = form.cleaned_data["reason"], form.successors()
    try:
        count = _run(request, leaving.deactivate, found, reason, successors=successors)
        said = f" {count} duties were handed over." if count else ""
        messages.success(request, f"{found.name} signs in no more.{said}")
    except AlreadyDone:
        pass
    except Refused as refusal:
        form.refuse(refusal)
        return _page(request, found, form, refusal.status)
    return redirect("people:person", pk=pk)


@require_POST
def reactivate(request: HttpRequest, pk: int) -> HttpResponse:
    """The person signs in again."""
    found = _person(request, pk)
    form = BackForm(request.POST)
    if not form.is_valid():
        return _page(request, found, form, 422)
    try:
        _run(request, leaving.reactivate, found, form.cleaned_data["reason"])
        messages.success(request, f"{found.name} signs in again.")
    except AlreadyDone:
        pass
    except Refused as refusal:
        form.refuse(refusal)
        return _page(request, found, form, refusal.status)
    return redirect("people:person", pk=pk)


def _run(request: HttpRequest, service: Any, found: User, reason: str, **more: Any) -> Any:
    """As the office, in the programs of that person: the administrator need hold no role there."""
    return run(
        service,
        actor=request.user,  # type: ignore[arg-type]
        scope=leaving.programs_of(found),
        why=reason,
        idempotency_key=request.POST.get("_key", "").replace("\x00", "") or None,
        person=found,
        reason=reason,
        **more,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def me(request: HttpRequest) -> HttpResponse:
    """My name and my clock."""
    user: User = request.user  # type: ignore[assignment]
    status = 200
    form = ProfileForm(request.POST or None, initial={"name": user.name, "time_zone": user.time_zone})
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                act(request, profile.change, **form.cleaned_data)
                messages.success(request, "Saved.")
                return redirect("people:me")
            except AlreadyDone:
                return redirect("people:me")
            except Refused as refusal:
                form.refuse(refusal)
                status = refusal.status
    with reading(request):
        context = {"form": form, "crumbs": [("Programs", "/"), ("Profile", "")], "no_clock": True}
        return render(request, "programs/people/me.html", context, status=status)
