"""Commands on the issue register: raised, worked on, resolved by one person and closed by another.

Who keeps risks (in the program, or in the issue's project) keeps issues. The owner of an issue says how it goes and
that it is resolved, whatever else his role lets him do; nobody closes what he resolved himself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.text import Truncator

from pmo.accounts.access import current_access
from pmo.accounts.models import Membership, User
from pmo.accounts.roles import Permission
from pmo.numbering import next_code
from pmo.refusals import Conflict, NotAllowed, Refused
from pmo.zones import zone
from programs.portfolio.models import Program
from programs.raid.issue_models import UNSOLVED, Issue, IssueActivity, IssueNote
from programs.raid.models import Risk
from programs.schedule.models import Activity

State, Source, Priority = Issue.State, Issue.Source, Issue.Priority
FIELDS = frozenset({"title", "description", "project", "kind", "priority", "owner", "due_on"})
CHANGED = "Somebody changed this issue after you opened it. Here is how it is now."
LONGEST_TEXT = 4000
LONGEST_DESCRIPTION = 5000
BEFORE_RESOLVED: list[Callable[[Issue], str]] = []
"""What must be there before an issue is resolved: each gives the sentence that says what is missing, or nothing."""


def add(
    *,
    program: Program,
    values: Mapping[str, Any],
    by: User | None,
    at: datetime,
    activities: Iterable[Activity] = (),
) -> Issue:
    """Enter an issue. Raises Refused at the field that does not fit, for a due day that is over too."""
    project = values.get("project")
    current_access().require(Permission.EDIT_RISKS, program.pk, project.pk if project else None)
    if set(values) - FIELDS:
        raise Refused("This cannot be recorded here.", code="not-editable")
    if (due := values.get("due_on")) and due < today(program, at):
        raise Refused("That day is over: an issue is due today or later.", field="due_on")
    return open_one(program=program, values=values, by=by, at=at, activities=activities)


def open_one(
    *,
    program: Program,
    values: Mapping[str, Any],
    by: User | None,
    at: datetime,
    source: str = Source.PERSON,
    risk: Risk | None = None,
    activities: Iterable[Activity] = (),
) -> Issue:
    """Open an issue for a cause that was found: by `add`, or by a slice in its own command with its own permission."""
    with transaction.atomic():
        issue = Issue(
            program=program, code=next_code(Issue, program.pk, "I", digits=1), source=source, risk=risk,
            raised_by=by, raised_at=at, **values,
        )  # fmt: skip
        _check(issue)
        issue.save()
        _about(issue, activities)
    return issue


def occurred(*, risk: Risk, by: User | None, at: datetime, just_now: bool = True) -> Issue:
    """The issue of a risk that occurred: the one there is, or a new one with the risk's words, owner and project.

    One that was resolved is open again where the risk occurred `just_now` (and was not only edited). Words of the risk
    that are too long for an issue are cut: they stand in the risk, to which the issue leads.
    """
    known: Issue | None = Issue.objects.select_for_update(of=("self",)).filter(risk=risk).first()
    if known is not None:
        if just_now and not known.going:
            _reopened(known, f"{risk.code} occurred again.", by=by, at=at)
        return known
    said = [text for text in (risk.event, risk.effect) if text.strip()]
    values = {
        "title": risk.title,
        "description": Truncator("\n".join(said)).chars(LONGEST_DESCRIPTION),
        "project": risk.project,
        "priority": max(Priority.CRITICAL.value, min(Priority.LOW.value, 6 - risk.impact)),
        "owner": member(risk.program, risk.owner),
    }
    return open_one(program=risk.program, values=values, by=by, at=at, source=Source.RISK, risk=risk)


def edit(
    *,
    issue: Issue,
    changes: Mapping[str, Any],
    version: int,
    by: User | None,
    at: datetime,
    activities: Iterable[Activity] | None = None,
) -> Issue:
    """Change what an issue says while there is something to do; `activities` replace those it is about."""
    live = _locked(issue, version)
    access = current_access()
    access.require(Permission.EDIT_RISKS, live.program_id, live.project_id)
    if set(changes) - FIELDS:
        raise Refused("This cannot be edited here.", code="not-editable")
    if not live.going:
        raise Refused(f"{live.code} is {live.get_state_display().lower()}: open it again first.")
    due = changes.get("due_on")
    if due and due != live.due_on and due < today(live.program, at):
        raise Refused("That day is over: an issue is due today or later.", field="due_on")
    for name, value in changes.items():
        setattr(live, name, value)
    access.require(Permission.EDIT_RISKS, live.program_id, live.project_id)
    _check(live, owner="owner" in changes)
    with transaction.atomic():
        _saved(live)
        if activities is not None:
            _about(live, activities)
    return live


def may_work(issue: Issue, user: Any) -> bool:
    """The owner says how it goes, and who keeps the issues of its project."""
    if user is not None and user.pk is not None and user.pk == issue.owner_id:
        return current_access().may(Permission.VIEW_PROGRAM, issue.program_id)
    return current_access().may(Permission.EDIT_RISKS, issue.program_id, issue.project_id)


def note(*, issue: Issue, text: str, version: int, by: User | None, at: datetime) -> Issue:
    """Say how it goes; an open issue is thereby being worked on."""
    live = _worked(issue, version, by)
    if not live.going:
        raise Refused(f"{live.code} is {live.get_state_display().lower()}: open it again first.")
    words = _words(text, "Say how it goes.")
    with transaction.atomic():
        live.state = State.WORKING
        _saved(live)
        write_note(live, words, by=by, at=at)
    return live


def resolve(*, issue: Issue, text: str, version: int, by: User | None, at: datetime) -> Issue:
    """Say that it is mended, and how. Somebody else closes it."""
    live = _worked(issue, version, by)
    if not live.going:
        raise Refused(f"{live.code} is {live.get_state_display().lower()} already.")
    for missing in BEFORE_RESOLVED:
        if sentence := missing(live):
            raise Refused(sentence, field="text")
    live.resolution = _words(text, "Say what was done about it.")
    live.state, live.resolved_by, live.resolved_at = State.RESOLVED, by, at
    return _saved(live)


def close(*, issue: Issue, version: int, by: User | None, at: datetime) -> Issue:
    """Confirm that it is over: by who keeps issues there, never by who resolved it."""
    live = _locked(issue, version)
    current_access().require(Permission.EDIT_RISKS, live.program_id, live.project_id)
    if live.state != State.RESOLVED:
        raise Refused("An issue is closed when somebody has said how it was resolved.")
    if by is not None and by.pk == live.resolved_by_id:
        raise NotAllowed("Who resolved it does not close it.")
    live.state, live.closed_by, live.closed_at = State.CLOSED, by, at
    return _saved(live)


def reopen(*, issue: Issue, text: str, version: int, by: User | None, at: datetime) -> Issue:
    """It is not over after all, and why; how it was resolved goes into the notes."""
    live = _locked(issue, version)
    current_access().require(Permission.EDIT_RISKS, live.program_id, live.project_id)
    if live.going:
        raise Refused(f"{live.code} is not resolved.")
    return _reopened(live, _words(text, "Say why it is not over."), by=by, at=at)


def _reopened(live: Issue, words: str, *, by: User | None, at: datetime) -> Issue:
    former = live.resolution
    live.state, live.resolution = State.OPEN, ""
    live.resolved_by = live.resolved_at = live.closed_by = live.closed_at = None
    with transaction.atomic():
        _saved(live)
        write_note(live, f"Opened again: {words}\nIt had been resolved so: {former}", by=by, at=at)
    return live


def write_note(issue: Issue, text: str, *, by: User | None, at: datetime) -> None:
    """One line of the record of an issue."""
    IssueNote.objects.bulk_create(
        [IssueNote(program_id=issue.program_id, issue=issue, text=text[: 3 * LONGEST_TEXT], by=by, at=at)]
    )


# ------------------------------------------------------------------ what they share
def today(program: Program, at: datetime) -> Any:
    return at.astimezone(zone(program.time_zone)).date()


def _locked(issue: Issue, version: int) -> Issue:
    live: Issue = (
        Issue.objects.select_for_update(of=("self",))
        .select_related("program", "project", "owner")
        .get(pk=issue.pk)
    )
    if live.version != version:
        raise Conflict(CHANGED, code="changed")
    return live


def _worked(issue: Issue, version: int, by: User | None) -> Issue:
    live = _locked(issue, version)
    if not may_work(live, by):
        raise NotAllowed("The owner of the issue says this, or who keeps the issues of its project.")
    return live


def _words(text: str, asked: str) -> str:
    words = text.strip()
    if not words:
        raise Refused(asked, field="text")
    if len(words) > LONGEST_TEXT:
        raise Refused("At most 4,000 letters.", field="text")
    return words


def member(program: Program, person: User | None) -> User | None:
    """The person, if he holds a role in the program."""
    held = person is not None and Membership.objects.filter(program=program, user=person).exists()
    return person if held else None


def _check(issue: Issue, *, owner: bool = True) -> None:
    if issue.project is not None and issue.project.program_id != issue.program_id:
        raise Refused("That project belongs to another program.", field="project")
    if owner and issue.owner is not None and member(issue.program, issue.owner) is None:
        raise Refused("The owner of an issue holds a role in the program.", field="owner")
    if not issue.title.strip():
        raise Refused("Say in a title what is wrong.", field="title")
    if len(issue.description) > LONGEST_DESCRIPTION:
        raise Refused("At most 5,000 letters.", field="description")
    try:
        issue.full_clean(validate_constraints=False, validate_unique=False)
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise Refused(messages[0], field=field) from error


def _saved(live: Issue) -> Issue:
    live.version += 1
    live.save()
    return live


def _about(issue: Issue, activities: Iterable[Activity]) -> None:
    wanted = {one.pk for one in activities if one.program_id == issue.program_id}
    IssueActivity.objects.filter(issue=issue).exclude(activity_id__in=wanted).delete()
    held = set(IssueActivity.objects.filter(issue=issue).values_list("activity_id", flat=True))
    for pk in sorted(wanted - held):
        IssueActivity.objects.create(program_id=issue.program_id, issue=issue, activity_id=pk)


def overdue(program: Program, at: datetime) -> Q:
    """Issues whose day is over."""
    return Q(state__in=UNSOLVED, due_on__lt=today(program, at))
