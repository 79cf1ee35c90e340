"""What each of the two offices in `tests.world` owns besides its plan: a room for each area."""

from __future__ import annotations

from finance.earned_value import services as earned_value
from pmo import commands
from tests.estate import finance, governance, office, programs, purchases
from tests.governance.committee import Committee


def furnish(committee: Committee) -> None:
    """One of everything besides the plan: requests, an open ballot, costs, reports, mails, a subscription."""
    drafted = finance.asked(committee)
    purchases.bought(committee)
    purchases.contracted(committee)
    finance.counted(committee)
    programs.sourced(committee)
    governance.meet(committee)
    finance.steered(committee, programs.changed(committee))
    gate = programs.gated(committee)
    programs.lived(committee)
    finance.held(committee, drafted, gate)
    programs.planned(committee)
    office.kept(committee)
    program = committee.program
    commands.run(earned_value.refresh, actor=None, scope=[program.pk], program=program)
