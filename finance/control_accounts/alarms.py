"""A variance beyond its limit is an issue: opened by itself, told to its owner once, held until it is answered.

One issue for an account, as long as it is not resolved: another status date beyond the limits is noted on it, and so
is one that is back within them. It is not closed by that: somebody says what was done.
"""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db.models import F
from django.template.loader import render_to_string
from django.urls import reverse

from finance.control_accounts.models import ControlAccount, VarianceFinding
from pmo import formats
from pmo.accounts.roles import Permission
from pmo.outbox import mails
from pmo.reports.renderers.mail import inlined
from pmo.zones import zone
from programs.portfolio.models import Program
from programs.raid import issue_trail, issues
from programs.raid.issue_models import UNSOLVED, Issue, IssueNote

WAITING = "Its variance is not answered: say cause, impact and corrective action there first ({titles})."


def going(program: Program) -> dict[int, Issue]:
    """Account -> its issue that is not resolved yet. One query."""
    rows = VarianceFinding.objects.filter(program=program, issue__state__in=UNSOLVED).select_related("issue")
    return {one.account_id: one.issue for one in rows.order_by("pk") if one.issue is not None}


def raise_one(finding: VarianceFinding, known: Issue | None, status: datetime, *, at: datetime) -> None:
    """Open the issue of a finding and write to its owner, or note the finding on the issue that the account has."""
    program, account = finding.program, finding.account
    said = "\n".join(str(one["sentence"]) for one in finding.crossed)
    if known is not None:
        issues.write_note(
            known, f"Still beyond at status date {_day(program, status)}: {said}", by=None, at=at
        )
        VarianceFinding.objects.filter(pk=finding.pk).update(issue=known)
        return
    measures = {str(one["measure"]) for one in finding.crossed}
    opened = issues.open_one(
        program=program,
        values={
            "title": finding.title,
            "description": said,
            "project": account.project,
            "kind": Issue.Kind.SCHEDULE if measures == {"spi"} else Issue.Kind.COST,
            "priority": Issue.Priority.HIGH,
            "owner": issues.member(program, finding.owner),
            "due_on": finding.due_on,
        },
        by=None,
        at=at,
        source=Issue.Source.VARIANCE,
        activities=[account.activity],
    )
    VarianceFinding.objects.filter(pk=finding.pk).update(issue=opened)
    _write_to(finding, opened, said)


def within_again(known: Issue | None, status: datetime, program: Program, *, at: datetime) -> None:
    """Say on the account's issue that it is back within the limits; once for a status date."""
    if known is None:
        return
    text = f"Back within the limits at status date {_day(program, status)}."
    if not IssueNote.objects.filter(issue=known, text=text).exists():
        issues.write_note(known, text, by=None, at=at)


def hand_over(account: ControlAccount) -> None:
    """The new manager of an account owns its issues that are not resolved."""
    rows = Issue.objects.filter(variances__account=account, state__in=UNSOLVED)
    Issue.objects.filter(pk__in=list(rows.values_list("pk", flat=True))).update(
        owner=account.manager, version=F("version") + 1
    )


def unanswered(issue: Issue) -> str:
    """What stands against resolving an issue: its variances without an answer."""
    if issue.source != Issue.Source.VARIANCE:
        return ""
    open_ = VarianceFinding.objects.filter(issue=issue, state=VarianceFinding.State.OPEN).order_by("pk")
    titles = [one.title for one in open_[:3]]
    return WAITING.format(titles=", ".join(titles)) if titles else ""


def origin(issue: Issue) -> issue_trail.Origin | None:
    """The newest variance of an issue, and how it stands."""
    found = VarianceFinding.objects.filter(issue=issue).order_by("-pk").first()
    if found is None:
        return None
    here = reverse("finance:variance", kwargs={"code": issue.program.code, "pk": found.pk})
    return issue_trail.Origin(found.title, here, found.get_state_display())


def _day(program: Program, status: datetime) -> str:
    return formats.day(status.astimezone(zone(program.time_zone)).date())


def _write_to(finding: VarianceFinding, issue: Issue, said: str) -> None:
    """One mail to the owner, for each finding once; without an owner there is nobody to write to."""
    owner = issue.owner
    if owner is None:
        return
    here = reverse("finance:variance", kwargs={"code": finding.program.code, "pk": finding.pk})
    context = {
        "program": finding.program,
        "finding": finding,
        "issue": issue,
        "said": said.splitlines(),
        "due": formats.day(finding.due_on),
        "url": f"{settings.SITE_URL.rstrip('/')}{here}",
    }
    mails.post(
        key=f"variance:{finding.pk}:{owner.pk}",
        program_id=finding.program_id,
        recipient=owner,
        subject=f"{finding.program.code}: {finding.title}",
        text=render_to_string("emails/variance.txt", context),
        html=inlined(render_to_string("emails/variance.html", context)),
        permission=Permission.VIEW_MONEY,
    )


issues.BEFORE_RESOLVED.append(unanswered)
issue_trail.ORIGINS[Issue.Source.VARIANCE] = origin
