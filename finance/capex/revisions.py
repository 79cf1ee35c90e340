"""The exact content of a capital request as bytes: what is shown, voted on and named by a warrant."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any

from finance.capex import holds
from finance.capex.models import CapitalRequest, CapitalRequestRevision
from pmo.accounts.models import User
from pmo.attachments.selectors import Subject, counts, papers


def canonical(request: CapitalRequest) -> bytes:
    """The request's content in one spelling (JSON, sorted keys, UTF-8)."""
    rate = request.discount_percent
    content = {
        "kind": "capital_request",
        "program": request.program.code,
        "code": request.code,
        "project": request.project.code,
        "title": request.title,
        "justification": request.justification,
        "alternatives": request.alternatives,
        "amount_minor": request.amount_minor,
        "currency": request.currency,
        "category": request.category,
        "vendor": request.vendor,
        "cash_profile": request.cash_profile,
        "returns": request.returns,
        "discount_percent": None if rate is None else f"{rate:.3f}",
        "asset_class": request.asset_class,
        "in_service_on": request.in_service_on.isoformat() if request.in_service_on else None,
    }
    if papers := standing(request):  # without papers the bytes are those of before there were any
        content["papers"] = papers
    if waiting := holds.content(request):
        content["waits_for"] = waiting
    return json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def standing(request: CapitalRequest) -> list[dict[str, Any]]:
    """The papers of the request that are not withdrawn, by what names them: their digests are part of its content."""
    return [
        {
            "kind": one.kind,
            "name": one.name,
            "sha256": one.sha256,
            "vendor": one.vendor,
            "amount_minor": one.amount_minor,
            "quoted_on": one.quoted_on.isoformat() if one.quoted_on else None,
        }
        for one in papers(request.program_id, subject_of(request))
        if counts(one)
    ]


def subject_of(request: CapitalRequest) -> Subject:
    """The request as what papers belong to."""
    return Subject("capital_request", request.pk)


def record(request: CapitalRequest, *, by: User, at: datetime) -> CapitalRequestRevision:
    """Add the next revision; what was approved on an earlier one no longer holds from here on."""
    content = canonical(request)
    last = current(request)
    revision = CapitalRequestRevision(
        program_id=request.program_id,
        request=request,
        n=last.n + 1 if last else 1,
        canonical=content,
        sha256=hashlib.sha256(content).hexdigest(),
        edited_by=by,
        at=at,
    )
    revision.save(force_insert=True)
    return revision


def current(request: CapitalRequest) -> CapitalRequestRevision | None:
    """The newest revision; its `sha256` is what a ballot shows and a warrant must name."""
    return CapitalRequestRevision.objects.filter(request=request).order_by("-n").first()


def editors(request: CapitalRequest) -> set[int]:
    """Ids of the requester and of everyone who wrote a revision: they are recused when it is decided."""
    written = CapitalRequestRevision.objects.filter(request=request).values_list("edited_by_id", flat=True)
    return {request.requester_id, *written}
