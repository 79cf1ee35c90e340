"""Pages of control accounts to write on: making one of an element of the plan, changing and ending it."""

from __future__ import annotations

from contextlib import suppress

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from finance.control_accounts import services
from finance.control_accounts.forms import AccountForm
from finance.control_accounts.models import ControlAccount
from finance.control_accounts.views import find
from pmo.accounts.models import User
from pmo.accounts.roles import Permission
from pmo.commands import AlreadyDone
from pmo.http import act, page, reading
from pmo.refusals import Refused
from pmo.seen import seen_version
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Program
from programs.schedule.models import Activity


def _people(program: Program) -> QuerySet[User]:
    return User.objects.filter(memberships__program_id=program.pk).distinct().order_by("name")


def _elements(request: HttpRequest, program: Program) -> QuerySet[Activity]:
    """Summaries that are no account yet, of the projects whose plan this person edits."""
    access = request.access  # type: ignore[attr-defined]
    rows = Activity.objects.filter(program_id=program.pk, kind=Activity.Kind.SUMMARY).exclude(
        pk__in=ControlAccount.objects.filter(program_id=program.pk).values("activity_id")
    )
    if not access.may(Permission.EDIT_PLAN, program.pk):
        rows = rows.filter(project_id__in=access.projects_with(Permission.EDIT_PLAN, program.pk))
    chosen: QuerySet[Activity] = rows.select_related("project").order_by("project__position", "position")
    return chosen


def _form(
    request: HttpRequest,
    program: Program,
    form: AccountForm,
    found: ControlAccount | None,
    status: int = 200,
) -> HttpResponse:
    here = reverse("finance:control-accounts", kwargs={"code": program.code})
    context = {
        "program": program,
        "form": form,
        "found": found,
        "action": request.get_full_path(),
        "cancel": f"{here}{found.pk}/" if found else here,
        "crumbs": crumbs(program, ("Control accounts", here), (found.code if found else "New", "")),
    }
    return render(request, "finance/control_accounts/form.html", context, status=status)


@page(Permission.EDIT_PLAN, methods=("GET", "POST"), somewhere=True)
def add(request: HttpRequest, program: Program) -> HttpResponse:
    """Make an element of the plan a control account."""
    with reading(request):
        form = AccountForm(_elements(request, program), _people(program), request.POST or None)
        if request.method == "GET":
            return _form(request, program, form, None)
        if not form.is_valid():
            return _form(request, program, form, None, 422)
        given = form.cleaned_data
    try:
        made = act(
            request,
            services.create,
            program=program,
            activity=given["activity"],
            manager=given["manager"],
            code=given["code"],
        )
    except AlreadyDone:
        return redirect("finance:control-accounts", code=program.code)
    except Refused as refusal:
        with reading(request):
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
            return _form(request, program, form, None, refusal.status)
    messages.success(request, f"{made.code} is a control account.")
    return redirect("finance:control-account", code=program.code, pk=made.pk)


@page(Permission.EDIT_PLAN, methods=("GET", "POST"), somewhere=True)
def edit(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Change code or manager of an account."""
    with reading(request) as access:
        found = find(request, program, pk)
        access.require(Permission.EDIT_PLAN, program.pk, found.project_id)
        form = AccountForm(Activity.objects.none(), _people(program), request.POST or None, account=found)
        if request.method == "GET":
            return _form(request, program, form, found)
        if not form.is_valid():
            return _form(request, program, form, found, 422)
    given = form.cleaned_data
    try:
        act(
            request,
            services.edit,
            account=found,
            changes={"code": given["code"], "manager": given["manager"]},
            version=given["version"] or 0,
        )
    except AlreadyDone:
        pass
    except Refused as refusal:
        with reading(request):
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
            return _form(request, program, form, found, refusal.status)
    messages.success(request, f"{given['code']} is saved.")
    return redirect("finance:control-account", code=program.code, pk=pk)


@page(Permission.EDIT_PLAN, methods=("POST",), somewhere=True)
def remove(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Let an element be a control account no longer."""
    with reading(request) as access:
        found = find(request, program, pk)
        access.require(Permission.EDIT_PLAN, program.pk, found.project_id)
        version = request.POST.get("version", "")
    with suppress(AlreadyDone):
        act(
            request,
            services.remove,
            account=found,
            version=seen_version(version),
        )
    messages.success(request, f"{found.code} is no control account any more; its work stays in the plan.")
    return redirect("finance:control-accounts", code=program.code)
