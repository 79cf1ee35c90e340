"""What the project managers expected the rest to cost: two forecasts each, the first old enough to be judged."""

from __future__ import annotations

from datetime import date

from finance.forecast import services
from finance.forecast.services import LineValues
from finance.structure.periods import code_of
from governance.example.funding import nature_of
from governance.example.people import Cast
from pmo import commands
from programs.portfolio.models import Program, Project

MANAGERS = {"DC-MIG": "dc", "ERP-FIN": "erp", "IAM": "iam", "BPR-P2P": "p2p", "TRAIN": "train"}
LABOUR_BY_TREND = ("ERP-FIN", "TRAIN")
"""Their teams are as large as they are: the rest goes on like the last three months."""


def forecast(*, program: Program, projects: dict[str, Project], cast: Cast, today: date) -> None:
    """A forecast of two months ago and one of last month, of every project; each by its own manager."""
    for back in (2, 1):
        month = today.month - 1 - back
        period = code_of(date(today.year + month // 12, month % 12 + 1, 1))
        for code, key in MANAGERS.items():
            made = commands.run(
                services.begin, actor=cast[key], program=program, project=projects[code], period_code=period
            )
            lines = (
                [LineValues("labour", nature_of(code, "labour"), "trend", {})]
                if code in LABOUR_BY_TREND
                else []
            )
            made = commands.run(
                services.write_lines,
                actor=cast[key],
                forecast=made,
                version=made.version,
                lines=lines,
                note="Offers of the vendors and the plan as it is.",
            )
            commands.run(services.submit, actor=cast[key], forecast=made, version=made.version)
