"""The first page after signing in, the search, and what a person keeps for herself."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from django.apps import apps
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from pmo import formats, search
from pmo.accounts.models import ApiToken, Membership, User
from pmo.accounts.roles import SENTENCES, Permission, Role
from pmo.home import services
from pmo.home.forms import MemberForm, TokenForm
from pmo.http import act, page, reading
from pmo.refusals import Refused


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """My programs; straight into the only one where there is one."""
    access = request.access  # type: ignore[attr-defined]
    programs = list(
        apps.get_model("programs", "Program")
        .objects.filter(pk__in=access.program_ids)
        .select_related("sponsor", "manager")
        .order_by("code")
    )
    if (
        len(programs) == 1
        and access.may(Permission.VIEW_PROGRAM, programs[0].pk)
        and "all" not in request.GET
    ):
        return redirect("governance:dashboard", code=programs[0].code)
    cards = [
        {
            "code": one.code,
            "name": one.name,
            "phase": one.get_phase_display(),
            "manager": one.manager.name if one.manager else "",
            "roles": ", ".join(Role(role).label for role in access.roles_in(one.pk)),
            "url": reverse("governance:dashboard", kwargs={"code": one.code})
            if access.may(Permission.VIEW_PROGRAM, one.pk)
            else reverse("pmo:members", kwargs={"code": one.code}),
        }
        for one in programs
    ]
    portfolio = import_module("programs.portfolio.services")  # a name: pmo stands to the left of programs
    begin = reverse("beginning:begin") if portfolio.may_begin(request.user) else ""
    context = {"cards": cards, "begin": begin, "crumbs": [("Programs", "")]}
    return render(request, "pmo/home/home.html", context)


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Remember light, dark or the system's theme in a cookie of this browser."""
    chosen = request.POST.get("theme", "system")
    back = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
        back = "/"
    response = redirect(back)
    if chosen in {"light", "dark"}:
        response.set_cookie(
            "theme", chosen, max_age=365 * 86_400, samesite="Lax", httponly=True, secure=request.is_secure()
        )
    else:
        response.delete_cookie("theme")
    return response


@require_safe
def find(request: HttpRequest) -> HttpResponse:
    """Hits for the command palette: only what this person may open."""
    hits = search.find(request.access, request.user, request.GET.get("q", ""))  # type: ignore[attr-defined]
    return render(request, "pmo/home/hits.html", {"hits": hits, "q": request.GET.get("q", "")[:80]})


def _members_page(request: HttpRequest, program: Any, form: MemberForm, status: int = 200) -> HttpResponse:
    held = (
        Membership.objects.filter(program_id=program.pk)
        .select_related("user", "project")
        .order_by("valid_to", "role", "user__name")
    )
    today = timezone.now().date()
    rows = [
        {
            "pk": one.pk,
            "name": one.user.name,
            "email": one.user.email,
            "role": one.get_role_display(),
            "project": one.project.code if one.project else "",
            "since": formats.day(one.valid_from),
            "until": formats.day(one.valid_to) if one.valid_to else "",
            "ended": one.valid_to is not None and one.valid_to < today,
        }
        for one in held
    ]
    context = {
        "program": program,
        "rows": rows,
        "form": form,
        "roles": [(role.label, SENTENCES[role]) for role in Role],
        "crumbs": [("Programs", "/"), (program.code, ""), ("Members", "")],
        "no_clock": True,
    }
    return render(request, "pmo/home/members.html", context, status=status)


@page(Permission.MANAGE_MEMBERS, methods=("GET", "POST"))
def members(request: HttpRequest, program: Any) -> HttpResponse:
    """Who holds which role; add one."""
    portfolio = import_module("programs.portfolio.services")  # a name: pmo stands to the left of programs
    with reading(request):
        projects = apps.get_model("programs", "Project").objects.filter(program_id=program.pk)
        form = MemberForm(request.POST or None, projects=projects)
        if request.method == "GET":
            return _members_page(request, program, form)
        person = None
        if form.is_valid():
            person = User.objects.filter(email=form.cleaned_data["email"].lower(), is_active=True).first()
            if person is None:
                form.add_error("email", "Nobody with this address can sign in here.")
        if person is None:
            return _members_page(request, program, form, 422)
    try:
        act(
            request,
            portfolio.add_member,
            program=program,
            user=person,
            role=form.cleaned_data["role"],
            project=form.cleaned_data["project"],
        )
    except Refused as refusal:
        field = {"user": "email"}.get(refusal.field or "", refusal.field)
        form.add_error(field if field in form.fields else None, refusal.message)
        with reading(request):
            return _members_page(request, program, form, refusal.status)
    messages.success(request, f"{person.name} is now {Role(form.cleaned_data['role']).label.lower()}.")
    return redirect("pmo:members", code=program.code)


@page(Permission.MANAGE_MEMBERS, methods=("POST",))
def end_membership(request: HttpRequest, program: Any, pk: int) -> HttpResponse:
    """End a role today."""
    portfolio = import_module("programs.portfolio.services")
    with reading(request):
        membership = Membership.objects.filter(program_id=program.pk, pk=pk).select_related("user").first()
        if membership is None:
            raise Http404("No such membership.")
    act(request, portfolio.end_membership, membership=membership)
    messages.success(request, f"{membership.user.name} is no longer {membership.get_role_display().lower()}.")
    return redirect("pmo:members", code=program.code)


@require_http_methods(["GET", "HEAD", "POST"])
def tokens(request: HttpRequest) -> HttpResponse:
    """My API tokens: make one (its text is shown once), see when each was last used, end one."""
    made = ""
    status = 200
    with reading(request) as access:
        model = apps.get_model("programs", "Program")
        mine = model.objects.filter(pk__in=access.program_ids).order_by("code").values_list("pk", "code")
        choices = [(str(pk), code) for pk, code in mine]
    form = TokenForm(request.POST or None, programs=choices)
    if request.method == "POST":
        status = 422
        if form.is_valid():
            cleaned = form.cleaned_data
            try:
                _, made = act(
                    request,
                    services.make_token,
                    name=cleaned["name"],
                    allows=cleaned["scope"],
                    days=cleaned["days"],
                    program_ids=[int(pk) for pk in cleaned["programs"]],
                )
                form, status = TokenForm(programs=choices), 200
            except Refused as refusal:
                form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
    with reading(request):
        listed = ApiToken.objects.filter(user=request.user).order_by("-created")
        context = {
            "form": form,
            "made": made,
            "tokens": listed,
            "crumbs": [("Programs", "/"), ("API tokens", "")],
        }
        return render(request, "pmo/home/tokens.html", context, status=status)


@require_POST
def revoke_token(request: HttpRequest, digest: str) -> HttpResponse:
    """End one of my tokens."""
    act(request, services.revoke_token, digest=digest)
    messages.success(request, "The token is ended.")
    return redirect("pmo:tokens")
