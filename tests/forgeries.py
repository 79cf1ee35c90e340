# ruff: noqa: S608 - all of it is our own SQL
"""What somebody with the keys to the database could do past every trigger, one for each check of `manage.py verify`.

The left side begins the check's sentence; the right side is SQL that breaks just that, carried out with triggers off.
"""

from __future__ import annotations


def one(table: str, change: str, where: str = "true") -> str:
    """Change one row of a table."""
    return f"update {table} set {change} where ctid = (select ctid from {table} where {where} limit 1)"


def gone(table: str, where: str = "true") -> str:
    """Take one row away."""
    return f"delete from {table} where ctid = (select ctid from {table} where {where} limit 1)"


def without(table: str, *constraints: str) -> str:
    """Take these checks off a table, as who owns it can."""
    return "".join(f"alter table {table} drop constraint {table}_{name};" for name in constraints)


def copied(table: str, **changed: str) -> str:
    """A second row like the first, but for what is said (SQL of each value)."""
    pairs = ", ".join(f"'{name}', {value}" for name, value in changed.items())
    row = f"jsonb_populate_record(t, jsonb_build_object({pairs}))"
    return f"insert into {table} select ({row}).* from {table} t limit 1"


FINANCE = {
    "what waits for gate %s": one("finance_gatehold", "taken_minor = 1"),
    "of capital request %s more is ordered": one(
        "finance_gatehold",
        "amount_minor = 900000000000, request_id = (select r.id from finance_capitalrequest r "
        "where r.state = 'approved' limit 1)",
    ),
    "expectation %s of program": one("finance_outlookmonth", "planned_minor = planned_minor + 1"),
    "program %s has a credit beyond what was spent": one(
        "finance_policyfinding",
        "kind = 'credit_beyond_cost', cleared_at = null, waiver_id = null, amount_minor = 7",
    ),
    "journal %s does not add up": one("finance_posting", "amount = amount + 1", "amount > 0"),
    "posting %s of program %s stands in another": one("finance_posting", "period_id = period_id + 1"),
    "account %s has the balance": one("finance_account", "balance = balance + 1"),
    "account %s is overdrawn": without("finance_account", "no_overdraft")
    + one("finance_account", "balance = -1", "kind = 'available'"),
    "program %s: the sums by category and period": one("finance_ledgercell", "amount = amount + 1"),
    "program %s: the sums by day": one("finance_ledgerday", "amount = amount + 1"),
    "program %s: the sums by period": one("finance_ledgertotal", "amount = amount + 1"),
    "program %s: the sums by vendor are": one("finance_actualline", "vendor = 'Somebody else'"),
    "program %s: the sums by vendor and month": one("finance_vendormonth", "amount = amount + 1"),
    "program %s: the sums by vendor and nature": one("finance_vendornature", "amount = amount + 1"),
    "program %s: the sums by vendor and quarter": one("finance_vendorquarter", "amount = amount + 1"),
    "program %s: the sums by vendor and year": one("finance_vendoryear", "amount = amount + 1"),
    "program %s: the sums by vendor of all time": one("finance_vendorplace", "amount = amount + 1"),
    "journal %s is of another sum": one(
        "finance_actualline", "amount_minor = amount_minor + 1", "journal_id is not null"
    ),
    "the sums of cost file": one("finance_actualbatchsum", "amount_minor = amount_minor + 1"),
    "source %s of program %s ended with": one("finance_costsource", "last_period = '2000-01', end_why = 'x'")
    + ";update finance_erptotal t set source_id = c.id, amount_minor = 7 from finance_costsource c"
    " where c.program_id = t.program_id and c.last_period <> ''",
    "cost file %s of program %s waits": one("finance_actualbatch", "state = 'waiting'", "state = 'read'"),
    "cost file %s of program %s keeps": one("finance_actualbatch", "state = 'refused'", "state = 'read'"),
    "cost file %s of program %s is not accepted": one(
        "finance_actualbatch", "state = 'refused'", "state = 'accepted'"
    ),
    "change request %s was applied, and not": without(
        "programs_changerequest", "applied_by_warrant", "submission"
    )
    + one("programs_changerequest", "state = 'applied'"),
    "budget %s of program": one(
        "finance_budgetline",
        "amount_minor = amount_minor + 1",
        "budget_id in (select id from finance_budget where state = 'active')",
    ),
    "capital request %s of program %s is committed": without("finance_capitalrequest", "approved_by_warrant")
    + one("finance_capitalrequest", "state = 'committed'", "submitted_at is not null"),
    "capital request %s of program %s was approved": one(
        "finance_capitalrequest", "amount_minor = amount_minor + 1", "state = 'approved'"
    ),
    "a capital request (%s) has less than nothing": one(
        "finance_posting",
        "amount = -amount * 1000",
        "amount > 0 and account_id in (select id from finance_account where kind = 'reserve')",
    ),
    "account %s holds less than what belongs": one(
        "finance_account", "balance = 0", "kind = 'reserve' and balance > 0"
    ),
    "capital request %s of program %s is closed": one(
        "finance_capitalrequest", "state = 'closed'", "state = 'approved'"
    ),
    "order %s of program": one("finance_orderline", "amount_minor = amount_minor + 1"),
    "amendment %s of order %s of program %s is not the sum": one(
        "finance_orderamendment", "committed_minor = committed_minor - 1"
    ),
    "amendment %s of order %s of program %s does not begin": one(
        "finance_orderamendment", "from_minor = from_minor + 1, to_minor = to_minor + 1"
    ),
    "of order %s of program %s less is ordered": one(
        "finance_amendedline", "from_quantity = 7, to_quantity = 9"
    ),
    "invoice %s of program %s is not the sum": one("finance_invoiceline", "amount_minor = amount_minor + 1"),
    "the orders or milestones of contract": one("finance_contract", "value_minor = 1"),
    "more was released of contract": one("finance_retentionrelease", "amount_minor = amount_minor * 1000"),
    "invoice %s of program %s does not retain": one(
        "finance_invoice", "retained_minor = 7", "retained_minor = 0"
    ),
    "a milestone or release of contract": "update finance_contract c set manager_id = r.released_by_id"
    " from finance_retentionrelease r where r.contract_id = c.id",
    "earned value of program %s": gone("finance_earnedvaluesnapshot", "project_id is not null and ev > 0"),
    "the P-factor of project": one(
        "finance_earnedvaluerow",
        "pv_then = pv_then + 100000",
        "pv_then > 0 and snapshot_id in (select id from"
        " finance_earnedvaluesnapshot where run_id in"
        " (select max(id) from finance_earnedvaluerun group by program_id))",
    ),
    "variance %s of program %s names limits": one(
        "finance_variancefinding", "limits_id = (select min(id) from finance_ownlimits)"
    ),
    "contract %s of program %s is not managed": one("finance_contract", "manager_id = drafted_by_id"),
    "a paper of contract": one("pmo_attachment", "subject_id = 0", "subject_kind = 'contract'"),
    "what contract %s of program": one("finance_contract", "release_on = release_on + 900"),
    "receipt %s of program": "update finance_receipt r set received_by_id = o.ordered_by_id"
    " from finance_purchaseorder o where o.id = r.order_id",
    "invoice %s of program %s was released": without("finance_invoice", "released_by_another")
    + one("finance_invoice", "released_by_id = entered_by_id", "released_by_id is not null"),
    "asset %s of program %s is retired": one("finance_asset", "retired_on = in_service_on"),
    "the assets of capital request": one("finance_asset", "cost_minor = cost_minor + 1000000000"),
    "the papers of capital request": gone("pmo_attachment", "subject_kind = 'capital_request'"),
    "reclassification %s of program %s is not what": without("finance_reclassification", "decided")
    + one("finance_reclassification", "state = 'accepted'"),
    "reclassification %s of program %s is not the sum": one(
        "finance_reclassifiedline", "amount_minor = amount_minor + 1"
    ),
    "revision %s of capital request": one(
        "finance_capitalrequestrevision", "canonical = canonical || ' '::bytea"
    ),
}

