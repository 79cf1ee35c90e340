"""What the dashboard prints, made from the figures that health read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, Q

from governance.decisions.models import Decision
from governance.decisions.selectors import votes_of, with_counts
from governance.health.models import StatedRating
from governance.health.rules import Rating
from governance.health.selectors import Figures, project_ratings
from governance.health.stated import Known, Word
from governance.health.thresholds import limits_of
from pmo import formats
from pmo.money import format_plain
from pmo.zones import zone
from programs.schedule.freshness import in_words


@dataclass(frozen=True, slots=True)
class Waiting:
    """A ballot or draft under way, in the words of the card."""

    decision: Decision
    note: str
    mine: bool


@dataclass(frozen=True, slots=True)
class ProjectLine:
    """A component project's row, ready to print."""

    code: str
    name: str
    href: str
    kind: str
    schedule: Rating
    cost: Rating
    finish: str
    finish_href: str
    slip_days: int | None
    eac: str
    cpi: str
    money_href: str
    manager: str
    said: list[Word]
    said_href: str


def under_way(figures: Figures, user: Any) -> tuple[list[Waiting], list[Decision]]:
    """Ballots and drafts now (the first to close on top), and what was decided since; one statement for both."""
    until = figures.known
    live = Q(state__in=[Decision.State.DRAFT, Decision.State.OPEN])
    done = Q(decided_at__gte=figures.since, decided_at__lte=until) & (
        Q(state=Decision.State.DECIDED) | Q(state=Decision.State.WITHDRAWN, opened_at__isnull=False)
    )
    rows = list(with_counts(figures.program.pk).filter(live | done).annotate(mine=Exists(votes_of(user))))
    waiting = [
        Waiting(one, _waiting_note(one, figures), bool(one.mine) and one.state == Decision.State.OPEN)
        for one in rows
        if one.decided_at is None
    ]
    waiting.sort(
        key=lambda one: (one.decision.closes_at is None, one.decision.closes_at or one.decision.proposed_at)
    )
    return waiting, [one for one in rows if one.decided_at is not None]


def _waiting_note(one: Any, figures: Figures) -> str:
    parts = []
    if one.amount_minor and figures.sees_money:
        parts.append(formats.money_text(one.amount_minor, one.currency))
    parts.append(one.body.name)
    if one.state == Decision.State.DRAFT:
        parts.append("not yet put to the vote")
    else:
        closes = one.closes_at.astimezone(zone(figures.program.time_zone))
        parts.append(f"vote by {formats.day_short(closes)}")
        parts.append(f"{one.voted} of {one.voters} voted")
    return " · ".join(parts)


def project_lines(figures: Figures, said: Known) -> list[ProjectLine]:
    """The component projects with colours, finish, slip, EAC and CPI, each figure with its link."""
    program, limits = figures.program, limits_of(figures.program.thresholds)
    lines = []
    for one in figures.projects:
        schedule, cost = project_ratings(one, figures, limits)
        earned = one.earned if figures.sees_money else None
        eac = earned.eac if earned else None
        slip = (one.finish - one.baseline).days if one.finish and one.baseline else None
        lines.append(
            ProjectLine(
                one.code,
                one.name,
                figures.to("programs:project", project_code=one.code),
                one.kind,
                schedule,
                cost,
                formats.day(one.finish),
                figures.to("programs:plan", {"project": one.code}),
                slip,
                formats.money_short(round(eac), program.currency) if eac is not None else formats.UNKNOWN,
                formats.index(earned.cpi if earned else None),
                figures.to("finance:earned-value-project", project_code=one.code) if earned else "",
                one.manager,
                [
                    word
                    for voice in StatedRating.Voice.values
                    if (word := said.get((one.pk, StatedRating.Dimension.OVERALL.value, voice)))
                ],
                figures.to("governance:ratings", {"project": one.code}),
            )
        )
    return lines


def freshness(figures: Figures, *, people: bool = True) -> str:
    """`Delivery phase · sponsor ... · data to ..., ledger reconciled to 0.00 · 5 of 5 projects reported`."""
    program = figures.program
    parts = [f"{program.get_phase_display()} phase"] if people else []
    if people and program.sponsor is not None:
        parts.append(f"sponsor {program.sponsor.name}")
    local = zone(program.time_zone)
    data = (
        f"data to {formats.day(figures.data_to.astimezone(local))}"
        if figures.data_to
        else "no status date yet"
    )
    parts.append(f"{data}, {ledger_words(figures)}")
    parts.append(
        f"{figures.reporting} of {formats.counted(len(figures.projects), 'project', 'projects')} reported"
    )
    if figures.stale:
        parts.append(in_words(figures.dates_version, program.plan_version))
    return " · ".join(parts)


def ledger_words(figures: Figures) -> str:
    """Whether the books add up: the sum of all accounts, which double entry keeps at nothing."""
    if not figures.sees_money:
        return "money not shown to your role"
    if not figures.has_ledger:
        return "no ledger yet"
    amount = format_plain(figures.ledger_difference, figures.program.currency)
    return (
        f"ledger reconciled to {amount}"
        if not figures.ledger_difference
        else f"ledger does NOT reconcile: {amount}"
    )
