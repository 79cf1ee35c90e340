"""A plan table, CSV or XLSX, into a draft of one project, by the layout that was saved for its source.

A row without predecessors is held by its start (start no earlier than); where there are predecessors they decide, and
the dates written are compared with those computed. Days have eight hours, Monday to Friday, 08:00 to 17:00.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from . import checks
from .cells import MAX_DURATION, NAME_LENGTH
from .draft import (
    DAY,
    START_MILESTONE,
    SUMMARY,
    TASK,
    ActivityDraft,
    CalendarDraft,
    DependencyDraft,
    Draft,
    ProgramDraft,
    ProjectDraft,
    StoredDraft,
    from_wall,
)
from .gan_values import WHOLE_DAY, Days
from .problems import ImportRefused, Problems
from .sheet_layout import DAY_MINUTES, PER_UNIT, SheetLayout
from .sheet_people import cells, people
from .sheet_rows import SheetTable, read_rows

_MORNING, _EVENING = 480, 1020
_LENGTH = re.compile(r"(-?[0-9.,]{1,20})\s*([a-z]*)\s*\?{0,1}", re.ASCII | re.IGNORECASE)
_REST = re.compile(
    r"\s*(FS|SS|FF|SF)?\s*(?:([+-])\s*([0-9.,]{1,20})\s*([a-z]*|%))?", re.ASCII | re.IGNORECASE
)
_UNITS = {
    **dict.fromkeys(("d", "day", "days", "t", "tag", "tage"), "days"),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours", "std"), "hours"),
    **dict.fromkeys(("w", "wk", "wks", "week", "weeks"), "weeks"),
}
_YES = frozenset({"1", "x", "y", "yes", "true", "ja", "milestone"})
_NO = frozenset({"", "0", "-", "n", "no", "false", "nein"})
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}", re.ASCII)


def read_sheet(data: bytes, file: str, layout: SheetLayout, problems: Problems) -> Draft:
    """The draft. Raises `ImportRefused` where the file as a whole cannot be read; the rest is in `problems`."""
    table = read_rows(data, file, layout, problems)
    if not table.rows:
        raise ImportRefused("has no rows below its headings", file=file)
    return _Sheet(file, layout, problems, table).draft


class _Sheet:
    """Reads the rows one kind of cell after the other, since a cell may name a row that follows."""

    def __init__(self, file: str, layout: SheetLayout, problems: Problems, table: SheetTable) -> None:
        self.file, self.layout, self.problems = file, layout, problems
        name = layout.project_name or layout.project
        self.project = ProjectDraft(layout.project, name, calendar="week", minutes_per_day=DAY_MINUTES)
        self.draft = Draft(source="sheet", program=ProgramDraft(name=name), projects=[self.project])
        self.days = Days(CalendarDraft("week", "Monday to Friday", (WHOLE_DAY,) * 5 + ((),) * 2))
        self.draft.calendars = [self.days.calendar]
        self.by_code: dict[str, ActivityDraft] = {}
        self.rows: list[tuple[ActivityDraft, dict[str, str]]] = []
        self.unread: set[str] = set()  # activities whose duration could not be read: no milestones for that
        for number, texts in table.rows:
            self._activity(number, texts)
        self._tree()
        self._links()
        self._times()
        people(self.draft, self.rows, layout, self.error)
        starts = [one.early_start for one in self.draft.stored.values() if one.early_start is not None]
        self.project.start = min(starts, default=None)
        self.draft.dropped += [f"the column “{name[:60]}”" for name in table.unused[:50]]
        checks.check(self.draft, problems, checks.Places(*(file,) * 7))
        problems.order_by_row()

    def error(self, row: int, column: str, text: str, sentence: str) -> None:
        """What forbids accepting the file, named by the file's own heading."""
        self.problems.error(self.file, row, self.layout.columns.get(column, column), text, sentence)

    def _read(self, row: int, texts: dict[str, str], column: str, read: Any, usual: Any = None) -> Any:
        text = texts.get(column, "")
        if not text:
            return usual
        try:
            return read(text)
        except ValueError as fault:
            self.error(row, column, text, f"This {fault}.")
            return usual

    def _activity(self, number: int, texts: dict[str, str]) -> None:
        code = texts.get("code", "") or str(number)
        if not _CODE.fullmatch(code):
            self.error(
                number, "code", code, "A code has letters, digits, dots, dashes and underscores, at most 60."
            )
            return
        if (same := self.by_code.get(code)) is not None:
            self.error(number, "code", code, f"This code was already used in row {same.row}.")
            return
        cost = self._read(number, texts, "cost", self._positive, Decimal(0))
        length = self._read(number, texts, "duration", self._length)
        if length is None and texts.get("duration"):
            self.unread.add(code)
        one = ActivityDraft(
            project=self.project.code,
            code=code,
            name=texts["name"][:NAME_LENGTH] or "(no name)",
            wbs=texts.get("wbs", "")[:120],
            position=len(self.draft.activities),
            duration=length or 0,
            deadline=self._read(number, texts, "deadline", lambda text: self.layout.moment(text, _EVENING)),
            fixed_cost=cost,
            total_cost=cost,
            notes=texts.get("notes", "")[:4_000],
            row=number,
        )
        self.by_code[code] = one
        self.draft.activities.append(one)
        self.rows.append((one, texts))

    def _positive(self, text: str) -> Decimal:
        amount = self.layout.number(text)
        if amount < 0:
            raise ValueError("is a negative amount")
        return amount

    def _minutes(self, amount: str, unit: str) -> int:
        named = _UNITS.get(unit.lower(), "") if unit else self.layout.unit
        if not named:
            raise ValueError("is in a unit that is not known: d, h or w")
        return int((self.layout.number(amount) * PER_UNIT[named]).to_integral_value(ROUND_HALF_EVEN))

    def _length(self, text: str) -> int:
        match = _LENGTH.fullmatch(text)
        if match is None:
            raise ValueError("is not a duration such as 5, 5d or 40h")
        minutes = self._minutes(match[1], match[2])
        if not 0 <= minutes <= MAX_DURATION:
            raise ValueError("is a negative duration" if minutes < 0 else "is longer than thirty years")
        return minutes

    # ------------------------------------------------------------------ groups
    def _tree(self) -> None:
        columns = self.layout.columns
        if "level" in columns:
            self._by_level()
        elif "parent" in columns:
            for one, texts in self.rows:
                one.parent = texts["parent"]
        elif "wbs" in columns:
            numbers = {one.wbs: one.code for one, _ in self.rows if one.wbs}
            for one, _ in self.rows:
                above = one.wbs.rpartition(".")[0]
                one.parent = numbers.get(above, "")
                if above and not one.parent:
                    self.error(
                        one.row, "wbs", one.wbs, f"No row has the WBS number {above[:40]} above this one."
                    )
        for one, _ in self.rows:
            if (group := self.by_code.get(one.parent)) is not None and group is not one:
                group.kind, group.duration, group.deadline = SUMMARY, 0, None

    def _by_level(self) -> None:
        above: list[tuple[int, str]] = []
        for one, texts in self.rows:
            text = texts["level"]
            if not re.fullmatch(r"[0-9]{1,2}", text, re.ASCII):
                self.error(one.row, "level", text, "A level is a whole number, 1 at the top.")
                continue
            while above and above[-1][0] >= int(text):
                above.pop()
            one.parent = above[-1][1] if above else ""
            above.append((int(text), one.code))

    # ------------------------------------------------------------------ links
    def _links(self) -> None:
        for one, texts in self.rows:
            for part in cells(texts.get("predecessors", ""), self.layout):
                self._link(one, part)

    def _link(self, one: ActivityDraft, text: str) -> None:
        """`12FS+3d`: the longest beginning that is a code, and the rest of it."""
        found, match = next(
            (
                (text[:n].strip(), match)
                for n in range(min(len(text), 80), 0, -1)
                if text[:n].strip() in self.by_code and (match := _REST.fullmatch(text[n:])) is not None
            ),
            ("", None),
        )
        if match is None:
            self.error(
                one.row,
                "predecessors",
                text,
                "No row has this code, or what follows it is no link (12FS+3d).",
            )
            return
        lag, unit = 0, "working"
        if match[2]:
            sign = -1 if match[2] == "-" else 1
            try:
                if match[4] == "%":
                    lag, unit = int(self.layout.number(match[3])), "percent"
                else:
                    lag = self._minutes(match[3], match[4])
            except ValueError as fault:
                self.error(one.row, "predecessors", text, f"The lag {fault}.")
            lag *= sign
            if abs(lag) > checks.MAX_LAG:
                self.error(one.row, "predecessors", text, "The lag is longer than ten years.")
                lag = 0
        code = self.project.code
        self.draft.dependencies.append(
            DependencyDraft(code, found, code, one.code, (match[1] or "FS").upper(), lag, unit, one.row)
        )

    # ------------------------------------------------------------------ dates and progress
    def _times(self) -> None:
        follows = {link.to_activity for link in self.draft.dependencies}
        for one, texts in self.rows:
            start = self._read(one.row, texts, "start", lambda text: self.layout.moment(text, _MORNING))
            finish = self._read(one.row, texts, "finish", lambda text: self.layout.moment(text, _EVENING))
            if one.kind == SUMMARY:
                continue
            if start is not None and finish is not None and finish < start:
                self.error(one.row, "finish", texts["finish"], "It finishes before it starts.")
                finish = None
            if not texts.get("duration") and start is not None and finish is not None:
                one.duration = self._between(start, finish)
            told = texts.get("milestone", "").lower()
            if told not in _YES | _NO:
                self.error(one.row, "milestone", told, "Say yes or no.")
            if told in _YES or (not one.duration and one.code not in self.unread):
                one.kind, one.duration = START_MILESTONE, 0
            else:
                one.kind = TASK
            if start is not None or finish is not None:
                self.draft.stored[self.project.code, one.code] = StoredDraft(
                    start, finish if one.kind == TASK else None
                )
            self._progress(one, texts, start, finish)
            if start is not None and one.actual_start is None and one.code not in follows:
                one.constraint, one.constraint_date = "SNET", start

    def _between(self, start: int, finish: int) -> int:
        """Working minutes of the days from start to finish, both counted."""
        day, last = from_wall(start).date(), from_wall(finish).date()
        if last - day > timedelta(days=366 * 30):
            return MAX_DURATION + 1
        whole, rest = divmod((last - day).days + 1, 7)
        count = whole * 5 + sum(self.days.works(day + timedelta(days=n)) for n in range(rest))
        return count * DAY_MINUTES

    def _progress(
        self, one: ActivityDraft, texts: dict[str, str], start: int | None, finish: int | None
    ) -> None:
        percent = self._read(one.row, texts, "percent", self._percent, Decimal(0))
        one.percent_complete = percent if texts.get("percent") else None
        if not percent:
            return
        if start is None:
            self.error(one.row, "percent", texts["percent"], "It has begun, and no start says when.")
            return
        one.actual_start = start
        if percent == 100:
            length = -(-one.duration // DAY_MINUTES)
            last: date = (
                self.days.last(from_wall(start).date(), length) if length else from_wall(start).date()
            )
            ends = (
                start
                if not length
                else start // DAY * DAY + (last - from_wall(start).date()).days * DAY + _EVENING
            )
            one.remaining, one.actual_finish = 0, max(start, ends if finish is None else finish)

    def _percent(self, text: str) -> Decimal:
        found = self.layout.number(text.removesuffix("%").strip())
        found = found * 100 if self.layout.percent == "one" and not text.endswith("%") else found
        if not 0 <= found <= 100:
            raise ValueError("does not lie between 0 and 100 percent")
        return found
