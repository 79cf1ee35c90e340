"""Pages of finance, under /p/<code>/."""

from django.urls import path

from finance.amendments import views as amendments
from finance.assets import change_views as asset_changes
from finance.assets import views as assets
from finance.budgets import difference_views, rollup_views, version_views
from finance.budgets import views as budgets
from finance.capex import hold_views, paper_views
from finance.capex import views as capex
from finance.capitalisation import reclass_views
from finance.capitalisation import views as capitalisation
from finance.conformity import finding_views, issue_views, waiver_views
from finance.conformity import views as conformity
from finance.contracts import act_views as contract_acts
from finance.contracts import paper_views as contract_papers
from finance.contracts import views as contracts
from finance.control_accounts import form_views as control_account_forms
from finance.control_accounts import own_views as own_limits
from finance.control_accounts import variance_views
from finance.control_accounts import views as control_accounts
from finance.earned_value import adherence_views as adherence
from finance.earned_value import earning_views, series_views
from finance.earned_value import views as earned_value
from finance.estimates import line_views, rate_views
from finance.estimates import views as estimates
from finance.forecast import sheet_views
from finance.forecast import views as forecast
from finance.funding import views as funding
from finance.imports import batch_views, bundle_views, source_views
from finance.imports import views as imports
from finance.ledger import entry_views, long_views, period_views
from finance.ledger import views as ledger
from finance.procurement import amend_views, bill_views, invoice_views, vendor_views
from finance.procurement import views as procurement
from finance.rates import views as rates
from finance.reconciliation import views as reconciliation
from finance.reserves import log_views as reserve_log
from finance.reserves import outlook_views
from finance.reserves import views as planned_draws
from finance.spend import views as spend
from finance.transfers import aside
from finance.transfers import views as transfers

app_name = "finance"

