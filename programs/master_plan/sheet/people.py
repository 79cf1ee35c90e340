"""The cell that tells who works on an activity: `Jo [50%]; Kim`, read, written and compared with what is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cached_property

from pmo.refusals import NotAllowed, Refused
from programs.master_plan.sheet.recorder import Recorder
from programs.portfolio.models import Program
from programs.resources import assigning, wording
from programs.resources.models import Assignment
from programs.resources.naming import Names
from programs.schedule.models import Activity

FIELD = "resources"


class People:
    """Who works on the activities of one program, as cells say it."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.asked: set[tuple[int, int]] = set()
        """(resource, activity) of all that were put on something or given another share."""

    @cached_property
    def names(self) -> Names:
        """Read once, and only where somebody is named."""
        return Names(self.program)

    def text(self, activity: Activity) -> str:
        """What stands in the cell of an activity now. One query, and once the names."""
        rows = Assignment.objects.filter(activity=activity).order_by("pk").values_list("resource_id", "units")
        return self._cell(activity.project_id, list(rows))

    def texts(self, projects: Mapping[int, int]) -> dict[int, str]:
        """The cells of many activities, given with their projects. Two queries."""
        found: dict[int, list[tuple[int, Decimal]]] = {}
        rows = Assignment.objects.filter(activity_id__in=list(projects)).order_by("pk")
        for activity, resource, units in rows.values_list("activity_id", "resource_id", "units"):
            found.setdefault(activity, []).append((resource, units))
        return {activity: self._cell(projects[activity], rows) for activity, rows in found.items()}

    def _cell(self, project: int, rows: Sequence[tuple[int, Decimal]]) -> str:
        if not rows:
            return ""
        return "; ".join(
            wording.written(self.names.label(resource, project), units) for resource, units in rows
        )

    def put(self, activity: Activity, text: str, recorder: Recorder, *, more: bool = False) -> str:
        """Bring an activity's people to what the text says, or (`more`) put those named on it besides the others.

        Returns the names as they are written. Raises NotAllowed, and Refused at the cell.
        """
        try:
            return self._put(activity, text, recorder, more=more)
        except NotAllowed:
            raise
        except Refused as refusal:
            raise Refused(refusal.message, field=FIELD, code=refusal.code) from refusal

    def _put(self, activity: Activity, text: str, recorder: Recorder, *, more: bool) -> str:
        assigning.check(self.program, activity)
        wanted: dict[int, Decimal] = {}
        for name, units in wording.read(text):
            named = self.names.find(name, activity.project_id)
            if named.pk in wanted:
                raise Refused(f"{named.name} is named twice.")
            wanted[named.pk] = units
        if more and not wanted:
            raise Refused("Write who is to work on them, such as Jo [50%].")
        there = {one.resource_id: one for one in Assignment.objects.filter(activity=activity).order_by("pk")}
        if set(wanted) - set(there):
            assigning.refuse_idle(activity.kind)
        for pk, one in there.items():
            if pk not in wanted and not more:
                recorder.gone(one)
                one.delete()
        for pk, units in wanted.items():
            kept = there.get(pk)
            if kept is None:
                assigning.refuse_retired(self.names.by_pk[pk].name, self.names.by_pk[pk].retired)
                recorder.made(
                    Assignment.objects.create(
                        program=self.program, activity=activity, resource_id=pk, units=units
                    )
                )
            elif kept.units != units:
                recorder.watch(kept)
                kept.units = units
                kept.version += 1
                kept.save(update_fields=["units", "version"])
            else:
                continue
            self.asked.add((pk, activity.pk))
        return self._cell(activity.project_id, list(wanted.items()))
