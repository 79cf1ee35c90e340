"""What the example's project managers say about their projects at the status date."""

from __future__ import annotations

from datetime import date, datetime

from governance.example import people, planning
from pmo.accounts.models import User
from programs.portfolio.models import Program, Project
from programs.status.models import Narrative


def narrate(
    *,
    program: Program,
    projects: dict[str, Project],
    cast: people.Cast,
    status: date,
    by: User | None,
    at: datetime,
) -> None:
    words = {
        "DC-MIG": (
            "Landing zone designed, arrays ordered.",
            "Rack the first arrays, network lines tested.",
            "",
        ),
        "ERP-FIN": (
            "Blueprint signed; ledger configuration under way after the sandbox came late.",
            "Finish the ledger, begin the interfaces to bank and payroll.",
            "The vendor's second consultant is needed for four weeks.",
        ),
        "IAM": (
            "Identity model accepted, directories nearly consolidated.",
            "Connect the HR system.",
            "",
        ),
        "BPR-P2P": ("Target process approved with audit.", "Clean the supplier catalogue.", ""),
        "TRAIN": (
            "Training concept accepted, learning platform bought.",
            "Course material for the ledger.",
            "",
        ),
    }
    Narrative.objects.bulk_create(
        Narrative(
            program=program,
            project=projects[code],
            as_of=status,
            achieved=achieved,
            planned_next=ahead,
            help_needed=help_needed,
            author=cast[planning.MANAGERS[code]],
        )
        for code, (achieved, ahead, help_needed) in words.items()
    )