DECIDED = "state = 'decided'"
APPROVED = "outcome = 'approved' and warrant_id is not null"
GOVERNANCE = {
    "D-%s is decided without": gone("governance_decisionrecord"),
    "D-%s is sealed but": without("governance_decision", "decided")
    + one("governance_decision", "state = 'open'", DECIDED),
    "the outcome of D-%s": without("governance_decision", "approved_by_warrant")
    + one("governance_decision", "outcome = 'rejected'", APPROVED),
    "the votes on D-%s are not": one(
        "governance_vote",
        "choice = 'reject'",
        "choice = 'approve' and decision_id in (select id from governance_decision where state = 'decided')",
    ),
    "the figures of D-%s": one(
        "governance_decision", "figures_canonical = figures_canonical || ' '::bytea", DECIDED
    ),
    "a vote on D-%s names": one("governance_vote", "digest = repeat('0', 64)"),
    "who stands aside on D-%s": "update governance_vote set choice = 'recuse', reason = 'Mine', option = null"
    " where id in (select min(id) from governance_vote group by decision_id having count(*) > 1);"
    "update governance_vote v set cast_by_id = own.cast_by_id, capacity = 'proxy' from governance_vote own where"
    " own.choice = 'recuse' and own.capacity = 'holder' and own.decision_id = v.decision_id and own.id <> v.id",
    "a vote on D-%s was cast by": one("governance_vote", "auth_at = auth_at - interval '1 day'"),
    "D-%s was approved and its warrant": one("pmo_warrant", "number = 'D-99999'"),
    "the warrant %s was not left": without("governance_decision", "approved_by_warrant")
    + one("governance_decision", "warrant_id = null", APPROVED),
    "the money of D-%s": "update finance_journal set warrant_id = null where kind = 'reserve'",
    "the conditions of D-%s": one("governance_condition", "text = text || '!'"),
    "D-%s was approved and its risk": without("governance_decision", "subject")
    + one("governance_decision", "subject_kind = 'risk_acceptance'", APPROVED),
    "D-%s was approved and its change": without("governance_decision", "subject")
    + one("governance_decision", "subject_kind = 'change_request'", APPROVED),
    "D-%s was approved and its gate": without("governance_decision", "subject")
    + one("governance_decision", "subject_kind = 'gate'", APPROVED),
    "a gate stands on": without("programs_gate", "decided") + one("programs_gate", "outcome = 'proceed'"),
}

