"""Contents page: what the workers do for programs, by the topic of an outbox row."""

from programs.changes.tasks import simulate
from programs.exchange.tasks import read_import
from programs.risk_analysis.tasks import run
from programs.schedule.tasks import recalculate

__all__ = ["read_import", "recalculate", "run", "simulate"]
