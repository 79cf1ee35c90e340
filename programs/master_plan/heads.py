"""The heads of the plan's list, projects or groups: each before its first row, or, folded, in its rows' place."""

from __future__ import annotations

from pmo import formats
from programs.master_plan.folding import Folding
from programs.master_plan.frame import Frame
from programs.master_plan.grouping import Key, Section
from programs.master_plan.lines import Line, day, moved
from programs.schedule.clock import ProgramClock
from programs.schedule.gantt import GanttRow


class Heads:
    """Gives the heads that stand above a row, each once, as one goes down a window of rows.

    `above` is what the row before the window stands under: its head, and those before it, were shown already.
    `empty_too`: heads without any row are shown as well.
    """

    def __init__(
        self,
        sections: list[Section],
        shown: Frame,
        clock: ProgramClock,
        *,
        plan_url: str,
        editable_projects: set[int] | None,
        folding: Folding | None,
        empty_too: bool,
        above: tuple[Key] | None,
    ) -> None:
        self.sections = sections
        self._order = {one.value: n for n, one in enumerate(sections)}
        self._at = 0 if above is None or not sections else self._order[above[0]] + 1
        self._shown, self._clock, self._plan_url = shown, clock, plan_url
        self._editable, self._folding, self._empty_too = editable_projects, folding, empty_too

    def before(self, value: Key) -> list[tuple[Line, GanttRow]]:
        """The heads that come before a row which stands under this one."""
        if not self.sections or self._order[value] < self._at:
            return []
        upto = self._order[value]
        passed = [one for one in self.sections[self._at : upto] if self._stands_alone(one)]
        self._at = upto + 1
        return [self._head(one) for one in [*passed, self.sections[upto]]]

    def rest(self) -> list[tuple[Line, GanttRow]]:
        """The heads that are left after the last row of the list."""
        left = [one for one in self.sections[self._at :] if self._stands_alone(one)]
        self._at = len(self.sections)
        return [self._head(one) for one in left]

    def folded_projects(self) -> list[int]:
        """The projects among the heads whose rows are hidden."""
        return [one.project.pk for one in self.sections if one.folded and one.project is not None]

    def _stands_alone(self, one: Section) -> bool:
        return one.folded or (self._empty_too and not one.rows)

    def _head(self, one: Section) -> tuple[Line, GanttRow]:
        """The row of a project or group, with the span of all its activities."""
        project, wall = one.project, self._clock.wall_or_none
        slip, href, editable = formats.UNKNOWN, "", False
        if project is not None:
            base = self._shown.baseline_spans.get(project.pk)
            slip = moved(base.finish if base else None, one.finish)
            href = f"{self._plan_url}?project={project.code}"
            editable = self._editable is None or project.pk in self._editable
        line = Line(
            one.key,
            None,
            one.label,
            0,
            True,
            False,
            href,
            False,
            {
                "start": day(one.start, self._clock),
                "finish": day(one.finish, self._clock, finish=True, begun=one.start),
                "slip": slip,
            },
            editable,
            fold=self._folding.href(one.key) if self._folding and one.rows else "",
            folded=one.folded,
        )
        bar = GanttRow(one.key, one.label, "project", wall(one.start), wall(one.finish), href=href)
        return line, bar
