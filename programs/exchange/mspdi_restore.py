"""A plan that left here as an MS Project file, put back as it was: codes, projects, and what that format cannot say.

Everything is read as from any stranger: each value through the parsers of the bundle, what does not fit reported at its
line. What was changed in MS Project wins: names, durations, dates, links, percentages; rows that were added there get
codes from their number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from . import bundle, bundle_facts, cells, mspdi_calendars, mspdi_own
from .draft import SUMMARY, ActivityDraft, BaselineCostDraft, Draft, note
from .export.mspdi_tasks import shown_percent
from .mspdi_values import CONSTRAINTS, Values, moment
from .progress_now import progress_now
from .rows import Key
from .table import Table, read_table
from .xml_stream import Element

_CENT = Decimal("0.000001")


def is_ours(tasks: Iterable[Element]) -> bool:
    """Whether the file says that it was written here."""
    return any(one.get("UID") == "0" and one.get("Notes").startswith(mspdi_own.MARK) for one in tasks)


def restore(draft: Draft, tasks: list[Element], resources: list[Element], values: Values) -> None:
    """Turn the draft of one MS Project plan into the program that it was."""
    _Restored(draft, tasks, resources, values).restore()


class _Restored:
    def __init__(self, draft: Draft, tasks: list[Element], resources: list[Element], values: Values) -> None:
        self.draft, self.values = draft, values
        self.tasks = {one.get("UID"): one for one in tasks}
        self.resources = {one.get("UID"): one for one in resources}
        self.own = {uid: mspdi_own.attributes(one) for uid, one in self.tasks.items()}
        self.keys: dict[str, Key] = {}
        """Project and code of each task by UID; an empty code stands for the project itself."""
        self.blocks = mspdi_own.blocks(self.tasks, self.own)

    def restore(self) -> None:
        draft = self.draft
        self._calendars()
        self._program()
        self._codes()
        if not draft.projects:
            self._problem(self.tasks["0"], "Notes", "", "The note of this plan names no project.")
            return
        self._activities()
        self._links()
        self._people()
        self._facts()
        draft.own_codes = True

    def _problem(self, element: Element, tag: str, value: object, sentence: str) -> None:
        self.values.problems.error(self.values.file, element.line, tag, value, sentence)

    def _warn(self, element: Element, tag: str, value: object, sentence: str) -> None:
        self.values.problems.warn(self.values.file, element.line, tag, value, sentence)

    def _table(self, name: str) -> Table:
        lines = self.blocks.get(name)
        if not lines:
            return Table(name)
        return read_table(name, "\n".join(lines).encode(), self.values.problems)

    def _calendars(self) -> None:
        codes: dict[str, str] = {}
        for line in self.blocks.get(mspdi_own.CALENDARS, ()):
            uid, _, code = line.partition(",")
            try:
                codes[mspdi_calendars.code_of(uid)] = cells.code(code)
            except ValueError as fault:
                self._problem(self.tasks["0"], "Notes", code, f"The calendar's code {fault}.")
        if len(set(codes.values())) < len(codes):
            self._problem(self.tasks["0"], "Notes", "", "The note gives two calendars one code.")
            return
        for calendar in self.draft.calendars:
            calendar.code = codes.get(calendar.code, calendar.code)
        for one in self.draft.activities:
            one.calendar = codes.get(one.calendar, one.calendar)
        self.usual = codes.get(self.draft.projects[0].calendar, self.draft.projects[0].calendar)

    def _program(self) -> None:
        draft, problems = self.draft, self.values.problems
        said = Draft("bundle")
        bundle.program(said, self._table("program.csv"), Table("projects.csv"), problems)
        if "program.csv" in self.blocks:
            said.program.currency = draft.program.currency or said.program.currency
        else:
            said.program.currency = draft.program.currency
        bundle.projects(said, self._table("projects.csv"), problems)
        for project in said.projects:
            project.calendar = project.calendar or self.usual
        draft.program, draft.projects = said.program, said.projects

    # ------------------------------------------------------------------ the rows
    def _codes(self) -> None:
        """Whose each row is, and its code: ours, or one made of its number."""
        known = {one.code for one in self.draft.projects}
        taken: set[Key] = set()
        for uid, own in self.own.items():
            code = own.get(mspdi_own.CODE_FIELD, "")
            if own.get(mspdi_own.PAIRS_FIELD) == mspdi_own.PROJECT and code in known:
                self.keys[uid] = (code, "")
        for one in self.draft.activities:  # parents come before what is in them
            if one.code in self.keys:
                continue
            element = self.tasks[one.code]
            project = self._project_of(one, element)
            code = self.own[one.code].get(mspdi_own.CODE_FIELD, "")
            if code and not mspdi_own.is_code(code):
                self._problem(element, "ExtendedAttribute", code, "This is no code of an activity.")
            if not mspdi_own.is_code(code) or (project, code) in taken:
                code = self._free(project, one.code, taken)
            taken.add((project, code))
            self.keys[one.code] = (project, code)

    def _free(self, project: str, uid: str, taken: set[Key]) -> str:
        """A code for a row that has none of ours."""
        ours = {own.get(mspdi_own.CODE_FIELD) for own in self.own.values()}
        code, more = uid, 0
        while (project, code) in taken or code in ours:
            more += 1
            code = f"{uid}-{more}"
        return code

    def _project_of(self, one: ActivityDraft, element: Element) -> str:
        if one.parent:
            return str(self.keys[one.parent][0])
        first = self.draft.projects[0].code if self.draft.projects else ""
        self._warn(
            element, "OutlineLevel", "1", f"This task stands beside the projects; it is read into {first}."
        )
        return first

    def _activities(self) -> None:
        draft = self.draft
        names = {one.code: one for one in draft.projects}
        kept: list[ActivityDraft] = []
        places: dict[str, int] = {}
        for one in draft.activities:
            uid = one.code
            project, code = self.keys[uid]
            if not code:
                name = self._name(self.tasks[uid], cells.name)
                names[project].name = name or names[project].name
                continue
            parent = self.keys[one.parent][1] if one.parent else ""
            one.project, one.code, one.parent = project, code, parent
            one.position = places[project] = places.get(project, -1) + 1
            self._own_values(one, uid)
            kept.append(one)
        order = {project.code: at for at, project in enumerate(draft.projects)}
        kept.sort(key=lambda one: (order[one.project], one.position))
        draft.activities = kept
        draft.stored = {}
        draft.marks = {}
        for each in draft.baselines:
            each.project, each.activity = self.keys[each.activity]
        draft.baselines = [one for one in draft.baselines if one.activity]

    def _name(self, element: Element, parse: Callable[[str], str]) -> str:
        """The name as it stands in the file, spaces and all, where it is one that is taken here."""
        text = element.get("Name")
        try:
            return "" if cells.UNPRINTABLE.search(text) else parse(text)
        except ValueError:
            return ""

    def _own_values(self, one: ActivityDraft, uid: str) -> None:
        """What the format has no field for; and what the reader takes from summaries, where ours keep it."""
        element = self.tasks[uid]
        one.name = self._name(element, cells.activity_name) or one.name
        one.wbs = element.get("WBS")[:120] if not cells.UNPRINTABLE.search(element.get("WBS")) else one.wbs
        notes, _, history = element.get("Notes").partition(mspdi_own.HISTORY)
        one.notes = note(notes)
        if history:
            self.blocks.setdefault("progress.csv", []).extend(
                f"{one.project},{one.code},{line}" for line in history.split("\n") if line.strip()
            )
        try:
            own = mspdi_own.pairs(self.own[uid].get(mspdi_own.PAIRS_FIELD, ""))
        except ValueError as fault:
            self._problem(element, "ExtendedAttribute", "Text30", f"A value of ours {fault}.")
            return
        kind = own.get("kind")
        if kind == SUMMARY and one.kind != SUMMARY:
            one.kind, one.duration, one.calendar, one.remaining = SUMMARY, 0, "", None
            one.total_cost, one.resource_cost = one.fixed_cost, Decimal(0)
        elif kind is not None and one.kind != SUMMARY and not (one.duration and "milestone" in kind):
            one.kind = kind
        if one.kind == SUMMARY:
            one.constraint = CONSTRAINTS.get(element.get("ConstraintType") or "0", "ASAP")
            one.constraint_date = self.values.read(element, "ConstraintDate", moment)
        one.position = own.get("position", one.position)
        one.optimistic, one.most_likely = own.get("optimistic"), own.get("most_likely")
        one.pessimistic = own.get("pessimistic")
        one.cost_per_hour = own.get("cost_per_hour", Decimal(0))
        one.manual = own.get("manual", one.manual)
        exact = own.get("percent_complete")
        if exact is not None and one.percent_complete == shown_percent(exact):
            one.percent_complete = exact
        if own.get("usual_calendar"):
            one.calendar = self._usual_again(one)
        self._baseline_cost(one, own)

    def _usual_again(self, one: ActivityDraft) -> str:
        """No calendar of its own, unless MS Project was given another one than the project's."""
        usual = {project.code: project.calendar for project in self.draft.projects}[one.project]
        return "" if one.calendar in ("", usual) else one.calendar

    def _baseline_cost(self, one: ActivityDraft, own: dict[str, Any]) -> None:
        """The split of the baseline's cost, where that cost is still the one it was split from."""
        start, spread = own.get("start_cost"), own.get("spread_cost")
        if start is not None and spread is not None and start + spread == one.baseline_cost:
            self.draft.baseline_costs.append(BaselineCostDraft(one.project, one.code, start, spread))

    def _links(self) -> None:
        kept = []
        for link in self.draft.dependencies:
            link.from_project, link.from_activity = self.keys.get(link.from_activity, ("", ""))
            link.to_project, link.to_activity = self.keys.get(link.to_activity, ("", ""))
            if link.from_activity and link.to_activity:
                kept.append(link)
            else:
                self.values.problems.warn(
                    self.values.file,
                    link.row,
                    "PredecessorLink",
                    "",
                    "This link of a whole project was left out.",
                )
        self.draft.dependencies = kept

    # ------------------------------------------------------------------ who works, and what was reported
    def _people(self) -> None:
        draft = self.draft
        known = {one.code for one in draft.projects}
        kinds = cells.choice(of=("person", "role", "equipment", "environment", "material"))
        keys: dict[str, Key] = {}
        for one in draft.resources:
            element, uid = self.resources[one.code], one.code
            code, owner, kind = element.get("Code"), element.get("Group"), element.get("Notes")
            one.project = owner if owner in known else ""
            one.code = (
                code if mspdi_own.is_code(code) and (one.project, code) not in keys.values() else f"R{uid}"
            )
            one.name = self._name(element, cells.name) or one.name
            try:
                one.kind = kinds(kind) if kind else one.kind
            except ValueError:
                self._warn(element, "Notes", kind, "This is no kind of a resource.")
            keys[uid] = (one.project, one.code)
        no_effort = mspdi_own.NO_EFFORT in self.blocks
        for each in draft.assignments:
            each.project, each.activity = self.keys[each.activity]
            each.resource_project, each.resource = keys[each.resource]
            if no_effort:
                each.effort = None
        draft.assignments = [one for one in draft.assignments if one.activity]
        self._planned_costs()

    def _planned_costs(self) -> None:
        """The cost of assignments at their rates, as it is worked out here; what else MS Project says stays."""
        rates = {(one.project, one.code): one for one in self.draft.resources}
        work = {(one.project, one.code): one.duration for one in self.draft.activities}
        assigned: dict[Key, Decimal] = {}
        for each in self.draft.assignments:
            key, rate = (each.project, each.activity), rates[each.resource_project, each.resource]
            cost = each.units * (rate.cost_per_use + rate.cost_per_hour * work[key] / 60)
            assigned[key] = assigned.get(key, Decimal(0)) + (cost if each.cost is None else each.cost)
        for one in self.draft.activities:
            cost = assigned.get((one.project, one.code), Decimal(0)).quantize(_CENT)
            if abs(cost - one.resource_cost) < _CENT:
                one.resource_cost = cost
            direct = one.fixed_cost + one.cost_per_hour * one.duration / 60
            one.total_cost = direct + one.resource_cost

    def _facts(self) -> None:
        """Status dates and progress at each; then whether the activities say something newer."""
        problems = self.values.problems
        bundle_facts.status_dates(self.draft, self._table("status_dates.csv"), problems)
        if "progress.csv" in self.blocks:
            header = ",".join(("project_id", "activity_id", *mspdi_own.PROGRESS))
            self.blocks["progress.csv"].insert(0, header)
            bundle_facts.progress(self.draft, self._table("progress.csv"), problems)
        self.draft.progress_now = progress_now(self.draft)