urlpatterns = [
    path("budget/", budgets.budget, name="budget"),
    path("budget/added-up/", rollup_views.everything, name="budget-rollup"),
    path("budget/new/", budgets.create, name="budget-create"),
    path("budget/<int:pk>/", version_views.version, name="budget-version"),
    path("budget/<int:pk>/difference/", difference_views.compare, name="budget-difference"),
    path("budget/<int:pk>/submit/", version_views.submit, name="budget-submit"),
    path("budget/<int:pk>/recall/", version_views.recall, name="budget-recall"),
    path("budget/<int:pk>/cells/", version_views.cells, name="budget-cells"),
    path("estimates/", estimates.estimates, name="estimates"),
    path("estimates/add/", estimates.add, name="estimate-add"),
    path("estimates/<int:pk>/", estimates.estimate, name="estimate"),
    path("estimates/<int:pk>/edit/", estimates.edit, name="estimate-edit"),
    path("estimates/<int:pk>/labour/", estimates.labour, name="estimate-labour"),
    path("estimates/<int:pk>/issue/", estimates.issue, name="estimate-issue"),
    path("estimates/<int:pk>/lines/add/", line_views.line_add, name="estimate-line-add"),
    path("estimates/<int:pk>/lines/<int:line_pk>/", line_views.line, name="estimate-line"),
    path("rate-cards/", rate_views.rates, name="rate-cards"),
    path("rate-cards/add/", rate_views.rate_add, name="rate-card-add"),
    path("transfers/", transfers.transfers, name="transfers"),
    path("transfers/set-aside/", aside.aside, name="aside"),
    path("transfers/rules/add/", transfers.rule_add, name="transfer-rule-add"),
    path("transfers/rules/<int:pk>/end/", transfers.rule_end, name="transfer-rule-end"),
    path("reserves/", reserve_log.reserves, name="reserves"),
    path("reserves/planned/", planned_draws.planned, name="planned-draws"),
    path("reserves/planned/set/", planned_draws.plan, name="planned-draw"),
    path("reserves/expected/", outlook_views.outlooks, name="reserve-outlooks"),
    path("reserves/expected/<int:pk>/", outlook_views.outlook, name="reserve-outlook"),
    path("periods/", period_views.listing, name="periods"),
    path("periods/<int:pk>/", reconciliation.period, name="period"),
    path("periods/<int:pk>/total/", reconciliation.total, name="period-total"),
    path("periods/<int:pk>/reopen/", reconciliation.reopen, name="period-reopen"),
    path("periods/<int:pk>/close/", period_views.close, name="period-close"),
    path("spend/", spend.spend, name="spend"),
    path("capital-program/", funding.funding, name="funding"),
    path("capital-program/add/", funding.add, name="funding-add"),
    path("capital-program/<int:pk>/", funding.lines, name="funding-lines"),
    path("capital-program/<int:pk>/withdraw/", funding.withdraw, name="funding-withdraw"),
    path("ledger/", ledger.ledger, name="ledger"),
    path("ledger/file/", long_views.journals_file, name="ledger-file"),
    path("ledger/entries/", entry_views.listing, name="entries"),
    path("ledger/entries/file/", long_views.entries_file, name="entries-file"),
    path("costs/lines/", entry_views.costs, name="cost-lines"),
    path("costs/lines/file/", long_views.lines_file, name="cost-lines-file"),
    path("ledger/<uuid:pk>/", ledger.journal, name="journal"),
    path("ledger/<uuid:pk>/reverse/", ledger.reverse_journal, name="journal-reverse"),
    path("earned-value/", earned_value.program_page, name="earned-value"),
    path("forecast/", forecast.listing, name="forecasts"),
    path("forecast/begin/", forecast.begin, name="forecast-begin"),
    path("forecast/scores/", forecast.scores, name="forecast-scores"),
    path("forecast/<int:pk>/", sheet_views.sheet, name="forecast"),
    path("forecast/<int:pk>/submit/", sheet_views.submit, name="forecast-submit"),
    path("forecast/<int:pk>/discard/", sheet_views.discard, name="forecast-discard"),
    path("control-accounts/", control_accounts.listing, name="control-accounts"),
    path("control-accounts/add/", control_account_forms.add, name="control-account-add"),
    path("control-accounts/<int:pk>/", control_accounts.account, name="control-account"),
    path("control-accounts/<int:pk>/edit/", control_account_forms.edit, name="control-account-edit"),
    path("control-accounts/<int:pk>/remove/", control_account_forms.remove, name="control-account-remove"),
    path("variances/", variance_views.listing, name="variances"),
    path("variances/limits/", variance_views.limits, name="variance-limits"),
    path("variances/limits/own/", own_limits.listing, name="own-limits"),
    path("variances/limits/own/set/", own_limits.set_limits, name="own-limits-set"),
    path("variances/limits/own/<int:pk>/end/", own_limits.end, name="own-limits-end"),
    path("variances/<int:pk>/", variance_views.variance, name="variance"),
    path("variances/<int:pk>/close/", variance_views.close, name="variance-close"),
    path("earned-value/-/activities/", earning_views.techniques, name="earning"),
    path("earned-value/-/activities/<int:pk>/", earning_views.activity, name="earning-activity"),
    path("earned-value/-/adherence/", adherence.adherence, name="adherence"),
    path("earned-value/-/series/", series_views.over_time, name="earned-value-series"),
    path("earned-value/-/measures/<slug:name>/", series_views.measure, name="earned-value-measure"),
    path("earned-value/<str:project_code>/", earned_value.project_page, name="earned-value-project"),
    path("capital-requests/", capex.requests, name="capital-requests"),
    path("capital-requests/add/", capex.add, name="capital-request-add"),
    path("capital-requests/<int:pk>/", capex.capital_request, name="capital-request"),
    path("capital-requests/<int:pk>/edit/", capex.edit, name="capital-request-edit"),
    path("capital-requests/<int:pk>/submit/", capex.submit, name="capital-request-submit"),
    path("capital-requests/<int:pk>/withdraw/", capex.withdraw, name="capital-request-withdraw"),
    path("capital-requests/waiting/", hold_views.register, name="holds"),
    path("capital-requests/<int:pk>/waits/add/", hold_views.add, name="hold-add"),
    path("capital-requests/<int:pk>/waits/<int:hold>/remove/", hold_views.remove, name="hold-remove"),
    path("capital-requests/<int:pk>/waits/<int:hold>/move/", hold_views.move, name="hold-move"),
    path("capital-requests/<int:pk>/papers/add/", paper_views.add, name="paper-add"),
    path("capital-requests/<int:pk>/papers/<int:paper>/", paper_views.paper, name="paper"),
    path(
        "capital-requests/<int:pk>/papers/<int:paper>/withdraw/", paper_views.withdraw, name="paper-withdraw"
    ),
    path("rates/", rates.rates, name="rates"),
    path("rates/add/", rates.add, name="rate-add"),
    path("rates/<int:pk>/", rates.rate, name="rate"),
    path("capitalisation/", capitalisation.capitalisation, name="capitalisation"),
    path("capitalisation/reclassified/", reclass_views.listing, name="reclassifications"),
    path("capitalisation/reclassified/<int:pk>/", reclass_views.reclassification, name="reclassification"),
    path("capitalisation/<str:project_code>/reclassify/", reclass_views.ask, name="reclassification-ask"),
    path("capitalisation/<str:project_code>/", capitalisation.project, name="capitalisation-project"),
    path("capitalisation/<str:project_code>/record/", capitalisation.record, name="capitalisation-record"),
    path("capitalisation/<str:project_code>/mark/", capitalisation.mark, name="capitalisation-mark"),
    path("policy/", conformity.policy, name="policy"),
    path("policy/add/", conformity.add, name="policy-clause-add"),
    path("policy/<int:pk>/waiver/", waiver_views.ask, name="policy-waiver-ask"),
    path("policy/waivers/<int:pk>/withdraw/", waiver_views.withdraw, name="policy-waiver-withdraw"),
    path("policy/findings/", finding_views.findings, name="policy-findings"),
    path("policy/findings/<int:pk>/issue/", issue_views.open_issue, name="policy-finding-issue"),
    path("policy/<int:pk>/", conformity.clause, name="policy-clause"),
    path("policy/<int:pk>/change/", conformity.change, name="policy-clause-change"),
    path("policy/<int:pk>/end/", conformity.end, name="policy-clause-end"),
    path("capital-requests/<int:pk>/order/", procurement.place, name="order-place"),
    path("capital-requests/<int:pk>/close/", procurement.close_request, name="request-close"),
    path("capital-requests/<int:pk>/hand-over/", assets.hand_over, name="asset-hand-over"),
    path("capital-requests/<int:pk>/review/", assets.review, name="investment-review"),
    path("assets/", assets.assets, name="assets"),
    path("assets/<int:pk>/", assets.asset, name="asset"),
    path("assets/<int:pk>/write-down/", asset_changes.write_down, name="asset-write-down"),
    path("assets/<int:pk>/retire/", asset_changes.retire, name="asset-retire"),
    path("assets/changes/<int:pk>/take-back/", asset_changes.take_back, name="asset-change-take-back"),
    path("capital-requests/<int:pk>/contract/", contracts.draft, name="contract-draft"),
    path("contracts/", contracts.contracts, name="contracts"),
    path("contracts/<int:pk>/", contracts.contract, name="contract"),
    path("contracts/<int:pk>/edit/", contracts.edit, name="contract-edit"),
    path("contracts/<int:pk>/activate/", contracts.activate, name="contract-activate"),
    path("contracts/<int:pk>/value/", contracts.value, name="contract-value"),
    path("contracts/<int:pk>/close/", contracts.close, name="contract-close"),
    path("contracts/<int:pk>/hand-over/", contract_acts.hand_over, name="contract-hand-over"),
    path("contracts/<int:pk>/papers/add/", contract_papers.add, name="contract-paper-add"),
    path("contracts/<int:pk>/papers/<int:paper>/", contract_papers.paper, name="contract-paper"),
    path(
        "contracts/<int:pk>/papers/<int:paper>/withdraw/",
        contract_papers.withdraw,
        name="contract-paper-withdraw",
    ),
    path(
        "contracts/<int:pk>/milestones/<int:milestone>/withdraw/",
        contract_acts.withdraw,
        name="contract-milestone-withdraw",
    ),
    path("contracts/<int:pk>/release/", contract_acts.release, name="contract-release"),
    path("contracts/<int:pk>/releases/<int:release>/pay/", contract_acts.pay, name="retention-pay"),
    path("contracts/<int:pk>/milestones/add/", contract_acts.agree, name="contract-milestone-add"),
    path(
        "contracts/<int:pk>/milestones/<int:milestone>/accept/",
        contract_acts.accept,
        name="contract-milestone-accept",
    ),
    path(
        "contracts/<int:pk>/milestones/<int:milestone>/drop/",
        contract_acts.drop,
        name="contract-milestone-drop",
    ),
    path("orders/", procurement.orders, name="orders"),
    path("orders/<int:pk>/", procurement.order, name="order"),
    path("orders/<int:pk>/amend/", amend_views.amend, name="order-amend"),
    path("orders/<int:pk>/cancel/", procurement.cancel, name="order-cancel"),
    path("orders/<int:pk>/receive/", bill_views.receive, name="order-receive"),
    path("orders/<int:pk>/invoice/", bill_views.invoice, name="order-invoice"),
    path("invoices/", invoice_views.invoices, name="invoices"),
    path("invoices/tolerance/", invoice_views.tolerance, name="tolerance"),
    path("invoices/<int:pk>/", invoice_views.invoice, name="invoice"),
    path("invoices/<int:pk>/release/", invoice_views.release, name="invoice-release"),
    path("invoices/<int:pk>/pay/", invoice_views.pay, name="invoice-pay"),
    path("invoices/<int:pk>/credit/", invoice_views.credit, name="invoice-credit"),
    path("payables/", invoice_views.payables, name="payables"),
    path("vendors/", vendor_views.vendors, name="vendors"),
    path("vendors/add/", vendor_views.add, name="vendor-add"),
    path("vendors/<int:pk>/", vendor_views.vendor, name="vendor"),
    path("vendors/<int:pk>/edit/", vendor_views.edit, name="vendor-edit"),
    path("costs/", imports.batches, name="costs"),
    path("costs/sources/", source_views.sources, name="cost-sources"),
    path("costs/sources/add/", source_views.add, name="cost-source-add"),
    path("costs/sources/<int:pk>/", source_views.source, name="cost-source"),
    path("costs/sources/<int:pk>/end/", source_views.end, name="cost-source-end"),
    path("costs/sources/<int:pk>/reopen/", source_views.reopen, name="cost-source-reopen"),
    path("costs/add/", imports.add, name="cost-add"),
    path("costs/<int:pk>/", batch_views.batch, name="cost"),
    path("costs/<int:pk>/accept/", batch_views.accept, name="cost-accept"),
    path("costs/<int:pk>/late/", batch_views.late, name="cost-late"),
    path("costs/<int:pk>/total/", batch_views.total, name="cost-total"),
    path("costs/<int:pk>/stop/", batch_views.stop, name="cost-stop"),
    path("costs/<int:pk>/drop/", batch_views.drop, name="cost-drop"),
    path("costs/<int:pk>/corrected/", batch_views.corrected, name="cost-corrected"),
    path("costs/<int:pk>/leave-out/", batch_views.leave_out, name="cost-leave-out"),
    path("costs/<int:pk>/again/", batch_views.again, name="cost-again"),
    path("costs/<int:pk>/faults.csv", batch_views.faults, name="cost-faults"),
    path("changes/<int:pk>/money/", amendments.money, name="change-money"),
    path("import/<int:pk>/accept/", bundle_views.accept, name="import-accept"),
]
