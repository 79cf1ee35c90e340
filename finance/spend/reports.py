"""The spend report: what the spend page shows, as a document for PDF, workbook and mail."""

from __future__ import annotations

from django.urls import reverse

from finance.earned_value import selectors as earned_value
from finance.policy.models import PolicyFinding
from finance.spend import selectors
from finance.spend.drawing import cost_by_period
from finance.spend.figures import Line
from pmo import formats
from pmo.accounts.roles import Permission
from pmo.clocks import AsOf
from pmo.reports import registry
from pmo.reports.document import (
    SUM,
    Chart,
    Column,
    Document,
    KeyFigure,
    KeyFigures,
    Kind,
    Paragraph,
    Points,
    Progress,
    Ratio,
    Row,
    Section,
    Table,
    Tone,
    table,
)
from pmo.reports.models import ReportRun
from pmo.zones import zone
from programs.portfolio.models import Program

NAMES = ("budget", "committed", "accrued", "actual", "left")
TITLES = ("Budget", "Committed", "Accrued", "Actual", "Left")


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
    progress("Adding up the ledger", 10)
    found = selectors.spend(program, when)
    progress("Reading the forecasts", 40)
    forecast = selectors.forecasts(program, when)
    progress("Reading the policy findings", 60)
    findings = tuple(
        PolicyFinding.objects.filter(program=program, found_at__lte=when.known)
        .exclude(cleared_at__lte=when.known)
        .order_by("-pk")
        .values_list("sentence", flat=True)[:40]
    )
    newest = earned_value.newest_run(program, when.known)
    progress("Laying out the report", 80)
    ledger = reverse("finance:ledger", kwargs={"code": program.code})
    total = found.total
    sections = [
        Section(
            "Where the money stands",
            (
                KeyFigures(
                    (
                        _figure("Budget", total.budget, currency, "granted by decision"),
                        _figure("Committed", total.committed, currency, "promised, not yet spent"),
                        _figure("Actual", total.actual, currency, "spent"),
                        _figure("Left", total.left, currency, "neither promised nor spent"),
                    )
                ),
                *([Paragraph(_unfunded(total, currency), Tone.WARNING)] if total.unfunded else []),
            ),
        ),
        Section("By project", (_projects(program, found.projects, forecast, ledger),)),
        Section(
            "By category and nature",
            (_cut("Category", found.categories, currency), _cut("Nature", found.natures, currency)),
        ),
        Section(
            "By period",
            (
                *(
                    [
                        Chart(
                            str(cost_by_period(found.periods, currency, standalone=True)),
                            "Actual and accrued cost of each period as columns, the budget as a line.",
                        )
                    ]
                    if found.periods
                    else []
                ),
                _cut("Period", found.periods, currency),
            ),
            page_break=True,
        ),
    ]
    if findings:
        sections.append(Section("Policy findings", (Points(findings),)))
    versions = f"ledger {program.ledger_version}, plan {program.plan_version}"
    return Document(
        title="Spend report",
        program_code=program.code,
        program_name=program.name,
        as_of=run.as_of,
        known=run.known,
        sections=tuple(sections),
        subtitle=f"Budget, commitments and cost in {currency}",
        freshness=f"As of {when.label}, as known on {formats.moment(run.known, zone(program.time_zone))}",
        inputs_version=versions,
        summary=_summary(total, currency),
        notes=(
            "Budget is what decisions granted. Committed is promised and not yet spent. Left is the budget minus "
            "committed, accrued and actual.",
            "The forecast is the estimate at completion BAC / CPI of earned value"
            + (
                f", computed {formats.moment(newest.computed_at, zone(program.time_zone))}."
                if newest
                else "."
            ),
        ),
    )


def _figure(label: str, amount: int, currency: str, note: str) -> KeyFigure:
    return KeyFigure(label, amount, Kind.MONEY, currency, note=note)


def _unfunded(total: Line, currency: str) -> str:
    return f"{formats.money_text(total.unfunded, currency)} were spent without approved budget."


def _summary(total: Line, currency: str) -> str:
    used = formats.percent(100 * total.used / total.budget, 0) if total.budget > 0 else "no"
    return (
        f"{formats.money_text(total.used, currency)} of {formats.money_text(total.budget, currency)} is committed, "
        f"accrued or spent ({used} of the budget); {formats.money_text(total.left, currency)} is left."
    )


def _money(key: str, title: str, currency: str) -> Column:
    brief = key in {"budget", "actual", "left"}  # what a mail has room for
    return Column(key, title, Kind.MONEY, currency=currency, total=SUM, brief=brief)


def _projects(program: Program, lines: list[Line], forecast: dict[int | None, int], ledger: str) -> Table:
    currency = program.currency
    columns = [
        Column("project", "Project"),
        *(_money(name, title, currency) for name, title in zip(NAMES, TITLES, strict=True)),
        Column("used", "Used", Kind.PERCENT, total=Ratio("used_minor", "budget")),
        _money("used_minor", "Committed, accrued, actual", currency),
        _money("forecast", "Forecast (EAC)", currency),
        _money("variance", "Budget − forecast", currency),
    ]
    rows = []
    for line in lines:
        estimate = forecast.get(line.key)
        rows.append(
            Row(
                (
                    line.label,
                    line.budget,
                    line.committed,
                    line.accrued,
                    line.actual,
                    line.left,
                    round(100 * line.used / line.budget) if line.budget > 0 else None,
                    line.used,
                    estimate,
                    None if estimate is None else line.budget - estimate,
                ),
                href=f"{ledger}?project={line.label}" if line.key else ledger,
            )
        )
    return table(columns, rows, empty="No money has been granted or spent yet.")


def _cut(title: str, lines: list[Line], currency: str) -> Table:
    columns = [
        Column(title.lower(), title),
        *(_money(name, head, currency) for name, head in zip(NAMES, TITLES, strict=True)),
    ]
    rows = [
        Row((line.label, line.budget, line.committed, line.accrued, line.actual, line.left)) for line in lines
    ]
    return table(columns, rows, caption=f"By {title.lower()}", empty="Nothing yet.")


registry.register(
    kind="spend",
    title="Spend report",
    sentence="Budget, commitments, actual cost and forecast by project, category, nature and period.",
    build=build,
    permission=Permission.VIEW_MONEY,
)
