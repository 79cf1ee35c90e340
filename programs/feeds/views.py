"""Pages of calendar feeds, and the feed itself, which is read without signing in."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from pmo.accounts.models import User
from pmo.accounts.roles import Permission
from pmo.http import act, page, reading
from pmo.refusals import Refused
from pmo.scope import read_scope
from programs.portfolio.models import Program

from . import selectors, services
from .forms import FeedForm
from .models import CalendarFeed

_SHOWN = 50


@page(Permission.VIEW_PROGRAM, methods=("GET", "POST"))
def feeds(request: HttpRequest, program: Program) -> HttpResponse:
    """My addresses for this program's milestones: make one (shown once), end one."""
    made, status = "", 200
    form = FeedForm(request.POST or None)
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                _, text = act(request, services.make, program=program, name=form.cleaned_data["name"])
                made, form, status = selectors.address_of(text), FeedForm(), 200
            except Refused as refusal:
                form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
    with reading(request):
        context = {
            "program": program,
            "form": form,
            "made": made,
            "feeds": list(selectors.feeds(program, request.user)[:_SHOWN]),
            "crumbs": [
                ("Programs", "/"),
                (program.code, reverse("governance:dashboard", kwargs={"code": program.code})),
                ("Master plan", reverse("programs:plan", kwargs={"code": program.code})),
                ("Calendar", ""),
            ],
            "no_clock": True,
        }
        return render(request, "programs/feeds/feeds.html", context, status=status)


@page(Permission.VIEW_PROGRAM, methods=("POST",))
def end(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """End one of my addresses."""
    with reading(request):
        feed = selectors.feeds(program, request.user).filter(pk=pk).first()
        if feed is None:
            raise Http404("No such address.")
    act(request, services.end, feed=feed)
    messages.success(request, f"The address of {feed.name} is ended.")
    return redirect("programs:feeds", code=program.code)


@login_not_required
@require_safe
def milestones(request: HttpRequest, text: str) -> HttpResponse:
    """The milestones behind a private address, with the rights that its owner has at this moment.

    An unknown, ended or orphaned address is the same 404: whoever guesses learns nothing.
    """
    number, _, secret = text.partition(".")
    if not (number.isascii() and number.isdigit() and len(number) < 10 and secret):
        raise Http404
    owner = User.objects.filter(pk=int(number), is_active=True).first()
    with read_scope(owner, read_only=True, by_token=True) as access:
        feed = (
            CalendarFeed.objects.visible_to(owner)
            .filter(user=owner, digest=services.digest_of(secret), ended_at=None)
            .select_related("program")
            .first()
            if owner
            else None
        )
        if feed is None or not access.may(Permission.VIEW_PROGRAM, feed.program_id):
            raise Http404
        content = selectors.milestones_calendar(feed.program)
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'inline; filename="{feed.program.code}-milestones.ics"'
    response["Cache-Control"] = "no-store"
    return response
