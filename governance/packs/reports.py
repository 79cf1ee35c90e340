"""The program status report and the sponsor summary: built by a worker, the same figures as the pages show."""

from __future__ import annotations

from governance.dashboards.changes import changes
from governance.dashboards.selectors import freshness, under_way
from governance.decisions.selectors import chain_head
from governance.health import selectors as health
from governance.health import stated
from governance.health.selectors import Figures
from governance.packs import ratings, sections
from pmo import formats
from pmo.accounts.roles import Permission
from pmo.reports import registry
from pmo.reports.document import Document, Progress, Section
from pmo.reports.models import ReportRun
from pmo.zones import zone
from programs.portfolio.models import Program

SPONSOR_CHANGES = 6


def _figures(run: ReportRun) -> Figures:
    program = Program.objects.select_related("sponsor", "manager").get(pk=run.program_id)
    return health.read(program, at=run.as_of, known=run.known, is_now=False, sees_money=True)


def chain_words(figures: Figures) -> str:
    """The end of the decision chain: whoever keeps this mail can prove later what was decided by then."""
    seq, last = chain_head(figures.program.pk)
    if not seq:
        return "Decision chain: no sealed record yet."
    return (
        f"Decision chain: {formats.counted(seq, 'sealed record', 'sealed records')}, head {seq}:{last[:16]}."
    )


def _document(
    run: ReportRun, figures: Figures, title: str, summary: str, parts: list[Section | None]
) -> Document:
    program = figures.program
    people = [
        f"{label} {person.name}"
        for label, person in (("sponsor", program.sponsor), ("manager", program.manager))
        if person
    ]
    return Document(
        title=title,
        program_code=program.code,
        program_name=program.name,
        as_of=run.as_of,
        known=run.known,
        subtitle=" · ".join([f"{program.get_phase_display()} phase", *people]),
        freshness=freshness(figures, people=False),
        inputs_version=f"plan {program.plan_version}, ledger {program.ledger_version}"
        + (f", dates of plan {figures.dates_version}" if figures.stale else ""),
        summary=summary,
        sections=tuple(part for part in parts if part is not None),
        notes=(
            "Colours follow from the figures by the published thresholds; what cannot be computed is not rated.",
            chain_words(figures),
        ),
    )


def _since(figures: Figures) -> str:
    local = zone(figures.program.time_zone)
    day = formats.day_short(figures.since.astimezone(local))
    return f"Since the decisions of {day}" if figures.since_decision else f"Since {day}"


def headline(figures: Figures) -> str:
    """The whole program in one paragraph: what is red, what is amber, where it ends, what it costs."""
    rated = health.ratings(figures)
    words = []
    for colour, name in (("red", "Red"), ("amber", "Amber"), ("green", "Green"), ("", "Not rated")):
        these = [one.dimension for one in rated if one.colour == colour]
        if these:
            words.append(f"{name}: {', '.join(these)}")
    first = {one.dimension: one for one in rated}
    return f"{'. '.join(words)}. {first['schedule'].sentence}. {first['cost'].sentence}."


def build_status(run: ReportRun, progress: Progress) -> Document:
    """The program status report, whole."""
    progress("Reading plan, money and risks", 10)
    figures = _figures(run)
    said = stated.of(figures)
    listed, decided = under_way(figures, None)
    progress("Rating the six dimensions", 40)
    parts: list[Section | None] = [
        Section("Health", (ratings.six(figures, said),)),
        ratings.side_by_side(figures, said),
        sections.earned_value(figures),
        sections.projects(figures),
        sections.milestones(figures),
    ]
    progress("Collecting risks, decisions and words", 70)
    parts += [
        sections.risks(figures),
        sections.benefits(figures),
        Section("Decisions", (sections.decisions(figures, decided), sections.waiting(listed))),
        Section(_since(figures), (sections.changed(changes(figures, decided)),)),
        sections.narratives(figures),
    ]
    progress("Laying out", 90)
    return _document(run, figures, "Program status report", headline(figures), parts)


def build_sponsor(run: ReportRun, progress: Progress) -> Document:
    """What a sponsor trusts in one minute: six colours, what waits, what changed, the projects."""
    progress("Reading plan, money and risks", 20)
    figures = _figures(run)
    said = stated.of(figures)
    listed, decided = under_way(figures, None)
    progress("Rating the six dimensions", 60)
    parts: list[Section | None] = [
        Section("Health", (ratings.six(figures, said),)),
        ratings.side_by_side(figures, said),
        Section("Waiting for a decision", (sections.waiting(listed),)),
        Section(_since(figures), (sections.changed(changes(figures, decided)[:SPONSOR_CHANGES]),)),
        sections.projects(figures, brief=True),
    ]
    return _document(run, figures, "Sponsor summary", headline(figures), parts)


registry.register(
    kind="status",
    title="Program status report",
    sentence="Health, earned value, projects, milestones, risks, decisions and the projects' own words.",
    build=build_status,
    permission=Permission.VIEW_MONEY,
)
registry.register(
    kind="sponsor_summary",
    title="Sponsor summary",
    sentence="One page for the sponsor: six colours, what waits, what changed, the component projects.",
    build=build_sponsor,
    permission=Permission.VIEW_MONEY,
)
