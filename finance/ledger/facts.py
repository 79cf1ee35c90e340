"""Facts are entered, never refused for want of money: where each cost is taken from, and what is found about it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from django.db import transaction

from finance.earned_value import refreshing
from finance.ledger import books
from finance.ledger.books import Entry, Leg, Place
from finance.ledger.models import Kind
from finance.ledger.promises import BOUND
from finance.policy.models import PolicyFinding
from finance.structure import periods
from finance.structure.models import Category, Nature
from pmo.money import format_exact
from programs.portfolio.models import Program, Project


class Cost(NamedTuple):
    """A sum of actual cost at a place: minor units, below zero for a credit; `source` says where it came from.

    `adjusts`: the closed period that it belongs to, where it is entered late.
    """

    place: Place
    amount: int
    effective: date
    text: str
    source: tuple[str, str] = ("", "")
    adjusts: str = ""


def enter_facts(program: Program, costs: Sequence[Cost], kind: str, into: Kind) -> list[uuid.UUID]:
    """One journal for each cost, and a finding for what nobody granted; see `services.actuals`."""
    sources = (Kind.COMMITTED, Kind.AVAILABLE, Kind.UNFUNDED, into)
    with transaction.atomic():
        places = {cost.place for cost in costs}
        ids = books.accounts(program, ((*place, one) for place in places for one in sources))
        held = books.locked_balances(ids.values())
        # What belongs to a capital request is spent through its own orders and invoices, by nobody else.
        bound = books.of_requests(pk for key, pk in ids.items() if key[3] in BOUND)
        left = {key: held[pk] - bound.get(pk, 0) for key, pk in ids.items()}
        month = periods.ensure(program, {periods.code_of(cost.effective) for cost in costs})
        entries, findings = [], []
        for cost in costs:
            legs, without = _taken(program, cost, left, into)
            entry = Entry(
                kind=kind,
                legs=legs,
                period_id=month[periods.code_of(cost.effective)].pk,
                effective=cost.effective,
                text=cost.text,
                source_kind=cost.source[0],
                source_id=cost.source[1],
                adjusts=cost.adjusts,
            )
            entries.append(entry)
            if without:
                findings.append((entry, cost.place, without))
        made = books.enter(program, entries)
        find(program, findings)
        if made:
            refreshing.ask(program.pk, by=None)
        return made


def _taken(
    program: Program, cost: Cost, left: dict[tuple[int | None, str, str, str], int], into: Kind
) -> tuple[list[Leg], int]:
    """The legs of one cost, given what is left; and how much of it nobody has granted (minor units)."""
    place = cost.place

    def move(kind: Kind, amount: int) -> Leg:
        left[(*place, kind)] += amount
        return Leg(place, kind, amount)

    if cost.amount > 0:
        legs, rest = [], cost.amount
        # A credit that came before its cost waits in `unfunded`, above zero: it is used up first.
        waiting = min(rest, max(0, left[(*place, Kind.UNFUNDED)]))
        if waiting:
            legs.append(move(Kind.UNFUNDED, -waiting))
            rest -= waiting
        for kind in (Kind.COMMITTED, Kind.AVAILABLE):
            part = min(rest, left[(*place, kind)])
            if part > 0:
                legs.append(move(kind, -part))
                rest -= part
        if rest:
            legs.append(move(Kind.UNFUNDED, -rest))
        return [*legs, move(into, cost.amount)], rest
    credit, unfunded, spent = -cost.amount, left[(*place, Kind.UNFUNDED)], left[(*place, into)]
    legs = [move(into, -credit)]
    made_good = min(credit, max(0, -unfunded))
    # What was spent gives back what it took; beyond that no budget covers it, so nobody can commit it either.
    given_back = min(credit - made_good, max(0, spent - made_good))
    beyond = credit - made_good - given_back
    if made_good + beyond:
        legs.append(move(Kind.UNFUNDED, made_good + beyond))
    if given_back:
        legs.append(move(Kind.AVAILABLE, given_back))
    return legs, 0


def find(program: Program, findings: Sequence[tuple[Entry, Place, int]]) -> None:
    """One open finding for each journal that spent what nobody granted."""
    codes = dict(Project.objects.filter(program=program).values_list("pk", "code"))
    PolicyFinding.objects.bulk_create(
        PolicyFinding(
            program=program,
            kind=PolicyFinding.Kind.WITHOUT_FUNDING,
            sentence=(
                f"{codes.get(place.project_id or 0, program.code)}, {Category(place.category).label.lower()} "
                f"({Nature(place.nature).label.lower()}): {format_exact(without, program.currency)} "
                f"were spent without approved budget."
            ),
            project_id=place.project_id,
            category=place.category,
            nature=place.nature,
            amount_minor=without,
            journal_id=entry.id,
        )
        for entry, place, without in findings
    )
