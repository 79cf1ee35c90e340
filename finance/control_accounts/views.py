"""Pages of control accounts: the list with what each earned, and one account with its activities."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from finance.control_accounts import present, selectors
from finance.control_accounts.holding import Book
from finance.control_accounts.models import ControlAccount
from finance.control_accounts.selectors import AccountValue
from finance.earned_value import selectors as earned
from finance.engine.earned_value import Minor
from finance.engine.measures import measures
from pmo import formats
from pmo.accounts.roles import Permission
from pmo.clocks import as_of
from pmo.http import page
from pmo.money import format_plain, round_half_even
from pmo.sheets import FORMATS, download
from pmo.zones import zone
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Program

HEADS = [
    "Control account", "Name", "Project", "Manager", "Status date", "Activities", "BAC", "PV", "EV", "AC", "CV", "SV",
    "CPI", "SPI", "EAC", "VAC",
]  # fmt: skip


def _line(one: AccountValue, program: Program) -> dict[str, Any]:
    """A row of the list and of the file."""
    found = one.measures(program.currency)
    account = one.account
    return {
        "pk": account.pk if account else None,
        "code": account.code if account else f"{one.project.code}, outside",
        "name": account.activity.name if account else "work and cost in no control account",
        "project": one.project.code,
        "manager": account.manager.name if account and account.manager else "",
        "at": one.snapshot.at.astimezone(zone(program.time_zone)),
        "activities": one.activities if account else None,
        "minor": one.minor,
        "cpi": found["cpi"].value,
        "spi": found["spi"].value,
        "eac": found["eac_cpi"].minor,
        "vac": found["vac"].minor,
    }


def _file_row(line: dict[str, Any], currency: str) -> list[Any]:
    def amount(minor: int | None) -> str:
        return "" if minor is None else format_plain(minor, currency)

    def index(value: Any) -> Any:
        return "" if value is None else round(float(value), 4)

    minor: Minor = line["minor"]
    return [
        *(line[name] for name in ("code", "name", "project", "manager")),
        line["at"].replace(tzinfo=None),
        "" if line["activities"] is None else line["activities"],
        *(amount(value) for value in (minor.bac, minor.pv, minor.ev, minor.ac, minor.cv, minor.sv)),
        *(index(line[name]) for name in ("cpi", "spi")),
        *(amount(line[name]) for name in ("eac", "vac")),
    ]


def _shown(line: dict[str, Any], currency: str) -> dict[str, Any]:
    minor: Minor = line["minor"]
    return line | {
        "status": formats.day(line["at"].date()),
        "bac": formats.money_short(minor.bac, currency),
        "pv": formats.money_short(minor.pv, currency),
        "ev": formats.money_short(minor.ev, currency),
        "ac": formats.money_short(minor.ac, currency),
        "cv": formats.money_short(minor.cv, currency, sign=True),
        "sv": formats.money_short(minor.sv, currency, sign=True),
        "dear": line["cpi"] is not None and line["cpi"] < 1,
        "late": line["spi"] is not None and line["spi"] < 1,
        "cpi": formats.index(None if line["cpi"] is None else float(line["cpi"])),
        "spi": formats.index(None if line["spi"] is None else float(line["spi"])),
        "eac": formats.money_short(line["eac"], currency),
        "vac": formats.money_short(line["vac"], currency, sign=True),
    }


@page(Permission.VIEW_MONEY)
def listing(request: HttpRequest, program: Program) -> HttpResponse:
    """Every control account at the latest status of its project; what lies outside them; the sum to the cent."""
    when = as_of(request, program)
    run = earned.newest_run(program, None if when.is_now else when.known)
    values = selectors.latest(program, run, when.at) if run else []
    lines = [_line(one, program) for one in values]
    if (kind := request.GET.get("format")) in FORMATS:
        return download(
            kind,
            f"{program.code}-control-accounts",
            HEADS,
            (_file_row(line, program.currency) for line in lines),
        )
    may = request.access.may_somewhere(Permission.EDIT_PLAN, program.pk)  # type: ignore[attr-defined]
    rows = [_shown(line, program.currency) for line in lines]
    counted = {line["pk"] for line in lines}
    context = {
        "program": program,
        "when": when,
        "rows": rows,
        "total": _total(values, program.currency) if values else None,
        "uncounted": [one for one in selectors.accounts_of(program) if one.pk not in counted],
        "may_add": may,
        "crumbs": crumbs(
            program,
            ("Earned value", reverse("finance:earned-value", kwargs={"code": program.code})),
            ("Control accounts", ""),
        ),
    }
    return render(request, "finance/control_accounts/listing.html", context)


def _total(values: list[AccountValue], currency: str) -> dict[str, Any]:
    minor = sum((one.minor for one in values), Minor())
    return {
        "bac": formats.money_short(minor.bac, currency),
        "pv": formats.money_short(minor.pv, currency),
        "ev": formats.money_short(minor.ev, currency),
        "ac": formats.money_short(minor.ac, currency),
        "cv": formats.money_short(minor.cv, currency, sign=True),
        "sv": formats.money_short(minor.sv, currency, sign=True),
    }


def find(request: HttpRequest, program: Program, pk: int) -> ControlAccount:
    """The account, where this person may see it. Raises Http404."""
    found = (
        ControlAccount.objects.visible_to(request.user)
        .filter(program_id=program.pk, pk=pk)
        .select_related("project", "activity", "manager")
        .first()
    )
    if found is None:
        raise Http404("No such control account.")
    one: ControlAccount = found
    return one


@page(Permission.VIEW_MONEY)
def account(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """One account: its measures, status dates, variances, and the activities that it sums."""
    when = as_of(request, program)
    found = find(request, program, pk)
    run = earned.newest_run(program, None if when.is_now else when.known)
    course = selectors.course(program, run, found, when.at) if run else []
    now, currency = (course[-1] if course else None), program.currency
    plan = reverse("programs:plan", kwargs={"code": program.code})
    context = {
        "program": program,
        "account": found,
        "when": when,
        "line": _shown(_line(now, program), currency) if now else None,
        "measures": [present.measure(one, currency) for one in measures(now.exact, currency).values()]
        if now
        else [],
        "statuses": [_shown(_line(one, program), currency) for one in reversed(course)],
        "rows": [
            {
                "code": row.activity.code,
                "name": row.activity.name,
                "href": f"{plan}{row.activity_id}/",
                "bac": formats.money_short(round_half_even(row.bac), currency),
                "pv": formats.money_short(round_half_even(row.pv), currency),
                "ev": formats.money_short(round_half_even(row.ev), currency),
                "ac": formats.money_short(round_half_even(row.ac), currency),
                "dear": row.ac > row.ev,
                "late": row.ev < row.pv,
            }
            for row in (selectors.rows(found, now.snapshot) if now else ())
        ],
        "held": Book(program).of(found),
        "may_set_limits": request.access.may(Permission.EDIT_POLICY, program.pk),  # type: ignore[attr-defined]
        "findings": list(found.findings.select_related("period").order_by("-pk")[:20]),
        "may_edit": request.access.may(Permission.EDIT_PLAN, program.pk, found.project_id),  # type: ignore[attr-defined]
        "crumbs": crumbs(
            program,
            (
                "Control accounts",
                f"{reverse('finance:control-accounts', kwargs={'code': program.code})}{when.query}",
            ),
            (found.code, ""),
        ),
    }
    return render(request, "finance/control_accounts/account.html", context)
