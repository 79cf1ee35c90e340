"""Contents page: every table of the slices of finance."""

from finance.budgets.models import Budget, BudgetLine, FiscalPeriod
from finance.capex.models import CapitalRequest, CapitalRequestRevision
from finance.earned_value.models import (
    EarnedValueRow,
    EarnedValueRun,
    EarnedValueSnapshot,
    PlannedValuePoint,
)
from finance.imports.models import ActualBatch, ActualLine, StagedActual
from finance.ledger.models import Account, Journal, LedgerCell, LedgerTotal, Posting
from finance.policy.models import PolicyFinding

__all__ = [
    "Account",
    "ActualBatch",
    "ActualLine",
    "Budget",
    "BudgetLine",
    "CapitalRequest",
    "CapitalRequestRevision",
    "EarnedValueRow",
    "EarnedValueRun",
    "EarnedValueSnapshot",
    "FiscalPeriod",
    "Journal",
    "LedgerCell",
    "LedgerTotal",
    "PlannedValuePoint",
    "PolicyFinding",
    "Posting",
    "StagedActual",
]
