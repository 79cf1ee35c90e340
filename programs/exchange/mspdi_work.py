"""Tasks, links and baselines of an MS Project plan."""

from __future__ import annotations

from decimal import Decimal

from . import mspdi_calendars
from .cells import NAME_LENGTH
from .draft import (
    FINISH_MILESTONE,
    NO_CONSTRAINT,
    SUMMARY,
    TASK,
    ActivityDraft,
    BaselineDraft,
    DependencyDraft,
    Draft,
    ProjectDraft,
    StoredDraft,
    note,
)
from .mspdi_values import (
    CONSTRAINTS,
    ELAPSED_FORMATS,
    LINK_TYPES,
    Values,
    duration,
    lag,
    moment,
    money,
    percent,
    whole,
)
from .xml_stream import Element

_ZERO = Decimal(0)


def read_tasks(draft: Draft, project: ProjectDraft, elements: list[Element], values: Values) -> None:
    """The WBS tree from outline levels, then the links among the tasks that were kept."""
    above: list[tuple[int, ActivityDraft]] = []
    seen: dict[str, int] = {}
    kept: list[tuple[Element, ActivityDraft]] = []
    for element in elements:
        uid = element.get("UID")
        level = values.read(element, "OutlineLevel", whole, 1)
        if level <= 0 or uid == "0" or element.get("IsNull") == "1":
            continue  # the project's own row, and empty rows
        if not uid.isascii() or not uid.isdigit() or len(uid) > 12:
            values.problems.error(
                values.file, element.line, "UID", uid, "A task needs a whole number as UID."
            )
            continue
        if uid in seen:
            values.problems.error(
                values.file, element.line, "UID", uid, f"This UID was already used in row {seen[uid]}."
            )
            continue
        seen[uid] = element.line
        left_out = _left_out(element)
        if left_out:
            values.problems.warn(values.file, element.line, "Task", element.get("Name"), left_out)
            continue
        while above and above[-1][0] >= level:
            above.pop()
        activity = _activity(project, element, uid, len(draft.activities), values)
        if above:
            activity.parent = above[-1][1].code
            _becomes_summary(above[-1][1])
        above.append((level, activity))
        draft.activities.append(activity)
        draft.stored[project.code, uid] = _stored(element)
        if activity.manual:
            draft.marks[project.code, uid] = "manually scheduled: our must-start-on pins its late dates too"
        elif element.get("LevelingDelay") not in ("", "0"):
            draft.marks[project.code, uid] = "a levelling delay, which was not read"
        elif activity.constraint == "ALAP":
            draft.marks[project.code, uid] = (
                "as late as possible: MS Project stores early dates before the move"
            )
        kept.append((element, activity))
        _baselines(draft, activity, element, values)
    here = {activity.code for _, activity in kept}
    for element, activity in kept:
        _links(draft, activity, element, here, seen, values)


def _stored(element: Element) -> StoredDraft:
    """What MS Project computed; slacks are tenths of minutes. What cannot be read is not compared."""

    def at(tag: str) -> int | None:
        try:
            return moment(element.get(tag))
        except ValueError:
            return None

    def slack(tag: str) -> int | None:
        try:
            return round(Decimal(whole(element.get(tag))) / 10)
        except ValueError:
            return None

    return StoredDraft(
        at("EarlyStart"),
        at("EarlyFinish"),
        at("LateStart"),
        at("LateFinish"),
        slack("TotalSlack"),
        slack("FreeSlack"),
    )


def _left_out(element: Element) -> str:
    if element.get("Active") == "0":
        return "This task is inactive and was left out."
    if element.get("ExternalTask") == "1":
        return "This task stands for one in another project and was left out; link the projects after the import."
    if element.get("IsSubproject") == "1":
        return "This task stands for a whole other project and was left out; import that project by itself."
    return ""


def _becomes_summary(activity: ActivityDraft) -> None:
    """A task with tasks below it has no duration and no dates of its own; its costs are those below it."""
    if activity.kind != SUMMARY:
        activity.kind, activity.duration, activity.calendar = SUMMARY, 0, ""
        activity.constraint, activity.constraint_date = NO_CONSTRAINT, None
        activity.actual_start = activity.actual_finish = activity.remaining = None
        activity.percent_complete = activity.actual_cost = None
        activity.manual = False
        activity.resource_cost, activity.total_cost = _ZERO, activity.fixed_cost


