"""The first page after signing in, the search, and what a person keeps for herself."""

from __future__ import annotations

from importlib import import_module

from django.apps import apps
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from pmo import search
from pmo.accounts.models import ApiToken
from pmo.accounts.roles import Permission, Role
from pmo.home import services
from pmo.home.forms import TokenForm
from pmo.http import act, reading
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
            else reverse("programs:members", kwargs={"code": one.code}),
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
