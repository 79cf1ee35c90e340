"""What is wrong in the example: issues that people entered, one of them late, one resolved and not yet closed."""

from __future__ import annotations

from datetime import datetime, timedelta

from governance.example.people import Cast
from pmo import commands
from programs.portfolio.models import Program, Project
from programs.raid import issues

# project, who enters it, title, description, kind, priority, days since, due after days, owner
ISSUES = (
    ("ERP-FIN", "erp", "Test system holds last year's chart of accounts",
     "The vendor restored an old copy; postings of two departments fail.", "quality", 2, 24, 10, "erp"),
    ("DC-MIG", "dc", "Badge readers of the new data centre do not open",
     "Night shifts cannot enter the cage; work is done by day only.", "supplier", 3, 12, 30, "dc"),
    ("TRAIN", "staff", "Two course rooms are double booked in the pilot month",
     "The school gave the rooms away.", "people", 4, 20, 25, "train"),
)  # fmt: skip


def enter_issues(program: Program, projects: dict[str, Project], cast: Cast, now: datetime) -> None:
    """The first is late, the second is being worked on, the third waits to be closed."""
    made = []
    for code, who, title, description, kind, priority, since, due, owner in ISSUES:
        at = now - timedelta(days=since)
        values = {
            "title": title, "description": description, "project": projects[code], "kind": kind,
            "priority": priority, "owner": cast[owner], "due_on": (at + timedelta(days=due)).date(),
        }  # fmt: skip
        made.append(commands.run(issues.add, actor=cast[who], at=at, program=program, values=values))
    noted, done = made[1], made[2]
    commands.run(
        issues.note,
        actor=cast["dc"],
        issue=noted,
        version=noted.version,
        text="The supplier sends somebody on Monday.",
    )
    commands.run(
        issues.resolve, actor=cast["train"], issue=done, version=done.version,
        text="The school gives us the hall instead; all courses fit.",
    )  # fmt: skip
