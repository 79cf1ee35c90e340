"""Accepting an imported plan with its money: plan, baseline, progress, costs and draft budgets in one transaction."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from finance.imports.models import ActualBatch
from finance.imports.plan_costs import import_bundle_costs
from pmo.accounts.models import User
from programs.exchange import services as plans
from programs.exchange.models import PlanImport
from programs.master_plan.services import hold
from programs.schedule.services import Outcome


@dataclass(frozen=True)
class AcceptedBundle:
    """What came of it: the plan's side, and the batch of costs (None where the file brought none that are new)."""

    plan: plans.Accepted
    costs: ActualBatch | None = None


def accept(
    *,
    plan_import: PlanImport,
    take_out: Collection[str] = (),
    agreed: bool | str = False,
    by: User | None,
    at: datetime,
) -> AcceptedBundle:
    """Accept the plan, then enter its costs; both or neither. An import accepted before is told, nothing is done.

    `take_out`: codes of projects that lose what the file does not have any more. Held as every edit where committed
    milestones move later and nobody `agreed` to that. Raises what `programs.exchange.services.accept`, `hold` and
    `import_bundle_costs` raise.
    """
    accepted = plans.accept(plan_import=plan_import, take_out=take_out, by=by, at=at)
    if accepted.already or accepted.draft is None:
        return AcceptedBundle(accepted)
    hold(
        Outcome(accepted.computation, accepted.moved),
        agreed,
        f"import {accepted.plan_import.pk} without {sorted(take_out)}",
    )
    costs = import_bundle_costs(
        program=accepted.program,
        draft=accepted.draft,
        by=by,
        at=at,
        name=accepted.plan_import.file_name,
    )
    return AcceptedBundle(accepted, costs)


def why(plan_import: PlanImport, take_out: Collection[str]) -> str:
    """The reason that the history of every row gets."""
    text = f"Import of {plan_import.file_name}"
    if take_out:
        text += f"; taken out of {', '.join(sorted(take_out))} what it does not have any more"
    return text[:500]
