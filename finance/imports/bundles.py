"""Accepting an imported plan with its money: plan, baseline, progress, costs and draft budgets in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from finance.imports.models import ActualBatch
from finance.imports.plan_costs import import_bundle_costs
from pmo.accounts.models import User
from programs.exchange import services as plans
from programs.exchange.models import PlanImport


@dataclass(frozen=True)
class AcceptedBundle:
    """What came of it: the plan's side, and the batch of costs (None where the file brought none that are new)."""

    plan: plans.Accepted
    costs: ActualBatch | None = None


def accept(*, plan_import: PlanImport, by: User | None, at: datetime) -> AcceptedBundle:
    """Accept the plan, then enter its costs; both or neither. An import accepted before is told, nothing is done.

    Raises what `programs.exchange.services.accept` and `import_bundle_costs` raise.
    """
    accepted = plans.accept(plan_import=plan_import, by=by, at=at)
    if accepted.already or accepted.draft is None:
        return AcceptedBundle(accepted)
    costs = import_bundle_costs(
        program=accepted.program,
        draft=accepted.draft,
        by=by,
        at=at,
        name=accepted.plan_import.file_name,
    )
    return AcceptedBundle(accepted, costs)
