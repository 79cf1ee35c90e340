"""A finding of the budget policy becomes an issue: when somebody says so, or by itself where its clause says so."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db.models import OuterRef, Subquery
from django.urls import reverse

from finance.conformity.issued import FindingIssue
from finance.policy.models import PolicyClause, PolicyFinding
from pmo import formats
from pmo.accounts.access import current_access
from pmo.accounts.models import User
from pmo.accounts.roles import Permission
from pmo.refusals import Conflict, Refused
from programs.portfolio.models import Program
from programs.raid import issue_trail, issues
from programs.raid.issue_models import UNSOLVED, Issue, IssueNote

MOST_AT_ONCE = 50
"""Issues that one look at the policy opens at most."""


def open_issue(
    *, finding: PolicyFinding, owner: User | None, due_on: date | None, by: User, at: datetime
) -> Issue:
    """Open the issue of a finding, once. Needs the right to keep issues in its project; refused for a cleared one."""
    current_access().require(Permission.EDIT_RISKS, finding.program_id, finding.project_id)
    found: PolicyFinding = (
        PolicyFinding.objects.select_for_update(of=("self",))
        .select_related("program", "clause", "project")
        .get(pk=finding.pk)
    )
    known = FindingIssue.objects.filter(finding=found).select_related("issue").first()
    if known is not None:
        raise Conflict(f"This finding is {known.issue.code} already.")
    if found.cleared_at is not None:
        raise Refused("This finding is cleared: there is nothing to mend.")
    if due_on is not None and due_on < issues.today(found.program, at):
        raise Refused("That day is over: an issue is due today or later.", field="due_on")
    return _open(found, owner=owner, due_on=due_on, by=by, at=at)


def by_themselves(program: Program, clauses: Iterable[PolicyClause], *, at: datetime) -> int:
    """Open issues of the findings of clauses that say so (`issue_days`), each once; returns how many.

    The manager of the project owns it, else the program's. A matter whose earlier issue is not resolved yet is noted on
    that one, and does not hold up others. At most MOST_AT_ONCE of either in one look; the next look goes on.
    """
    same = FindingIssue.objects.filter(
        finding__clause=OuterRef("clause"),
        finding__subject_kind=OuterRef("subject_kind"),
        finding__subject_id=OuterRef("subject_id"),
        finding__key=OuterRef("key"),
        issue__state__in=UNSOLVED,
    ).order_by("-pk")
    waiting = (
        PolicyFinding.objects.select_for_update(of=("self",))
        .filter(program=program, clause__in=[one.pk for one in clauses], cleared_at=None, issued=None)
        .annotate(before=Subquery(same.values("issue")[:1]))
        .select_related("program__manager", "clause", "project__manager")
    )
    for one in waiting.exclude(before=None).order_by("-pk")[:MOST_AT_ONCE]:
        text = f"Found again on {formats.day(issues.today(program, one.found_at))}."
        before = Issue.objects.get(pk=one.before)
        if not IssueNote.objects.filter(issue=before, text=text).exists():
            issues.write_note(before, text, by=None, at=at)
    opened = 0
    for one in waiting.filter(before=None).order_by("pk")[:MOST_AT_ONCE]:
        manager = (one.project.manager if one.project else None) or one.program.manager
        due = issues.today(program, at) + timedelta(days=(one.clause and one.clause.issue_days) or 1)
        _open(one, owner=issues.member(program, manager), due_on=due, by=None, at=at)
        opened += 1
    return opened


def _open(
    found: PolicyFinding, *, owner: User | None, due_on: date | None, by: User | None, at: datetime
) -> Issue:
    clause = found.clause
    words = [found.sentence, *([f"{clause.code}: {clause.text}"] if clause and clause.text else [])]
    made = issues.open_one(
        program=found.program,
        values={
            "title": found.sentence[:200],
            "description": "\n".join(words)[:5000],
            "project": found.project,
            "kind": Issue.Kind.POLICY,
            "priority": Issue.Priority.HIGH if clause and clause.action == "block" else Issue.Priority.MEDIUM,
            "owner": owner,
            "due_on": due_on,
        },
        by=by,
        at=at,
        source=Issue.Source.POLICY,
    )
    FindingIssue.objects.create(program=found.program, finding=found, issue=made)
    return made


def origin(issue: Issue) -> issue_trail.Origin | None:
    """The finding of an issue, and how it stands; nothing for who may not see money."""
    if not current_access().may(Permission.VIEW_MONEY, issue.program_id):
        return None
    found = FindingIssue.objects.filter(issue=issue).select_related("finding").first()
    if found is None:
        return None
    cleared = found.finding.cleared_at
    here = reverse("finance:policy-findings", kwargs={"code": issue.program.code})
    return issue_trail.Origin(
        found.finding.sentence,
        f"{here}?state=all",
        f"cleared on {formats.day(cleared)}" if cleared else "still open",
    )


issue_trail.ORIGINS[Issue.Source.POLICY] = origin
