"""Credits beyond what was spent on their cost line: a finding stands as long as they do.

What is credited beyond all cost of a line waits in `unfunded`, above zero, until a cost uses it up. Nobody can commit
it, and added up over lines it hides what others spent without funding: so it is said, beside its line.
"""

from __future__ import annotations

from datetime import datetime

from finance.ledger.models import Account
from finance.ledger.models import Kind as Money
from finance.policy.models import PolicyFinding
from finance.structure.models import Category, Nature
from pmo.money import format_exact
from programs.portfolio.models import Program, Project

KIND = PolicyFinding.Kind.CREDIT_BEYOND_COST
Line = tuple[int | None, str, str]
"""Project, category, nature."""


def keep(program: Program, at: datetime) -> None:
    """Open, reword and clear the findings of credits beyond cost, as the books stand now; two queries when well."""
    if _standing(program) == {line: one.amount_minor for line, one in _kept(program).items()}:
        return
    # A posting holds the program's row from its accounts to its findings. Without it the two looks above may have had
    # that posting between them: under it, after the accounts as postings take it, both are of one moment.
    Program.objects.select_for_update(no_key=True).get(pk=program.pk)
    standing, kept = _standing(program), _kept(program)
    if gone := [one.pk for line, one in kept.items() if line not in standing]:
        PolicyFinding.objects.filter(pk__in=gone, cleared_at=None).update(cleared_at=at)
    changed = []
    for line, one in kept.items():
        if line in standing and one.amount_minor != standing[line]:
            one.amount_minor = standing[line]
            one.sentence = sentence(program, line, one.project.code if one.project else "", standing[line])
            changed.append(one)
    PolicyFinding.objects.bulk_update(changed, ["sentence", "amount_minor"], batch_size=500)
    fresh = [line for line in standing if line not in kept]
    if not fresh:
        return
    codes = dict(Project.objects.filter(program=program).values_list("pk", "code"))
    PolicyFinding.objects.bulk_create(
        (
            PolicyFinding(
                program=program,
                kind=KIND,
                sentence=sentence(program, line, codes.get(line[0] or 0, ""), standing[line]),
                project_id=line[0],
                category=line[1],
                nature=line[2],
                amount_minor=standing[line],
                found_at=at,
            )
            for line in fresh
        ),
        ignore_conflicts=True,  # somebody else may have found the same just now
    )


def _standing(program: Program) -> dict[Line, int]:
    """What is credited beyond cost (minor units), by line."""
    rows = Account.objects.filter(
        program=program, currency=program.currency, kind=Money.UNFUNDED, balance__gt=0
    ).values_list("project_id", "category", "nature", "balance")
    return {(project_id, category, nature): balance for project_id, category, nature, balance in rows}


def _kept(program: Program) -> dict[Line, PolicyFinding]:
    """The open findings, by line."""
    rows = PolicyFinding.objects.filter(program=program, kind=KIND, cleared_at=None)
    return {(one.project_id, one.category, one.nature): one for one in rows}


def sentence(program: Program, line: Line, project: str, amount: int) -> str:
    """What is wrong with a line, with its amount (minor units)."""
    _, category, nature = line
    return (
        f"{project or program.code}, {Category(category).label.lower()} ({Nature(nature).label.lower()}): "
        f"{format_exact(amount, program.currency)} were credited beyond what was spent on this line."
    )
