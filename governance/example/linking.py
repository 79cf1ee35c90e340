"""What of the example contributes to which benefit."""

from __future__ import annotations

from datetime import datetime

from governance.example.people import Cast
from pmo import commands
from pmo.accounts.models import User
from programs.benefits import services
from programs.benefits.models import Contribution
from programs.deliverables.models import Deliverable
from programs.portfolio.models import Objective, Program, Project

# benefit, project or deliverable, how
LINKS: tuple[tuple[str, str, str], ...] = (
    ("BEN-1", "DEL-06", "One ledger closes without copying between two."),
    ("BEN-1", "DEL-01", "The blueprint takes eleven manual steps out of the close."),
    ("BEN-2", "DEL-02", "Orders and invoices match by themselves."),
    ("BEN-2", "TRAIN", "Buyers learn to order from the catalogue."),
    ("BEN-3", "DEL-03", "Leaving a role takes its access away."),
    ("BEN-4", "DC-MIG", "The lease of the old centre ends."),
)


def link(cast: Cast, program: Program) -> None:
    """By the program's manager, one after the other."""

    def say(*, objective: str, thing: str, how: str, by: User | None, at: datetime) -> Contribution:
        found = Objective.objects.get(program=program, code=objective)
        project = Project.objects.filter(program=program, code=thing).first()
        deliverable = Deliverable.objects.filter(program=program, code=thing).first()
        return services.link(
            objective=found,
            version=found.version,
            project=project,
            deliverable=deliverable,
            how=how,
            by=by,
            at=at,
        )

    for objective, thing, how in LINKS:
        commands.run(say, actor=cast["manager"], objective=objective, thing=thing, how=how)