PASSED = (
    without("programs_gate", "decided", "asked")
    + "update programs_gate set state = 'passed', outcome = 'proceed', position = 7"
)
PLANS = {
    "the dates are of plan version": one("programs_program", "plan_version = plan_version + 1"),
    "has no computed dates": gone("programs_computeddates", "superseded_by_id is null"),
    "the dates kept of the projects are not those": "update programs_computation set project_dates = '{}'",
    "the dates kept of the projects in baseline": one(
        "programs_baseline", """project_dates = '{"0": [1, 2, 3]}'"""
    ),
    "does not have the links that it was frozen with": one("programs_baseline", "links_kept = 7"),
    "does not have the scope that it was frozen with": one("programs_baseline", "scope_kept = 7"),
    "is approved without a warrant of its kind": without("programs_baseline", "approved_by_warrant")
    + one("programs_baseline", "origin = 'approved', warrant_id = null"),
    "later than each of its projects": "update programs_project set status_at = now();"
    "update programs_program set status_at = now() + interval '900 days'",
    "is applied without a warrant": FINANCE["change request %s was applied, and not"],
    "is withdrawn, or not, against what": without("programs_deliverable", "withdrawn")
    + one("programs_deliverable", "withdrawn_at = now()"),
    "is decided without a warrant for it": GOVERNANCE["a gate stands on"],
    "passed before one that comes first": PASSED
    + ";"
    + copied("programs_gate", id="999999", code="'G0'", position="0", state="'open'", outcome="''"),
    "passed with a mandatory criterion not met": PASSED,
    "was assessed by its own reviewer": without("programs_gatecriterion", "assessed")
    + "update programs_gatecriterion c set assessed_by_id = r.person_id"
    " from programs_gatereviewer r where r.gate_id = c.gate_id",
    "is not what was built (checksum)": copied("pmo_artefact", id="999999", format="'csv'", size="6"),
    "was taken, and its role": one("programs_invitation", "accepted_at = sent_at, accepted_by_id = by_id"),
    "waits in the outbox since": one("pmo_outbox", "state = 'pending', due = now() - interval '2 days'"),
}
