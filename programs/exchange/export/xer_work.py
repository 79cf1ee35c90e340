"""WBS elements, activities and relationships of a draft as Primavera's records."""

from __future__ import annotations

import re
from decimal import Decimal

from programs.engine.links import ALL_HOURS, lag_of
from programs.engine.plan import Kind, LagCalendar, LagUnit, LinkKind
from programs.engine.result import Schedule

from ..draft import (
    FINISH_MILESTONE,
    LEVEL_OF_EFFORT,
    MILESTONES,
    NO_CONSTRAINT,
    START_MILESTONE,
    SUMMARY,
    ActivityDraft,
    Draft,
    SecondConstraintDraft,
    from_wall,
)
from ..network import Network
from .spelling import plain

Record = dict[str, object]
_TYPES = {START_MILESTONE: "TT_Mile", FINISH_MILESTONE: "TT_FinMile", LEVEL_OF_EFFORT: "TT_LOE"}
_CONSTRAINTS = {
    "ALAP": "CS_ALAP",
    "SNET": "CS_MSOA",
    "SNLT": "CS_MSOB",
    "FNET": "CS_MEOA",
    "FNLT": "CS_MEOB",
    "MSO": "CS_MANDSTART",
    "MFO": "CS_MANDFIN",
}
_LINKS = {
    LinkKind.FINISH_START: "PR_FS",
    LinkKind.START_START: "PR_SS",
    LinkKind.FINISH_FINISH: "PR_FF",
    LinkKind.START_FINISH: "PR_SF",
}
_NUMBERED = re.compile(r"[0-9]{1,9}")


