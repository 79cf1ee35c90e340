"""The figures on the table: what a decision would change, measure by measure, frozen when its ballot opens.

Every row is plain (text, integers): money in minor units, counts as they are. The same rows are shown on the
page, hashed into the ballot's digest and sealed with the decision.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.db.models import Max, Sum

from finance.budgets.models import Budget, BudgetLine
from finance.capex import revisions
from finance.capex.models import CapitalRequest
from finance.ledger.models import Account, Journal, Kind
from finance.policy.models import PolicyFinding, PolicyWaiver
from finance.structure.models import Nature
from governance.authority.models import AuthorityRule, SubjectKind
from governance.consequences.changing import change_figures
from governance.consequences.gating import gate_figures
from governance.consequences.measures import measure, stamp
from governance.decisions.facts import Facts
from governance.questions.models import FreeQuestion
from pmo import formats
from programs.baselines.models import Baseline
from programs.portfolio.models import Program
from programs.raid import acceptance
from programs.raid.models import RiskAcceptance
from programs.schedule.models import Computation


def figures_for(facts: Facts, rule: AuthorityRule, at: datetime) -> dict[str, Any]:
    """All rows for a subject, with the versions of plan and ledger that they were read from."""
    program = Program.objects.get(pk=facts.program_id)
    read = {
        SubjectKind.CAPITAL_REQUEST.value: _capital_request,
        SubjectKind.BUDGET.value: _budget,
        SubjectKind.BASELINE.value: _baseline,
        SubjectKind.CHANGE_REQUEST.value: _change_request,
        SubjectKind.WAIVER.value: _waiver,
        SubjectKind.GATE.value: lambda facts, program: gate_figures(facts.row, program),
        SubjectKind.QUESTION.value: _question,
        SubjectKind.RISK_ACCEPTANCE.value: _risk_acceptance,
    }[facts.kind]
    last = Journal.objects.filter(program=program).aggregate(last=Max("recorded_at"))["last"]
    return {
        "read_at": stamp(at),
        "plan_version": program.plan_version,
        "ledger_version": program.ledger_version,
        "ledger_to": stamp(last),
        "limit_minor": rule.up_to_minor,
        "limit_days": rule.up_to_days,
        **({"limit_score": rule.up_to_score} if facts.score else {}),
        "split_with": list(facts.split_with),
        **read(facts, program),
    }


def balances(program_id: int, project_id: int | None, nature: str, category: str | None) -> dict[str, int]:
    """Ledger balances by account kind (minor units) of one line, or of all categories of a project."""
    rows = Account.objects.filter(program_id=program_id, project=project_id, nature=nature)
    if category is not None:
        rows = rows.filter(category=category)
    found = dict(rows.values_list("kind").annotate(total=Sum("balance")))
    return {kind: int(found.get(kind, 0)) for kind in Kind.values}


def _capital_request(facts: Facts, program: Program) -> dict[str, Any]:
    request: CapitalRequest = facts.row
    line = balances(program.pk, request.project_id, Nature.CAPITAL, request.category)
    project = balances(program.pk, request.project_id, Nature.CAPITAL, None)
    amount = request.amount_minor
    left = line[Kind.AVAILABLE] - amount
    name = f"{request.project.code} {request.get_category_display().lower()}, capital"
    findings = list(
        PolicyFinding.objects.filter(program=program, project_id=request.project_id, cleared_at=None)
        .order_by("pk")
        .values_list("sentence", flat=True)
    )
    breaches = (
        ["It would set aside more than the line's approved budget: approval is refused."] if left < 0 else []
    )
    return {
        "request": {
            "code": request.code,
            "title": request.title,
            "project": request.project.code,
            "category": request.category,
            "nature": str(Nature.CAPITAL),
            "vendor": request.vendor,
            "amount_minor": amount,
            "currency": request.currency,
            "justification": request.justification,
            "alternatives": request.alternatives,
            "papers": revisions.standing(request),
        },
        "measures": [
            measure(
                "available",
                f"Available: {name}",
                line[Kind.AVAILABLE],
                left,
                state="red" if left < 0 else "",  # money that leaves a line is no good news
            ),
            measure("reserved", f"Set aside: {name}", line[Kind.RESERVE], line[Kind.RESERVE] + amount),
            measure("committed", f"Committed: {name}", *[line[Kind.COMMITTED]] * 2),
            measure("spent", f"Spent and accrued: {name}", *[line[Kind.SPENT] + line[Kind.ACCRUED]] * 2),
            measure(
                "project",
                f"Available: {request.project.code} capital, all categories",
                project[Kind.AVAILABLE],
                project[Kind.AVAILABLE] - amount,
                state="red" if project[Kind.AVAILABLE] < amount else "",
            ),
            measure(
                "policy",
                "Policy",
                _findings(len(findings)),
                _findings(len(findings) + len(breaches)),
                unit="text",
                state="red" if breaches else "amber" if findings else "green",
            ),
        ],
        "findings": findings + breaches,
    }


def _findings(count: int) -> str:
    return "conforms" if not count else f"{count} finding{'s' if count > 1 else ''}"


def _change_request(facts: Facts, program: Program) -> dict[str, Any]:
    return change_figures(facts.row, program)


def _budget(facts: Facts, program: Program) -> dict[str, Any]:
    budget: Budget = facts.row
    active = Budget.objects.filter(program=program, project=budget.project, state=Budget.State.ACTIVE).first()
    new, old = _by_category(budget), _by_category(active) if active else {}
    rows = [
        measure(
            f"{category}-{nature}",
            f"{category.replace('_', ' ').capitalize()}, {nature}",
            old.get((category, nature), 0),
            new.get((category, nature), 0),
        )
        for category, nature in sorted(new.keys() | old.keys())
    ]
    return {
        "measures": [*rows, measure("total", "Total", sum(old.values()), sum(new.values()))],
        "findings": [],
    }


def _by_category(budget: Budget) -> dict[tuple[str, str], int]:
    rows = (
        BudgetLine.objects.filter(budget=budget)
        .values_list("category", "nature")
        .annotate(total=Sum("amount_minor"))
    )
    return {(category, nature): int(total) for category, nature, total in rows}


def _waiver(facts: Facts, program: Program) -> dict[str, Any]:
    """The clause as it stands, the findings meant and the last day: all that a waiver changes."""
    waiver: PolicyWaiver = facts.row
    meant = PolicyFinding.objects.filter(program=program, clause=waiver.clause, cleared_at=None)
    if waiver.key:
        meant = meant.filter(key=waiver.key)
    if waiver.project_id:
        meant = meant.filter(project_id=waiver.project_id)
    sentences = list(meant.order_by("pk").values_list("sentence", flat=True))
    return {
        "waiver": {
            "code": waiver.code,
            "clause": waiver.clause.code,
            "about": waiver.about,
            "reason": waiver.reason,
            "until": waiver.until.isoformat(),
        },
        "measures": [
            measure(
                "clause",
                f"{waiver.clause.code} {waiver.clause.get_kind_display()}",
                "holds",
                f"waived until {waiver.until.isoformat()}",
                unit="text",
            ),
            *(
                [measure("amount", "Breach that is covered, at most", 0, waiver.amount_minor)]
                if waiver.amount_minor is not None
                else [
                    measure(
                        "amount", "Breach that is covered", "none", "of any amount", unit="text", state="red"
                    )
                ]
            ),
            measure("policy", "Open findings", _findings(len(sentences)), _findings(0), unit="text"),
        ],
        "findings": sentences,
    }


def _question(facts: Facts, program: Program) -> dict[str, Any]:
    """The options in their order, and the papers: a question touches no figure."""
    asked: FreeQuestion = facts.row
    return {"options": list(asked.options), "papers": asked.papers, "measures": [], "findings": []}


def _risk_acceptance(facts: Facts, program: Program) -> dict[str, Any]:
    """The risk as it is scored, what of it would be carried, and all that is carried besides."""
    asked: RiskAcceptance = facts.row
    others = acceptance.in_force(program.pk, acceptance.local_day(program, datetime.now(UTC)))
    others = others.exclude(risk=asked.risk_id)
    carried = int(others.aggregate(total=Sum("risk__exposure_minor"))["total"] or 0)
    return {
        "acceptance": {
            "code": asked.code,
            "risk": asked.risk_id,
            "about": asked.about,
            "cause": asked.risk.cause,
            "event": asked.risk.event,
            "effect": asked.risk.effect,
            "reason": asked.reason,
            "until": asked.until.isoformat(),
        },
        "measures": [
            measure(
                "risk",
                "The risk",
                asked.risk.get_state_display().lower(),
                f"accepted until {formats.day(asked.until)}",
                unit="text",
            ),
            measure(
                "score",
                "Score, probability × impact",
                f"{asked.probability} × {asked.impact} = {asked.score}",
                f"up to {asked.appetite} accepted",
                unit="text",
                state="amber" if asked.appetite > asked.score else "",
            ),
            measure(
                "carried", "Exposure carried without a response", carried, carried + asked.exposure_minor
            ),
        ],
        "findings": [],
    }


def _baseline(facts: Facts, program: Program) -> dict[str, Any]:
    current = Baseline.objects.filter(program=program, is_current=True).first()
    computed = Computation.objects.filter(program=program).order_by("-pk").first()
    old = current.activities.aggregate(last=Max("finishes_at"))["last"] if current else None
    finish = computed.plan_finish if computed else None
    if computed is not None and computed.plan_version != program.plan_version:
        finish = None
    return {
        "measures": [
            measure(
                "baseline",
                "Baseline in force",
                str(current) if current else "none",
                f"plan version {program.plan_version}",
                unit="text",
            ),
            measure("finish", "Finish in the baseline", stamp(old), stamp(finish), unit="date"),
        ],
        "findings": [] if finish else ["The dates of this plan version are not computed yet."],
    }
