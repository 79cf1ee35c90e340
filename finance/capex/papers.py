"""Papers of a capital request: added and withdrawn as the request is edited, so that each makes a new revision.

What voters decide on is the current revision, and the digests of its papers are in it. A request that a body has
before it takes no paper and loses none: it is withdrawn first, or decided.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from finance.capex import revisions, services
from finance.capex.models import CapitalRequest
from finance.policy import guard
from finance.structure import periods
from pmo.accounts.access import current_access
from pmo.accounts.models import User
from pmo.accounts.roles import Permission
from pmo.attachments import services as attachments
from pmo.attachments.files import Upload
from pmo.attachments.models import Attachment
from pmo.attachments.services import Paper
from pmo.refusals import Conflict, Refused

State = CapitalRequest.State
OF_REQUESTS = ("quote", "business_case", "drawing", "other")
"""Kinds of papers that capital requests have."""


def add(
    *, capital_request: CapitalRequest, version: int, upload: Upload, paper: Paper, by: User, at: datetime
) -> Attachment:
    """Add a paper to a draft or a submitted request: a new revision, and a submitted one is a draft again.

    `version` is the request's as the person saw it. Raises Refused at the field that does not fit.
    """
    with transaction.atomic():
        request = _open(capital_request, version)
        kept = attachments.keep(
            program=request.program,
            subject=revisions.subject_of(request),
            upload=upload,
            paper=paper,
            kinds=OF_REQUESTS,
            today=periods.local_day(request.program, at),
            by=by,
            at=at,
        )
        _changed(request, by, at)
        return kept


def withdraw(
    *,
    capital_request: CapitalRequest,
    paper: Attachment,
    version: int,
    reason: str,
    by: User,
    at: datetime,
) -> Attachment:
    """Say that a paper no longer counts, with a reason: a new revision. It stays readable."""
    with transaction.atomic():
        request = _open(capital_request, version)
        if (paper.program_id, paper.subject_kind, paper.subject_id) != (
            request.program_id,
            *revisions.subject_of(request),
        ):
            raise Refused("This paper belongs to something else.")
        attachments.withdraw(attachment=paper, reason=reason, by=by, at=at)
        _changed(request, by, at)
        return paper


def _open(capital_request: CapitalRequest, version: int) -> CapitalRequest:
    request = services.lock(capital_request)
    current_access().require(Permission.REQUEST_CAPITAL, request.program_id, request.project_id)
    if request.version != version:
        raise Conflict("Somebody changed this request after you opened it.", code="changed")
    if request.state not in (State.DRAFT, State.SUBMITTED):
        raise Refused(
            f"A request that is {request.get_state_display().lower()} keeps the papers that it has.",
            code="papers-fixed",
        )
    return request


def _changed(request: CapitalRequest, by: User, at: datetime) -> None:
    request.state, request.submitted_at = State.DRAFT, None
    request.version += 1
    request.save(update_fields=["state", "submitted_at", "version"])
    revisions.record(request, by=by, at=at)
    guard.noted(request.program, at=at)
