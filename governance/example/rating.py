"""What the example's managers and its independent assurance say about health, beside what is computed."""

from __future__ import annotations

from datetime import date, timedelta

from governance.example.people import Cast
from governance.health import services
from pmo import commands
from programs.portfolio.models import Program, Project

# who, project ("" for the program), dimension, colour, days, why
WORDS: tuple[tuple[str, str, str, str, int, str], ...] = (
    ("manager", "", "overall", "amber", 30, "The finish holds only if the finance interfaces are tested on time."),
    ("assurance", "", "overall", "amber", 45, "Evidence for two mandatory gate criteria could not be shown."),
    ("erp", "ERP-FIN", "overall", "amber", 30, "Testers are short until the identity project hands over two."),
    ("assurance", "ERP-FIN", "overall", "red", 45, "No whole rehearsal of the cut-over was run; the plan needs two."),
    ("erp", "ERP-FIN", "cost", "green", 30, "The overrun is an invoice paid early; it evens out next month."),
    ("iam", "IAM", "overall", "green", 20, "All connectors are live but one, which has a workaround."),
)  # fmt: skip


def rate(program: Program, projects: dict[str, Project], cast: Cast, today: date) -> None:
    """Each says it in their own voice."""
    newest: dict[str, int] = {}
    for key, code, dimension, colour, days, reason in WORDS:
        made = commands.run(
            services.state,
            actor=cast[key],
            program=program,
            project=projects[code] if code else None,
            voice="assurance" if key == "assurance" else "manager",
            dimension=dimension,
            colour=colour,
            reason=reason,
            valid_until=today + timedelta(days=days),
            seen=newest.get(code, 0),
        )
        newest[code] = made.pk
