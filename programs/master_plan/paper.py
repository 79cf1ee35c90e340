"""The master plan as a report on paper: the Gantt of everything, page by page, with table, legend and links."""

from __future__ import annotations

from pmo import formats
from pmo.accounts.roles import Permission
from pmo.clocks import AsOf
from pmo.refusals import Refused
from pmo.reports import registry
from pmo.reports.document import Block, Chart, Document, Paragraph, Progress, Section
from pmo.reports.models import Artefact, ReportRun
from pmo.zones import zone
from programs.master_plan import listing
from programs.master_plan.listing import Filters, Line
from programs.portfolio.models import Program
from programs.schedule.clock import ProgramClock
from programs.schedule.gantt import WINDOW, GanttLink, GanttRow
from programs.schedule.gantt_paper import ROWS, PaperRow, sheets

MOST = 10_000
"""Activities that are drawn: some 280 sheets. Larger plans leave as files."""


def build(run: ReportRun, progress: Progress) -> Document:
    """Every activity, as of the run's status date, with the dates known at its instant of knowledge."""
    program = Program.objects.get(pk=run.program_id)
    day = run.as_of.astimezone(zone(program.time_zone)).date()
    when = AsOf(at=run.as_of, known=run.known, is_now=False, label=formats.day(day), day=day)
    shown = listing.frame(program, when, Filters())
    activities = sum(shown.rows.values())
    if activities > MOST:
        raise Refused(
            f"The plan has {formats.number(activities)} activities; at most {formats.number(MOST)} are drawn on paper. "
            "Its export takes all of them along as a file."
        )
    rows: list[PaperRow] = []
    links: dict[tuple[str | int, str | int, str], GanttLink] = {}
    for begin in range(0, activities, WINDOW):
        progress("Reading the plan", 5 + 60 * begin // max(activities, 1))
        lines, bars, found, _ = listing.window(
            program, when, Filters(), shown, begin=begin, plan_url="", query="", editable_projects=set()
        )
        rows += [_row(line, bar) for line, bar in zip(lines, bars, strict=True)]
        links |= {(one.source, one.target, one.kind): one for one in found}
    progress("Drawing", 70)
    clock = ProgramClock(program.time_zone)
    drawn = list(
        sheets(
            rows,
            list(links.values()),
            first=shown.first,
            last=shown.last,
            status_date=clock.wall_or_none(program.status_at),
        )
    )
    computation = shown.computation
    return Document(
        title="Master plan",
        program_code=program.code,
        program_name=program.name,
        as_of=run.as_of,
        known=run.known,
        wide=True,
        freshness=f"Dates computed on {formats.moment(computation.computed_at)}" if computation else "",
        inputs_version=f"plan {computation.plan_version}" if computation else "",
        summary=(
            f"{formats.counted(activities, 'activity', 'activities')} in "
            f"{formats.counted(len(shown.projects), 'project', 'projects')}, {formats.day(shown.first)} to "
            f"{formats.day(shown.last)}. Names, durations and links are those of now."
        ),
        sections=tuple(_pages(drawn, len(rows)))
        or (Section("No activities", (Paragraph("Nothing has been planned yet."),)),),
        notes=("A link that leads to a row of another sheet ends in a dot.",),
    )


def _row(line: Line, bar: GanttRow) -> PaperRow:
    cells = line.cells
    return PaperRow(
        bar,
        line.level,
        line.group or line.summary,
        cells.get("start", ""),
        "" if line.milestone else cells.get("finish", ""),
        f"{cells['float']} d" if cells.get("float", formats.UNKNOWN) != formats.UNKNOWN else "",
    )


def _pages(drawn: list[str], rows: int) -> list[Section]:
    pages = []
    for number, svg in enumerate(drawn):
        begin = number * ROWS + 1
        upto = min(begin + ROWS - 1, rows)
        block: Block = Chart(
            svg,
            f"Gantt chart of rows {begin} to {upto}; the plan's CSV and workbook have the same rows, with their "
            "dates as text.",
        )
        pages.append(Section(f"Rows {begin} to {upto} of {rows}", (block,), page_break=True))
    return pages


registry.register(
    kind="master_plan",
    title="Master plan on paper",
    sentence="The Gantt of all projects on A3 sheets: table, bars, baseline, links, critical path, legend.",
    build=build,
    permission=Permission.VIEW_PROGRAM,
    formats=(Artefact.Format.PDF,),
)
