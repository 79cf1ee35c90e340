"""The activities that a batch of edits touches: each is read once, and those that its edits name all at once."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet

from pmo.among import among
from pmo.refusals import Conflict
from programs.master_plan.sheet.recorder import Recorder
from programs.portfolio.models import Program
from programs.schedule.models import Activity


class Touched:
    """Rows by id, watched by the recorder from when they are first asked for."""

    def __init__(self, program: Program, recorder: Recorder) -> None:
        self._program, self._recorder = program, recorder
        self._known: dict[int, Activity] = {}
        self._ahead: dict[int, Activity] = {}

    def read_ahead(self, named: Iterable[object]) -> None:
        """Of what edits name, the activities that are there already: one query."""
        ids = {one for one in named if isinstance(one, int) and 0 < one < 1 << 63}
        if len(ids) > 1:
            self._ahead = {one.pk: one for one in self._rows().filter(among("pk", sorted(ids)))}

    def others_written(self) -> None:
        """Rows that nobody asked for yet may be others than they were read."""
        self._ahead.clear()

    def get(self, pk: int) -> Activity:
        """One of them. Raises Conflict where it is not in the plan any more."""
        if pk not in self._known:
            found = self._ahead.pop(pk, None) or self._rows().filter(pk=pk).first()
            if found is None:
                raise Conflict("This activity was taken out of the plan meanwhile.", field="name")
            self._known[pk] = found
            self._recorder.watch(found)
        return self._known[pk]

    def add(self, made: Activity) -> None:
        """A new one, which the recorder knows."""
        self._known[made.pk] = made

    def forget(self, pk: int) -> None:
        """It is gone, or was written through another object."""
        self._known.pop(pk, None)

    def _rows(self) -> QuerySet[Activity]:
        return Activity.objects.filter(program_id=self._program.pk).select_related("project", "calendar")
