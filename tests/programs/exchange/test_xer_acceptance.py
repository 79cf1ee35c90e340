"""A Primavera plan accepted into a program: the same dates here as the `schedule` command gives its file."""

from __future__ import annotations

import pytest

from programs.engine.plan import LatestFinish
from programs.exchange import sandbox
from programs.exchange.draft import iso
from programs.management.commands.schedule import computed
from programs.resources.models import Assignment
from programs.schedule.clock import ProgramClock
from programs.schedule.models import Activity, ComputedDates, Dependency
from tests.cast import Office, make_office
from tests.shared import shared

from .test_acceptance import accept, stage

pytestmark = pytest.mark.django_db


def test_the_airport_terminal_is_accepted_whole_and_scheduled_here_as_primavera_did() -> None:
    office: Office = make_office()
    read = sandbox.read_path(shared("plans/p6_terminal_building.xer"))
    staged = stage(office, read)
    assert staged.plan_import.get_format_display() == "Primavera XER"
    left = staged.plan_import.changes["left_out"]
    assert "51 activity codes of activities" in left
    assert any("must-finish-by" in sentence for sentence in left)
    accepted = accept(office, staged.plan_import)
    here = Activity.objects.filter(program_id=accepted.program.pk, project__code="TERMINAL-2")
    assert here.count() == 66 + 25
    assert Dependency.objects.filter(predecessor__in=here).count() == 84
    assert Assignment.objects.filter(activity__in=here).count() == read.totals.assignments > 50
    clock = ProgramClock(accepted.program.time_zone)
    assert accepted.computation is not None
    ours = {
        row.activity.code: (iso(clock.wall(row.early_start)), iso(clock.wall(row.early_finish)))
        for row in ComputedDates.objects.filter(
            computation_id=accepted.computation.pk, activity__in=here
        ).select_related("activity")
    }
    file = {row[1]: (row[2], row[3]) for row in computed(read.draft, LatestFinish.EACH_PROJECT)}
    assert len(file) == 66
    assert {code: ours[code] for code in file} == file
    assert stage(office, sandbox.read_path(shared("plans/p6_terminal_building.xer"))).already
