"""Everything that can happen to money: granted, set aside, committed, released, spent, transferred, reversed.

Controls refuse promises (reserve, commit, transfer: see `promises`), never facts (actual cost). Amounts are whole minor
units of the program's currency. Services that others build on (`post`, `grant`, `actuals`) leave the
question of who may to their callers; those that a door calls ask for the permission themselves.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import NamedTuple

from django.db import connection, transaction

from finance.earned_value import refreshing
from finance.ledger import books, promises
from finance.ledger.books import Entry, Leg, Place
from finance.ledger.facts import Cost, enter_facts
from finance.ledger.models import Journal, Kind, Posting
from finance.policy import guard
from finance.policy.models import PolicyFinding
from finance.structure import periods
from finance.structure.models import RESERVES, FiscalPeriod
from pmo.accounts.access import current_access
from pmo.accounts.models import User
from pmo.accounts.roles import Permission
from pmo.refusals import Conflict, Refused
from pmo.warrants import Warrant
from programs.portfolio.models import Program

J = Journal.Kind


def post(
    *,
    program: Program,
    kind: str,
    legs: Sequence[Leg],
    effective: date,
    text: str,
    by: User | None,
    at: datetime,
    period: FiscalPeriod | None = None,
    source: tuple[str, str] = ("", ""),
    warrant: Warrant | None = None,
    request_id: int | None = None,
    journal_id: uuid.UUID | None = None,
) -> uuid.UUID:
    """Enter one journal and return its id; with a `journal_id` that was entered before, nothing happens again.

    `request_id`: the capital request whose money it is.
    """
    with transaction.atomic():
        entry = Entry(
            kind=kind,
            legs=legs,
            period_id=(period or periods.period_of(program, effective)).pk,
            effective=effective,
            text=text,
            source_kind=source[0],
            source_id=source[1],
            warrant_id=warrant.pk if warrant else None,
            request_id=request_id,
            id=journal_id or uuid.uuid4(),
        )
        return books.enter(program, [entry])[0]


class GrantLine(NamedTuple):
    """An amount granted (or, below zero, taken back) at a place in a period."""

    place: Place
    period: FiscalPeriod
    amount: int


def grant(
    *,
    program: Program,
    lines: Sequence[GrantLine],
    warrant: Warrant,
    source: tuple[str, str],
    text: str,
    by: User | None,
    at: datetime,
) -> list[uuid.UUID]:
    """Budget as decided: funding -> available, or -> reserve for contingency and management reserve.

    One journal for each period, dated on the day of the decision or the nearest day of its period.
    """
    today = periods.local_day(program, at)
    by_period: dict[FiscalPeriod, list[GrantLine]] = {}
    for line in lines:
        if line.amount:
            by_period.setdefault(line.period, []).append(line)
    entries = []
    for period, granted in sorted(by_period.items(), key=lambda item: item[0].code):
        legs = []
        for line in granted:
            into = Kind.RESERVE if line.place.category in RESERVES else Kind.AVAILABLE
            legs += [Leg(line.place, Kind.FUNDING, -line.amount), Leg(line.place, into, line.amount)]
        entries.append(
            Entry(
                kind=J.GRANT,
                legs=legs,
                period_id=period.pk,
                effective=min(max(today, period.starts_on), period.ends_on),
                text=text,
                source_kind=source[0],
                source_id=f"{source[1]}:{period.code}",
                warrant_id=warrant.pk,
            )
        )
    with transaction.atomic():
        return books.enter(program, entries)


def reserve(
    *, program: Program, place: Place, amount: int, effective: date, text: str, by: User | None, at: datetime
) -> uuid.UUID:
    """Set money aside for no capital request: available -> reserve. Refused when it is not available.

    It comes back by reversing the journal. Contingency and management reserve are granted, not set aside.
    """
    current_access().require(Permission.EDIT_BUDGET, program.pk)
    if not text.strip():
        raise Refused("Say what it is set aside for.", field="text")
    if place.category in RESERVES:
        raise Refused("Reserves are granted by a decision on a budget version.", field="category")
    promises.positive(amount)
    legs = [Leg(place, Kind.AVAILABLE, -amount), Leg(place, Kind.RESERVE, amount)]
    promises.need(program, legs)
    return post(program=program, kind=J.RESERVE, legs=legs, effective=effective, text=text, by=by, at=at)


def release(
    *, program: Program, place: Place, amount: int, effective: date, text: str, by: User | None, at: datetime
) -> uuid.UUID:
    """Give back what was committed for no capital request and is not needed: committed -> available."""
    current_access().require(Permission.EDIT_BUDGET, program.pk)
    promises.positive(amount)
    legs = [Leg(place, Kind.COMMITTED, -amount), Leg(place, Kind.AVAILABLE, amount)]
    promises.need(program, legs)
    return post(program=program, kind=J.RELEASE, legs=legs, effective=effective, text=text, by=by, at=at)


def transfer(
    *,
    program: Program,
    source: Place,
    target: Place,
    amount: int,
    effective: date,
    text: str,
    by: User | None,
    at: datetime,
    under: tuple[str, str] = ("", ""),
) -> uuid.UUID:
    """Move available money between two places of the program. Refused when it is not available.

    `under` is kept as the journal's source: which rule allowed it (`finance.transfers`, where people ask for it).
    """
    current_access().require(Permission.EDIT_BUDGET, program.pk)
    promises.positive(amount)
    if source == target:
        raise Refused("A transfer goes from one place to another.")
    if {source.category, target.category} & RESERVES:
        raise Refused("Reserves are drawn only by a decision.")
    legs = [Leg(source, Kind.AVAILABLE, -amount), Leg(target, Kind.AVAILABLE, amount)]
    promises.need(program, legs)
    with transaction.atomic():
        made = post(
            program=program,
            kind=J.TRANSFER,
            legs=legs,
            effective=effective,
            text=text,
            by=by,
            at=at,
            source=under,
        )
        guard.promise(program, at=at)
        return made


def accrue(
    *, program: Program, place: Place, amount: int, effective: date, text: str, by: User | None, at: datetime
) -> uuid.UUID:
    """Cost incurred and not yet invoiced: a fact, taken from the same sources as actual cost, into accrued.

    Reverse it when the invoice is entered.
    """
    current_access().require(Permission.POST_ACTUALS, program.pk)
    promises.positive(amount)
    cost = Cost(place, amount, effective, text)
    with transaction.atomic():
        made = enter_facts(program, [cost], J.ACCRUAL, Kind.ACCRUED)
        guard.noted(program, at=at)
        return made[0]


def actuals(*, program: Program, costs: Sequence[Cost], by: User | None, at: datetime) -> list[uuid.UUID]:
    """Enter actual cost: a fact, never refused for want of money.

    Each cost is taken from what is committed at its place, then from what is available, the rest from
    `unfunded`, which raises a policy finding. A credit first makes good what was unfunded, then gives back to
    available what was spent; what is beyond that stands in `unfunded` above zero until a cost uses it up, and
    nobody can commit it. Returns the journals' ids, one per cost. Raises Refused for a closed period.
    """
    with transaction.atomic():
        made = enter_facts(program, costs, J.ACTUAL, Kind.SPENT)
        guard.noted(program, at=at)
        return made


NOT_REVERSED: list[Callable[[Journal], str]] = []
"""Slices that keep a journal from being reversed by itself: each gives the sentence that says why, or nothing."""
REVERSIBLE = {J.RESERVE, J.RELEASE, J.ACCRUAL, J.ACTUAL, J.TRANSFER}


def reverse(*, journal: Journal, text: str, by: User | None, at: datetime) -> uuid.UUID:
    """Correct a journal by its mirror image on the day of `at`, once; the costs that it sums are mirrored with it.

    What a decision granted or committed is undone by a decision. The findings that the journal had raised are
    cleared. Raises Conflict when it was reversed before, Refused when the money is no longer where it went.
    """
    current_access().require(Permission.POST_ACTUALS, journal.program_id)
    if journal.kind not in REVERSIBLE:
        raise Refused("Only a decision can undo what a decision granted or committed.")
    if journal.request_id is not None:
        raise Refused("This belongs to a capital request: cancel its order or enter a credit note there.")
    for holds in NOT_REVERSED:
        if sentence := holds(journal):
            raise Refused(sentence)
    if Journal.objects.filter(reverses=journal).exists():
        raise Conflict("This journal was already reversed.")
    program = journal.program
    legs = [
        Leg(Place(p.account.project_id, p.account.category, p.account.nature), p.account.kind, -p.amount)
        for p in Posting.objects.filter(journal=journal).select_related("account")
    ]
    today = periods.local_day(program, at)
    entry = Entry(
        kind=J.REVERSAL,
        legs=legs,
        period_id=periods.period_of(program, today).pk,
        effective=today,
        text=text,
        source_kind="journal",
        source_id=str(journal.pk),
        reverses_id=journal.pk,
    )
    with transaction.atomic():
        PolicyFinding.objects.filter(journal=journal, cleared_at=None).update(cleared_at=at)
        made = books.enter(program, [entry])[0]
        _mirror_lines(journal, made, text)
        refreshing.ask(program.pk, by=by)
        guard.noted(program, at=at)
        return made


def _mirror_lines(journal: Journal, reversal: uuid.UUID, text: str) -> None:
    """The lines under a reversed journal, once more with the other sign, under its reversal."""
    with connection.cursor() as cursor:
        cursor.execute(
            """insert into finance_actualline (program_id, batch_id, journal_id, source_reference, project_id,
                   activity_id, category, nature, period_id, effective, effective_at, currency, amount_exact,
                   amount_minor, source_currency, source_minor, rate, vendor, text)
               select l.program_id, l.batch_id, j.id,
                      -- Long references keep a digest of the whole, so that two that begin alike do not meet.
                      case when length(l.source_reference) <= 111 then 'reversal ' || l.source_reference
                           else 'reversal ' || left(l.source_reference, 78) || '~'
                                || left(encode(sha256(convert_to(l.source_reference, 'UTF8')), 'hex'), 32) end,
                      l.project_id,
                      l.activity_id, l.category, l.nature, j.period_id, j.effective, null, l.currency,
                      -l.amount_exact, -l.amount_minor, l.source_currency, -l.source_minor, l.rate, l.vendor, %s
                 from finance_actualline l join finance_journal j on j.id = %s
                where l.journal_id = %s""",
            [text[:400], str(reversal), str(journal.pk)],
        )
