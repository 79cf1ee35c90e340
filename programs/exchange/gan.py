"""A GanttProject plan (.gan) into a draft of one project.

GanttProject counts whole days: a day here is 08:00 to 17:00 with an hour's break. A task starts on the day that is
stored with it unless a hard link moves it; so a task without one is held by a start-no-earlier-than date. A link
stands in its predecessor and names the successor. The file has no status date and no currency.
"""

from __future__ import annotations

import re
from decimal import Decimal

from . import checks
from .cells import MAX_DURATION, NAME_LENGTH
from .draft import (
    NO_CONSTRAINT,
    START_MILESTONE,
    SUMMARY,
    TASK,
    ActivityDraft,
    AssignmentDraft,
    DependencyDraft,
    Draft,
    ProgramDraft,
    ProjectDraft,
    ResourceDraft,
    StoredDraft,
    note,
)
from .gan_values import Days, Given, calendar, moment_of
from .mspdi import project_code
from .problems import ENOUGH, ImportRefused, Problems
from .xml_stream import Element, records

ROOT = "project"
_HOLDERS = frozenset({"tasks", "resources", "allocations", "previous", "vacations"})
_SKIPPED = frozenset({"view", "roles", "gantt-chart", "taskproperties", "custom-property-definition"})
_LINKS = {"1": "SS", "2": "FS", "3": "FF", "4": "SF"}
_DAY = 480
_LONGEST_LAG = checks.MAX_LAG // _DAY


def read_gan(data: bytes, file: str, problems: Problems) -> Draft:
    """The draft of a GanttProject file. Raises `ImportRefused` where it is no such file; the rest is in `problems`."""
    found: dict[str, list[Element]] = {}
    header = Element("project", 1)
    for element in records(data, file, ROOT, _HOLDERS, _SKIPPED, about=header):
        found.setdefault(element.tag, []).append(element)
    if not found.get("task"):
        raise ImportRefused("holds no tasks", file=file)
    given = Given(file, problems)
    name = given.text(header, "name", NAME_LENGTH) or re.sub(r"\.gan$", "", file, flags=re.IGNORECASE)
    project = ProjectDraft(
        code=project_code(name), name=name or "Project", calendar="gan", minutes_per_day=_DAY
    )
    draft = Draft(source="gan", program=ProgramDraft(name=project.name), projects=[project])
    days = calendar(next(iter(found.get("calendars", ())), None), _years(found["task"]), given)
    draft.calendars = [days.calendar]
    reader = _Tasks(draft, project, days, given)
    for element in found["task"]:
        reader.read(element, "")
    reader.link()
    project.start = min((one.early_start or 0 for one in draft.stored.values()), default=None)
    _resources(draft, project, found.get("resource", []), given)
    _allocations(draft, project, found.get("allocation", []), given)
    _left_out(draft, reader, found)
    checks.check(draft, problems, checks.Places(file, file, file, file, file, file, file))
    return draft


def _years(elements: list[Element]) -> range:
    """The years of the plan, one before and five behind it: where a yearly holiday is entered."""
    found, todo = set(), list(elements)
    while todo:
        element = todo.pop()
        text = element.attributes.get("start", "")[:4]
        if len(text) == 4 and text.isascii() and text.isdigit() and 1950 <= int(text) <= 2150:
            found.add(int(text))
        todo += element.all("task")
    return range(min(found) - 1, min(max(found), min(found) + 40) + 6) if found else range(0)


