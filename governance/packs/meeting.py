"""The pack of a meeting: agenda, each decision with its figures, what is due, where the program stands."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.urls import reverse

from governance import gates_due
from governance.dashboards.selectors import freshness
from governance.decisions import presenting
from governance.decisions.models import Decision
from governance.health import selectors as health
from governance.health import stated
from governance.meetings import selectors
from governance.meetings.models import AgendaItem, Meeting
from governance.meetings.selectors import Room
from governance.packs import ratings, sections
from governance.packs.reports import chain_words, headline
from pmo import formats
from pmo.accounts.roles import Permission
from pmo.refusals import Refused
from pmo.reports import registry
from pmo.reports.document import (
    Block,
    Chart,
    Column,
    Document,
    Kind,
    Paragraph,
    Progress,
    Row,
    Section,
    Tone,
    table,
)
from pmo.reports.models import ReportRun
from pmo.zones import zone
from programs.changes import on_paper
from programs.gates import readiness
from programs.gates import selectors as gate_selectors
from programs.portfolio.models import Program


def meeting_of(run: ReportRun) -> Meeting:
    """The meeting that a run is about; without one, the next that is called. Raises Refused where there is none."""
    rows = Meeting.objects.filter(program_id=run.program_id).select_related("body", "program")
    kind, _, pk = run.about.partition(":")
    if kind == "meeting" and pk.isdigit():
        found = rows.filter(pk=int(pk)).first()
    else:
        live = [Meeting.State.PLANNED, Meeting.State.IN_SESSION]
        found = rows.filter(state__in=live, ends_at__gte=run.as_of).order_by("starts_at").first()
    if found is None:
        raise Refused("No meeting is called: call one first, then build its pack.")
    one: Meeting = found
    return one


def build_pack(run: ReportRun, progress: Progress) -> Document:
    """The whole pack."""
    progress("Reading the agenda", 10)
    meeting = meeting_of(run)
    program = Program.objects.select_related("sponsor", "manager").get(pk=run.program_id)
    local = zone(program.time_zone)
    room = selectors.room(meeting)
    progress("Reading plan, money and risks", 30)
    figures = health.read(program, at=run.as_of, known=run.known, is_now=False, sees_money=True)
    said = stated.of(figures)
    progress("Collecting decisions and action items", 60)
    name = f"{meeting.body.code}-{meeting.number}"
    when = f"{formats.moment(meeting.starts_at, local)} to {meeting.ends_at.astimezone(local):%H:%M}"
    parts: list[Section | None] = [
        Section("Agenda", (_agenda(meeting, room.items),)),
        *_decisions(meeting, room.items),
        _gates(meeting),
        Section("Action items due", (_due(room),)),
        Section(
            "Where the program stands",
            (Paragraph(headline(figures)), ratings.six(figures, said)),
            page_break=True,
        ),
        ratings.side_by_side(figures, said),
        sections.projects(figures),
        sections.milestones(figures),
        sections.risks(figures),
    ]
    progress("Laying out", 90)
    return Document(
        title=f"Pack of {meeting.body.name} {name}",
        program_code=program.code,
        program_name=program.name,
        as_of=run.as_of,
        known=run.known,
        subtitle=" · ".join(part for part in (when, meeting.place) if part),
        freshness=freshness(figures, people=False),
        inputs_version=f"plan {program.plan_version}, ledger {program.ledger_version}",
        summary=f"{formats.counted(len(room.items), 'point', 'points')} on the agenda, "
        f"{formats.counted(len(room.due), 'action item', 'action items')} due.",
        sections=tuple(part for part in parts if part is not None),
        notes=(
            "Figures of an open ballot are the frozen ones its voters see; those of a proposal are read anew when "
            "its ballot opens.",
            chain_words(figures),
        ),
    )


def _gates(meeting: Meeting) -> Section | None:
    """The gates that are due by the meeting, how ready they are, and how likely by their day."""
    rows = gates_due.due(meeting)
    if not rows:
        return None
    known = readiness.chances(meeting.program, rows)
    columns = (
        Column("gate", "Gate"),
        Column("due", "To be passed by"),
        Column("forecast", "Forecast"),
        Column("criteria", "Mandatory criteria met"),
        Column("without", "Without evidence", Kind.NUMBER),
        Column("chance", "By its day, simulated"),
    )
    lines = [
        (
            f"{one.project.code} {one.code} {one.name}",
            formats.day(one.due_on),
            formats.day(gate_selectors.day_of(meeting.program, one.forecast)),
            f"{one.shown} of {one.wanted}",
            one.without,
            known[one.pk].words if one.pk in known else formats.UNKNOWN,
        )
        for one in rows
    ]
    return Section("Gates due", (table(columns, lines, empty=""),))


def _agenda(meeting: Meeting, items: list[AgendaItem]) -> Block:
    columns = (
        Column("n", "No", Kind.NUMBER),
        Column("title", "Point"),
        Column("who", "Presented by"),
        Column("minutes", "Minutes", Kind.NUMBER, total="sum"),
    )
    rows = [
        (one.position, one.title, one.presenter.name if one.presenter else "", one.planned_minutes)
        for one in items
    ]
    return table(columns, rows, empty="Nothing is on the agenda.")


def _decisions(meeting: Meeting, items: list[AgendaItem]) -> Iterator[Section]:
    wanted = [one.decision_id for one in items if one.decision_id]
    found = Decision.objects.filter(pk__in=wanted).select_related("body", "rule", "program", "requested_by")
    code = meeting.program.code
    for one in found.order_by("number"):
        rows = [
            Row((line.label, line.today, line.after, line.difference))
            for line in presenting.measure_lines(one)
        ]
        columns = (
            Column("what", "Measure"),
            Column("today", "Today"),
            Column("after", "If approved"),
            Column("difference", "Difference"),
        )
        asked = one.requested_by.name if one.requested_by else "the office"
        facts = f"{one.get_state_display()} · asked by {asked} · authority rule {one.rule.code}"
        blocks: list[Block] = [Paragraph(facts, Tone.MUTED), Paragraph(one.question)]
        if one.recommendation:
            blocks.append(Paragraph(f"Recommendation: {one.recommendation}"))
        blocks.append(table(columns, rows, empty="No figure is touched."))
        blocks += _drawn(one.figures.get("change") or {})
        blocks += [Paragraph(text, Tone.WARNING) for text in one.figures.get("findings", [])]
        if one.figures_sha256:
            blocks.append(Paragraph(f"Ballot {one.figures_sha256[:12]}", Tone.MUTED))
        href = reverse("governance:decision", kwargs={"code": code, "number": one.number})
        blocks.append(table((Column("where", "To read and vote"),), [Row((f"{code} {one.code}",), href)]))
        yield Section(f"{one.code} {one.title}", tuple(blocks))


def _drawn(change: dict[str, Any]) -> Iterator[Block]:
    """Both Gantts of a change as they were frozen; nothing for other subjects."""
    charts = on_paper.charts(change)
    for title, svg, _ in charts:
        yield Chart(
            svg, f"{title}: Gantt chart of the activities concerned; the table above has the dates.", title
        )
    if charts and (more := charts[0][2] + change.get("bars_left_out", 0)):
        yield Paragraph(
            f"{formats.counted(more, 'further row is', 'further rows are')} not drawn.", Tone.MUTED
        )


def _due(room: Room) -> Block:
    columns = (Column("what", "Action item"), Column("who", "Owner"), Column("due", "Due", Kind.DATE))
    rows = [(f"{one.code} {one.title}", one.owner.name, one.due_on) for one in room.due]
    return table(columns, rows, empty="None is due.")


registry.register(
    kind="meeting_pack",
    title="Meeting pack",
    sentence="Agenda, decisions with the figures on the table, action items due, and where the program stands. "
    "From a meeting's page: of that meeting; else of the next one called.",
    build=build_pack,
    permission=Permission.VIEW_MONEY,
)
