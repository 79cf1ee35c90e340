"""Apply grants and row-level security, as the owner. Idempotent; run after each migrate."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connections, transaction

from pmo.database import security


class Command(BaseCommand):
    help = "Apply table rights and row-level security (needs DATABASE_OWNER_URL)."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        if "owner" not in connections.databases:
            raise CommandError("Rights are applied by the owner: set DATABASE_OWNER_URL.")
        with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
            security.apply(cursor)
        if options["verbosity"]:
            self.stdout.write("Rights and row security are as declared.")
