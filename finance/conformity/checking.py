"""Holding a program against its policy: what each clause comes to, the findings kept in step, promises refused."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.db import connection

from finance.conformity import crediting, issuing
from finance.conformity.gathering import as_clause, facts, in_force
from finance.engine.clause_kinds import evaluate
from finance.engine.conformity import Breach, Result
from finance.policy import guard
from finance.policy.models import PolicyClause, PolicyFinding, PolicyWaiver
from finance.structure import periods
from pmo.refusals import Refused
from programs.portfolio.models import Program

_ONE_AT_A_TIME = (
    0x504F4C  # the advisory lock under which promises of a program are held against blocking clauses
)

WAIVED = "waived"
Named = tuple[int, str, int, str]
"""Clause, kind and id of the subject, key: what a finding is known by from one look to the next."""


def results(program: Program, at: datetime) -> list[Result]:
    """Every clause in force against the facts of now; ten queries at most, one where there is no clause."""
    return _evaluated(program, in_force(program, periods.local_day(program, at)), at)


def result_of(clause: PolicyClause, program: Program, at: datetime) -> Result | None:
    """What one clause comes to now (None: it is not in force today)."""
    day = periods.local_day(program, at)
    if clause.from_day > day or (clause.to_day is not None and clause.to_day <= day):
        return None
    return _evaluated(program, [clause], at)[0]


def _evaluated(program: Program, clauses: Sequence[PolicyClause], at: datetime) -> list[Result]:
    if not clauses:
        return []
    asked = [as_clause(one) for one in clauses]
    known = facts(program, at, {one.kind for one in asked})
    return [evaluate(one, known) for one in asked]


def hold(program: Program, *, at: datetime, promise: bool, subject: tuple[str, int] = guard.NOTHING) -> None:
    """What `guard.promise` and `guard.noted` ask for (see there). Credits beyond cost are found without any clause."""
    crediting.keep(program, at)
    clauses = in_force(program, periods.local_day(program, at))
    kept = _open_findings(program)
    if not clauses and not kept:
        return
    blocking = {one.pk for one in clauses if one.action == "block"}
    if promise and blocking:
        # Of two promises that fit one by one and not together, the second waits here and sees the first.
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(%s, %s)", [_ONE_AT_A_TIME, program.pk % 2**31])
        kept = _open_findings(program)
    found = _evaluated(program, clauses, at)
    waivers = waived(program, periods.local_day(program, at)) if clauses else []
    if promise:
        _refuse(found, blocking, kept, subject, waivers)
    _keep(program, found, kept, waivers, at)
    if speaking := [one for one in clauses if one.issue_days]:
        issuing.by_themselves(program, speaking, at=at)


def assess(*, program: Program, by: Any, at: datetime) -> int:
    """Bring the findings of a program in step with what is there now; returns how many are open."""
    hold(program, at=at, promise=False)
    return len(_open_findings(program))


def _open_findings(program: Program) -> dict[Named, PolicyFinding]:
    rows = PolicyFinding.objects.filter(program=program, cleared_at=None, clause__isnull=False)
    return {
        (one.clause_id or 0, one.subject_kind, one.subject_id, one.key): one for one in rows.order_by("pk")
    }


def waived(program: Program, day: date) -> list[PolicyWaiver]:
    """The waivers that hold on a day, in the order in which they were granted. One query."""
    rows = PolicyWaiver.objects.filter(program=program, state="approved", until__gte=day)
    return list(rows.select_related("clause", "project", "warrant").order_by("decided_at", "pk"))


def waiver_of(result: Result, breach: Breach, waivers: Iterable[PolicyWaiver]) -> PolicyWaiver | None:
    """The waiver that a breach stands under, if there is one."""
    for one in waivers:
        if (
            one.clause_id == result.clause.id
            and one.clause_version == one.clause.version
            and (one.amount_minor is None or breach.amount <= one.amount_minor)
            and one.key in ("", breach.key)
            and one.project_id in (None, breach.place.project_id)
        ):
            return one
    return None


def standing(found: Result, waivers: Iterable[PolicyWaiver]) -> str:
    """The state of a result, or "waived": breached in nothing that does not stand under a waiver."""
    granted = list(waivers)
    if found.breaches and all(waiver_of(found, one, granted) is not None for one in found.breaches):
        return WAIVED
    return found.state.value


def _named(result: Result, breach: Breach) -> Named:
    return (result.clause.id, breach.subject.kind, breach.subject.id, breach.key)


def _refuse(
    found: Sequence[Result],
    blocking: set[int],
    kept: dict[Named, PolicyFinding],
    subject: tuple[str, int],
    waivers: Sequence[PolicyWaiver],
) -> None:
    for result in found:
        if result.clause.id not in blocking:
            continue
        for breach in result.breaches:
            known = kept.get(_named(result, breach))
            own = subject != guard.NOTHING and tuple(breach.subject) == subject
            others_draft = breach.subject.kind and not own
            if waiver_of(result, breach, waivers) is not None:
                continue
            worse = known is None or breach.amount > known.amount_minor
            if own or (worse and not others_draft):
                raise Refused(f"Budget policy, clause {result.clause.code}: {breach.sentence}", code="policy")


def _keep(
    program: Program,
    found: Iterable[Result],
    kept: dict[Named, PolicyFinding],
    waivers: Sequence[PolicyWaiver],
    at: datetime,
) -> None:
    """Open what is new, reword what changed, clear what is gone or waived; a few statements."""
    now = {_named(result, breach): (result, breach) for result in found for breach in result.breaches}
    fresh, changed = [], []
    cleared: dict[int | None, list[int]] = {}
    for named, (result, breach) in now.items():
        sentence = breach.sentence[:400]
        known, waiver = kept.get(named), waiver_of(result, breach, waivers)
        if waiver is not None:
            if known is not None:
                cleared.setdefault(waiver.warrant_id, []).append(known.pk)
        elif known is None:
            fresh.append(
                PolicyFinding(
                    program=program,
                    kind=result.clause.kind.value,
                    clause_id=result.clause.id,
                    sentence=sentence,
                    key=breach.key[:120],
                    subject_kind=breach.subject.kind,
                    subject_id=breach.subject.id,
                    project_id=breach.place.project_id,
                    category=breach.place.category,
                    nature=breach.place.nature,
                    amount_minor=breach.amount,
                    found_at=at,
                )
            )
        elif (known.sentence, known.amount_minor) != (sentence, breach.amount):
            known.sentence, known.amount_minor = sentence, breach.amount
            changed.append(known)
    if gone := [one.pk for named, one in kept.items() if named not in now]:
        cleared.setdefault(None, []).extend(gone)
    for warrant_id, pks in cleared.items():
        rows = PolicyFinding.objects.filter(pk__in=pks, cleared_at=None)
        rows.update(cleared_at=at, waiver_id=warrant_id)
    if changed:
        PolicyFinding.objects.bulk_update(changed, ["sentence", "amount_minor"], batch_size=500)
    if fresh:  # somebody else may have found the same just now
        PolicyFinding.objects.bulk_create(fresh, ignore_conflicts=True)


guard.register(hold)
