"""The monthly act: a new status date, of a project or of all, from which the rest is planned; or taken back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import F, Max

from pmo import formats
from pmo.accounts.access import current_access
from pmo.accounts.models import User
from pmo.accounts.roles import Permission
from pmo.refusals import Conflict, Refused
from pmo.zones import zone
from programs.exchange import rows
from programs.exchange.models import ImportEffect
from programs.exchange.undo_found import Undoing
from programs.exchange.undo_refusals import records
from programs.exchange.undoing import take_away
from programs.lives.services import refuse_planning
from programs.portfolio.models import Program, Project
from programs.schedule.following import follow
from programs.schedule.models import Computation, Progress, StatusPeriod
from programs.schedule.reported import record, settle_back, settle_status_date, tell
from programs.schedule.services import bump, lock_plan
from programs.status import selectors
from programs.status.models import StatusUpdate
from programs.status.recording import facts_of, put_back

BUILT: list[Callable[[Program, StatusUpdate], list[str]]] = []
"""What stands on a status date, in sentences. Slices that bind figures add themselves when ready."""
MEANWHILE = "Somebody set or took back a status date after you opened this page. Look again."


def set_status_date(
    *,
    program: Program,
    project: Project | None,
    status_at: datetime,
    remark: str,
    seen: int,
    by: User,
    at: datetime,
) -> StatusUpdate:
    """Set a new status date: of a project, or (None) of every project that is not closed and has none as late.

    What activities say now is recorded as their progress at that date, unfinished work is planned from it, and earned
    value is asked for at it, all in this transaction. `seen` is the newest status period as the person saw it
    (`selectors.newest`); another is a Conflict. Refused at the field for a date that is not later than the last one,
    lies after today, or has no remark.
    """
    current_access().require(Permission.REPORT_PROGRESS, program.pk, project.pk if project else None)
    remark, status_at = remark.strip(), status_at.replace(second=0, microsecond=0)  # plans count minutes
    if not remark:
        raise Refused("Say what this status is about.", field="remark")
    locked = lock_plan(program.pk)
    if seen != selectors.newest(locked):
        raise Conflict(MEANWHILE, code="changed")
    if status_at > selectors.end_of_day(locked, at):
        raise Refused("A status date is today or earlier: of what comes there are no facts yet.", field="at")
    if status_at < locked.starts_at:
        said = formats.moment(locked.starts_at, zone(locked.time_zone))
        raise Refused(f"The program starts on {said}: there is no status before that.", field="at")
    concerned = _concerned(locked, project, status_at)
    ids = [one.pk for one in concerned]
    due = selectors.missing(locked, ids, status_at)
    facts = facts_of(locked, ids)
    periods = _periods(locked, concerned, status_at)
    record(locked, [one.pk for one in periods])
    Project.objects.filter(program_id=locked.pk, pk__in=ids).update(
        status_at=status_at, version=F("version") + 1
    )
    before = (
        Computation.objects.filter(program_id=locked.pk).order_by("-pk").values_list("plan_finish").first()
    )
    former_at = locked.status_at
    if settle_status_date(locked):
        _save(locked)
    computation, moved = _followed(locked, by=by, at=at)
    made: StatusUpdate = StatusUpdate.objects.create(
        program=locked,
        project=project,
        at=status_at,
        remark=remark[:1000],
        by=by,
        made_at=at,
        periods=[
            [one.project_id, one.pk, former.status_at.isoformat() if former.status_at else None]
            for one, former in zip(periods, concerned, strict=True)
        ],
        former_at=former_at,
        facts=facts,
        unstarted=due.unstarted,
        unfinished=due.unfinished,
        moved=None if computation is None else len(moved),
        finish_before=before[0] if before else None,
        finish_after=computation.plan_finish if computation else None,
    )
    return made


def take_back(*, update: StatusUpdate, reason: str, by: User, at: datetime) -> int:
    """Take the newest status update back as one act; returns how many activities got their former progress back.

    The status dates and what was told at them go, progress stands as before it, the dates follow. Refused where a later
    status date, an import or anything of `BUILT` stands on it, for one that was taken back, and without a reason.
    """
    current_access().require(Permission.REPORT_PROGRESS, update.program_id, update.project_id)
    reason = reason.strip()
    if not reason:
        raise Refused("Say why.", field="reason")
    program = lock_plan(update.program_id)
    live = StatusUpdate.objects.select_for_update(of=("self",), no_key=True).get(pk=update.pk)
    refusals = why_not(program, live)
    if refusals:
        raise Refused(f"Not taken back: {' '.join(refusals)}")
    live.taken_by, live.taken_at, live.taken_why = by, at, reason[:1000]
    live.save(update_fields=["taken_by", "taken_at", "taken_why"])
    undoing = _undoing(program, live)
    records(undoing, "it")  # finds what was computed for it
    with connection.cursor() as cursor:
        take_away(cursor, program, undoing)
    for project_id, _, former in live.periods:
        Project.objects.filter(program_id=program.pk, pk=project_id).update(
            status_at=datetime.fromisoformat(former) if former else None, version=F("version") + 1
        )
    restored = put_back(program, [project_id for project_id, _, _ in live.periods], live.facts)
    first = (
        StatusUpdate.objects.filter(program_id=program.pk).order_by("pk").values_list("former_at", flat=True)
    )
    if settle_back(program, live.former_at, first[0]):
        _save(program)
    _followed(program, by=by, at=at)
    return restored


def why_not(program: Program, update: StatusUpdate) -> list[str]:
    """Sentences for which an update is not taken back; none: it may be."""
    if update.taken_at is not None:
        return ["It was taken back already."]
    mine = {project_id: period_id for project_id, period_id, _ in update.periods}
    projects = Project.objects.filter(program_id=program.pk, pk__in=mine).order_by("position", "pk")
    later = projects.annotate(last=Max("status_periods")).values_list("pk", "code", "status_at", "last")
    found = [
        f"{code} has a later status date."
        for pk, code, status_at, last in later
        if last != mine[pk] or status_at != update.at
    ]
    if found:
        return found
    found = records(_undoing(program, update), "this status date")
    for built in BUILT:
        found += built(program, update)
    return found


def _concerned(program: Program, project: Project | None, status_at: datetime) -> list[Project]:
    """The projects that get the date; refused where one has it, or a later one, already."""
    on = zone(program.time_zone)
    projects: list[Any] = list(selectors.open_projects(program).annotate(told=Max("status_periods__at")))
    if project is not None:
        refuse_planning(Project.objects.get(program_id=program.pk, pk=project.pk))
        projects = [one for one in projects if one.pk == project.pk]
    if not projects:
        raise Refused("No project of this program is open: there is nothing to report on.", field="project")
    last = {one.pk: max(filter(None, (one.status_at, one.told)), default=None) for one in projects}
    for one in projects:
        date = last[one.pk]
        if date is not None and (date > status_at or (project and date == status_at)):
            said = formats.moment(date, on)
            raise Refused(f"{one.code} has the status date {said}: a new one is later.", field="at")
    concerned = [one for one in projects if last[one.pk] != status_at]
    if not concerned:
        raise Refused("Every project has this status date already: a new one is later.", field="at")
    return concerned


def _periods(program: Program, projects: list[Project], status_at: datetime) -> list[StatusPeriod]:
    """The new status periods, numbered on in each project."""
    numbers = dict(
        StatusPeriod.objects.filter(project__in=projects)
        .order_by()
        .values_list("project_id")
        .annotate(last=Max("number"))
    )
    return StatusPeriod.objects.bulk_create(
        StatusPeriod(program=program, project=one, number=numbers.get(one.pk, 0) + 1, at=status_at)
        for one in projects
    )


def _followed(program: Program, *, by: User, at: datetime) -> tuple[Computation | None, set[int]]:
    bump(program)
    found = follow(program, at=at)
    tell(program, by=by)
    return found


def _save(program: Program) -> None:
    program.version += 1
    program.save(update_fields=["status_at", "version"])


def _undoing(program: Program, update: StatusUpdate) -> Undoing:
    """The rows of an update in the shape in which an import's are undone."""
    periods = [period_id for _, period_id, _ in update.periods]
    told = Progress.objects.filter(program_id=program.pk, period_id__in=periods).values_list("pk", flat=True)
    take = {rows.STATUS: periods, rows.PROGRESS: list(told)}
    return Undoing(program, ImportEffect(program=program), {}, take=take)
