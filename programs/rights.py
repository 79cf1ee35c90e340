"""Table rights of programs (read by pmo.database.security)."""

APPEND_ONLY: dict[str, list[str]] = {
    "programs_changerevision": ["program_id", "request_id", "n", "canonical", "sha256", "edited_by_id", "at"],
    "programs_issuenote": ["program_id", "issue_id", "text", "by_id", "at"],
    "programs_changeimpact": [
        "program_id",
        "request_id",
        "n",
        "plan_version",
        "revision_sha256",
        "canonical",
        "sha256",
        "computed_by_id",
        "at",
    ],
    "programs_importeffect": ["program_id", "plan_import_id", "created", "kept", "former_baseline"],
    "programs_baselinelink": [
        "program_id",
        "baseline_id",
        "predecessor_id",
        "successor_id",
        "kind",
        "lag",
        "lag_unit",
    ],
    "programs_gateopinion": ["program_id", "gate_id", "person_id", "revision", "opinion", "remarks", "at"],
    "programs_projectmove": [
        "program_id",
        "project_id",
        "was",
        "became",
        "reason",
        "warrant_id",
        "by_id",
        "at",
    ],
}
READ_ONLY: list[str] = []
# Computed results are replaced; a plan's own rows may be taken out, which its history keeps.
DELETE_ALLOWED = [
    "programs_computeddates",
    "programs_computation",
    "programs_healthassessment",
    "programs_activity",
    "programs_dependency",
    "programs_assignment",
    "programs_availability",
    "programs_planview",
    "programs_issueactivity",
    "programs_calendarexception",
    "programs_gatecriterion",
    "programs_gatereviewer",
    "programs_contribution",
    "programs_plannedoutcome",
    # Only what an import made, and only by undoing that import: see the triggers on them.
    "programs_project",
    "programs_calendar",
    "programs_resource",
    "programs_statusperiod",
    "programs_progress",
    "programs_baseline",
    "programs_baselineactivity",
]
