"""The sheet's door in the browser: a batch of edits, undo, redo. The answer is the rows as they are now."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string

from pmo.accounts.roles import Permission
from pmo.commands import AlreadyDone
from pmo.http import act, page, reading
from pmo.refusals import Refused
from programs.master_plan import preview
from programs.master_plan.services import MovesCommitted
from programs.master_plan.sheet.operations import read
from programs.master_plan.sheet.outcome import OpsRefused, Saved
from programs.master_plan.sheet.services import edit_plan
from programs.master_plan.sheet.tried import lines
from programs.master_plan.sheet.undoing import session_of, undo
from programs.master_plan.views import MOST_AT_ONCE, plan_context, whole
from programs.master_plan.would_move import Tried
from programs.portfolio.models import Program

log = logging.getLogger(__name__)
Draw = Callable[[HttpRequest, Program, Saved | None], str]
"""The sheet as it is now, in HTML, after a batch was saved (None: refused)."""


@page(Permission.EDIT_PLAN, methods=("POST",), somewhere=True)
def edit(request: HttpRequest, program: Program) -> HttpResponse:
    """Carry out `ops` (JSON, see `edit_plan`), all or none; with `dry` only tell what would move."""
    return edited(request, program, _plan)


@page(Permission.EDIT_PLAN, methods=("POST",), somewhere=True)
def undo_or_redo(request: HttpRequest, program: Program) -> HttpResponse:
    """Undo this person's last batch, or with `redo` do again what was undone last."""
    return undone(request, program, _plan)


def edited(request: HttpRequest, program: Program, draw: Draw) -> HttpResponse:
    """The answer to a batch of edits, for whichever page shows a sheet."""
    text = request.POST.get("ops", "")

    def save() -> Saved:
        return act(
            request,
            edit_plan,
            program=program,
            ops=read(text),
            session=session_of(request.session.session_key or ""),
            agreed=request.POST.get("agreed", ""),
            dry=request.POST.get("dry") == "1",
        )

    return _answered(request, program, save, draw)


def undone(request: HttpRequest, program: Program, draw: Draw) -> HttpResponse:
    """The answer to undo and redo, for whichever page shows a sheet."""
    redo = request.POST.get("redo") == "1"

    def save() -> Saved:
        return act(
            request,
            undo,
            program=program,
            session=session_of(request.session.session_key or ""),
            agreed=request.POST.get("agreed", ""),
            redo=redo,
        )

    return _answered(request, program, save, draw)


def _answered(request: HttpRequest, program: Program, save: Callable[[], Saved], draw: Draw) -> HttpResponse:
    try:
        saved = save()
    except AlreadyDone:
        saved = Saved(None, set(), 0, reordered=True)
    except Tried as tried:
        return JsonResponse({"tried": lines(program, tried.moves), "agree": tried.seal})
    except Refused as refusal:
        problems = (
            [{"op": one.op, "field": one.field, "message": one.message} for one in refusal.problems]
            if isinstance(refusal, OpsRefused)
            else [{"op": 0, "field": refusal.field or "", "message": refusal.message}]
        )
        answer: dict[str, Any] = {"problems": problems}
        if isinstance(refusal, MovesCommitted):
            answer |= {"agree": refusal.seal, "held": _held(program, refusal)}
        if refusal.status == 409 and (html := _drawn(request, program, draw, None)):
            answer["html"] = html
        return JsonResponse(answer, status=refusal.status)
    told: dict[str, Any] = {
        "words": saved.words,
        "made": saved.made,
        "html": _drawn(request, program, draw, saved),
    }
    if not told["html"]:
        messages.success(request, f"It is saved. {saved.words}".strip())
        told["reload"] = True
    return JsonResponse(told)


def _drawn(request: HttpRequest, program: Program, draw: Draw, saved: Saved | None) -> str:
    """The sheet as it is now; empty where it cannot be drawn. Whatever comes now comes after the commit."""
    try:
        with reading(request):
            program.refresh_from_db()
            return draw(request, program, saved)
    except Exception:  # of a refusal or a fault of ours alike, what is saved is saved
        log.exception("the plan could not be drawn after an edit")
        return ""


def _held(program: Program, refusal: MovesCommitted) -> dict[str, Any]:
    """The committed milestones that would move, as the page lists them."""
    shown = preview.told(program, refusal.moves)
    listed = [one for one in shown.milestones if one.committed and one.later]
    return {
        "rows": [
            {
                "label": f"{one.label} · {one.project}",
                "before": one.before,
                "after": one.after,
                "days": one.days,
                "committed": one.committed,
            }
            for one in listed
        ],
        "more": refusal.moves.committed - len(listed),
        "others": refusal.moves.moved - refusal.moves.committed,
    }


def _plan(request: HttpRequest, program: Program, saved: Saved | None) -> str:
    """The plan with its new dates, down to the row that the browser shows last."""
    upto = min(whole(request.GET.get("upto", "0")), MOST_AT_ONCE)
    return render_to_string(
        "programs/master_plan/plan.html#plan", plan_context(request, program, upto=upto), request=request
    )
