"""Sections of the program's reports, from the same selectors as the dashboard."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.urls import reverse

from governance.dashboards import curve
from governance.dashboards.changes import Change
from governance.dashboards.selectors import Waiting
from governance.decisions.models import Decision
from governance.health import selectors as health
from governance.health.selectors import Figures
from governance.health.thresholds import limits_of
from pmo.reports.document import (
    SUM,
    Block,
    Chart,
    Column,
    Kind,
    Paragraph,
    Points,
    Ratio,
    Row,
    Section,
    Table,
    Tone,
    table,
)
from pmo.zones import zone
from programs.portfolio.models import Objective
from programs.raid.models import Risk
from programs.schedule.models import Activity, ComputedDates
from programs.status.models import Narrative

MILESTONES = 40
RISKS = 10


def earned_value(figures: Figures) -> Section:
    """The S-curve and the figures of every status date."""
    currency = figures.program.currency
    blocks: list[Block] = []
    drawing = curve.s_curve(figures, standalone=True)
    if drawing is not None:
        blocks.append(Chart(str(drawing), curve.in_words(figures), "Planned, earned and actual cost"))
    if curve.indices(figures):
        blocks.append(Paragraph(curve.indices(figures), Tone.MUTED))
    money = [Column(key, key.upper(), Kind.MONEY, currency) for key in ("bac", "pv", "ev", "ac")]
    rows = [
        (
            point.at.date(),
            *(round(getattr(point.earned, key)) for key in ("bac", "pv", "ev", "ac")),
            point.earned.cpi,
        )
        for point in figures.series[-12:]
    ]
    columns = [Column("at", "Status date", Kind.DATE), *money, Column("cpi", "CPI", Kind.NUMBER, places=2)]
    blocks.append(table(columns, rows, empty="No status date has been reported yet."))
    return Section("Earned value", tuple(blocks))


def projects(figures: Figures, *, brief: bool = False) -> Section:
    """The component projects: colours, dates, money; the whole table or the one of the mail."""
    program, limits = figures.program, limits_of(figures.program.thresholds)
    currency = program.currency
    rows = []
    for one in figures.projects:
        schedule, cost = health.project_ratings(one, figures, limits)
        slip = (one.finish - one.baseline).days if one.finish and one.baseline else None
        earned = one.earned
        eac = round(earned.eac) if earned and earned.eac is not None else None
        money: tuple[Any, ...] = (
            ()
            if brief
            else tuple(round(getattr(earned, key)) if earned else None for key in ("bac", "pv", "ev", "ac"))
        )
        rows.append(
            Row(
                (
                    one.code,
                    *(() if brief else (one.name, one.manager)),
                    schedule.colour or None,
                    cost.colour or None,
                    one.finish,
                    slip,
                    *money,
                    eac,
                    earned.cpi if earned else None,
                ),
                reverse("programs:project", kwargs={"code": program.code, "project_code": one.code}),
            )
        )
    wide = () if brief else (Column("name", "Name"), Column("manager", "Manager"))
    summed = (
        ()
        if brief
        else tuple(Column(k, k.upper(), Kind.MONEY, currency, total=SUM) for k in ("bac", "pv", "ev", "ac"))
    )
    columns = (
        Column("code", "Project"),
        *wide,
        Column("schedule", "Schedule", Kind.RAG),
        Column("cost", "Cost", Kind.RAG),
        Column("finish", "Finish", Kind.DATE),
        Column("slip", "Against baseline (days)", Kind.NUMBER),
        *summed,
        Column("eac", "EAC", Kind.MONEY, currency),
        Column("cpi", "CPI", Kind.NUMBER, places=2, total=None if brief else Ratio("ev", "ac")),
    )
    return Section(
        "Component projects", (table(columns, rows, empty="No component project."),), page_break=not brief
    )


def narratives(figures: Figures) -> Section | None:
    """What the project managers say, the latest words of each up to the status date."""
    latest: dict[int, Narrative] = {}
    found = Narrative.objects.filter(program=figures.program, as_of__lte=figures.day)
    for one in found.select_related("project", "author").order_by("as_of", "pk"):
        latest[one.project_id] = one
    blocks: list[Block] = []
    for one in sorted(latest.values(), key=lambda row: (row.project.position, row.project_id)):
        head = f"{one.project.code}, {one.as_of:%d %b %Y}" + (f", {one.author.name}" if one.author else "")
        parts = [
            f"{label}: {text}"
            for label, text in (
                ("Achieved", one.achieved),
                ("Next", one.planned_next),
                ("Help needed", one.help_needed),
            )
            if text.strip()
        ]
        blocks.append(Paragraph("\n\n".join([head, *parts])))
    return Section("In the words of the projects", tuple(blocks)) if blocks else None


def milestones(figures: Figures) -> Section:
    """Milestones not reached yet, the earliest first, against their baseline."""
    local = zone(figures.program.time_zone)

    def day(moment: Any) -> date | None:
        return moment.astimezone(local).date() if moment else None

    found = (
        ComputedDates.objects.filter(
            program=figures.program,
            superseded_by=None,
            activity__kind__in=[Activity.Kind.START_MILESTONE, Activity.Kind.FINISH_MILESTONE],
            activity__actual_finish=None,
        )
        .select_related("activity", "activity__project")
        .order_by("early_finish", "pk")[:MILESTONES]
    )
    listed = list(found)
    baselines = dict(
        Activity.objects.filter(
            pk__in=[one.activity_id for one in listed], baselines__baseline__is_current=True
        ).values_list("pk", "baselines__finishes_at")
    )
    rows = []
    for one in listed:
        forecast, baseline = day(one.early_finish), day(baselines.get(one.activity_id))
        slip = (forecast - baseline).days if forecast and baseline else None
        rows.append((f"{one.activity.project.code}: {one.activity.name}", baseline, forecast, slip))
    columns = (
        Column("name", "Milestone"),
        Column("baseline", "Baseline", Kind.DATE),
        Column("forecast", "Forecast", Kind.DATE),
        Column("slip", "Slip (days)", Kind.NUMBER),
    )
    return Section("Milestones ahead", (table(columns, rows, empty="No milestone is ahead."),))


def risks(figures: Figures) -> Section:
    """The open risks that weigh most."""
    found = (
        Risk.objects.filter(program=figures.program, state__in=[Risk.State.OPEN, Risk.State.MITIGATING])
        .select_related("owner", "project")
        .order_by("-exposure_minor", "code")[:RISKS]
    )
    rows = [
        Row(
            (
                f"{one.code} {one.title}",
                one.score,
                one.exposure_minor,
                one.owner.name if one.owner else "",
                one.due_on,
            ),
            reverse("programs:risk", kwargs={"code": figures.program.code, "pk": one.pk}),
        )
        for one in found
    ]
    columns = (
        Column("risk", "Risk"),
        Column("score", "Score of 25", Kind.NUMBER),
        Column("exposure", "Exposure", Kind.MONEY, figures.program.currency, total=SUM),
        Column("owner", "Owner"),
        Column("due", "Due", Kind.DATE),
    )
    return Section("Open risks", (table(columns, rows, empty="No risk is open."),))


def benefits(figures: Figures) -> Section | None:
    """The measures of benefit with their latest reading."""
    named = dict(Objective.objects.filter(program=figures.program).values_list("code", "name"))
    if not figures.benefits:
        return None
    columns = (
        Column("name", "Measure"),
        Column("baseline", "From", Kind.NUMBER, places=1),
        Column("reading", "Now", Kind.NUMBER, places=1),
        Column("target", "Target", Kind.NUMBER, places=1),
        Column("by", "By", Kind.DATE),
    )
    rows = [
        (
            f"{one.code} {named.get(one.code, '')}".strip(),
            one.baseline,
            one.reading,
            one.target,
            one.target_on,
        )
        for one in figures.benefits
    ]
    return Section("Benefits", (table(columns, rows),))


def decisions(figures: Figures, decided: list[Decision]) -> Table:
    """What was decided since the last decision day, with the number of its sealed record."""
    columns = (
        Column("decision", "Decision"),
        Column("body", "Body"),
        Column("outcome", "Outcome"),
        Column("amount", "Amount", Kind.MONEY, figures.program.currency),
        Column("record", "Record", Kind.NUMBER),
    )
    rows = [
        Row(
            (
                f"{one.code} {one.title}",
                one.body.name,
                one.get_outcome_display() if one.outcome else "Withdrawn",
                one.amount_minor or None,
                one.record.seq if one.record else None,
            ),
            reverse("governance:decision", kwargs={"code": figures.program.code, "number": one.number}),
        )
        for one in decided
    ]
    return table(columns, rows, caption="Decided", empty="Nothing was decided.")


def waiting(listed: list[Waiting]) -> Block:
    """What waits for a decision."""
    if not listed:
        return Paragraph("Nothing waits for a decision.")
    return Points(tuple(f"{one.decision.code} {one.decision.title}: {one.note}" for one in listed))


def changed(listed: list[Change]) -> Block:
    """What changed, as statements."""
    if not listed:
        return Paragraph("Nothing changed.")
    return Points(tuple(f"{one.text} ({one.note})" if one.note else one.text for one in listed))
