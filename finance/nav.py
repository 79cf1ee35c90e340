"""Entries of finance in the navigation."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from finance.imports.models import ActualBatch
from pmo.accounts.roles import Permission as P
from pmo.shell import Item, register


def waiting_files(request: HttpRequest, program: Any) -> int:
    """Cost files that this person could accept."""
    if not request.access.may(P.POST_ACTUALS, program.pk):  # type: ignore[attr-defined]
        return 0
    return ActualBatch.objects.filter(program_id=program.pk, state=ActualBatch.State.READ).count()


register(
    Item("Money", "Budget", "finance:budget", P.VIEW_MONEY, 10),
    Item("Money", "Cost estimates", "finance:estimates", P.VIEW_MONEY, 5, more=True),
    Item("Money", "Transfers", "finance:transfers", P.VIEW_MONEY, 12, more=True),
    Item("Money", "Reserves", "finance:reserves", P.VIEW_MONEY, 14),
    Item("Money", "Spend", "finance:spend", P.VIEW_MONEY, 20),
    Item("Money", "Earned value", "finance:earned-value", P.VIEW_MONEY, 30),
    Item("Money", "Forecast", "finance:forecasts", P.VIEW_MONEY, 25),
    Item("Money", "Control accounts", "finance:control-accounts", P.VIEW_MONEY, 32, more=True),
    Item("Money", "Variances", "finance:variances", P.VIEW_MONEY, 34, more=True),
    Item("Money", "Capital requests", "finance:capital-requests", P.VIEW_MONEY, 40),
    Item("Money", "Money at gates", "finance:holds", P.VIEW_MONEY, 40, more=True),
    Item("Money", "Orders", "finance:orders", P.VIEW_MONEY, 42, more=True),
    Item("Money", "Contracts", "finance:contracts", P.VIEW_MONEY, 41, more=True),
    Item("Money", "Invoices", "finance:invoices", P.VIEW_MONEY, 43),
    Item("Money", "Vendors", "finance:vendors", P.VIEW_MONEY, 44, more=True),
    Item("Money", "Capitalisation", "finance:capitalisation", P.VIEW_MONEY, 47, more=True),
    Item("Money", "Budget policy", "finance:policy", P.VIEW_MONEY, 45, more=True),
    Item("Money", "Capital program", "finance:funding", P.VIEW_MONEY, 45, more=True),
    Item("Money", "Policy findings", "finance:policy-findings", P.VIEW_MONEY, 46, more=True),
    Item("Money", "Assets", "finance:assets", P.VIEW_MONEY, 48, more=True),
    Item("Money", "Ledger", "finance:ledger", P.VIEW_MONEY, 50, more=True),
    Item("Money", "Actual cost", "finance:costs", P.VIEW_MONEY, 60, waiting_files),
    Item("Money", "Exchange rates", "finance:rates", P.VIEW_MONEY, 65, more=True),
    Item("Money", "Periods", "finance:periods", P.VIEW_MONEY, 70, more=True),
)
