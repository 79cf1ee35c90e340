"""Contents page: what the workers do for programs, by the topic of an outbox row."""

from programs.exchange.tasks import read_import

__all__ = ["read_import"]
