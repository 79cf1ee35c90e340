"""Deeds inside a meeting: points of the agenda, minutes, attendance, minutes of the former one, promises."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from governance.meetings import actions, minutes
from governance.meetings.forms import ActionForm, TopicForm, people_of
from governance.meetings.models import AgendaItem
from governance.meetings.page import find, find_item, meeting_page, point
from pmo.accounts.roles import Permission
from pmo.commands import AlreadyDone
from pmo.http import act, is_fragment, page, reading
from pmo.refusals import Refused
from pmo.seen import seen_version
from programs.portfolio.models import Program


@page(Permission.KEEP_MEETINGS, methods=("POST",))
def add_topic(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """One more point."""
    with reading(request):
        found = find(program, pk)
        form = TopicForm(program, request.POST)
        if not form.is_valid():
            return meeting_page(request, program, found, topic=form, status=422)
    try:
        act(request, minutes.add_item, meeting=found, **form.cleaned_data)
    except AlreadyDone:
        pass
    except Refused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        with reading(request):
            return meeting_page(request, program, find(program, pk), topic=form, status=refusal.status)
    return redirect("governance:meeting", code=program.code, pk=pk)


@page(Permission.KEEP_MEETINGS, methods=("POST",))
def item(request: HttpRequest, program: Program, pk: int, item_pk: int) -> HttpResponse:
    """What was said about a point (`minutes`), or its place on the agenda (`do`: up, down, remove)."""
    with reading(request):
        found = find(program, pk)
        one = find_item(found, item_pk)
    do = request.POST.get("do", "")
    if do in ("up", "down", "remove"):
        return _order(request, program, pk, one, do)
    text = request.POST.get("minutes", "").replace("\x00", "")[:20_000]
    version = request.POST.get("version", "")
    seen = seen_version(version)
    refused, status = "", 200
    try:
        act(request, minutes.write_minutes, item=one, text=text, version=seen)
    except AlreadyDone:
        pass
    except Refused as refusal:
        refused, status = refusal.message, refusal.status
    with reading(request):
        found = find(program, pk)
        if is_fragment(request):
            shown = point(
                find_item(found, item_pk), found, True, refused=refused, typed=text if refused else ""
            )
            context = {"program": program, "meeting": found, "point": shown, "saved": not refused}
            return render(request, "governance/meetings/meeting.html#point", context, status=status)
        if refused:
            typed = (item_pk, text)
            return meeting_page(request, program, found, refused=refused, typed=typed, status=status)
    return redirect("governance:meeting", code=program.code, pk=pk)


def _order(request: HttpRequest, program: Program, pk: int, one: AgendaItem, do: str) -> HttpResponse:
    try:
        if do == "remove":
            act(request, minutes.remove_item, item=one)
        else:
            act(request, minutes.move_item, item=one, up=do == "up")
    except AlreadyDone:
        pass
    except Refused as refusal:
        with reading(request):
            return meeting_page(
                request, program, find(program, pk), refused=refusal.message, status=refusal.status
            )
    return redirect("governance:meeting", code=program.code, pk=pk)


@page(Permission.KEEP_MEETINGS, methods=("POST",))
def attendance(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Who is there: one choice for each person whose choice changed."""
    with reading(request):
        found = find(program, pk)
        named = {one.pk: one for one in people_of(program)}
    chosen: list[tuple[Any, str]] = []
    for name, presence in request.POST.items():
        _, _, number = name.partition("person-")
        if number.isascii() and number.isdigit() and len(number) < 15 and presence:
            person = named.get(int(number))
            if person is None:
                raise Http404("No such person in this program.")
            chosen.append((person, str(presence)))

    def mark_all(*, by: Any, at: Any) -> None:
        for person, presence in chosen:
            minutes.mark(meeting=found, person=person, presence=presence, by=by, at=at)

    try:
        act(request, mark_all)
    except AlreadyDone:
        pass
    except Refused as refusal:
        with reading(request):
            return meeting_page(
                request, program, find(program, pk), refused=refusal.message, status=refusal.status
            )
    return redirect("governance:meeting", code=program.code, pk=pk)


@page(Permission.KEEP_MEETINGS, methods=("POST",))
def approve(request: HttpRequest, program: Program, pk: int, former_pk: int) -> HttpResponse:
    """This meeting approves the minutes of a former one."""
    with reading(request):
        sitting, former = find(program, pk), find(program, former_pk)
    try:
        act(request, minutes.approve_minutes, meeting=former, sitting=sitting)
    except AlreadyDone:
        pass
    except Refused as refusal:
        with reading(request):
            return meeting_page(
                request, program, find(program, pk), refused=refusal.message, status=refusal.status
            )
    else:
        messages.success(request, f"The minutes of {former.body.code}-{former.number} are approved.")
    return redirect("governance:meeting", code=program.code, pk=pk)


@page(Permission.KEEP_MEETINGS, methods=("POST",))
def promise(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """An action item born in this meeting."""
    with reading(request):
        found = find(program, pk)
        form = ActionForm(program, request.POST)
        if not form.is_valid():
            return meeting_page(request, program, found, promise=form, status=422)
    given = {key: value for key, value in form.cleaned_data.items() if key != "version"}
    try:
        made = act(request, actions.add, program=program, meeting=found, **given)
    except AlreadyDone:
        pass
    except Refused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        with reading(request):
            return meeting_page(request, program, find(program, pk), promise=form, status=refusal.status)
    else:
        messages.success(request, f"{made.code}: {made.owner.name} by {made.due_on:%d %b %Y}.")
    return redirect("governance:meeting", code=program.code, pk=pk)
