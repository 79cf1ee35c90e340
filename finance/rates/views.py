"""Pages of exchange rates: the register, one rate with what it was before, a file of them."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from finance.rates import selectors, services
from finance.rates.converting import plain
from finance.rates.forms import RateForm
from finance.rates.models import ExchangeRate
from pmo import formats
from pmo.accounts.roles import Permission
from pmo.commands import AlreadyDone
from pmo.http import act, page, reading
from pmo.refusals import Refused
from pmo.tables import Column, Register
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Program


@page(Permission.VIEW_MONEY)
def rates(request: HttpRequest, program: Program) -> HttpResponse:
    """Every rate, the latest day first."""
    may = request.access.may(Permission.POST_ACTUALS, program.pk)  # type: ignore[attr-defined]
    base = reverse("finance:rates", kwargs={"code": program.code})
    register = Register(
        name=f"{program.code}-exchange-rates",
        rows=ExchangeRate.objects.visible_to(request.user)
        .filter(program_id=program.pk)
        .select_related("entered_by")
        .order_by("-from_day", "currency"),
        search=("currency", "note"),
        columns=[
            Column("Currency", lambda r: r.currency, "currency", href=lambda r: f"{base}{r.pk}/"),
            Column(
                "From", lambda r: formats.day(r.from_day), "from_day", num=True, plain=lambda r: r.from_day
            ),
            Column(f"{program.currency} for one unit", lambda r: plain(r.rate), "rate", num=True),
            Column("Note", lambda r: r.note),
            Column("Entered by", lambda r: r.entered_by.name if r.entered_by else "the office"),
            Column("Entered", lambda r: formats.moment(r.entered_at), "entered_at", num=True),
        ],
        empty={
            "title": "No exchange rate yet",
            "text": f"Costs in another currency than {program.currency} need the rate of their day.",
            "url": reverse("finance:rate-add", kwargs={"code": program.code}) if may else "",
            "label": "Enter the first rate",
        },
    )
    context = {
        "program": program,
        "heading": "Exchange rates",
        "subtitle": f"How much {program.currency} one unit of another currency is worth, from its day on",
        "add_url": reverse("finance:rate-add", kwargs={"code": program.code}) if may else "",
        "add_label": "Enter rates",
        "crumbs": crumbs(program, ("Exchange rates", "")),
    }
    return register.respond(request, "programs/register.html", context)


def _page(
    request: HttpRequest,
    program: Program,
    form: RateForm,
    found: ExchangeRate | None = None,
    refusal: Refused | None = None,
    status: int = 200,
) -> HttpResponse:
    here = reverse("finance:rates", kwargs={"code": program.code})
    context = {
        "program": program,
        "form": form,
        "found": found,
        "action": request.get_full_path(),
        "cancel": here,
        "refusal": refusal,
        "may": request.access.may(Permission.POST_ACTUALS, program.pk),  # type: ignore[attr-defined]
        "trail": selectors.trail(found) if found else [],
        "crumbs": crumbs(program, ("Exchange rates", here), (found.currency if found else "New", "")),
    }
    return render(request, "finance/rates/rate.html", context, status=status)


@page(Permission.POST_ACTUALS, methods=("GET", "POST"))
def add(request: HttpRequest, program: Program) -> HttpResponse:
    """Enter one rate by its form, or a file of them."""
    if "file" in request.FILES or getattr(request, "too_large", False):
        return _file(request, program)
    with reading(request):
        form = RateForm(program, request.POST or None)
        if request.method == "GET" or not form.is_valid():
            return _page(request, program, form, status=200 if request.method == "GET" else 422)
    try:
        made = act(request, services.add, program=program, values=form.values())
    except AlreadyDone:
        return redirect("finance:rates", code=program.code)
    except Refused as refusal:
        with reading(request):
            form.refuse(refusal)
            return _page(request, program, form, status=refusal.status)
    messages.success(request, f"{made.currency} from {formats.day(made.from_day)} is entered.")
    return redirect("finance:rates", code=program.code)


def _file(request: HttpRequest, program: Program) -> HttpResponse:
    upload = request.FILES.get("file")
    try:
        if getattr(request, "too_large", False) or upload is None:
            raise Refused(f"A file can have at most {settings.UPLOAD_LIMIT_BYTES >> 20} MB.", field="file")
        count = act(request, services.read_file, program=program, content=upload.read())
    except AlreadyDone:
        return redirect("finance:rates", code=program.code)
    except Refused as refusal:
        with reading(request):
            return _page(request, program, RateForm(program), refusal=refusal, status=refusal.status)
    messages.success(request, f"{formats.counted(count, 'rate', 'rates')} entered.")
    return redirect("finance:rates", code=program.code)


@page(Permission.VIEW_MONEY, methods=("GET", "POST"))
def rate(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """One rate with what it was before; corrected by who may post costs."""
    with reading(request) as access:
        found = ExchangeRate.objects.visible_to(request.user).filter(program_id=program.pk, pk=pk).first()
        if found is None:
            raise Http404("No such rate.")
        if request.method == "GET":
            form = RateForm(program, rate=found)
            if not access.may(Permission.POST_ACTUALS, program.pk):
                for field in form.fields.values():
                    field.disabled = True
            return _page(request, program, form, found)
        access.require(Permission.POST_ACTUALS, program.pk)
        form = RateForm(program, request.POST, rate=found)
        if not form.is_valid():
            return _page(request, program, form, found, status=422)
    try:
        act(
            request,
            services.edit,
            rate_id=pk,
            changes=form.values(),
            version=form.cleaned_data["version"] or 0,
        )
    except AlreadyDone:
        return redirect("finance:rates", code=program.code)
    except Refused as refusal:
        with reading(request):
            form.refuse(refusal)
            return _page(request, program, form, found, status=refusal.status)
    messages.success(request, f"{found.currency} is saved.")
    return redirect("finance:rates", code=program.code)
