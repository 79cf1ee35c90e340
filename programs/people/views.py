"""Pages of a program's people: who holds what, a role, and inviting."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from pmo import formats
from pmo.accounts.access import Access
from pmo.accounts.models import Membership
from pmo.accounts.roles import SENTENCES, Permission, Role
from pmo.commands import AlreadyDone
from pmo.http import act, page, reading
from pmo.refusals import Refused
from programs.people import selectors, services
from programs.people.forms import EndForm, InviteForm, LinesForm, MembershipForm
from programs.people.models import Invitation
from programs.people.services import Invited
from programs.people.wishes import read
from programs.portfolio import giving
from programs.portfolio import services as portfolio
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Program, Project

KEEPS = Permission.MANAGE_MEMBERS


def _crumbs(request: HttpRequest, program: Program, *more: tuple[str, str]) -> list[tuple[str, str]]:
    """An administrator without another role has no dashboard to go to."""
    here = reverse("programs:members", kwargs={"code": program.code}) if more else ""
    access: Access = request.access  # type: ignore[attr-defined]
    if access.may(Permission.VIEW_PROGRAM, program.pk):
        return crumbs(program, ("Members", here), *more)
    return [("Programs", "/"), (program.code, ""), ("Members", here), *more]


@page(KEEPS)
def members(request: HttpRequest, program: Program) -> HttpResponse:
    """Who holds which role, and who is invited."""
    givable = giving.givable(request.access, program.pk)  # type: ignore[attr-defined]
    now = timezone.now()
    context = {
        "program": program,
        "rows": selectors.roles(program.pk, now.date(), givable),
        "invited": selectors.invitations(program.pk, now, givable),
        "may_invite": bool(givable),
        "roles": [(role.label, SENTENCES[role], role in givable) for role in Role],
        "crumbs": _crumbs(request, program),
        "no_clock": True,
    }
    return render(request, "programs/people/members.html", context)


def _invite_page(
    request: HttpRequest,
    program: Program,
    form: InviteForm | None = None,
    lines: LinesForm | None = None,
    status: int = 200,
    held: giving.RolesClash | None = None,
) -> HttpResponse:
    givable = giving.givable(request.access, program.pk)  # type: ignore[attr-defined]
    context = {
        "program": program,
        "form": form
        or InviteForm(givable=givable, projects=Project.objects.filter(program=program).order_by("code")),
        "lines": lines or LinesForm(auto_id="several_%s"),
        "held": held if lines is None else None,
        "lines_held": held if lines is not None else None,
        "roles": [(role.label, SENTENCES[role], role in givable) for role in Role],
        "crumbs": _crumbs(request, program, ("Invite", "")),
        "no_clock": True,
    }
    return render(request, "programs/people/invite.html", context, status=status)


def _said(made: Invited) -> str:
    """What was done, in one sentence or two."""
    parts = []
    if made.invitations:
        names = ", ".join(one.name for one in made.invitations[:5])
        more = len(made.invitations) - 5
        parts.append(
            f"Invited: {names}{f' and {more} more' if more > 0 else ''}. The link works for seven days."
        )
    parts += [f"{one.user.name} is now {one.get_role_display().lower()}." for one in made.memberships[:5]]
    if len(made.memberships) > 5:
        parts.append(f"And {len(made.memberships) - 5} roles more.")
    return " ".join(parts)


@page(KEEPS, methods=("GET", "POST"))
def invite(request: HttpRequest, program: Program) -> HttpResponse:
    """Invite one person."""
    with reading(request) as access:
        if request.method == "GET":
            return _invite_page(request, program)
        projects = list(Project.objects.filter(program=program).order_by("code"))
        form = InviteForm(request.POST, givable=giving.givable(access, program.pk), projects=projects)
        if not form.is_valid():
            return _invite_page(request, program, form, status=422)
    return _run(request, program, [form.wish()], form, why=form.cleaned_data["why"])


@page(KEEPS, methods=("POST",))
def invite_many(request: HttpRequest, program: Program) -> HttpResponse:
    """Invite several people, a line each: all or nobody."""
    form = LinesForm(request.POST, auto_id="several_%s")
    with reading(request):
        if not form.is_valid():
            return _invite_page(request, program, lines=form, status=422)
        try:
            wishes = read(form.cleaned_data["lines"], Project.objects.filter(program=program))
        except Refused as refusal:
            form.refuse(refusal)
            return _invite_page(request, program, lines=form, status=refusal.status)
    return _run(request, program, wishes, form)


def _run(request: HttpRequest, program: Program, wishes: Any, form: Any, why: str = "") -> HttpResponse:
    options = {"lines": form} if isinstance(form, LinesForm) else {"form": form}
    try:
        made = act(
            request,
            services.invite,
            program=program,
            wishes=wishes,
            reason=why,
            agreed=request.POST.get("agreed", "")[:64],
        )
        messages.success(request, _said(made))
    except AlreadyDone:
        pass
    except Refused as refusal:
        form.refuse(refusal)
        held = refusal if isinstance(refusal, giving.RolesClash) else None
        with reading(request):
            return _invite_page(request, program, status=refusal.status, held=held, **options)
    return redirect("programs:members", code=program.code)


def _membership(program: Program, pk: int) -> Membership:
    found: Membership | None = (
        Membership.objects.filter(program_id=program.pk, pk=pk).select_related("user", "project").first()
    )
    if found is None:
        raise Http404("No such membership.")
    return found


def _member_page(
    request: HttpRequest,
    program: Program,
    found: Membership,
    form: MembershipForm | None = None,
    ending: EndForm | None = None,
    status: int = 200,
) -> HttpResponse:
    access: Access = request.access  # type: ignore[attr-defined]
    over = found.valid_to is not None and found.valid_to < timezone.now().date()
    mine = found.role in giving.givable(access, program.pk) and not over
    may_end = mine and found.role in giving.endable(access, program.pk)
    context = {
        "program": program,
        "held": found,
        "does": SENTENCES[found.role],
        "since": formats.day(found.valid_from),
        "until": selectors.last_day(found),
        "over": over,
        "steps": selectors.trail(found),
        "form": form or MembershipForm(initial={"until": found.valid_to}) if mine else None,
        "ending": ending or EndForm(auto_id="end_%s") if may_end else None,
        "crumbs": _crumbs(request, program, (found.user.name, "")),
        "no_clock": True,
    }
    return render(request, "programs/people/member.html", context, status=status)


@page(KEEPS, methods=("GET", "POST"))
def member(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """One role: what became of it, and its last day."""
    with reading(request):
        found = _membership(program, pk)
        if request.method == "GET":
            return _member_page(request, program, found)
        form = MembershipForm(request.POST)
        if not form.is_valid():
            return _member_page(request, program, found, form, status=422)
    try:
        act(request, portfolio.change_membership, membership=found, until=form.cleaned_data["until"])
        messages.success(
            request, f"The last day of {found.user.name} as {found.get_role_display().lower()} is saved."
        )
    except AlreadyDone:
        pass
    except Refused as refusal:
        form.refuse(refusal)
        with reading(request):
            return _member_page(request, program, found, form, status=refusal.status)
    return redirect("programs:member", code=program.code, pk=pk)


@page(KEEPS, methods=("POST",))
def end_membership(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """End a role today."""
    with reading(request):
        found = _membership(program, pk)
        form = EndForm(request.POST, auto_id="end_%s")
        if not form.is_valid():
            return _member_page(request, program, found, ending=form, status=422)
    try:
        act(request, portfolio.end_membership, membership=found)
        messages.success(request, f"{found.user.name} is no longer {found.get_role_display().lower()}.")
    except AlreadyDone:
        pass
    except Refused as refusal:
        form.refuse(refusal)
        with reading(request):
            return _member_page(request, program, found, ending=form, status=refusal.status)
    return redirect("programs:members", code=program.code)


def _invitation(program: Program, pk: int) -> Invitation:
    found: Invitation | None = Invitation.objects.filter(program_id=program.pk, pk=pk).first()
    if found is None:
        raise Http404("No such invitation.")
    return found


@page(KEEPS, methods=("POST",))
def send_again(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Send the link anew; the former one works no more."""
    with reading(request):
        found = _invitation(program, pk)
    return _deed(request, program, services.send_again, found, f"{found.name} gets a new link.")


@page(KEEPS, methods=("POST",))
def withdraw(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """The link works no more."""
    with reading(request):
        found = _invitation(program, pk)
    return _deed(request, program, services.withdraw, found, f"The invitation of {found.name} is withdrawn.")


def _deed(request: HttpRequest, program: Program, service: Any, found: Invitation, said: str) -> HttpResponse:
    try:
        act(request, service, invitation=found)
        messages.success(request, said)
    except AlreadyDone:
        pass
    return redirect("programs:members", code=program.code)
