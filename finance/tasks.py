"""Contents page: what the workers do for finance, by the topic of an outbox row."""

from finance.earned_value.tasks import refresh_earned_value
from finance.imports.tasks import enter_costs, import_costs, read_costs

__all__ = ["enter_costs", "import_costs", "read_costs", "refresh_earned_value"]
