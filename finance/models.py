"""Contents page: every table of the slices of finance."""

from finance.amendments.models import AmendmentLine
from finance.assets.models import Asset, AssetAdjustment, InvestmentReview
from finance.budgets.models import Budget, BudgetLine
from finance.capex.hold_models import GateHold
from finance.capex.models import CapitalRequest, CapitalRequestRevision
from finance.capitalisation.models import CapitalisationMark, CapitalisationPolicy
from finance.capitalisation.reclass_models import Reclassification, ReclassifiedLine
from finance.conformity.issued import FindingIssue
from finance.contracts.models import (
    Contract,
    ContractChange,
    ContractHandover,
    ContractMilestone,
    RetentionRelease,
)
from finance.control_accounts.models import ControlAccount, OwnLimits, VarianceFinding, VarianceLimits
from finance.earned_value.models import (
    EarnedValueRow,
    EarnedValueRun,
    EarnedValueSnapshot,
    EarningStep,
    PlannedValuePoint,
)
from finance.estimates.models import Estimate, EstimateLine, RateCard
from finance.forecast.models import Forecast, ForecastCell, ForecastLine
from finance.funding.models import FundingLine, FundingPlan
from finance.imports.models import (
    ActualBatch,
    ActualBatchSum,
    CostSource,
    LeftOutRow,
    StagedActual,
    UploadedPart,
)
from finance.ledger.models import Account, ActualLine, Journal, Posting
from finance.ledger.sums import (
    LedgerCell,
    LedgerDay,
    LedgerTotal,
    VendorCell,
    VendorMonth,
    VendorNature,
    VendorPlace,
    VendorQuarter,
    VendorYear,
)
from finance.policy.models import PolicyClause, PolicyFinding, PolicyWaiver
from finance.procurement.bills import Invoice, InvoiceLine, Receipt, ReceiptLine, Tolerance
from finance.procurement.models import AmendedLine, OrderAmendment, OrderLine, PurchaseOrder, Vendor
from finance.rates.models import ExchangeRate
from finance.reconciliation.models import ErpTotal
from finance.reserves.models import OutlookMonth, PlannedDraw, ReserveOutlook
from finance.structure.models import FiscalPeriod
from finance.transfers.models import TransferRule

__all__ = [
    "Account",
    "ActualBatch",
    "ActualBatchSum",
    "ActualLine",
    "AmendedLine",
    "AmendmentLine",
    "Asset",
    "AssetAdjustment",
    "Budget",
    "BudgetLine",
    "CapitalRequest",
    "CapitalRequestRevision",
    "CapitalisationMark",
    "CapitalisationPolicy",
    "Contract",
    "ContractChange",
    "ContractHandover",
    "ContractMilestone",
    "ControlAccount",
    "CostSource",
    "EarnedValueRow",
    "EarnedValueRun",
    "EarnedValueSnapshot",
    "EarningStep",
    "ErpTotal",
    "Estimate",
    "EstimateLine",
    "ExchangeRate",
    "FindingIssue",
    "FiscalPeriod",
    "Forecast",
    "ForecastCell",
    "ForecastLine",
    "FundingLine",
    "FundingPlan",
    "GateHold",
    "InvestmentReview",
    "Invoice",
    "InvoiceLine",
    "Journal",
    "LedgerCell",
    "LedgerDay",
    "LedgerTotal",
    "LeftOutRow",
    "OrderAmendment",
    "OrderLine",
    "OutlookMonth",
    "OwnLimits",
    "PlannedDraw",
    "PlannedValuePoint",
    "PolicyClause",
    "PolicyFinding",
    "PolicyWaiver",
    "Posting",
    "PurchaseOrder",
    "RateCard",
    "Receipt",
    "ReceiptLine",
    "Reclassification",
    "ReclassifiedLine",
    "ReserveOutlook",
    "RetentionRelease",
    "StagedActual",
    "Tolerance",
    "TransferRule",
    "UploadedPart",
    "VarianceFinding",
    "VarianceLimits",
    "Vendor",
    "VendorCell",
    "VendorMonth",
    "VendorNature",
    "VendorPlace",
    "VendorQuarter",
    "VendorYear",
]
