"""The rows of an MS Project plan: the program, its projects, and their work in the order of the tree."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from .. import mspdi_own
from ..draft import (
    ELAPSED,
    LEVEL_OF_EFFORT,
    MILESTONES,
    PERCENT,
    START_MILESTONE,
    SUMMARY,
    ActivityDraft,
    DependencyDraft,
    Draft,
    ProjectDraft,
)
from ..mspdi_values import CONSTRAINTS, LINK_TYPES
from ..rows import Key
from . import bundle_out, bundle_out_facts
from .mspdi_xml import duration, moment, tag
from .spelling import plain

_CONSTRAINTS = {name: number for number, name in CONSTRAINTS.items()}
_LINKS = {name: number for number, name in LINK_TYPES.items()}
_LAG_FORMATS = {"working": "7", ELAPSED: "8", PERCENT: "19"}


class Tasks:
    """Numbers the rows of a draft and writes them."""

    def __init__(self, draft: Draft, calendars: dict[str, int]) -> None:
        self.draft, self.calendars = draft, calendars
        self.uid: dict[Key, int] = {}
        self.order: list[tuple[int, ProjectDraft | ActivityDraft]] = []
        """Level and row, top down."""
        self._number()
        self.usual = {one.code: one.calendar for one in draft.projects}
        named = list(self.usual.values())
        self.file_calendar = max(
            named, key=named.count, default=draft.calendars[0].code if draft.calendars else ""
        )
        """The calendar of most projects: the file's own."""
        self.parents = {(one.project, one.parent) for one in draft.activities}
        self.costs = {(one.project, one.activity): one for one in draft.baseline_costs}
        self.before: dict[Key, list[DependencyDraft]] = {}
        for link in draft.dependencies:
            self.before.setdefault((link.to_project, link.to_activity), []).append(link)
        self.history: dict[Key, list[str]] = {}
        for row in bundle_out_facts.progress(draft):
            line = ",".join(str(row.get(name, "")) for name in mspdi_own.PROGRESS)
            self.history.setdefault((row["project_id"], row["activity_id"]), []).append(line)
        self.earlier: dict[Key, list[str]] = {}
        for one in draft.baselines:
            text = _baseline(one.number, one.start, one.finish, one.duration, one.cost)
            self.earlier.setdefault((one.project, one.activity), []).append(text)

    def _number(self) -> None:
        """Every project's tree from the top, children in their order; each row's UID is its place."""
        below: dict[Key, list[ActivityDraft]] = {}
        for one in self.draft.activities:
            below.setdefault((one.project, one.parent), []).append(one)
        for project in self.draft.projects:
            self.order.append((1, project))
            self.uid[project.code, ""] = len(self.order)
            waiting = [(2, one) for one in reversed(below.get((project.code, ""), ()))]
            while waiting:
                level, one = waiting.pop()
                self.order.append((level, one))
                self.uid[one.project, one.code] = len(self.order)
                waiting += [(level + 1, each) for each in reversed(below.get((one.project, one.code), ()))]

    def program_row(self, note: str) -> str:
        """The project's own row, with the note that tells our files from others."""
        name = self.draft.program.name or "Program"
        return (
            f"<Task><UID>0</UID><ID>0</ID>{tag('Name', name)}<OutlineLevel>0</OutlineLevel><Summary>1</Summary>"
            f"{tag('Notes', note)}</Task>\n"
        )

    def rows(self) -> Iterator[str]:
        """One `Task` each."""
        expected: dict[str, int] = {}
        for uid, (level, one) in enumerate(self.order, 1):
            if isinstance(one, ProjectDraft):
                yield self._project(uid, one)
            else:
                place = expected[one.project] = expected.get(one.project, -1) + 1
                yield self._activity(uid, level, one, place)

    def _project(self, uid: int, one: ProjectDraft) -> str:
        lines = ["# projects.csv", *bundle_out.table("projects.csv", self.draft, one.code)]
        if any(each.project == one.code for each in self.draft.status_dates):
            lines += ["# status_dates.csv", *bundle_out.table("status_dates.csv", self.draft, one.code)]
        note = "\n".join(lines)
        return (
            f"<Task><UID>{uid}</UID><ID>{uid}</ID>{tag('Name', one.name)}<OutlineLevel>1</OutlineLevel>"
            f"<Summary>1</Summary>{tag('Notes', note)}"
            f"{_attribute(mspdi_own.CODE_FIELD, one.code)}{_attribute(mspdi_own.PAIRS_FIELD, mspdi_own.PROJECT)}"
            "</Task>\n"
        )

    def _activity(self, uid: int, level: int, one: ActivityDraft, place: int) -> str:
        key = (one.project, one.code)
        summary = one.kind == SUMMARY
        stored = self.draft.stored.get(key)
        calendar = one.calendar or self.usual[one.project]
        named = calendar if one.calendar or calendar != self.file_calendar else ""
        percent = one.percent_complete
        return "".join(
            (
                f"<Task><UID>{uid}</UID><ID>{uid}</ID>",
                tag("Name", one.name),
                "<Manual>0</Manual>",
                tag("WBS", one.wbs),
                f"<OutlineLevel>{level}</OutlineLevel>",
                tag("Priority", one.priority),
                tag("Start", moment(stored.early_start) if stored else ""),
                tag("Finish", moment(stored.early_finish) if stored else ""),
                ""
                if summary
                else tag("Duration", duration(one.duration)) + "<DurationFormat>7</DurationFormat>",
                f"<Milestone>{int(one.kind in MILESTONES)}</Milestone><Summary>{int(summary)}</Summary>",
                tag("FixedCost", plain(one.fixed_cost * 100)),
                "<FixedCostAccrual>1</FixedCostAccrual>",
                "" if percent is None else tag("PercentComplete", shown_percent(percent)),
                "" if summary else tag("Cost", plain(self._cost(one) * 100)),
                tag("ActualStart", moment(one.actual_start)),
                tag("ActualFinish", moment(one.actual_finish)),
                "" if one.actual_cost is None else tag("ActualCost", plain(one.actual_cost * 100)),
                tag("RemainingDuration", duration(one.remaining)),
                tag("ConstraintType", _CONSTRAINTS[one.constraint]),
                tag("CalendarUID", self.calendars[named])
                + "<IgnoreResourceCalendar>1</IgnoreResourceCalendar>"
                if named and not summary
                else "",
                tag("ConstraintDate", moment(one.constraint_date)),
                tag("Deadline", moment(one.deadline)),
                tag("Notes", self._note(one)),
                *map(self._link, self.before.get(key, ())),
                _attribute(mspdi_own.CODE_FIELD, one.code),
                _attribute(mspdi_own.PAIRS_FIELD, mspdi_own.pairs_text(self._own(one, place, named))),
                self._baselines(one),
                "</Task>\n",
            )
        )

    def _cost(self, one: ActivityDraft) -> Any:
        """What MS Project would show: fixed cost and what the assignments cost, without our own rate."""
        return one.fixed_cost + one.resource_cost

    def _note(self, one: ActivityDraft) -> str:
        history = self.history.get((one.project, one.code))
        if history is None:
            return one.notes
        return "\n".join(filter(None, (one.notes, mspdi_own.HISTORY, *history)))

    def _own(self, one: ActivityDraft, place: int, named: str) -> dict[str, Any]:
        costs = self.costs.get((one.project, one.code))
        percent = one.percent_complete
        whole = percent is None or percent == shown_percent(percent)
        untold = one.kind in (START_MILESTONE, LEVEL_OF_EFFORT)
        untold = untold or (one.kind == SUMMARY and (one.project, one.code) not in self.parents)
        return {
            "kind": one.kind if untold else None,
            "position": None if one.position == place else one.position,
            "optimistic": one.optimistic,
            "most_likely": one.most_likely,
            "pessimistic": one.pessimistic,
            "cost_per_hour": one.cost_per_hour or None,
            "percent_complete": None if whole else percent,
            "start_cost": costs.start if costs else None,
            "spread_cost": costs.spread if costs else None,
            "usual_calendar": bool(named) and not one.calendar,
            "manual": one.manual,
        }

    def _baselines(self, one: ActivityDraft) -> str:
        now = ""
        if one.baseline_start is not None or one.baseline_cost is not None or one.baseline_finish is not None:
            now = _baseline(
                0, one.baseline_start, one.baseline_finish, one.baseline_duration, one.baseline_cost
            )
        return now + "".join(self.earlier.get((one.project, one.code), ()))

    def _link(self, link: DependencyDraft) -> str:
        lag = link.lag if link.lag_unit == PERCENT else link.lag * 10
        return (
            f"<PredecessorLink><PredecessorUID>{self.uid[link.from_project, link.from_activity]}</PredecessorUID>"
            f"<Type>{_LINKS[link.type]}</Type><CrossProject>0</CrossProject><LinkLag>{lag}</LinkLag>"
            f"<LagFormat>{_LAG_FORMATS[link.lag_unit]}</LagFormat></PredecessorLink>"
        )


def shown_percent(percent: Decimal) -> int:
    """Percent as MS Project holds it, whole: 100 only for what is done, 0 only for what is not begun."""
    return min(max(round(percent), 1 if percent else 0), 100 if percent == 100 else 99)


def _attribute(field: str, value: str) -> str:
    return (
        f"<ExtendedAttribute>{tag('FieldID', field)}{tag('Value', value)}</ExtendedAttribute>"
        if value
        else ""
    )


def _baseline(number: int, start: int | None, finish: int | None, length: int | None, cost: Any) -> str:
    return (
        f"<Baseline><Number>{number}</Number>"
        + tag("Start", moment(start))
        + tag("Finish", moment(finish))
        + tag("Duration", duration(length))
        + ("" if cost is None else tag("Cost", plain(cost * 100)))
        + "</Baseline>"
    )
