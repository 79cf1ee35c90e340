"""Table rights of finance (read by pmo.database.security): the books are written once, computed tables are replaced."""

APPEND_ONLY: dict[str, list[str]] = {
    # `balance`, `recorded_at`, `actor_id` and ids are filled by the database itself.
    "finance_account": ["program_id", "project_id", "category", "nature", "currency", "kind"],
    "finance_journal": [
        "id",
        "program_id",
        "currency",
        "kind",
        "period_id",
        "effective",
        "text",
        "source_kind",
        "source_id",
        "legs",
        "warrant_id",
        "request_id",
        "reverses_id",
    ],
    "finance_posting": ["journal_id", "program_id", "currency", "account_id", "amount"],
    "finance_actualline": [
        "program_id",
        "batch_id",
        "journal_id",
        "source_reference",
        "project_id",
        "activity_id",
        "category",
        "nature",
        "period_id",
        "effective",
        "effective_at",
        "currency",
        "amount_exact",
        "amount_minor",
        "source_currency",
        "source_minor",
        "rate",
        "vendor",
        "text",
    ],
    "finance_orderline": [
        "program_id",
        "order_id",
        "n",
        "text",
        "quantity",
        "unit_price_minor",
        "amount_minor",
    ],
    "finance_capitalrequestrevision": [
        "program_id",
        "request_id",
        "n",
        "canonical",
        "sha256",
        "edited_by_id",
        "at",
    ],
}
# Kept by the triggers on postings and cost lines.
READ_ONLY: list[str] = ["finance_ledgercell", "finance_ledgertotal", "finance_vendortotal"]
DELETE_ALLOWED: list[str] = [
    "finance_stagedactual",
    "finance_budgetline",  # of a draft only: see the trigger on it
    "finance_earnedvaluerun",
    "finance_earnedvaluesnapshot",
    "finance_earnedvaluerow",
    "finance_plannedvaluepoint",
]
