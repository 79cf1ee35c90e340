"""What the import pages read."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from pmo.cells import csv_cell
from programs.portfolio.models import Program

from .models import PlanImport, PlanSource

SAMPLE = Path(settings.BASE_DIR) / "samples" / "fedora20"
SAMPLE_NAME = "fedora20.zip"
PROBLEM_COLUMNS = ("severity", "file", "row", "column", "value", "sentence")
_DAY = (2020, 1, 1, 0, 0, 0)


def imports(program: Program, user: Any) -> QuerySet[PlanImport]:
    """The program's imports, newest first, without the plans that were read."""
    return (
        PlanImport.objects.visible_to(user)
        .filter(program_id=program.pk)
        .select_related("uploaded_by", "accepted_by", "undone_by")
        .defer("draft")
        .order_by("-pk")
    )


def plan_sources(program: Program, user: Any) -> QuerySet[PlanSource]:
    """The program's sources of plan tables, by name."""
    return PlanSource.objects.visible_to(user).filter(program_id=program.pk).order_by("name")


def earlier(program: Program, user: Any, found: PlanImport) -> PlanImport | None:
    """The accepted import after which this one has nothing to do, if there is one."""
    said = found.changes
    idle = said.get("nothing") and not any(one["go"] for one in said.get("missing", ()))
    if found.state != PlanImport.State.READ or not idle:
        return None
    return (
        imports(program, user)
        .filter(state=PlanImport.State.ACCEPTED, digest=found.digest)
        .exclude(pk=found.pk)
        .first()
    )


def problems_csv(found: PlanImport) -> str:
    """The problems of an import as CSV; what looks like a formula is text."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(PROBLEM_COLUMNS)
    writer.writerows([csv_cell(problem.get(name)) for name in PROBLEM_COLUMNS] for problem in found.problems)
    return out.getvalue()


def sample_zip() -> bytes | None:
    """The sample bundle as a zip, always the same bytes; None where the product came without it."""
    files = sorted(path for path in SAMPLE.glob("*") if path.is_file()) if SAMPLE.is_dir() else []
    if not files:
        return None
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in files:
            archive.writestr(zipfile.ZipInfo(path.name, _DAY), path.read_bytes(), zipfile.ZIP_DEFLATED)
    return out.getvalue()
