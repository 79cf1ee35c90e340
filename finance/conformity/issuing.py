"""A finding of the budget policy becomes an issue when somebody says so: with an owner, and a day until when."""

from __future__ import annotations

from datetime import date, datetime

from django.urls import reverse

from finance.conformity.issued import FindingIssue
from finance.policy.models import PolicyFinding
from pmo import formats
from pmo.accounts.access import current_access
from pmo.accounts.models import User
from pmo.accounts.roles import Permission
from pmo.refusals import Conflict, Refused
from programs.raid import issue_trail, issues
from programs.raid.issue_models import Issue


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
