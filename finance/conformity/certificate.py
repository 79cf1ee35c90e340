"""The conformity certificate: every clause with its result and evidence, and a digest over exactly that."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.urls import reverse

from finance.conformity import earlier
from finance.conformity.checking import WAIVED, results, standing, waived, waiver_of
from finance.conformity.selectors import STATES, asks
from finance.engine.clause_kinds import KINDS
from finance.engine.conformity import Breach, Result
from finance.policy.models import PolicyClause, PolicyFinding, PolicyWaiver
from finance.structure.periods import local_day
from pmo import formats
from pmo.accounts.roles import Permission
from pmo.clocks import AsOf
from pmo.money import format_exact
from pmo.refusals import Refused
from pmo.reports import registry
from pmo.reports.document import (
    Column,
    Document,
    Group,
    KeyFigure,
    KeyFigures,
    Kind,
    Paragraph,
    Points,
    Progress,
    Row,
    Section,
    Table,
    Tone,
)
from pmo.reports.models import Artefact, ReportRun
from pmo.zones import zone
from programs.portfolio.models import Program

LATE: Final = timedelta(hours=12)
"""A run is of now when status date, instant of knowledge and asking are no further apart."""
MOST_EVIDENCE: Final = 100
COLOURS: Final = {"kept": "green", WAIVED: "amber", "breached": "red", "not_applicable": None}


@dataclass(frozen=True, slots=True)
class Held:
    """A program held against its policy: as of when and known when, what came of it, which waivers held then."""

    at: datetime
    known: datetime
    found: list[Result]
    granted: list[PolicyWaiver]
    not_kept: tuple[str, ...] = ()


def held(program: Program, when: AsOf) -> Held:
    """The results as of a status date; of now, where the clocks say no other."""
    if when.is_now:
        found = results(program, when.known)
        granted = waived(program, local_day(program, when.known)) if found else []
        return Held(when.at, when.known, found, granted)
    clauses = earlier.clauses_at(program, when)
    past = earlier.results_at(program, when, clauses)
    granted = earlier.waivers_at(program, when, clauses)
    return Held(when.at, when.known, past, granted, earlier.not_kept(past))


def content(found: Sequence[Result], granted: Sequence[PolicyWaiver] = ()) -> dict[str, Any]:
    """What is certified, as plain values in a fixed order: by clause parameters, result, evidence, waivers."""
    return {
        "clauses": [
            {
                "code": one.clause.code,
                # only of a clause of one project: digests of before there were such stay what they were
                **({"project": one.clause.project} if one.clause.project else {}),
                "kind": one.clause.kind.value,
                "parameters": dict(sorted(one.clause.parameters.items())),
                "blocks": one.clause.blocks,
                "state": standing(one, granted),
                "sentence": one.sentence,
                "evidence": [[each.what, each.value] for each in one.evidence],
                "breaches": [
                    [
                        each.key,
                        each.subject.kind,
                        each.subject.id,
                        each.amount,
                        each.sentence,
                        _under(one, each, granted),
                    ]
                    for each in one.breaches
                ],
            }
            for one in sorted(found, key=lambda one: one.clause.code)
        ]
    }


def _under(found: Result, breach: Breach, granted: Sequence[PolicyWaiver]) -> str:
    waiver = waiver_of(found, breach, granted)
    return waiver.code if waiver else ""


def digest(found: Sequence[Result], granted: Sequence[PolicyWaiver] = ()) -> str:
    """sha256 in hex over the content as JSON (keys sorted, no spaces, UTF-8): the same facts give the same digest."""
    text = json.dumps(content(found, granted), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def build(run: ReportRun, progress: Progress) -> Document:
    """The certificate of the program as of the run's status date, on what was known at its instant."""
    program = Program.objects.get(pk=run.program_id)
    progress("Holding the program against its policy", 10)
    when = _clocks(run, program)
    all_of_it = held(program, when)
    found, granted = all_of_it.found, all_of_it.granted
    if not found:
        raise Refused("The program has no budget policy in force: there is nothing to certify.")
    progress("Reading clauses and findings", 60)
    clauses = {one.pk: one for one in PolicyClause.objects.filter(program=program)}
    opened = dict(
        PolicyFinding.objects.filter(program=program, clause__isnull=False, found_at__lte=when.known)
        .order_by("-pk")
        .values_list("sentence", "found_at")
    )
    seal = digest(found, granted)
    states = [standing(one, granted) for one in found]
    counts = {state: states.count(state) for state in STATES}
    verdict = _verdict(counts, len(found))
    progress("Laying out the certificate", 75)
    sections = [
        Section(
            "Result",
            (
                Paragraph(verdict, Tone.WARNING if counts["breached"] else Tone.PLAIN),
                *(Paragraph(sentence, Tone.WARNING) for sentence in all_of_it.not_kept),
                KeyFigures(
                    tuple(
                        KeyFigure(label, counts[state], Kind.NUMBER, note="clauses")
                        for state, label in STATES.items()
                    )
                ),
                _clauses(program, found, states),
                *([_waivers(program, granted)] if granted else []),
                Paragraph(f"Digest (SHA-256) of clauses, results, evidence and waivers: {seal}"),
            ),
        ),
        *(
            _evidence(one, clauses[one.clause.id], opened, granted, STATES[state])
            for one, state in zip(found, states, strict=True)
            if one.evidence
        ),
    ]
    where = zone(program.time_zone)
    return Document(
        title="Conformity certificate",
        program_code=program.code,
        program_name=program.name,
        as_of=run.as_of,
        known=run.known,
        sections=tuple(sections),
        subtitle="The program against its budget policy, clause by clause",
        freshness=f"As it stands on {formats.moment(run.known, where)}"
        if when.is_now
        else f"As it stood on {formats.day(when.day)}, as known on {formats.moment(run.known, where)}",
        inputs_version=f"ledger {program.ledger_version}, digest {seal[:12]}",
        summary=verdict,
        notes=(
            "Kept: what the clause asks holds. Kept under waiver: it does not, and a decision waived all of that. "
            "Breached: it does not; the sentence says by how much. Not applicable: "
            "there was nothing to look at. A clause that blocks refuses promises; facts are never refused.",
            "The digest is over the clauses with their parameters, results, evidence, breaches and waivers as JSON, "
            "keys sorted; the API's policy-conformity gives it for the same `at` and `known`.",
            *all_of_it.not_kept,
        ),
    )


