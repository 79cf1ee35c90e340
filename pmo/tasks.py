"""Contents page for Celery's autodiscovery: every task of the office itself."""

from pmo.outbox.delivery import send
from pmo.reports.tasks import build, subscriptions, sweep

__all__ = ["build", "send", "subscriptions", "sweep"]
