"""The first page after signing in, the search, and what a person keeps for herself."""

from __future__ import annotations

from django.apps import apps
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from pmo.accounts.roles import Permission, Role


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
    return render(request, "pmo/home/home.html", {"cards": cards, "crumbs": [("Programs", "")]})


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
