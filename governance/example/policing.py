"""The example's budget policy: seven clauses, written by the controller once the budgets are in force."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta

from django.db import transaction

from finance.budgets.models import BudgetLine
from finance.capitalisation import reclassifying
from finance.capitalisation import services as capitalisation
from finance.capitalisation.differing import differing
from finance.conformity import services as policy
from finance.conformity.gathering import fiscal_year
from finance.control_accounts import own_limits
from finance.control_accounts.limits import Limits
from finance.engine.capitalisation import CRITERIA
from finance.structure.periods import local_day
from governance.example.people import Cast
from pmo import commands
from pmo.accounts.models import User
from pmo.scope import system_scope
from programs.portfolio.models import Program, Project

CLAUSES: list[tuple[str, str, dict[str, object], str, str]] = [
    ("B-2", "contingency_band", {"low": "5", "high": "15"}, "block", "Contingency is for known risks, not for plans."),
    ("B-3", "category_cap", {"category": "services", "cap": "25"}, "warn", "Projects keep the knowledge they pay for."),
    ("B-4", "beyond_budget", {}, "block", "Nothing is promised that no decision approved."),
    ("B-5", "capitalisation_threshold", {"threshold_minor": 5_000_00}, "warn", "Small things are expensed."),
    ("B-6", "accrual_ageing", {"days": 60}, "warn", "What was received is invoiced within two months."),
    ("B-7", "separation_of_duties", {}, "warn", "Nobody handles money alone."),
    ("B-8", "quotes_above", {"above_minor": 300_000_00, "quotes": 3}, "block", "Prices are compared."),
]  # fmt: skip


def write_policy(cast: Cast, program: Program) -> None:
    """A ceiling five percent above the dearest fiscal year, in whole ten thousands, and seven clauses more."""

    def dearest(*, by: User | None, at: datetime) -> tuple[int, int, date]:
        years: dict[int, int] = defaultdict(int)
        for code, amount in BudgetLine.objects.filter(program=program).values_list(
            "period__code", "amount_minor"
        ):
            years[fiscal_year(code, program.fiscal_year_start_month)] += amount
        year = max(years, key=lambda one: years[one])
        ceiling = -(-years[year] * 105 // 100_000_000) * 1_000_000
        return year, ceiling, local_day(program, program.starts_at)

    year, ceiling, since = commands.run(dearest, actor=None, scope=[program.pk])
    of_year: dict[str, object] = {"year": year, "ceiling_minor": ceiling}
    first = ("B-1", "fiscal_year_ceiling", of_year, "block", "As the board granted it.")
    for code, kind, parameters, action, text in (first, *CLAUSES):
        commands.run(
            policy.add,
            actor=cast["controller"],
            program=program,
            code=code,
            kind=kind,
            parameters=parameters,
            action=action,
            text=text,
            from_day=since,
        )


ASSETS = {"DC-MIG": "ias_38", "ERP-FIN": "ias_38", "IAM": "ias_38"}


def limit_one_project(cast: Cast, program: Program, project: Project) -> None:
    """The program's limits for a project that is about to go live, with answers in half the time."""
    commands.run(
        own_limits.set_own,
        actor=cast["controller"],
        program=program,
        project=project,
        wanted=Limits(answer_days=5),
        reason="The go-live is close: what differs is explained within a week.",
        seen=0,
    )


def reclassify(cast: Cast, program: Program, projects: dict[str, Project]) -> None:
    """The first asset project whose cost is posted otherwise than proposed is asked for; the controller may post it."""
    for code in ASSETS:
        with transaction.atomic(), system_scope([program.pk], reason="the example looks what differs"):
            found = differing(program, projects[code], "", 1)
        if found:
            commands.run(
                reclassifying.ask,
                actor=cast["manager"],
                project=projects[code],
                reason="As the policy in force proposes, before the quarter ends.",
            )
            return


def write_capitalisation(cast: Cast, projects: dict[str, Project]) -> None:
    """IAS 38 for the projects that build an asset: six weeks of research, criteria shown a month after the funds."""
    for code, standard in ASSETS.items():
        project = projects[code]
        begin = local_day(project.program, project.program.starts_at)
        shown = begin + timedelta(days=42)
        commands.run(
            capitalisation.record_policy,
            actor=cast["controller"],
            project=project,
            standard=standard,
            from_day=begin,
            evidence="Charter and architecture review, filed with the program office.",
            development_from=begin + timedelta(days=28),
            funding_authorised_on=begin + timedelta(days=14),
            completion_probable_on=shown,
            criteria=dict.fromkeys(CRITERIA, shown),
        )
