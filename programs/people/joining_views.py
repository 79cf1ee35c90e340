"""The page behind an invitation's link: read without signing in, taken by a person who sets a password."""

from __future__ import annotations

from typing import Any

from allauth.account.internal.flows.login import record_authentication
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from pmo import commands, formats
from pmo.accounts.models import User
from pmo.accounts.roles import GRANTS, Permission
from pmo.refusals import Conflict, Refused
from pmo.scope import system_scope
from pmo.zones import zone
from programs.people import joining
from programs.people.forms import JoinForm
from programs.people.mailing import roles_in_words
from programs.people.models import Invitation

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def _read(invitation_id: int, program_id: int) -> dict[str, Any]:
    """What the page says of the invitation: read as the office, in its program alone."""
    with transaction.atomic(), system_scope([program_id], reason="who has the link reads the invitation"):
        found: Invitation = Invitation.objects.select_related("program", "by").get(pk=invitation_id)
        local = zone(found.program.time_zone)
        first = found.roles.order_by("pk").values_list("role", flat=True)[0]
        sees = Permission.VIEW_PROGRAM in GRANTS[first]
        return {
            "found": found,
            "gone": joining.gone(found, timezone.now()),
            "roles": roles_in_words(found),
            "until": formats.day(found.until) if found.until else "",
            "expires": formats.moment(found.expires_at, local),
            "account": User.objects.filter(email=found.email).exists(),
            "home": reverse(
                "governance:dashboard" if sees else "programs:members", kwargs={"code": found.program.code}
            ),
        }


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, text: str) -> HttpResponse:
    """Looking does nothing (mail programs look); sending the form takes the invitation, once.

    A link that is not ours is a page that does not exist: whoever guesses learns nothing.
    """
    place = joining.find(text)
    if place is None:
        raise Http404
    said = _read(*place)
    if request.method != "POST":
        form = JoinForm(initial={"name": said["found"].name})
        return _page(request, said, form, 410 if said["gone"] else 200)
    person: User | None = request.user if request.user.is_authenticated else None
    form = JoinForm(request.POST)
    if person is None and not said["gone"] and not form.is_valid():
        return _page(request, said, form, 422)
    given = form.cleaned_data if person is None and form.is_bound and form.is_valid() else {}
    try:
        joined = commands.run(
            joining.join,
            actor=person,
            scope=[place[1]],
            why=f"invited by {said['found'].by.name}"
            + (f": {said['found'].why}" if said["found"].why else ""),
            invitation_id=place[0],
            text=text,
            account=person,
            name=given.get("name", ""),
            password=given.get("password", ""),
        )
    except Refused as refusal:
        if isinstance(refusal, Conflict):
            said["gone"] = refusal.message
        form.refuse(refusal)
        return _page(request, said, form, refusal.status)
    if person is None:
        login(request, joined, backend=BACKEND)
        record_authentication(request, joined, "password", email=joined.email)
    return redirect(said["home"])


def _page(request: HttpRequest, said: dict[str, Any], form: JoinForm, status: int) -> HttpResponse:
    user = request.user
    context = said | {
        "form": form,
        "other": user.is_authenticated and user.email != said["found"].email,
        "mine": user.is_authenticated and user.email == said["found"].email,
        "sign_in": f"{reverse('account_login')}?next={request.path}",
    }
    answer = render(request, "programs/people/invitation.html", context, status=status)
    answer["Cache-Control"] = "no-store"
    return answer
