"""What a person reads when a constraint of finance says no (declared when the app is ready)."""

from pmo.refusals import declare

SENTENCES: dict[str, str] = {
    # budgets
    "finance_period_code_once": "There already is a period with this code in the program.",
    "finance_period_dates": "A period ends on or after the day on which it starts.",
    "finance_period_closing": "A closed period says when it was closed.",
    "finance_period_no_overlap": "This period overlaps another period of the program.",
    "finance_budget_number_once": "Somebody else has just made this budget version. Please look at it first.",
    "finance_budget_one_active": "Another budget version is active for this project.",
    "finance_budget_one_in_preparation": "A new version of this budget is already being prepared.",
    "finance_budget_active_by_warrant": "A budget becomes active only by a decision.",
    "finance_budget_submission": "A submitted budget says when it was submitted.",
    "finance_budgetline_once": "The budget already has a line for this category, nature and period.",
    "finance_budgetline_amount": "A budgeted amount is zero or more, and not larger than money can be.",
    "finance_budgetline_category": "This cost category does not exist.",
    "finance_budgetline_nature": "Cost is capital or operating.",
    # ledger
    "finance_account_once": "This account already exists.",
    "finance_account_no_overdraft": "There is not enough money available for this.",
    "finance_account_currency": "A currency is a code of three capital letters.",
    "finance_account_kind": "This kind of account does not exist.",
    "finance_account_category": "This cost category does not exist.",
    "finance_account_nature": "Cost is capital or operating.",
    "finance_journal_legs": "A journal needs at least two postings.",
    "finance_journal_currency": "A currency is a code of three capital letters.",
    "finance_journal_grant_by_warrant": "Budget is granted only by a decision.",
    "finance_journal_reversal_names_original": "A reversal names the journal that it reverses.",
    "finance_journal_not_its_own_reversal": "A journal cannot reverse itself.",
    "finance_journal_kind": "This kind of journal does not exist.",
    "finance_journal_once_per_source": "This was already entered in the books.",
    "finance_journal_reverses_id_key": "This journal was already reversed.",
    "finance_journal_pkey": "This journal was already entered.",
    "finance_posting_account_once": "A journal touches an account once.",
    "finance_posting_amount": "A posting is not zero, and not larger than money can be.",
    # imports
    "finance_batch_acceptance": "An accepted batch says when it was accepted.",
    "finance_actualline_reference_once": "A cost with this reference was entered before.",
    "finance_actualline_rounded": "The rounded amount must be within one minor unit of the exact one.",
    # exchange rates
    "finance_rate_once": "There is a rate of this currency from that day already.",
    "finance_rate_above_zero": "A rate is above zero.",
    "finance_rate_currency": "A currency is a code of three capital letters.",
    "finance_actualline_source": "A cost in another currency has its amount there and the rate used.",
    # capital requests
    "finance_capitalrequest_code_once": "A capital request with this code exists already.",
    "finance_capitalrequest_amount": "The amount must be above zero, and not larger than money can be.",
    "finance_capitalrequest_currency": "A currency is a code of three capital letters.",
    "finance_capitalrequest_approved_by_warrant": "A capital request is approved only by a decision.",
    "finance_capitalrequest_submission": "A submitted request says when it was submitted.",
    "finance_capitalrequest_category": "Capital is asked for in a cost category, not in a reserve.",
    "finance_capitalrequest_discount": "A discount rate lies between 0 and 100 % a year.",
    "finance_revision_once": "Somebody else has just changed this request. Please look at it first.",
    # policy
    "finance_clause_code_once": "The policy has a clause of this code already.",
    "finance_clause_days": "A clause does not end before it begins.",
    "finance_clause_kind": "This kind of clause does not exist.",
    "finance_finding_open_once": "This was found already.",
    "finance_policyfinding_clause_same": "The clause belongs to another program.",
    "finance_finding_waiver_clears": "A waived finding says when it was cleared.",
    # rows of one program only
    "finance_posting_account_same": "The account belongs to another program or currency.",
    "finance_posting_journal_same": "The journal belongs to another program or currency.",
    "finance_account_project_same": "The project belongs to another program.",
    "finance_journal_period_same": "The period belongs to another program.",
    "finance_journal_warrant_same": "The decision belongs to another program.",
    "finance_journal_reverses_same": "The journal belongs to another program or currency.",
    "finance_budget_project_same": "The project belongs to another program.",
    "finance_budget_warrant_same": "The decision belongs to another program.",
    "finance_budgetline_budget_same": "The budget belongs to another program.",
    "finance_budgetline_period_same": "The period belongs to another program.",
    "finance_capitalrequest_project_same": "The project belongs to another program.",
    "finance_capitalrequest_warrant_same": "The decision belongs to another program.",
    "finance_capitalrequestrevision_request_same": "The request belongs to another program.",
    "finance_actualline_project_same": "The project belongs to another program.",
    "finance_actualline_activity_same": "The activity belongs to another program.",
    "finance_actualline_batch_same": "The batch belongs to another program.",
    "finance_actualline_journal_same": "The journal belongs to another program.",
}


def declare_all() -> None:
    """Make the sentences known to the one place that answers for the database."""
    declare(SENTENCES)
