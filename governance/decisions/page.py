"""The page of one decision, for its view and for what is refused on it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from finance.capex.models import CapitalRequest
from governance.addresses import to
from governance.decisions import conditions, electorate, presenting, selectors
from governance.decisions.closing import silence_of, silent_persons
from governance.decisions.forms import CloseForm, OpenForm, WithdrawForm
from governance.decisions.models import Decision
from governance.decisions.opening import local_day
from governance.decisions.subjects import facts_of
from governance.decisions.tally import outcome_of, settled, with_silence
from pmo.accounts.fresh import is_fresh
from pmo.accounts.roles import Permission
from pmo.refusals import Refused
from programs.changes import before_after, likely
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Program


def decision_page(
    request: HttpRequest,
    program: Program,
    decision: Decision,
    *,
    refused: str = "",
    typed: Mapping[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    """Everything of one decision, with the deeds that this person may do now."""
    access = request.access  # type: ignore[attr-defined]
    now = timezone.now()
    lines = selectors.seated(decision)
    tally = selectors.tally_of(lines, len(decision.options))
    is_open = decision.state == Decision.State.OPEN
    running = is_open and decision.closes_at is not None and now < decision.closes_at
    ended = not running if is_open else _after_its_end(decision)
    silent = _silent(decision) if ended else []
    tally = with_silence(tally, silence_of(decision), len(silent))
    outcome, option = outcome_of(decision.voting_rule, tally, decision.quorum)
    mine = selectors.castable(lines, request.user) if running else []
    may_open = access.may(Permission.OPEN_BALLOT, program.pk)
    closable = is_open and (
        not running or tally.missing == 0 or settled(decision.voting_rule, tally, decision.quorum)
    )
    partial = {line.elector.person_id for line in lines if line.elector.recused} | {decision.requested_by_id}
    context = {
        "program": program,
        "decision": decision,
        "facts": presenting.facts_line(decision, lines, tally),
        "measures": presenting.measure_lines(decision),
        "effect": presenting.effect_of(decision),
        "lines": lines,
        "tally": tally,
        "silence": presenting.silence_words(decision, tally, running=running, ended=ended),
        "silent_as": {"consent": "silent: consents", "abstain": "silent: abstains"}.get(
            silence_of(decision), ""
        )
        if ended
        else "",
        "silent": silent,
        "standing": presenting.standing_words(decision, outcome, option) if is_open else "",
        "takes_effect": outcome == "approved",
        "options": list(zip(decision.options, tally.options, strict=False)),
        "chosen": decision.options[decision.chosen - 1] if decision.chosen else "",
        "terms": _terms(request, decision, may_open and request.user.pk not in partial)
        if decision.outcome == "approved"
        else [],
        "acceptance": decision.figures.get("acceptance"),
        "acceptance_url": to("programs:risk", program.code, pk=decision.figures["acceptance"]["risk"])
        if "acceptance" in decision.figures
        else "",
        "running": running,
        "proxy_from": next(
            (one.elector.seat_id for one in mine if one.elector.person_id == request.user.pk), None
        )
        if decision.figures.get("proxies")
        else None,
        "request_row": _request_of(decision),
        "request_url": to("finance:capital-request", program.code, pk=decision.capital_request_id)
        if decision.capital_request_id
        else to("programs:change", program.code, pk=decision.change_request_id)
        if decision.change_request_id
        else to("programs:gate", program.code, pk=decision.gate_id)
        if decision.gate_id
        else "",
        "papers": presenting.papers_of(decision),
        "change": decision.figures.get("change"),
        "likely": likely.picture(decision.figures.get("change") or {}, stands=True),
        "gantts": before_after.gantts(decision.figures.get("change") or {}),
        "choices": presenting.vote_buttons(decision)
        if mine and access.may(Permission.VOTE, program.pk)
        else [],
        "seats": presenting.seats_of(mine, request.user, typed or {}),
        "preview": _preview(decision) if decision.state == Decision.State.DRAFT else None,
        "open_form": OpenForm(
            program, typed or None, days=decision.body.vote_days + bool(decision.body.silence), now=now
        )
        if decision.state == Decision.State.DRAFT and may_open
        else None,
        "open_silence": presenting.opening_words(decision)
        if decision.state == Decision.State.DRAFT and may_open
        else "",
        "close_form": CloseForm(program, typed or None) if closable and may_open else None,
        "withdraw_form": WithdrawForm()
        if decision.state in (Decision.State.DRAFT, Decision.State.OPEN) and may_open
        else None,
        "stale": not is_fresh(request),
        "refused": refused,
        "typed_reason": (typed or {}).get("reason", ""),
        "crumbs": crumbs(
            program,
            ("Decisions", reverse("governance:decisions", kwargs={"code": program.code})),
            (decision.code, ""),
        ),
        "no_clock": True,
    }
    return render(request, "governance/decisions/decision.html", context, status=status)


def _silent(decision: Decision) -> list[int]:
    """Whose silence counts, or counted: of a decided ballot those whom the record names."""
    if not silence_of(decision) or decision.record is None:
        return silent_persons(decision)
    sealed = json.loads(bytes(decision.record.canonical)).get("silence") or {}
    return list(sealed.get("persons", []))


def _after_its_end(decision: Decision) -> bool:
    """Was it decided when its time was over? Then silence counted as the ballot says."""
    return bool(
        decision.outcome
        and decision.decided_at
        and decision.closes_at
        and decision.decided_at >= decision.closes_at
    )


def _terms(request: HttpRequest, decision: Decision, neutral: bool) -> list[dict[str, Any]]:
    """The conditions with what this person may say about each."""
    today = local_day(decision.program_id, timezone.now())
    rows = decision.terms.select_related("owner", "settled_by").order_by("n")
    return [
        {
            "row": one,
            "standing": conditions.standing(one, today),
            "state": {"met": "green", "unmet": "red"}.get(one.state, "red" if one.due_on < today else ""),
            "may_report": one.state != "met" and one.owner_id == request.user.pk,
            "may_settle": one.state != "met" and neutral and one.owner_id != request.user.pk,
        }
        for one in rows
    ]


def _request_of(decision: Decision) -> CapitalRequest | None:
    if decision.capital_request_id is None:
        return None
    found: CapitalRequest = CapitalRequest.objects.select_related("project", "requester").get(
        pk=decision.capital_request_id
    )
    return found


def _preview(decision: Decision) -> dict[str, Any]:
    """Who would vote if it opened now, and whether a quorum is possible (in words where not)."""
    try:
        facts = facts_of(decision)
        if decision.requested_by_id is not None:
            facts.recused.setdefault(decision.requested_by_id, "requested it")
        rows = electorate.electorate(decision.body, facts, local_day(decision.program_id, timezone.now()))
        return {"rows": rows, "quorum": electorate.quorum_needed(decision.body, rows), "why_not": ""}
    except Refused as refusal:
        return {"rows": [], "quorum": 0, "why_not": refusal.message}
