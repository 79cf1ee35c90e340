"""Table rights of the office (read by pmo.database.security)."""

APPEND_ONLY: dict[str, list[str]] = {
    "pmo_warrant": ["program_id", "kind", "number", "digest", "effective_at"],
}
READ_ONLY: list[str] = []
DELETE_ALLOWED: list[str] = []
