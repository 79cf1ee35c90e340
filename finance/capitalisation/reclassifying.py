"""Posting what the policy proposes: asked for by one person, accepted by another, taken back as a whole.

Each line that is posted otherwise than proposed gets two counter lines on the day it is accepted: minus what it was
posted as, plus what it is. They lie under journals of actual cost, so that a promise is never made by it: a capital
place without budget goes below zero in `unfunded` and is found, as any fact is. Earlier months stay as they were.
"""

from __future__ import annotations

import re
from datetime import datetime

from django.db import connection, transaction

from finance.capitalisation.differing import differing, not_shown
from finance.capitalisation.models import CapitalisationPolicy
from finance.capitalisation.reclass_models import SOURCE, Reclassification, ReclassifiedLine
from finance.engine.capitalisation import CAPITAL
from finance.ledger import services as ledger
from finance.ledger.books import Place
from finance.ledger.facts import Cost
from finance.ledger.models import Journal
from finance.structure import periods
from pmo.accounts.access import current_access
from pmo.accounts.models import User
from pmo.accounts.roles import Permission
from pmo.numbering import next_code
from pmo.refusals import Conflict, NotAllowed, Refused
from programs.portfolio.models import Program, Project

State = Reclassification.State
MONTH = re.compile(r"(?!0000)[0-9]{4}-(0[1-9]|1[0-2])")
MOST_LINES = 50_000
_ONE_AT_A_TIME = 0x5243
CHANGED = (
    "Policy, marks or costs changed after this was asked for: it is not what is proposed now. Ask again."
)


def ask(
    *, project: Project, reason: str, by: User, at: datetime, month: str = "", seen_lines: int | None = None
) -> Reclassification:
    """Put forward what the policy in force proposes for a project's costs (of one month: "2026-10").

    `seen_lines`: how many the person was shown. Raises Refused where nothing differs, or evidence is not shown yet.
    """
    current_access().require(Permission.EDIT_BUDGET, project.program_id)
    if month and not MONTH.fullmatch(month):
        raise Refused("A month is written like 2026-10.", field="month")
    if not reason.strip() or len(reason) > 400:
        raise Refused("Say why, in at most 400 letters.", field="reason")
    program = project.program
    with transaction.atomic():
        _lock(program)
        policy = CapitalisationPolicy.objects.filter(program=program, project=project).order_by("-pk").first()
        if policy is None:
            raise Refused(f"No capitalisation policy is recorded for {project.code}.")
        if missing := not_shown(policy, periods.local_day(program, at)):
            raise Refused(missing)
        found = differing(program, project, month, MOST_LINES)
        if not found:
            raise Refused("No cost is posted otherwise than the policy proposes.", field="month")
        if len(found) > MOST_LINES:
            raise Refused(f"More than {MOST_LINES:,} lines: ask for one month at a time.", field="month")
        if seen_lines is not None and seen_lines != len(found):
            raise Conflict(CHANGED, code="changed")
        made: Reclassification = Reclassification.objects.create(
            program=program, project=project, policy=policy, month=month, reason=reason.strip(),
            code=next_code(Reclassification, program.pk, "RC", digits=1), lines=len(found),
            to_capital_minor=sum(one.amount for one in found if one.to_nature == CAPITAL),
            to_expense_minor=sum(one.amount for one in found if one.to_nature != CAPITAL),
            asked_by=by, asked_at=at,
        )  # fmt: skip
        ReclassifiedLine.objects.bulk_create(
            (
                ReclassifiedLine(
                    program=program, reclassification=made, line_id=one.line, from_nature=one.from_nature,
                    to_nature=one.to_nature, amount_minor=one.amount, clause=one.clause,
                )
                for one in found
            ),
            batch_size=2000,
        )  # fmt: skip
        return made