def _activity(
    project: ProjectDraft, element: Element, uid: str, position: int, values: Values
) -> ActivityDraft:
    length = values.read(element, "Duration", duration, 0)
    elapsed = element.get("DurationFormat") in ELAPSED_FORMATS
    fixed = values.read(element, "FixedCost", money, _ZERO)
    total = values.read(element, "Cost", money, fixed)
    own = element.get("CalendarUID")
    activity = ActivityDraft(
        project=project.code,
        code=uid,
        name=values.text(element, "Name", NAME_LENGTH) or "(no name)",
        kind=FINISH_MILESTONE if element.get("Milestone") == "1" and not length else TASK,
        wbs=values.text(element, "WBS", 120),
        position=position,
        calendar=mspdi_calendars.CLOCK
        if elapsed
        else mspdi_calendars.code_of(own)
        if own not in ("", "-1")
        else "",
        duration=length,
        constraint=CONSTRAINTS.get(element.get("ConstraintType") or "0", NO_CONSTRAINT),
        constraint_date=values.read(element, "ConstraintDate", moment),
        deadline=values.read(element, "Deadline", moment),
        fixed_cost=fixed,
        resource_cost=max(total - fixed, _ZERO),
        total_cost=max(total, fixed),
        actual_start=values.read(element, "ActualStart", moment),
        actual_finish=values.read(element, "ActualFinish", moment),
        remaining=values.read(element, "RemainingDuration", duration),
        percent_complete=values.read(element, "PercentComplete", percent),
        actual_cost=values.read(element, "ActualCost", money),
        priority=values.read(element, "Priority", whole),
        notes=note(element.get("Notes")),
        row=element.line,
    )
    if activity.constraint in (NO_CONSTRAINT, "ALAP"):
        activity.constraint_date = None  # MS Project keeps the last one used
    if element.get("Manual") == "1":
        _manual(activity, element, values)
    if element.get("LevelingDelay") not in ("", "0"):
        values.problems.warn(
            values.file,
            element.line,
            "LevelingDelay",
            element.get("LevelingDelay"),
            "MS Project's levelling delayed this task; the delay was not read.",
        )
    return activity


def _manual(activity: ActivityDraft, element: Element, values: Values) -> None:
    """A manually scheduled task stays where the planner put it, whatever its links say."""
    activity.manual = True
    start = values.read(element, "ManualStart", moment, values.read(element, "Start", moment))
    length = values.read(element, "ManualDuration", duration)
    if length is not None:
        activity.duration = length
        activity.kind = FINISH_MILESTONE if not length and activity.kind == FINISH_MILESTONE else TASK
    if start is not None and activity.actual_start is None:
        activity.constraint, activity.constraint_date = "MSO", start


def _baselines(draft: Draft, activity: ActivityDraft, element: Element, values: Values) -> None:
    for baseline in element.all("Baseline"):
        start, finish = values.read(baseline, "Start", moment), values.read(baseline, "Finish", moment)
        length = values.read(baseline, "Duration", duration)
        cost = values.read(baseline, "Cost", money)
        figure = values.read(baseline, "Number", whole, 0)
        if start is not None and finish is not None and finish < start:
            values.problems.warn(
                values.file, baseline.line, "Baseline", figure, "This baseline finishes before it starts."
            )
            finish = start if figure == 0 else finish
        if figure == 0:
            activity.baseline_start, activity.baseline_finish = start, finish
            activity.baseline_duration, activity.baseline_cost = length, cost
        else:
            draft.baselines.append(
                BaselineDraft(activity.project, activity.code, figure, start, finish, length, cost)
            )


def _links(
    draft: Draft,
    activity: ActivityDraft,
    element: Element,
    here: set[str],
    seen: dict[str, int],
    values: Values,
) -> None:
    for link in element.all("PredecessorLink"):
        source = link.get("PredecessorUID")
        if source not in here and (source in seen or link.get("CrossProject") == "1"):
            values.problems.warn(
                values.file,
                link.line,
                "PredecessorUID",
                source,
                "This link leads to a task that was left out; so was it.",
            )
            continue
        kind = LINK_TYPES.get(link.get("Type") or "1")
        if kind is None:
            values.problems.error(
                values.file, link.line, "Type", link.get("Type"), "This is not a type of link."
            )
            continue
        try:
            amount, unit = lag(link)
        except ValueError as fault:
            values.problems.error(
                values.file, link.line, "LinkLag", link.get("LinkLag"), f"The LinkLag {fault}."
            )
            continue
        draft.dependencies.append(
            DependencyDraft(
                activity.project, source, activity.project, activity.code, kind, amount, unit, link.line
            )
        )
