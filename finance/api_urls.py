"""Addresses of the API of finance, under /api/v1/programs/<code>/."""

from __future__ import annotations

from django.urls import path
from rest_framework.routers import SimpleRouter

from finance.amendments.api import AmendmentLines, ChangeMoney
from finance.assets.api import AssetChanges, Assets, HandingOver, Reviews
from finance.budgets.api import BudgetLines, Budgets, Periods
from finance.budgets.rollup_api import BudgetRollup
from finance.capex.api import CapitalRequests
from finance.capex.hold_api import GateHolds
from finance.capex.paper_api import Papers
from finance.capitalisation.api import Capitalisation, CapitalisationMarks, CapitalisationPolicies
from finance.capitalisation.reclass_api import Reclassifications, ReclassifiedLines
from finance.conformity.api import Clauses, Conformity, Waivers
from finance.contracts.api import ContractHandovers, ContractMilestones, Contracts, RetentionReleases
from finance.contracts.paper_api import ContractPapers
from finance.control_accounts.api import ControlAccounts, Variances
from finance.control_accounts.own_api import OwnLimitsViews
from finance.earned_value.adherence_views import Adherence
from finance.earned_value.api import EarnedValue, EarnedValueSeries
from finance.earned_value.earning_api import ActivityEarning, EarningSteps
from finance.estimates.api import EstimateLines, Estimates, RateCards
from finance.forecast.api import ForecastCells, Forecasts
from finance.funding.api import FundingLines, FundingPlans
from finance.imports.api import CostFiles, CostSources
from finance.ledger.api import Accounts, Accruals, ActualLines, Findings, Postings, RegisterFiles, Reversals
from finance.procurement.amend_api import OrderAmendments
from finance.procurement.api import PurchaseOrders, RequestClosing, RequestMoneyView, Vendors
from finance.procurement.bill_api import Invoices, Payables, Receipts, ToleranceView
from finance.rates.api import ExchangeRates
from finance.reconciliation.api import ErpTotals, PeriodReconciliation
from finance.reserves.api import OutlookMonths, PlannedDraws, ReserveOutlooks, Reserves
from finance.spend.api import Spend, SpendRows
from finance.transfers.api import Aside, TransferRules, Transfers

CODE = r"(?P<code>[A-Za-z0-9][A-Za-z0-9._-]{0,29})"

router = SimpleRouter()
for name, viewset in {
    "periods": Periods,
    "budgets": Budgets,
    "budget-lines": BudgetLines,
    "amendment-lines": AmendmentLines,
    "accounts": Accounts,
    "postings": Postings,
    "actual-lines": ActualLines,
    "capitalisation-policies": CapitalisationPolicies,
    "capitalisation-marks": CapitalisationMarks,
    "reclassifications": Reclassifications,
    "reclassified-lines": ReclassifiedLines,
    "policy-clauses": Clauses,
    "policy-waivers": Waivers,
    "policy-findings": Findings,
    "capital-requests": CapitalRequests,
    "capital-request-papers": Papers,
    "gate-holds": GateHolds,
    "contracts": Contracts,
    "contract-milestones": ContractMilestones,
    "contract-handovers": ContractHandovers,
    "contract-papers": ContractPapers,
    "retention-releases": RetentionReleases,
    "vendors": Vendors,
    "purchase-orders": PurchaseOrders,
    "order-amendments": OrderAmendments,
    "adherence": Adherence,
    "earning-steps": EarningSteps,
    "control-accounts": ControlAccounts,
    "forecasts": Forecasts,
    "forecast-cells": ForecastCells,
    "variances": Variances,
    "own-limits": OwnLimitsViews,
    "assets": Assets,
    "asset-changes": AssetChanges,
    "investment-reviews": Reviews,
    "receipts": Receipts,
    "invoices": Invoices,
    "cost-sources": CostSources,
    "cost-files": CostFiles,
    "estimates": Estimates,
    "estimate-lines": EstimateLines,
    "rate-cards": RateCards,
    "transfer-rules": TransferRules,
    "planned-draws": PlannedDraws,
    "reserve-expectations": ReserveOutlooks,
    "reserve-expectation-months": OutlookMonths,
    "funding-plans": FundingPlans,
    "funding-lines": FundingLines,
    "exchange-rates": ExchangeRates,
    "erp-totals": ErpTotals,
}.items():
    router.register(rf"programs/{CODE}/{name}", viewset, basename=name)

urlpatterns = [
    *router.urls,
    path("programs/<str:code>/earned-value/", EarnedValue.as_view(), name="earned-value"),
    path("programs/<str:code>/earned-value/series/", EarnedValueSeries.as_view(), name="earned-value-series"),
    path("programs/<str:code>/capitalisation/", Capitalisation.as_view(), name="capitalisation"),
    path("programs/<str:code>/policy-conformity/", Conformity.as_view(), name="policy-conformity"),
    path(
        "programs/<str:code>/activities/<int:pk>/earning/", ActivityEarning.as_view(), name="activity-earning"
    ),
    path("programs/<str:code>/registers/", RegisterFiles.as_view(), name="registers"),
    path("programs/<str:code>/spend/", Spend.as_view(), name="spend"),
    path("programs/<str:code>/spend/rows/", SpendRows.as_view(), name="spend-rows"),
    path(
        "programs/<str:code>/capital-requests/<int:pk>/money/",
        RequestMoneyView.as_view(),
        name="capital-requests-money",
    ),
    path(
        "programs/<str:code>/capital-requests/<int:pk>/close/",
        RequestClosing.as_view(),
        name="capital-requests-close",
    ),
    path(
        "programs/<str:code>/reconciliation/<str:period>/",
        PeriodReconciliation.as_view(),
        name="reconciliation",
    ),
    path(
        "programs/<str:code>/capital-requests/<int:pk>/hand-over/",
        HandingOver.as_view(),
        name="capital-requests-hand-over",
    ),
    path(
        "programs/<str:code>/change-requests/<int:pk>/money/",
        ChangeMoney.as_view(),
        name="change-requests-money",
    ),
    path("programs/<str:code>/payables/", Payables.as_view(), name="payables"),
    path("programs/<str:code>/invoice-tolerance/", ToleranceView.as_view(), name="invoice-tolerance"),
    path("programs/<str:code>/transfers/", Transfers.as_view(), name="transfers"),
    path("programs/<str:code>/budget-rollup/", BudgetRollup.as_view(), name="budget-rollup"),
    path("programs/<str:code>/set-aside/", Aside.as_view(), name="aside"),
    path("programs/<str:code>/reserves/", Reserves.as_view(), name="reserves"),
    path("programs/<str:code>/accruals/", Accruals.as_view(), name="accruals"),
    path("programs/<str:code>/journals/<uuid:pk>/reverse/", Reversals.as_view(), name="journal-reverse"),
]
