"""The conformity certificate: every clause with its result and evidence, and a digest over exactly that."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from django.urls import reverse

from finance.conformity.checking import results
from finance.conformity.selectors import STATES, asks
from finance.engine.clause_kinds import KINDS
from finance.engine.conformity import Result, State
from finance.policy.models import PolicyClause, PolicyFinding
from pmo import formats
from pmo.accounts.roles import Permission
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
"""A certificate is of now: a run whose status date is further from its instant of knowledge is refused."""
MOST_EVIDENCE: Final = 100
COLOURS: Final = {State.KEPT: "green", State.BREACHED: "red", State.NOT_APPLICABLE: None}


def content(found: Sequence[Result]) -> dict[str, Any]:
    """What is certified, as plain values in a fixed order: clauses by code with parameters, result and evidence."""
    return {
        "clauses": [
            {
                "code": one.clause.code,
                "kind": one.clause.kind.value,
                "parameters": dict(sorted(one.clause.parameters.items())),
                "blocks": one.clause.blocks,
                "state": one.state.value,
                "sentence": one.sentence,
                "evidence": [[each.what, each.value] for each in one.evidence],
                "breaches": [
                    [each.key, each.subject.kind, each.subject.id, each.amount, each.sentence]
                    for each in one.breaches
                ],
            }
            for one in sorted(found, key=lambda one: one.clause.code)
        ]
    }


def digest(found: Sequence[Result]) -> str:
    """sha256 in hex over the content as JSON (keys sorted, no spaces, UTF-8): the same facts give the same digest."""
    text = json.dumps(content(found), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def build(run: ReportRun, progress: Progress) -> Document:
    """The certificate of the program as it stands when the run is built."""
    if run.known - run.as_of > LATE:
        raise Refused(
            "A certificate says what holds on the day it is asked for. Earlier ones are kept in the list of reports."
        )
    program = Program.objects.get(pk=run.program_id)
    progress("Holding the program against its policy", 10)
    found = results(program, run.known)
    if not found:
        raise Refused("The program has no budget policy in force: there is nothing to certify.")
    progress("Reading clauses and findings", 60)
    clauses = {one.pk: one for one in PolicyClause.objects.filter(program=program)}
    opened = dict(
        PolicyFinding.objects.filter(program=program, cleared_at=None, clause__isnull=False).values_list(
            "sentence", "found_at"
        )
    )
    seal = digest(found)
    counts = {state: sum(1 for one in found if one.state == state) for state in State}
    verdict = (
        "All clauses that apply are kept."
        if not counts[State.BREACHED]
        else f"{counts[State.BREACHED]} of {len(found)} clauses are breached."
    )
    progress("Laying out the certificate", 75)
    sections = [
        Section(
            "Result",
            (
                Paragraph(verdict, Tone.WARNING if counts[State.BREACHED] else Tone.PLAIN),
                KeyFigures(
                    tuple(
                        KeyFigure(STATES[state.value], counts[state], Kind.NUMBER, note="clauses")
                        for state in State
                    )
                ),
                _clauses(program, found, clauses),
                Paragraph(f"Digest (SHA-256) of clauses, results and evidence: {seal}"),
            ),
        ),
        *(_evidence(one, clauses[one.clause.id], opened, program) for one in found if one.evidence),
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
        freshness=f"As it stands on {formats.moment(run.known, where)}",
        inputs_version=f"ledger {program.ledger_version}, digest {seal[:12]}",
        summary=verdict,
        notes=(
            "Kept: what the clause asks holds. Breached: it does not; the sentence says by how much. Not applicable: "
            "there was nothing to look at. A clause that blocks refuses promises; facts are never refused.",
            "The digest is over the clauses with their parameters, results, evidence and breaches as JSON with sorted "
            "keys; the API's policy-conformity gives it for the program as it stands now.",
        ),
    )


def _clauses(program: Program, found: Sequence[Result], clauses: dict[int, PolicyClause]) -> Table:
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
                asks(clauses[one.clause.id].kind, clauses[one.clause.id].parameters, program.currency),
                clauses[one.clause.id].get_action_display(),
                STATES[one.state.value],
                COLOURS[one.state],
                one.sentence,
            ),
            f"{base}{one.clause.id}/",
        )
        for one in found
    )
    return Table(columns, (Group(rows),), caption="Clauses in force")


def _evidence(one: Result, clause: PolicyClause, opened: dict[str, Any], program: Program) -> Section:
    rows = tuple(Row((each.what, each.value)) for each in one.evidence[:MOST_EVIDENCE])
    columns = (Column("what", "What was looked at", brief=True), Column("value", "Figure", brief=True))
    blocks: list[Any] = []
    if one.breaches:
        said = []
        for breach in one.breaches[:MOST_EVIDENCE]:
            since = opened.get(breach.sentence[:400])
            said.append(f"{breach.sentence} Found {formats.day(since)}." if since else breach.sentence)
        blocks.append(Points(tuple(said)))
    blocks.append(Table(columns, (Group(rows),), caption=f"Evidence of {one.clause.code}"))
    more = len(one.evidence) - len(rows)
    if more > 0:
        blocks.append(Paragraph(f"And {more} more; the digest covers all of them."))
    return Section(
        f"{clause.code} {clause.get_kind_display()}: {STATES[one.state.value].lower()}", tuple(blocks)
    )


registry.register(
    kind="conformity",
    title="Conformity certificate",
    sentence="Every clause of the budget policy with its result and the evidence, under a digest.",
    build=build,
    permission=Permission.VIEW_MONEY,
    formats=(Artefact.Format.PDF, Artefact.Format.XLSX, Artefact.Format.CSV),
)