def accept(*, reclassification: Reclassification, version: int, by: User, at: datetime) -> Reclassification:
    """Post it today: by who posts cost, never by who asked. Refused unless it is exactly what is proposed now."""
    current_access().require(Permission.POST_ACTUALS, reclassification.program_id)
    with transaction.atomic():
        _lock(reclassification.program)
        live = _waiting(reclassification, version)
        if by.pk == live.asked_by_id:
            raise NotAllowed("Who asked for it does not accept it.")
        program = live.program
        newest = CapitalisationPolicy.objects.filter(program=program, project=live.project).order_by("-pk")[0]
        now = {
            (one.line, one.from_nature, one.to_nature)
            for one in differing(program, live.project, live.month, MOST_LINES)
        }
        parts = set(live.parts.values_list("line_id", "from_nature", "to_nature"))
        if newest.pk != live.policy_id or not parts <= now:
            raise Conflict(CHANGED, code="changed")
        lines = [line for line, _, _ in parts]
        ReclassifiedLine.objects.filter(program=program, line_id__in=lines, live=True).update(live=False)
        _decided(live, State.ACCEPTED, by=by, at=at)
        live.parts.update(live=True)
        _post(
            live,
            by=by,
            at=at,
            sign=1,
            text=f"{live.code}: reclassified under {newest.get_standard_display()}",
        )
        return live


def reject(
    *, reclassification: Reclassification, version: int, text: str, by: User, at: datetime
) -> Reclassification:
    """Not posted, and why; who asked may so take it back himself."""
    access = current_access()
    if by.pk != reclassification.asked_by_id:
        access.require(Permission.POST_ACTUALS, reclassification.program_id)
    with transaction.atomic():
        live = _waiting(reclassification, version)
        live.words = _words(text, "Say why it is rejected.")
        return _decided(live, State.REJECTED, by=by, at=at)


def take_back(
    *, reclassification: Reclassification, version: int, text: str, by: User, at: datetime
) -> Reclassification:
    """Undo what was posted, as a whole, today: its lines are again what they were before. Never by who asked for it."""
    current_access().require(Permission.POST_ACTUALS, reclassification.program_id)
    with transaction.atomic():
        _lock(reclassification.program)
        live = _locked(reclassification, version)
        if live.state != State.ACCEPTED:
            raise Refused(f"{live.code} is not posted.")
        if by.pk == live.asked_by_id:
            raise NotAllowed("Who asked for it does not take it back.")
        if live.parts.filter(live=False).exists():
            raise Refused("Costs of it were reclassified again since: take that back first.")
        live.words = _words(text, "Say why it is taken back.")
        lines = list(live.parts.values_list("line_id", flat=True))
        live.parts.update(live=False)
        with connection.cursor() as cursor:  # what a line was before this one holds again
            cursor.execute(
                """update finance_reclassifiedline r set live = true
                     from (select distinct on (p.line_id) p.id from finance_reclassifiedline p
                             join finance_reclassification c on c.id = p.reclassification_id
                            where p.program_id = %s and p.line_id = any(%s) and c.state = 'accepted' and c.id < %s
                            order by p.line_id, c.id desc) before
                    where before.id = r.id""",
                [live.program_id, lines, live.pk],
            )
        _decided(live, State.TAKEN_BACK, by=by, at=at)
        _post(live, by=by, at=at, sign=-1, text=f"{live.code} taken back: {live.words}")
        return live


