"""The spend report: what the spend page shows, as a document for PDF, workbook, CSV and mail."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

from django.urls import reverse

from finance.earned_value import selectors as earned_value
from finance.ledger.choice import ALL
from finance.policy.models import PolicyFinding
from finance.spend import cuts, files
from finance.spend.adding import NOT_BY_LINE
from finance.spend.asking import CUTS, Question
from finance.spend.cuts import Cut
from finance.spend.drawing import burn, cost_by_period
from finance.spend.figures import Line, total
from finance.spend.table import address_of
from finance.structure.periods import code_of
from pmo import formats
from pmo.accounts.roles import Permission
from pmo.clocks import AsOf
from pmo.reports import registry
from pmo.reports.document import (
    Chart,
    Document,
    KeyFigure,
    KeyFigures,
    Kind,
    Paragraph,
    Points,
    Progress,
    Section,
    Table,
    Tone,
)
from pmo.reports.models import Artefact, ReportRun
from pmo.zones import zone
from programs.portfolio.models import Program, Project

MOST_VENDORS: Final = 60
"""Vendors with lines of their own; all others together are one line."""
FIGURES: Final = (
    ("budget", "Budget", "granted by decision"),
    ("reserved", "Reserved", "set aside"),
    ("committed", "Committed", "promised, not yet spent"),
    ("accrued", "Accrued", "received, not yet invoiced"),
    ("actual", "Actual", "spent"),
    ("left", "Left", "not promised to anything"),
)


def as_of(run: ReportRun, program: Program) -> AsOf:
    """The run's two clocks as the selectors take them."""
    local = run.as_of.astimezone(zone(program.time_zone))
    return AsOf(
        at=run.as_of, known=run.known, is_now=False, label=formats.day(local.date()), day=local.date()
    )