class _Tasks:
    """The tree of tasks, and the links that stand in them."""

    def __init__(self, draft: Draft, project: ProjectDraft, days: Days, given: Given) -> None:
        self.draft, self.project, self.days, self.given = draft, project, days, given
        self.seen: dict[str, int] = {}
        self.links: list[tuple[str, Element]] = []
        self.starts: dict[str, int] = {}
        self.soft = self.fields = self.colours = 0

    def read(self, element: Element, parent: str) -> None:
        """One task with those below it."""
        given, code = self.given, element.attributes.get("id", "")
        if not code.isascii() or not code.isdigit() or len(code) > 12:
            given.error(element, "id", "A task needs a whole number as id.")
            return
        if code in self.seen:
            given.error(element, "id", f"This id was already used in row {self.seen[code]}.")
            return
        self.seen[code] = element.line
        below = element.all("task")
        one = self._activity(element, code, parent, group=bool(below))
        self.draft.activities.append(one)
        self.fields += len(element.all("customproperty"))
        self.links += [(code, link) for link in element.all("depend")]
        for child in below:
            self.read(child, code)

    def _activity(self, element: Element, code: str, parent: str, *, group: bool) -> ActivityDraft:
        given = self.given
        length = 0 if group else given.whole(element, "duration", 0, 0, MAX_DURATION // _DAY)
        milestone = not group and (element.attributes.get("meeting") == "true" or not length)
        length = 0 if milestone else length
        day = given.day(element, "start")
        one = ActivityDraft(
            project=self.project.code,
            code=code,
            name=given.text(element, "name", NAME_LENGTH) or "(no name)",
            kind=SUMMARY if group else START_MILESTONE if milestone else TASK,
            parent=parent,
            position=len(self.draft.activities),
            duration=length * _DAY,
            notes=note(element.get("notes")),
            row=element.line,
        )
        if element.attributes.get("cost-calculated") == "false":
            one.fixed_cost = one.total_cost = given.amount(element, "cost-manual-value")
        if group or day is None:
            return one
        first = self.days.working_from(day)
        self.starts[code] = start = moment_of(first)
        last = self.days.last(first, length) if length else first
        finish = moment_of(last) + (_DAY + 60 if length else 0)
        self.draft.stored[self.project.code, code] = StoredDraft(start, finish)
        self._progress(one, element, start, finish)
        earliest = given.day(element, "thirdDate")
        if earliest is not None and element.attributes.get("thirdDate-constraint") == "1":
            one.constraint, one.constraint_date = "SNET", moment_of(self.days.working_from(earliest))
        return one

    def _progress(self, one: ActivityDraft, element: Element, start: int, finish: int) -> None:
        percent = self.given.whole(element, "complete", 0, 0, 100)
        one.percent_complete = Decimal(percent)
        if percent:
            one.actual_start = start
            # A percentage moves no date in GanttProject, and there is no status date: what is left is not said.
            one.remaining = 0 if percent == 100 else None
            one.actual_finish = finish if percent == 100 else None

    def link(self) -> None:
        """The links, and the start that holds a task which no hard link moves."""
        moved: set[str] = set()
        for source, element in self.links:
            given, target = self.given, element.attributes.get("id", "")
            kind = _LINKS.get(element.attributes.get("type", "2"))
            if kind is None:
                given.error(element, "type", "This is not a type of link.")
                continue
            lag = given.whole(element, "difference", 0, -_LONGEST_LAG, _LONGEST_LAG) * _DAY
            if element.attributes.get("hardness", "Strong") == "Rubber":
                self.soft += 1
            else:
                moved.add(target)
            code = self.project.code
            self.draft.dependencies.append(
                DependencyDraft(code, source, code, target, kind, lag, row=element.line)
            )
        for one in self.draft.activities:
            if (
                one.code in self.starts
                and one.code not in moved
                and one.constraint == NO_CONSTRAINT
                and one.actual_start is None
            ):
                one.constraint, one.constraint_date = "SNET", self.starts[one.code]


def _resources(draft: Draft, project: ProjectDraft, elements: list[Element], given: Given) -> None:
    seen: set[str] = set()
    for element in elements:
        code = element.attributes.get("id", "")
        if not code.isascii() or not code.isdigit() or len(code) > 12 or code in seen:
            given.error(element, "id", "A resource needs a whole number of its own as id.")
            continue
        seen.add(code)
        rates = [one for one in element.all("rate") if one.attributes.get("name") == "standard"]
        draft.resources.append(
            ResourceDraft(
                project=project.code,
                code=code,
                name=given.text(element, "name", NAME_LENGTH) or f"Resource {code}",
                kind="person",
                cost_per_hour=given.amount(rates[0], "value") / 8 if rates else Decimal(0),
                email=given.text(element, "contacts", NAME_LENGTH),
                row=element.line,
            )
        )


def _allocations(draft: Draft, project: ProjectDraft, elements: list[Element], given: Given) -> None:
    """Who works on what: a load of 100 is one whole person. What leads to nothing is said."""
    tasks = {one.code for one in draft.activities if one.kind != SUMMARY}
    people = {one.code for one in draft.resources}
    known: dict[tuple[str, str], AssignmentDraft] = {}
    for element in elements[:ENOUGH]:
        task, person = element.attributes.get("task-id", ""), element.attributes.get("resource-id", "")
        units = given.number(element, "load", Decimal(100)) / 100
        if task not in tasks or person not in people or units <= 0:
            given.problems.warn(
                given.file,
                element.line,
                "allocation",
                f"task {task}, resource {person}",
                "This allocation has no load, or is to a group or to something that is not in the file: left out.",
            )
            continue
        if (same := known.get((task, person))) is not None:
            same.units += units
            continue
        known[task, person] = AssignmentDraft(
            project.code, task, project.code, person, units, row=element.line
        )
    draft.assignments += known.values()


def _left_out(draft: Draft, reader: _Tasks, found: dict[str, list[Element]]) -> None:
    """What was understood and has no place here, counted."""
    counted = (
        (reader.fields, "value of a user field", "values of user fields"),
        (reader.soft, "soft link, read as a hard one", "soft links, read as hard ones"),
        (len(found.get("previous-tasks", ())), "baseline", "baselines"),
        (len(found.get("vacation", ())), "time off of a person", "times off of persons"),
    )
    draft.dropped += [f"{n:,} {one if n == 1 else many}" for n, one, many in counted if n]
    known = {"task", "resource", "allocation", "calendars", "description", "previous-tasks", "vacation"}
    draft.unknown = sorted(name[:80] for name in set(found) - known)[:50]
    for name in draft.unknown:
        reader.given.problems.warn(
            reader.given.file, None, name, "", "This element is not known and was not read."
        )