# ------------------------------------------------------------------ posting
def _post(live: Reclassification, *, by: User, at: datetime, sign: int, text: str) -> None:
    """Two journals for each category and direction, and two counter lines for each line, all of today."""
    program = live.program
    today = periods.local_day(program, at)
    with connection.cursor() as cursor:
        cursor.execute(
            """select l.category, p.from_nature, p.to_nature, sum(p.amount_minor)::bigint
                 from finance_reclassifiedline p join finance_actualline l on l.id = p.line_id
                where p.reclassification_id = %s group by 1, 2, 3 order by 1, 2, 3""",
            [live.pk],
        )
        sums = cursor.fetchall()
    mark = f"{live.pk}" if sign > 0 else f"{live.pk}-back"
    costs, sides = [], []
    for category, from_nature, to_nature, amount in sums:
        for nature, value in ((from_nature, -sign * amount), (to_nature, sign * amount)):
            place = Place(live.project_id, category, nature)
            key = f"{mark}:{category}:{from_nature}:{nature}"
            costs.append(Cost(place, value, today, text[:400], (SOURCE, key)))
            sides.append((category, from_nature, nature))
    journals = ledger.actuals(program=program, costs=costs, by=by, at=at)
    with connection.cursor() as cursor:
        cursor.execute(
            """insert into finance_actualline (program_id, journal_id, source_reference, project_id, activity_id,
                   category, nature, period_id, effective, currency, amount_exact, amount_minor, vendor, text)
               select l.program_id, j.id,
                      left(%(mark)s || ':' || l.id || ':' || s.nature || ' ' || l.source_reference, 120),
                      l.project_id, l.activity_id, l.category, s.nature, j.period_id, j.effective, l.currency,
                      case when s.nature = p.from_nature then -%(sign)s else %(sign)s end * l.amount_exact,
                      case when s.nature = p.from_nature then -%(sign)s else %(sign)s end * l.amount_minor,
                      l.vendor, %(text)s
                 from finance_reclassifiedline p
                 join finance_actualline l on l.id = p.line_id
                 join unnest(%(journals)s::uuid[], %(categories)s::text[], %(froms)s::text[], %(natures)s::text[])
                      as s(journal, category, from_nature, nature)
                   on s.category = l.category and s.from_nature = p.from_nature
                 join finance_journal j on j.id = s.journal
                where p.reclassification_id = %(pk)s""",
            {
                "mark": f"reclass:{live.code}{'' if sign > 0 else ' back'}",
                "sign": sign,
                "text": text[:400],
                "journals": [str(one) for one in journals],
                "categories": [one[0] for one in sides],
                "froms": [one[1] for one in sides],
                "natures": [one[2] for one in sides],
                "pk": live.pk,
            },
        )


def holds(journal: Journal) -> str:
    """Why a journal is not reversed by itself: it is half of a reclassification, or its costs are in one."""
    _lock(journal.program)  # whoever accepts at this moment is waited for, and sees the reversal after it
    if journal.source_kind == SOURCE:
        return "This is one half of a reclassification: take that back as a whole, under Capitalisation."
    parts = ReclassifiedLine.objects.filter(line__journal=journal, live=True)
    code: str | None = parts.values_list("reclassification__code", flat=True).first()
    return f"Costs of it were reclassified: take {code} back first, under Capitalisation." if code else ""


ledger.NOT_REVERSED.append(holds)


# ------------------------------------------------------------------ what they share
def _lock(program: Program) -> None:
    """Of two who ask or accept at once the second waits here and sees what the first did."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s, %s)", [_ONE_AT_A_TIME, program.pk % 2**31])


def _locked(one: Reclassification, version: int) -> Reclassification:
    live: Reclassification = (
        Reclassification.objects.select_for_update(of=("self",))
        .select_related("program", "project", "policy")
        .get(pk=one.pk)
    )
    if live.version != version:
        raise Conflict("Somebody changed this after you opened it. Here is how it is now.", code="changed")
    return live


def _waiting(one: Reclassification, version: int) -> Reclassification:
    live = _locked(one, version)
    if live.state != State.ASKED:
        raise Conflict(f"{live.code} is {live.get_state_display().lower()} already.")
    return live


def _decided(live: Reclassification, state: str, *, by: User, at: datetime) -> Reclassification:
    live.state, live.decided_by, live.decided_at = state, by, at
    live.version += 1
    live.save()
    return live


def _words(text: str, asked: str) -> str:
    words = text.strip()
    if not words or len(words) > 400:
        raise Refused(f"{asked} At most 400 letters.", field="text")
    return words