def _clocks(run: ReportRun, program: Program) -> AsOf:
    """Of now, when the run was asked for the day on which it was asked; else of its status date and its instant."""
    asked = run.requested_at or run.known
    local = run.as_of.astimezone(zone(program.time_zone))
    is_now = abs(run.known - run.as_of) <= LATE and asked - run.known <= LATE
    return AsOf(run.as_of, run.known, is_now, f"{local.day} {local:%b %Y}", local.date())


def _verdict(counts: dict[str, int], clauses: int) -> str:
    """What all of it comes to, in a sentence or two."""
    said = []
    if counts["breached"]:
        said.append(f"{counts['breached']} of {clauses} clauses are breached.")
    if counts[WAIVED]:
        said.append(f"{counts[WAIVED]} of {clauses} clauses are kept under a waiver only.")
    return " ".join(said) or "All clauses that apply are kept."


def _waivers(program: Program, granted: Sequence[PolicyWaiver]) -> Table:
    columns = (
        Column("waiver", "Waiver", brief=True),
        Column("clause", "Clause", brief=True),
        Column("matter", "Matter", brief=True),
        Column("amount", "Up to"),
        Column("until", "Until", brief=True),
        Column("decision", "Decision"),
    )
    rows = tuple(
        Row(
            (
                one.code,
                one.clause.code,
                one.about,
                "any amount"
                if one.amount_minor is None
                else format_exact(one.amount_minor, program.currency),
                formats.day(one.until),
                one.warrant.number if one.warrant else formats.UNKNOWN,
            )
        )
        for one in granted
    )
    return Table(columns, (Group(rows),), caption="Waivers that hold")


def _clauses(program: Program, found: Sequence[Result], states: Sequence[str]) -> Table:
    base = reverse("finance:policy", kwargs={"code": program.code})
    columns = (
        Column("clause", "Clause", brief=True),
        Column("asks", "Asks"),
        Column("action", "A breach"),
        Column("result", "Result", brief=True),
        Column("rag", "", Kind.RAG),
        Column("found", "Found", brief=True),
    )
    rows = tuple(
        Row(
            (
                f"{one.clause.code} {KINDS[one.clause.kind].label}",
                asks(
                    one.clause.kind.value,
                    dict(one.clause.parameters),
                    program.currency,
                    one.clause.project,
                ),
                str(PolicyClause.Action("block" if one.clause.blocks else "warn").label),
                STATES[state],
                COLOURS[state],
                one.sentence,
            ),
            f"{base}{one.clause.id}/",
        )
        for one, state in zip(found, states, strict=True)
    )
    return Table(columns, (Group(rows),), caption="Clauses in force")


def _evidence(
    one: Result,
    clause: PolicyClause,
    opened: dict[str, Any],
    granted: Sequence[PolicyWaiver],
    state: str,
) -> Section:
    rows = tuple(Row((each.what, each.value)) for each in one.evidence[:MOST_EVIDENCE])
    columns = (Column("what", "What was looked at", brief=True), Column("value", "Figure", brief=True))
    blocks: list[Any] = []
    if one.breaches:
        said = []
        for breach in one.breaches[:MOST_EVIDENCE]:
            since = opened.get(breach.sentence[:400])
            words = f"{breach.sentence} Found {formats.day(since)}." if since else breach.sentence
            waiver = _under(one, breach, granted)
            said.append(f"{words} Under waiver {waiver}." if waiver else words)
        blocks.append(Points(tuple(said)))
    blocks.append(Table(columns, (Group(rows),), caption=f"Evidence of {one.clause.code}"))
    more = len(one.evidence) - len(rows)
    if more > 0:
        blocks.append(Paragraph(f"And {more} more; the digest covers all of them."))
    return Section(f"{clause.code} {clause.get_kind_display()}: {state.lower()}", tuple(blocks))


registry.register(
    kind="conformity",
    title="Conformity certificate",
    sentence="Every clause of the budget policy with its result and the evidence, under a digest.",
    build=build,
    permission=Permission.VIEW_MONEY,
    formats=(Artefact.Format.PDF, Artefact.Format.XLSX, Artefact.Format.CSV),
)