class Work:
    """The work of a draft with the numbers that Primavera knows it by; `dates` are of `network`'s plan."""

    def __init__(self, draft: Draft, network: Network, dates: Schedule) -> None:
        self.draft, self.network, self.dates = draft, network, dates
        self.project_id = {one.code: at for at, one in enumerate(draft.projects, 1)}
        self.calendar_id = _numbers("CAL", [one.code for one in draft.calendars])
        if len(network.keys) < len(network.plan.duration):  # points on a calendar that never rests
            self.calendar_id[""] = max(self.calendar_id.values()) + 1
        self.started = {one.project for one in draft.activities if one.actual_start is not None}
        groups = [one for one in draft.activities if one.kind == SUMMARY]
        numbers = _numbers("W", [f"{one.project}\n{one.code}" for one in groups])
        self.wbs_id = {(one.project, one.code): numbers[f"{one.project}\n{one.code}"] for one in groups}
        self.top = max(self.wbs_id.values(), default=0)
        self.usual = {one.code: one.calendar for one in draft.projects}
        self.seconds: dict[tuple[str, str], list[SecondConstraintDraft]] = {}
        for second in draft.seconds:
            self.seconds.setdefault((second.project, second.activity), []).append(second)

    def moment(self, at: int | None) -> str:
        """Wall minutes as Primavera writes them: `2027-03-31 17:00`, nothing for None."""
        return "" if at is None else f"{from_wall(at):%Y-%m-%d %H:%M}"

    def elements(self) -> list[Record]:
        """Each project's own element, then its groups."""
        wbs = {(one.project, one.code): one.wbs for one in self.draft.activities}
        records = [
            self._element(self.top + at, self.project_id[one.code], at, one.code, one.name, None)
            for at, one in enumerate(self.draft.projects, 1)
        ]
        for at, one in enumerate(self.draft.activities, 1):
            if one.kind == SUMMARY:
                above = wbs.get((one.project, one.parent), "")
                short = one.wbs.removeprefix(f"{above}.") if above else one.wbs
                records.append(
                    self._element(
                        self.wbs_id[one.project, one.code],
                        self.project_id[one.project],
                        at,
                        short or one.code,
                        one.name,
                        self._inside(one),
                    )
                )
        return records

    def _element(
        self, number: int, project: int, order: int, short: str, name: str, above: int | None
    ) -> Record:
        return {
            "wbs_id": number,
            "proj_id": project,
            "obs_id": 1,
            "seq_num": order,
            "est_wt": 1,
            "proj_node_flag": "Y" if above is None else "N",
            "sum_data_flag": "Y",
            "status_code": "WS_Open",
            "wbs_short_name": short,
            "wbs_name": name,
            "parent_wbs_id": above,
            "ev_compute_type": "EC_Cmp_pct",
            "ev_etc_compute_type": "EE_Rem_hr",
        }

    def _inside(self, one: ActivityDraft) -> int:
        """The element that an activity or group lies in."""
        if one.parent:
            return self.wbs_id[one.project, one.parent]
        return self.top + self.project_id[one.project]

    def tasks(self) -> list[Record]:
        """Every activity that is no group; behind them the points that stand for a group's beginning or end."""
        records = [self._task(at, one) for at, one in enumerate(self.draft.activities) if one.kind != SUMMARY]
        plan = self.network.plan
        for at in range(len(self.network.keys), len(plan.duration)):
            project = self.draft.projects[plan.project[at] if plan.project else 0]
            leaves = any(
                target == at and source < len(self.network.keys) and plan.kind[source] != Kind.SUMMARY
                for source, target in zip(plan.predecessor, plan.successor, strict=True)
            )
            point = ActivityDraft(
                project.code,
                f"GROUP-{at - len(self.network.keys) + 1}-{'END' if leaves else 'START'}",
                f"{'End' if leaves else 'Beginning'} of a group, for its links",
                FINISH_MILESTONE if leaves else START_MILESTONE,
                calendar="",
            )
            records.append(self._task(at, point) | {"clndr_id": self.calendar_id[""]})
        return records

    def _task(self, at: int, one: ActivityDraft) -> Record:
        begun, done = one.actual_start is not None, one.actual_finish is not None
        left = 0 if done else one.remaining if begun and one.remaining is not None else one.duration
        share = Decimal(100) if done else (one.percent_complete or Decimal(0)) if begun else Decimal(0)
        dates, bounds = self.dates, self._bounds(one)
        return {
            "task_id": at + 1,
            "proj_id": self.project_id[one.project],
            "wbs_id": self._inside(one),
            "clndr_id": self.calendar_id[one.calendar or self.usual[one.project]],
            "phys_complete_pct": share,
            "complete_pct_type": "CP_Phys",
            "task_type": _TYPES.get(one.kind, "TT_Task"),
            "duration_type": "DT_FixedDUR2",
            "status_code": "TK_Complete" if done else "TK_Active" if begun else "TK_NotStart",
            "task_code": one.code,
            "task_name": one.name,
            "total_float_hr_cnt": None if done else hours(dates.total_float[at]),
            "free_float_hr_cnt": None if done else hours(dates.free_float[at]),
            "remain_drtn_hr_cnt": hours(0 if one.kind in MILESTONES else left),
            "target_drtn_hr_cnt": hours(0 if one.kind in MILESTONES else one.duration),
            "act_start_date": self.moment(one.actual_start),
            "act_end_date": self.moment(one.actual_finish),
            "late_start_date": self.moment(dates.late_start[at]),
            "late_end_date": self.moment(dates.late_finish[at]),
            "early_start_date": self.moment(dates.early_start[at]),
            "early_end_date": self.moment(dates.early_finish[at]),
            "target_start_date": self.moment(dates.early_start[at]),
            "target_end_date": self.moment(dates.early_finish[at]),
            "cstr_type": bounds[0][0],
            "cstr_date": self.moment(bounds[0][1]),
            "cstr_type2": bounds[1][0],
            "cstr_date2": self.moment(bounds[1][1]),
            "priority_type": "PT_Normal",
            "driving_path_flag": "Y" if dates.on_longest_path[at] else "N",
        }

    def _bounds(self, one: ActivityDraft) -> list[tuple[str, int | None]]:
        """At most two, which is what Primavera holds: a deadline gives way to two constraints."""
        found: list[tuple[str, int | None]] = []
        if one.constraint != NO_CONSTRAINT:
            found.append((_CONSTRAINTS[one.constraint], one.constraint_date))
        found += [
            (_CONSTRAINTS[second.constraint], second.constraint_date)
            for second in self.seconds.get((one.project, one.code), ())
        ]
        if one.deadline is not None:
            found.append((_CONSTRAINTS["FNLT"], one.deadline))
        return [*found, ("", None), ("", None)][:2]

    def links(self) -> list[Record]:
        """Every relationship of the plan between work; those of groups lead through their points."""
        plan = self.network.plan
        records: list[Record] = []
        for number, (source, target) in enumerate(zip(plan.predecessor, plan.successor, strict=True)):
            if Kind.SUMMARY in (plan.kind[source], plan.kind[target]):
                continue  # a group with nothing in it holds nothing
            records.append(
                {
                    "task_pred_id": number + 1,
                    "task_id": target + 1,
                    "pred_task_id": source + 1,
                    "proj_id": self._project_of(target),
                    "pred_proj_id": self._project_of(source),
                    "pred_type": _LINKS[LinkKind(plan.link_kind[number])],
                    "lag_hr_cnt": hours(self._lag(number, source)),
                }
            )
        return records

    def _project_of(self, at: int) -> int:
        return (self.network.plan.project[at] if self.network.plan.project else 0) + 1

    def _lag(self, number: int, source: int) -> int:
        """Minutes on the calendar that the successor's project counts lags on, as they are with the dates of now."""
        plan = self.network.plan
        lag, _ = lag_of(plan, number)
        unit = plan.lag_unit[number] if plan.lag_unit else LagUnit.WORKING
        if unit != LagUnit.ELAPSED or not lag:
            return lag
        counted = self._counted_on(number, source)
        if counted == ALL_HOURS:
            return lag
        leaves_start = plan.link_kind[number] in (LinkKind.START_START, LinkKind.START_FINISH)
        since = (self.dates.early_start if leaves_start else self.dates.early_finish)[source]
        return plan.calendars[counted].between(since, since + lag)

    def _counted_on(self, number: int, source: int) -> int:
        """The calendar on which Primavera counts this relationship's lag."""
        plan = self.network.plan
        target = plan.successor[number]
        project = plan.projects[plan.project[target] if plan.project else 0]
        match project.lag_calendar:
            case LagCalendar.ALL_HOURS:
                return ALL_HOURS
            case LagCalendar.PROJECT_DEFAULT:
                return project.calendar
            case LagCalendar.PREDECESSOR:
                return plan.calendar[source]
            case _:
                return plan.calendar[target]


def _numbers(prefix: str, keys: list[str]) -> dict[str, int]:
    """A number for each code (behind a line break, if there is one): Primavera's own where the code is made of it."""
    wanted = [key.rpartition("\n")[2].removeprefix(prefix) for key in keys]
    given = [int(text) if _NUMBERED.fullmatch(text) else 0 for text in wanted]
    if (
        0 in given
        or len(set(given)) < len(given)
        or any(
            key.rpartition("\n")[2] != f"{prefix}{number}" for key, number in zip(keys, given, strict=True)
        )
    ):
        given = list(range(1, len(keys) + 1))
    return dict(zip(keys, given, strict=True))


def hours(minutes: int) -> str:
    return plain((Decimal(minutes) / 60).quantize(Decimal("0.000001")))
