"""Pages of what was expected of the reserves: every expectation that was kept with how good it was, and each alone."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from finance.engine.forecasting import Score
from finance.reserves import scoring, services
from finance.reserves.forms import KeepForm
from finance.reserves.models import OutlookMonth, ReserveOutlook
from finance.reserves.scoring import Month, Scored
from finance.structure.models import Category
from finance.structure.periods import local_day
from finance.transfers.selectors import movements
from pmo import formats
from pmo.accounts.roles import Permission
from pmo.charts import Series, line_chart
from pmo.commands import AlreadyDone
from pmo.http import act, page, reading
from pmo.money import to_decimal
from pmo.refusals import Refused
from pmo.sheets import FORMATS, download
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Program

HEADS = (
    "expectation", "kept_at", "occasion", "left", "expected", "planned", "months_ended", "expected_until_now",
    "planned_until_now", "drawn", "error_of_expected", "error_of_planned", "reserve_planned_until_now",
    "reserve_drawn", "currency",
)  # fmt: skip


def _share(value: Fraction | None) -> str:
    return (
        formats.UNKNOWN
        if value is None
        else f"{formats.number(float(value) * 100, 1, sign=True)}{formats.GAP}%"
    )


def _scores(one: Score, currency: str) -> dict[str, Any]:
    return {
        "told": formats.money_short(one.forecast, currency),
        "error": formats.money_short(one.error, currency, sign=True),
        "bias": _share(one.bias),
    }


def _row(one: Scored, currency: str) -> dict[str, Any]:
    row: dict[str, Any] = {
        "ended": one.expected.periods,
        "drawn": formats.money_short(one.expected.actual, currency),
        "expected": _scores(one.expected, currency),
        "planned": _scores(one.planned, currency),
        "lead": formats.counted(one.lead, "month ahead", "months ahead") if one.lead else "the same month",
    }
    if one.outlook is not None:
        row |= {
            "pk": one.outlook.pk,
            "number": one.outlook.number,
            "occasion": one.outlook.get_occasion_display(),
            "status_at": one.outlook.status_at,
            "taken_back": one.taken_back,
            "kept_at": one.outlook.kept_at,
            "left": formats.money_short(one.outlook.left_minor, currency),
            "all": formats.money_short(one.outlook.expected_minor, currency),
            "all_planned": formats.money_short(one.outlook.planned_minor, currency),
        }
    return row


def _file_row(one: Scored, currency: str) -> list[Any]:
    kept = one.outlook
    if kept is None:
        raise TypeError("a file lists expectations")
    money = [
        to_decimal(amount, currency)
        for amount in (
            one.expected.forecast, one.planned.forecast, one.expected.actual, one.expected.error, one.planned.error,
            one.reserve.forecast, one.reserve.actual,
        )
    ]  # fmt: skip
    return [
        kept.number, kept.kept_at, f"{kept.occasion}, taken back" if one.taken_back else kept.occasion,
        *(to_decimal(amount, currency) for amount in (kept.left_minor, kept.expected_minor, kept.planned_minor)),
        one.expected.periods, *money, currency,
    ]  # fmt: skip


@page(Permission.VIEW_MONEY, methods=("GET", "POST"))
def outlooks(request: HttpRequest, program: Program) -> HttpResponse:
    """What was expected of the reserves, moment by moment, and how it came; POST keeps what is expected now."""
    if request.method == "GET":
        return _listing(request, program)
    with reading(request) as access:
        access.require(Permission.EDIT_BUDGET, program.pk)
        form = KeepForm(request.POST)
        if not form.is_valid():
            return _listing(request, program, form, 422)
    try:
        made = act(request, services.keep, program=program, note=form.cleaned_data["note"])
    except AlreadyDone:
        return redirect("finance:reserve-outlooks", code=program.code)
    except Refused as refusal:
        with reading(request):
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
            return _listing(request, program, form, refusal.status)
    messages.success(request, f"Expectation {made.number} is kept as it is now.")
    return redirect("finance:reserve-outlook", code=program.code, pk=made.pk)


def _listing(
    request: HttpRequest, program: Program, form: KeepForm | None = None, status: int = 200
) -> HttpResponse:
    each, leads = scoring.scores(program, movements(program.pk), local_day(program, timezone.now()))
    currency = program.currency
    if (kind := request.GET.get("format")) in FORMATS:
        return download(
            kind, f"{program.code}-expectations", HEADS, (_file_row(one, currency) for one in each)
        )
    may = request.access.may(Permission.EDIT_BUDGET, program.pk)  # type: ignore[attr-defined]
    context = {
        "program": program,
        "no_clock": True,
        "form": (form or KeepForm()) if may else None,
        "action": reverse("finance:reserve-outlooks", kwargs={"code": program.code}),
        "rows": [_row(one, currency) for one in each],
        "leads": [_row(one, currency) for one in leads],
        "crumbs": crumbs(program, _reserves(program), ("What was expected", "")),
    }
    return render(request, "finance/reserves/outlooks.html", context, status=status)


def _reserves(program: Program) -> tuple[str, str]:
    return "Reserves", reverse("finance:reserves", kwargs={"code": program.code})


@page(Permission.VIEW_MONEY)
def outlook(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """One expectation as it was kept, month by month, beside what was drawn since."""
    kept = (
        scoring.told(ReserveOutlook.objects.visible_to(request.user))
        .filter(program_id=program.pk, pk=pk)
        .select_related("kept_by")
        .first()
    )
    if kept is None:
        raise Http404("No such expectation.")
    moved = movements(program.pk)
    rows = OutlookMonth.objects.filter(program_id=program.pk, outlook=kept).order_by("month")
    months = scoring.months_of(kept, rows, scoring.Drawn(program, moved), local_day(program, timezone.now()))
    currency = program.currency
    own = [one for one in months if one.category == Category.CONTINGENCY]
    reserve = [one for one in months if one.category == Category.MANAGEMENT_RESERVE]
    listing = reverse("finance:reserve-outlooks", kwargs={"code": program.code})
    context = {
        "program": program,
        "no_clock": True,
        "found": kept,
        "kept": formats.moment(kept.kept_at),
        "figures": [
            ("Contingency", formats.money_short(kept.left_minor, currency), "stood there"),
            (
                "Expected", formats.money_short(kept.expected_minor, currency),
                formats.counted(kept.risks, "open risk", "open risks"),
            ),
            ("Planned", formats.money_short(kept.planned_minor, currency), "to be drawn from contingency"),
            ("Management reserve", formats.money_short(kept.reserve_left_minor, currency),
             f"{formats.money_text(kept.reserve_planned_minor, currency)} planned to be drawn"),
        ],
        "rows": [_month(one, currency) for one in own],
        "reserve": [_month(one, currency) for one in reserve if one.planned or one.drawn],
        "chart": _chart(kept, own, currency),
        "came": any(one.drawn is not None for one in own),
        "crumbs": crumbs(program, _reserves(program), ("What was expected", listing), (str(kept), "")),
    }  # fmt: skip
    return render(request, "finance/reserves/outlook.html", context)


def _month(one: Month, currency: str) -> dict[str, str]:
    return {
        "month": formats.period(one.month),
        "expected": formats.money_exact(one.expected, currency),
        "planned": formats.money_exact(one.planned, currency),
        "drawn": formats.UNKNOWN if one.drawn is None else formats.money_exact(one.drawn, currency),
        "error": formats.UNKNOWN
        if one.drawn is None
        else formats.money_exact(one.expected - one.drawn, currency, sign=True),
    }


def _chart(kept: ReserveOutlook, months: list[Month], currency: str) -> SafeString:
    """What was expected and planned to be left after each month, beside what was left of the same height by drawing."""
    start = (0.0, float(kept.left_minor))
    expected, planned, came = [start], [start], [start]
    left, plan, real = kept.left_minor, kept.left_minor, kept.left_minor
    for n, one in enumerate(months, 1):
        left, plan = left - one.expected, plan - one.planned
        expected.append((float(n), float(left)))
        planned.append((float(n), float(plan)))
        if one.drawn is not None:
            real -= one.drawn
            came.append((float(n), float(real)))
    step = max(1, -(-len(months) // 8))
    return line_chart(
        [
            *([Series("After what was drawn", came, 5)] if len(came) > 1 else []),
            Series("Expected to be left", expected, 4, dashed=True),
            *([Series("Left as planned", planned, 6, dashed=True)] if kept.planned_minor else []),
        ],
        title="What was expected",
        description=f"Contingency in {currency} after each month as it was expected and planned when this was kept,"
        " and after what was drawn since; money granted since is left out.",
        key="outlook",
        x_labels=[(float(n), formats.period(one.month)) for n, one in enumerate(months) if n % step == 0],
        y_text=lambda value: formats.money_text(int(value), currency, unit=False),
        width=1080,
        height=230,
    )
