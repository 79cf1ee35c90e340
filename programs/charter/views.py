"""The settings of a program: read by everybody in it, changed by who keeps it, with what became of them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from pmo import formats
from pmo.accounts.access import Access
from pmo.accounts.roles import Permission
from pmo.commands import AlreadyDone
from pmo.http import act, find_program, page, reading
from pmo.refusals import Conflict, Refused
from pmo.zones import zone
from programs.beginning.forms import MONTHS
from programs.charter import services
from programs.charter.forms import SettingsForm
from programs.master_plan import preview
from programs.master_plan.services import MovesCommitted
from programs.master_plan.would_move import Tried, WouldMove
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Program
from programs.portfolio.trail import day, steps
from programs.schedule.following import in_request
from programs.schedule.usual import day_minutes

LABELS = {
    "name": "name",
    "mandate": "mandate",
    "sponsor_id": "sponsor",
    "manager_id": "manager",
    "phase": "phase",
    "committed_finish": "committed finish",
    "fiscal_year_start_month": "fiscal year starts in",
    "progress_rule": "work that started out of order",
    "criticality_rule": "critical is",
    "critical_float_minutes": "days of float",
    "thresholds": "limits of the colours",
}
TEXTS: dict[str, Any] = {
    "phase": lambda value: Program.Phase(value).label.lower(),
    "committed_finish": day,
    "fiscal_year_start_month": lambda value: dict(MONTHS)[value],
    "progress_rule": lambda value: Program.Progress(value).label.lower(),
    "criticality_rule": lambda value: Program.Criticality(value).label.lower(),
    "thresholds": lambda value: f"{len(value)} own" if value else "as published",
}


def _texts(program: Program) -> dict[str, Any]:
    """How settings are written; a float in working days, of the length that the program's days have now."""
    day_long = day_minutes(program)
    return TEXTS | {"critical_float_minutes": lambda value: f"{round(value / day_long, 2):g}"}


def _form(program: Program, *data: Any) -> SettingsForm:
    return SettingsForm(program, day_minutes(program), *data)


def _show(
    request: HttpRequest,
    program: Program,
    form: SettingsForm | None,
    *,
    moves: WouldMove | None = None,
    seal: str = "",
    status: int = 200,
) -> HttpResponse:
    access: Access = request.access  # type: ignore[attr-defined]
    may = access.may(Permission.EDIT_PROGRAM, program.pk)
    context = {
        "program": program,
        "form": form or (_form(program) if may else None),
        "moves": preview.told(program, moves) if moves is not None else None,
        "seal": seal,
        "pairs": _pairs(program, brief=may),
        "steps": steps("Program", program.pk, LABELS, _texts(program)),
        "crumbs": crumbs(program, ("Settings", "")),
        "no_clock": True,
    }
    return render(request, "programs/charter/settings.html", context, status=status)


def _pairs(program: Program, *, brief: bool) -> list[tuple[str, str]]:
    """What is set, in words; `brief`: only what no form changes."""
    fixed = [
        ("Code", program.code),
        ("Currency", program.currency),
        ("Time zone", program.time_zone),
        ("Calendar", program.calendar.name if program.calendar else formats.UNKNOWN),
        ("Starts", formats.day(program.starts_at.astimezone(zone(program.time_zone)))),
    ]
    if brief:
        return fixed
    critical = program.get_criticality_rule_display()
    return [
        ("Mandate", program.mandate or "Not written down yet."),
        ("Executive sponsor", program.sponsor.name if program.sponsor else "Nobody"),
        ("Program manager", program.manager.name if program.manager else "Nobody"),
        ("Phase", program.get_phase_display()),
        ("Committed finish", formats.day(program.committed_finish)),
        ("Fiscal year starts in", dict(MONTHS)[program.fiscal_year_start_month]),
        ("Work that started out of order", program.get_progress_rule_display()),
        ("Critical is", critical),
        *fixed,
    ]


@page(Permission.VIEW_PROGRAM, methods=("GET", "POST"))
def settings(request: HttpRequest, program: Program) -> HttpResponse:
    """What the program is; new rules of scheduling are first answered with what they would move."""
    with reading(request) as access:
        if request.method == "GET":
            return _show(request, program, None)
        access.require(Permission.EDIT_PROGRAM, program.pk)
        form = _form(program, request.POST)
        if not form.is_valid():
            return _show(request, program, form, status=422)
        values, version = form.values(), form.cleaned_data["version"]
        rules = {
            name: value
            for name, value in services.differing(program, values).items()
            if name in services.RULES
        }
        # Agreed to are these rules, and what they move that was committed to: first the one, then the other.
        shown, _, agreed = request.POST.get("agreed", "").partition("-")
        dry = bool(rules) and shown != preview.seal(rules) and in_request(program)
    reason = form.cleaned_data["why"]

    def save(*, dry: bool = False) -> services.Settled:
        return act(
            request, services.edit_program, why=reason, program=program, version=version, values=values,
            reason=reason, agreed=agreed, dry=dry,
        )  # fmt: skip

    def asks(moves: WouldMove, seal: str) -> HttpResponse:
        with reading(request) as access:
            now = find_program(access, program.code)
            seal = f"{preview.seal(rules)}-{seal}"
            return _show(request, now, form, moves=moves, seal=seal, status=422)

    try:
        try:
            done = save(dry=dry)
        except Tried as tried:
            if tried.moves:
                return asks(tried.moves, tried.seal)
            done = save()
    except AlreadyDone:
        return redirect("programs:settings", code=program.code)
    except MovesCommitted as refusal:
        return asks(refusal.moves, refusal.seal)
    except Refused as refusal:
        return _refused(request, program, form, refusal)
    if not done.changed:
        messages.info(request, "Nothing was changed.")
    else:
        messages.success(request, f"The settings are saved. {done.words}".strip())
    return redirect("programs:settings", code=program.code)


def _refused(request: HttpRequest, program: Program, form: SettingsForm, refusal: Refused) -> HttpResponse:
    """The form with what was typed; where somebody was faster, with what stands there now and the newer version."""
    name = {"critical_float_minutes": "critical_days"}.get(refusal.field or "", refusal.field)
    with reading(request) as access:
        now = find_program(access, program.code)
        if isinstance(refusal, Conflict):
            other = "; ".join(
                f"{form[field].label}: {_said(now, field)}"
                for field in services.differing(now, form.values())
                if field in form.fields
            )
            form.data = request.POST.dict() | {"version": str(now.version)}
            form.add_error(None, f"{refusal.message} {other}. Save again to put yours in its place.")
        else:
            form.add_error(name if name in form.fields else None, refusal.message)
        return _show(request, now, form, status=refusal.status)


def _said(program: Program, name: str) -> str:
    value = getattr(program, name)
    return TEXTS[name](value) if name in TEXTS else str(getattr(value, "name", value) or "nothing")
