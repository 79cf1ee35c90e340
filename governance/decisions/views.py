"""Pages of decisions: what waits, the log, one ballot, and what people do there."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from governance.decisions import selectors, services
from governance.decisions.forms import CloseForm, OpenForm, ProposeForm, VoteForm, WithdrawForm
from governance.decisions.models import Decision, Vote
from governance.decisions.opening import silence_for
from governance.decisions.page import decision_page
from pmo import formats
from pmo.accounts.fresh import confirm
from pmo.accounts.roles import Permission
from pmo.http import act, page, reading
from pmo.refusals import Refused
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Program


@page(Permission.VIEW_PROGRAM)
def decisions(request: HttpRequest, program: Program) -> HttpResponse:
    """What waits for me first, then what waits, then the log of what was decided."""
    access = request.access  # type: ignore[attr-defined]
    live = selectors.open_ballots(program.pk)
    mine = {one.pk for one in selectors.waiting_for(program.pk, request.user)}
    seq, head = selectors.chain_head(program.pk)
    context = {
        "program": program,
        "mine": [one for one in live if one.pk in mine],
        "others": [one for one in live if one.pk not in mine],
        "log": selectors.decisions(program.pk).filter(state__in=["decided", "withdrawn"])[:200],
        "chain": f"{formats.counted(seq, 'sealed record', 'sealed records')}{', head ' + head[:16] if head else ''}",
        "may_propose": access.may(Permission.PROPOSE_DECISION, program.pk),
        "may_export": access.may(Permission.VIEW_HISTORY, program.pk),
        "crumbs": crumbs(program, ("Decisions", "")),
        "no_clock": True,
    }
    return render(request, "governance/decisions/decisions.html", context)


def find(program: Program, number: int) -> Decision:
    """The decision of that number, or 404."""
    found = (
        Decision.objects.filter(program_id=program.pk, number=number)
        .select_related(
            "program",
            "body",
            "rule",
            "requested_by",
            "proposed_by",
            "opened_by",
            "record",
            "supersedes",
            "superseded_by",
        )
        .first()
    )
    if found is None:
        raise Http404("No such decision.")
    return found


@page(Permission.VIEW_PROGRAM)
def decision(request: HttpRequest, program: Program, number: int) -> HttpResponse:
    """One decision, whole: what it changes, who voted how and why, and what approval does."""
    return decision_page(request, program, find(program, number))


@page(Permission.PROPOSE_DECISION, methods=("GET", "POST"))
def propose(request: HttpRequest, program: Program) -> HttpResponse:
    """Put a submitted subject before the body that has the authority for it (`?subject=capital_request:7`)."""

    def form_page(form: ProposeForm, status: int = 200) -> HttpResponse:
        context = {
            "program": program,
            "form": form,
            "action": request.get_full_path(),
            "cancel": reverse("governance:decisions", kwargs={"code": program.code}),
            "crumbs": crumbs(
                program,
                ("Decisions", reverse("governance:decisions", kwargs={"code": program.code})),
                ("Propose", ""),
            ),
            "no_clock": True,
        }
        return render(request, "governance/decisions/propose.html", context, status=status)

    with reading(request):
        initial = {"subject": request.GET.get("subject", "")}
        form = ProposeForm(program, request.POST or None, initial=initial)
        if request.method == "GET":
            return form_page(form)
        if not form.is_valid():
            return form_page(form, 422)
        about = form.about()
    try:
        made = act(
            request,
            services.propose,
            question=form.cleaned_data["question"],
            recommendation=form.cleaned_data["recommendation"],
            **about,
        )
    except Refused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        with reading(request):
            return form_page(form, refusal.status)
    messages.success(request, f"{made.code} is proposed to {made.body.name}.")
    return redirect("governance:decision", code=program.code, number=made.number)


Deed = Callable[[Any], dict[str, Any]]


def _do(
    request: HttpRequest,
    program: Program,
    number: int,
    form: Any,
    service: Callable[..., Any],
    done: str,
    deed: Deed,
    *,
    fresh: bool | Callable[[Decision], object] = False,
) -> HttpResponse:
    """Find it, check the form, one call, back to the page (or the page again with what was refused).

    `fresh`: only for who signed in within ten minutes, or gives the password with the form (where it says so of the
    decision).
    """
    with reading(request):
        found = find(program, number)
        wants = fresh(found) if callable(fresh) else fresh
        if not form.is_valid():
            wrong = " ".join(error for errors in form.errors.values() for error in errors)
            return decision_page(request, program, found, refused=wrong, typed=request.POST, status=422)
    try:
        given = deed(form.cleaned_data)
        if wants:
            given["auth_at"] = confirm(request)
        act(request, service, decision=found, **given)
    except Refused as refusal:
        if refusal.code == "already-done":
            return redirect("governance:decision", code=program.code, number=number)
        with reading(request):
            return decision_page(
                request,
                program,
                find(program, number),
                refused=refusal.message,
                typed=request.POST,
                status=refusal.status,
            )
    messages.success(request, done)
    return redirect("governance:decision", code=program.code, number=number)


@page(Permission.VOTE, methods=("POST",))
def vote(request: HttpRequest, program: Program, number: int) -> HttpResponse:
    """Cast one's own vote."""
    form = VoteForm(request.POST)
    given = request.POST.get("choice", "")
    said = dict(Vote.Choice.choices).get(given, "for an option").lower()
    return _do(
        request,
        program,
        number,
        form,
        services.cast,
        f"Your vote is recorded: {said}.",
        lambda _: form.values(),
        fresh=True,
    )


@page(Permission.OPEN_BALLOT, methods=("POST",))
def open_ballot(request: HttpRequest, program: Program, number: int) -> HttpResponse:
    """Freeze figures and electorate, and open the vote."""
    form = OpenForm(program, request.POST)
    done = "The ballot is open."
    return _do(request, program, number, form, services.open_ballot, done, dict, fresh=silence_for)


@page(Permission.OPEN_BALLOT, methods=("POST",))
def close(request: HttpRequest, program: Program, number: int) -> HttpResponse:
    """Count, decide, seal, and let an approval take effect."""
    with reading(request):
        form = CloseForm(program, request.POST)
        form.is_valid()  # its people are looked up in the scope
    return _do(
        request,
        program,
        number,
        form,
        services.close,
        "The ballot is closed.",
        lambda _: form.values(),
        fresh=True,
    )


@page(Permission.OPEN_BALLOT, methods=("POST",))
def withdraw(request: HttpRequest, program: Program, number: int) -> HttpResponse:
    """Take it back, with the reason."""
    return _do(
        request, program, number, WithdrawForm(request.POST), services.withdraw, "It is withdrawn.", dict
    )


@page(Permission.VIEW_HISTORY)
def chain(request: HttpRequest, program: Program) -> HttpResponse:
    """The sealed chain as a file that `governance/decisions/verify_chain.py` checks without the office."""
    body = json.dumps(selectors.exported_chain(program.pk), indent=1)
    response = HttpResponse(body, content_type="application/json")
    day = timezone.now().date().isoformat()
    response["Content-Disposition"] = f'attachment; filename="{program.code}-chain-{day}.json"'
    return response
