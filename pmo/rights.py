"""Table rights of the office (read by pmo.database.security)."""

APPEND_ONLY: dict[str, list[str]] = {
    "pmo_accountmove": ["person_id", "active", "reason", "by_id", "at"],
    "pmo_warrant": ["program_id", "kind", "number", "digest", "effective_at"],
    "pmo_artefact": ["program_id", "run_id", "format", "name", "content", "size", "sha256"],
    "pmo_attachment": [
        "program_id",
        "subject_kind",
        "subject_id",
        "kind",
        "name",
        "content_type",
        "content",
        "size",
        "sha256",
        "vendor",
        "amount_minor",
        "currency",
        "quoted_on",
        "added_by_id",
        "added_at",
    ],
    "pmo_attachmentwithdrawal": ["program_id", "attachment_id", "reason", "withdrawn_by_id", "withdrawn_at"],
    "pmo_occurrence": ["program_id", "subscription_id", "due_at", "run_id"],
}
READ_ONLY: list[str] = ["pmo_namechange"]  # written by a trigger on people
DELETE_ALLOWED: list[str] = [
    "pmo_cache",
    "pmo_artefactpart",  # when its days are over
]
