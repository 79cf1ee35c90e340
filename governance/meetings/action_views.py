"""The register of action items, and one of them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from governance.meetings import actions, selectors
from governance.meetings.forms import ActionForm
from governance.meetings.models import ActionItem
from pmo import formats
from pmo.accounts.roles import Permission
from pmo.commands import AlreadyDone
from pmo.http import act, page, reading
from pmo.refusals import Refused
from pmo.seen import seen_version
from pmo.tables import Column, Register
from pmo.zones import zone
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Program


def home_of(program: Program) -> str:
    return reverse("governance:actions", kwargs={"code": program.code})


@page(Permission.VIEW_PROGRAM)
def register(request: HttpRequest, program: Program) -> HttpResponse:
    """All action items; `?state=open`, `?state=overdue` and `?owner=me` narrow."""
    base = home_of(program)
    today = timezone.now().astimezone(zone(program.time_zone)).date()
    rows = selectors.actions(program.pk)
    state = request.GET.get("state", "")
    if state in ("open", "overdue"):
        rows = rows.filter(state=ActionItem.State.OPEN)
    if state == "overdue":
        rows = rows.filter(due_on__lt=today)
    if request.GET.get("owner") == "me":
        rows = rows.filter(owner_id=request.user.pk)
    may = request.access.may(Permission.KEEP_MEETINGS, program.pk)  # type: ignore[attr-defined]

    def standing(one: ActionItem) -> str:
        if one.state == ActionItem.State.OPEN and one.due_on < today:
            return f"Overdue by {formats.counted((today - one.due_on).days, 'day', 'days')}"
        return one.get_state_display()

    table = Register(
        name=f"{program.code}-actions",
        rows=rows.order_by("state", "due_on", "number") if not state else rows.order_by("due_on", "number"),
        search=("title", "owner__name"),
        columns=[
            Column("Action", lambda a: f"{a.code} {a.title}", "number", href=lambda a: f"{base}{a.pk}/"),
            Column("Owner", lambda a: a.owner.name, "owner__name"),
            Column("Due", lambda a: formats.day(a.due_on), "due_on", num=True, plain=lambda a: a.due_on),
            Column("State", standing, "state"),
            Column(
                "From",
                lambda a: f"{a.meeting.body.code}-{a.meeting.number}" if a.meeting else formats.UNKNOWN,
            ),
        ],
        empty={
            "title": "Nobody promised anything yet" if not state else "None of these",
            "text": "An action item says who does what by when. Most are born in a meeting.",
            "url": reverse("governance:action-add", kwargs={"code": program.code}) if may else "",
            "label": "Add an action item",
        },
    )
    context = {
        "program": program,
        "heading": "Action items",
        "subtitle": "Who does what by when; a meeting's agenda brings back what is due",
        "add_url": reverse("governance:action-add", kwargs={"code": program.code}) if may else "",
        "add_label": "Add action item",
        "chips": [
            ("All", "", not state),
            ("Open", "open", state == "open"),
            ("Overdue", "overdue", state == "overdue"),
        ],
        "crumbs": crumbs(program, ("Action items", "")),
        "no_clock": True,
    }
    return table.respond(request, "governance/meetings/actions.html", context)


@page(Permission.KEEP_MEETINGS, methods=("GET", "POST"))
def add(request: HttpRequest, program: Program) -> HttpResponse:
    """An action item that is born outside a meeting."""

    def answer(form: ActionForm, status: int = 200) -> HttpResponse:
        context = {
            "program": program,
            "form": form,
            "heading": "Add an action item",
            "action": request.get_full_path(),
            "cancel": home_of(program),
            "crumbs": crumbs(program, ("Action items", home_of(program)), ("Add", "")),
            "no_clock": True,
        }
        return render(request, "governance/form.html", context, status=status)

    with reading(request):
        form = ActionForm(program, request.POST or None)
        if request.method == "GET":
            return answer(form)
        if not form.is_valid():
            return answer(form, 422)
    given = {key: value for key, value in form.cleaned_data.items() if key != "version"}
    try:
        made = act(request, actions.add, program=program, **given)
    except AlreadyDone:
        return redirect(home_of(program))
    except Refused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        with reading(request):
            return answer(form, refusal.status)
    messages.success(request, f"{made.code} is recorded.")
    return redirect(home_of(program))


def _find(program: Program, pk: int) -> ActionItem:
    found = (
        ActionItem.objects.filter(program_id=program.pk, pk=pk)
        .select_related("owner", "meeting", "meeting__body", "decision")
        .first()
    )
    if found is None:
        raise Http404("No such action item.")
    return found


def _page(
    request: HttpRequest,
    program: Program,
    found: ActionItem,
    form: ActionForm | None = None,
    refused: str = "",
    status: int = 200,
) -> HttpResponse:
    access = request.access  # type: ignore[attr-defined]
    keeps = access.may(Permission.KEEP_MEETINGS, program.pk)
    is_open = found.state == ActionItem.State.OPEN
    context = {
        "program": program,
        "action": found,
        "form": (form or ActionForm(program, action=found)) if keeps and is_open else None,
        "may_do": is_open and (keeps or found.owner_id == request.user.pk),
        "may_drop": is_open and keeps,
        "refused": refused,
        "typed_note": request.POST.get("note", "")[:400],
        "crumbs": crumbs(program, ("Action items", home_of(program)), (found.code, "")),
        "no_clock": True,
    }
    return render(request, "governance/meetings/action.html", context, status=status)


@page(Permission.VIEW_PROGRAM, methods=("GET", "POST"))
def action(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """One action item: read by everybody, edited by who keeps the meetings, done by its owner."""
    with reading(request):
        found = _find(program, pk)
        if request.method == "GET":
            return _page(request, program, found)
        form = ActionForm(program, request.POST, action=found)
        closing = request.POST.get("close", "")
        if not closing:
            request.access.require(Permission.KEEP_MEETINGS, program.pk)  # type: ignore[attr-defined]
            if not form.is_valid():
                return _page(request, program, found, form, status=422)
    version = request.POST.get("version", "")
    seen = seen_version(version)
    given: dict[str, Any] = {"action": found, "version": seen}
    try:
        if closing:
            note = request.POST.get("note", "").replace("\x00", "")
            act(request, actions.close, state=closing, note=note, **given)
        else:
            values = {key: value for key, value in form.cleaned_data.items() if key != "version"}
            act(request, actions.change, **values, **given)
    except AlreadyDone:
        return redirect("governance:action", code=program.code, pk=pk)
    except Refused as refusal:
        with reading(request):
            form.add_error(
                refusal.field if refusal.field in form.fields and not closing else None, refusal.message
            )
            return _page(
                request,
                program,
                _find(program, pk),
                None if closing else form,
                refusal.message,
                refusal.status,
            )
    messages.success(request, f"{found.code} is saved.")
    return redirect("governance:action", code=program.code, pk=pk)
