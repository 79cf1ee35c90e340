"""Reads of runs, files and subscriptions, for the current scope."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Q

from pmo.accounts.access import Access
from pmo.accounts.models import User
from pmo.accounts.roles import Permission
from pmo.reports import registers, registry, stored
from pmo.reports.document import Document
from pmo.reports.models import Artefact, ArtefactPart, ReportRun, Subscription

ACTIVE = (ReportRun.State.QUEUED, ReportRun.State.RUNNING)


def kinds_for(access: Access, program_id: int) -> list[registry.ReportKind]:
    """The kinds of reports whose figures this person may see in the program."""
    return [kind for kind in registry.kinds() if access.may_somewhere(kind.permission, program_id)]


def runs(access: Access, user: Any, program_id: int) -> Any:
    """Runs of kinds that this person may see, the latest first, without their figures."""
    visible = ReportRun.objects.visible_to(user).filter(
        shown(access, user, program_id), program_id=program_id
    )
    return visible.select_related("requested_by").defer("figures").order_by("-pk")


def shown(access: Access, user: Any, program_id: int) -> Q:
    """Which runs exist for this person: reports of kinds that she may see, and registers that she asked for herself."""
    reports = [kind.kind for kind in kinds_for(access, program_id)]
    mine = [one.kind for one in registers.kinds() if access.may(one.permission, program_id)]
    return Q(kind__in=reports) | Q(kind__in=mine, requested_by_id=user.pk)


def files(run: ReportRun) -> list[Artefact]:
    """The run's files without their content; none whose days are over."""
    parts = ArtefactPart.objects.filter(artefact=OuterRef("pk"))
    there = Artefact.objects.filter(~Q(content=b"") | Exists(parts), run=run)
    return list(there.defer("content").order_by("format"))


def document(run: ReportRun) -> Document | None:
    """The document the run keeps, or None before it is done."""
    return stored.from_json(run.figures) if run.figures else None


def title(kind: str) -> str:
    """A kind's title; its bare name where no app registers it any more."""
    titles = {one.kind: one.title for one in registry.kinds()} | {
        one.kind: one.title for one in registers.kinds()
    }
    return titles.get(kind, kind)


def subscriptions_of(user: User, program_id: int) -> list[Subscription]:
    """This person's subscriptions in the program, running ones first."""
    mine = Subscription.objects.filter(program_id=program_id, recipient=user)
    return list(mine.order_by("-active", "next_run_at", "pk"))


def may_cancel(access: Access, run: ReportRun) -> bool:
    """Who asked for it may stop it, and whoever builds reports for the whole program."""
    mine = access.user is not None and run.requested_by_id == access.user.pk
    return run.state in ACTIVE and (mine or access.may(Permission.BUILD_REPORTS, run.program_id))
