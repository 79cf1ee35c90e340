"""What the serving roles may do to governance's tables beyond the ordinary (read by pmo.database.security)."""

# Only these columns may be given; the database's triggers fill the rest (time, sequence, hashes).
APPEND_ONLY = {
    "governance_elector": [
        "program_id",
        "decision_id",
        "seat_id",
        "person_id",
        "role",
        "voting",
        "recused",
        "recusal_reason",
        "alternate_id",
        "alternate_barred",
    ],
    "governance_vote": [
        "program_id",
        "decision_id",
        "elector_id",
        "choice",
        "option",
        "reason",
        "digest",
        "cast_by_id",
        "auth_at",
    ],
    "governance_decisionrecord": ["program_id", "decision_id", "canonical"],
}
APPEND_ONLY["governance_escalationmove"] = [
    "program_id",
    "escalation_id",
    "from_body_id",
    "to_body_id",
    "needed_by",
    "why",
    "by_id",
    "at",
]
APPEND_ONLY["governance_freequestion"] = [
    "program_id",
    "code",
    "title",
    "options",
    "papers",
    "sha256",
    "asked_by_id",
    "asked_at",
]
APPEND_ONLY["governance_statedrating"] = [
    "program_id",
    "project_id",
    "dimension",
    "voice",
    "colour",
    "reason",
    "valid_until",
    "person_id",
    "at",
]
# The end of each chain is moved by the sealing trigger alone.
READ_ONLY = {"governance_chainhead"}
DELETE_ALLOWED = [
    "governance_agendaitem",  # before its meeting begins, while nothing is written about it
    "governance_ladderstep",  # a ladder is replaced as a whole
]