def build(run: ReportRun, progress: Progress) -> Document:
    """Everything as of the run's status date, as known at its instant of knowledge."""
    program = Program.objects.get(pk=run.program_id)
    when, currency = as_of(run, program), program.currency
    names = dict(Project.objects.filter(program=program).order_by("position", "pk").values_list("pk", "code"))
    made: dict[tuple[str, str], Cut] = {}
    wanted = (
        ("project", ""), ("project", "category"), ("category", ""), ("nature", ""), ("vendor", ""), ("period", ""),
    )  # fmt: skip
    for number, (by, then) in enumerate(wanted):
        words = f"Adding up by {by}" + (f" and {then}" if then else "")
        progress(words, 5 + 70 * number // len(wanted))
        made[by, then] = cuts.read(program, when, Question(by, then, ALL), names)
    whole = made["project", ""]
    progress("Reading the policy findings", 78)
    findings = tuple(
        PolicyFinding.objects.filter(program=program, found_at__lte=when.known)
        .exclude(cleared_at__lte=when.known)
        .order_by("-pk")
        .values_list("sentence", flat=True)[:40]
    )
    newest = earned_value.newest_run(program, when.known)
    progress("Laying out the report", 80)

    def section(title: str, *which: tuple[str, str], page_break: bool = False) -> Section:
        blocks = tuple(_table(program, run, made[one], names) for one in which)
        return Section(title, blocks, page_break=page_break)

    sections = [
        Section(
            "Where the money stands",
            (
                KeyFigures(
                    tuple(
                        KeyFigure(label, getattr(whole.total, name), Kind.MONEY, currency, note=note)
                        for name, label, note in FIGURES
                    )
                ),
                *(
                    [Paragraph(_unfunded(whole.total, currency), Tone.WARNING)]
                    if whole.total.unfunded
                    else []
                ),
            ),
        ),
        section("By project", ("project", "")),
        section("By project and category", ("project", "category"), page_break=True),
        section("By category and nature", ("category", ""), ("nature", "")),
        section("By vendor", ("vendor", "")),
        Section(
            "Month by month",
            (*_charts(whole, currency, when), _table(program, run, made["period", ""], names)),
            page_break=True,
        ),
    ]
    if findings:
        sections.append(Section("Policy findings", (Points(findings),)))
    return Document(
        title="Spend report",
        program_code=program.code,
        program_name=program.name,
        as_of=run.as_of,
        known=run.known,
        sections=tuple(sections),
        subtitle=f"Budget, commitments and cost in {currency}",
        freshness=f"As of {when.label}, as known on {formats.moment(run.known, zone(program.time_zone))}",
        inputs_version=f"ledger {program.ledger_version}, plan {program.plan_version}",
        summary=_summary(whole.total, currency),
        notes=(
            "Budget is what decisions granted, where it has been moved to. Reserved is set aside, committed is "
            "promised and not yet spent. Left is what none of this has taken. By vendor only cost is known.",
            "The forecast is the estimate at completion BAC / CPI of earned value"
            + (
                f", computed {formats.moment(newest.computed_at, zone(program.time_zone))}."
                if newest
                else "."
            ),
        ),
    )


def _table(program: Program, run: ReportRun, cut: Cut, names: dict[int, str]) -> Table:
    """A cut as a table whose lines lead to their entries; of many vendors the largest, the others together."""
    question = cut.question
    base = reverse(
        "finance:cost-lines" if question.by == "vendor" else "finance:entries", kwargs={"code": program.code}
    )
    clocks = {"at": run.as_of.isoformat(), "known": run.known.isoformat()}

    def address(line: Line, part: Line | None) -> str:
        if NOT_BY_LINE in (line.key, part.key if part else None):
            return ""
        words = address_of(question.by, line.key, names)
        words |= address_of(question.then, part.key, names) if part else {}
        return f"{base}?{urlencode(words | clocks)}"

    caption = "By " + " and ".join(CUTS[one].lower() for one in (question.by, question.then) if one)
    return files.table(_shortened(cut), program.currency, caption=caption, address=address)


def _shortened(cut: Cut) -> Cut:
    if cut.question.by != "vendor" or len(cut.lines) <= MOST_VENDORS + 1:
        return cut
    told = [line for line in cut.lines if line.key != NOT_BY_LINE]
    others = total(told[MOST_VENDORS:], f"{len(told) - MOST_VENDORS:,} other vendors")
    others.key = NOT_BY_LINE  # leads nowhere
    kept = [*told[:MOST_VENDORS], others, *(line for line in cut.lines if line.key == NOT_BY_LINE)]
    return Cut(cut.question, kept, cut.total, cut.months)


def _charts(whole: Cut, currency: str, when: AsOf) -> list[Chart]:
    if not whole.months:
        return []
    return [
        Chart(
            str(
                burn(
                    whole.months,
                    currency,
                    today=code_of(when.day),
                    forecast=whole.total.forecast,
                    standalone=True,
                )
            ),
            "Budget and actual cost added up month by month; the forecast as a straight line to the last month.",
        ),
        Chart(
            str(cost_by_period(whole.months, currency, standalone=True)),
            "Actual and accrued cost of each period as columns, the budget as a line.",
        ),
    ]


def _unfunded(whole: Line, currency: str) -> str:
    if whole.unfunded < 0:
        return f"{formats.money_text(-whole.unfunded, currency)} were credited beyond what was spent."
    return f"{formats.money_text(whole.unfunded, currency)} were spent without approved budget."


def _summary(whole: Line, currency: str) -> str:
    used = formats.percent(100 * whole.used / whole.budget, 0) if whole.budget > 0 else "no"
    return (
        f"{formats.money_text(whole.used, currency)} of {formats.money_text(whole.budget, currency)} is committed, "
        f"accrued or spent ({used} of the budget); {formats.money_text(whole.left, currency)} is left."
    )


registry.register(
    kind="spend",
    title="Spend report",
    sentence="Budget, reserves, commitments, cost and forecast by project, category, nature, vendor and month.",
    build=build,
    permission=Permission.VIEW_MONEY,
    formats=(Artefact.Format.PDF, Artefact.Format.XLSX, Artefact.Format.CSV),
)
