"""The exact content of a change request as bytes, and what that content does to one version of the plan."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Max, Subquery

from pmo.accounts.models import User
from programs.changes import annexes, scope, scope_figures
from programs.changes.impact import canonical, digest, measured
from programs.changes.models import ChangeImpact, ChangeRequest, ChangeRevision
from programs.changes.scratch import try_out
from programs.portfolio.models import Program


def record(request: ChangeRequest, *, by: User, at: datetime) -> ChangeRevision:
    """Add the next revision: words and edits in one spelling."""
    content = canonical(
        {
            "kind": "change_request",
            "program": request.program.code,
            "code": request.code,
            "project": request.project.code,
            "title": request.title,
            "reason": request.reason,
            "alternatives": request.alternatives,
            "offered": request.offered,
            "tolerated_until": request.tolerated_until.isoformat() if request.tolerated_until else None,
            "risk": request.risk.code if request.risk else None,
            "edits": request.edits,
            **annexes.contents(request),
        }
    )
    last = current(request)
    revision = ChangeRevision(
        program_id=request.program_id,
        request=request,
        n=last.n + 1 if last else 1,
        canonical=content,
        sha256=digest(content),
        edited_by=by,
        at=at,
    )
    revision.save(force_insert=True)
    return revision


def assess(request: ChangeRequest, program: Program, *, by: User | None, at: datetime) -> ChangeImpact:
    """Try the edits out and keep what they do. The caller holds the program's row, so that the plan stands still.

    The bytes name the revision and the plan's version: nothing of either can change under a digest.
    """
    revision = current(request)
    assert revision is not None  # noqa: S101 - a request begins with one
    content = canonical(
        {
            "revision_sha256": revision.sha256,
            "plan_version": program.plan_version,
            "ledger_version": program.ledger_version,
            **measured(program, planned := scope.of_plan(request.edits), try_out(program, planned)),
            **scope_figures.measured(program, request.edits),
            **annexes.measured(request, at=at),
        }
    )
    return _kept(request, content, program.plan_version, revision.sha256, by=by, at=at)


def add_simulation(
    impact: ChangeImpact, figures: dict[str, Any], *, by: User | None, at: datetime
) -> ChangeImpact:
    """The same figures with those of a simulation, under a digest of their own. The caller holds the request."""
    content = canonical({**impact.result, "simulation": figures})
    return _kept(impact.request, content, impact.plan_version, impact.revision_sha256, by=by, at=at)


def _kept(
    request: ChangeRequest,
    content: bytes,
    plan_version: int,
    revision_sha256: str,
    *,
    by: User | None,
    at: datetime,
) -> ChangeImpact:
    last = ChangeImpact.objects.filter(request=request).aggregate(last=Max("n"))["last"]
    made = ChangeImpact(
        program_id=request.program_id,
        request=request,
        n=(last or 0) + 1,
        plan_version=plan_version,
        revision_sha256=revision_sha256,
        canonical=content,
        sha256=digest(content),
        computed_by=by,
        at=at,
    )
    made.save(force_insert=True)
    return made


def current(request: ChangeRequest) -> ChangeRevision | None:
    """The newest revision."""
    return ChangeRevision.objects.filter(request=request).order_by("-n").first()


def asks(request: ChangeRequest) -> bool:
    """Is anything proposed: an edit of the plan, or something of an annex?"""
    return bool(request.edits) or bool(annexes.contents(request))


def impact(request: ChangeRequest) -> ChangeImpact | None:
    """The newest figures, if they are of the newest revision; None where nothing is proposed."""
    newest = ChangeRevision.objects.filter(request=request).order_by("-n").values("sha256")[:1]
    return (
        ChangeImpact.objects.filter(request=request, revision_sha256=Subquery(newest)).order_by("-n").first()
    )
