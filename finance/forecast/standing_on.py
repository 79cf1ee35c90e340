"""Submitted forecasts stand on the status date that they were made at. Registered when the app is ready."""

from __future__ import annotations

from finance.forecast.models import Forecast
from pmo import formats
from programs.portfolio.models import Program
from programs.status.models import StatusUpdate
from programs.status.services import BUILT


def built(program: Program, update: StatusUpdate) -> list[str]:
    """Forecasts submitted since, in a sentence. One query."""
    found = Forecast.objects.filter(program_id=program.pk, submitted_at__gte=update.made_at).count()
    verb = "was" if found == 1 else "were"
    return [f"{formats.counted(found, 'forecast', 'forecasts')} {verb} submitted since."] if found else []


BUILT.append(built)
