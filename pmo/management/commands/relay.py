"""`manage.py relay`: hand due outbox rows to the workers until told to stop. Set PMO_PROCESS=relay for its
login.
"""

from typing import Any

from django.core.management.base import BaseCommand

from pmo.outbox.relay import Relay


class Command(BaseCommand):
    help = "Hand due outbox rows to the workers until told to stop (run as many copies as you like)."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        Relay().run()
