"""What stands on a status date within programs: reports, imports, baselines. Registered when the app is ready."""

from __future__ import annotations

from pmo import formats
from pmo.reports.models import ReportRun
from programs.baselines.models import Baseline
from programs.exchange.models import PlanImport
from programs.portfolio.models import Program
from programs.status.models import StatusUpdate
from programs.status.services import BUILT


def built(program: Program, update: StatusUpdate) -> list[str]:
    """Reports issued, files accepted and baselines frozen since, in sentences. Three queries."""
    since = update.made_at
    reports = ReportRun.objects.filter(
        program_id=program.pk, state=ReportRun.State.DONE, requested_at__gte=since, as_of__gte=update.at
    ).count()
    files = PlanImport.objects.filter(
        program_id=program.pk, state=PlanImport.State.ACCEPTED, accepted_at__gte=since
    ).values_list("file_name", flat=True)
    frozen = Baseline.objects.filter(program_id=program.pk, frozen_at__gte=since).count()
    said = []
    if reports:
        verb = "was" if reports == 1 else "were"
        said.append(f"{formats.counted(reports, 'report', 'reports')} {verb} issued with it.")
    said += [f"{name[:80]} was imported since: undo that first." for name in files[:3]]
    if frozen:
        verb = "was" if frozen == 1 else "were"
        said.append(f"{formats.counted(frozen, 'baseline', 'baselines')} {verb} frozen since.")
    return said


BUILT.append(built)
