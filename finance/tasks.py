"""Contents page: what the workers do for finance, by the topic of an outbox row."""

from finance.earned_value.tasks import refresh_earned_value
from finance.imports.tasks import import_costs

__all__ = ["import_costs", "refresh_earned_value"]
