"""Check the whole house as the owner: rights, ledger sums, chains, outbox, indexes. Non-zero on any fault."""

from importlib import import_module
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connections, transaction

from pmo.database import security


class Command(BaseCommand):
    help = "Verify ledger sums, decision chains, outbox, indexes and rights; exit 1 on any fault."

    def handle(self, *args: Any, **options: Any) -> None:
        alias = "owner" if "owner" in connections.databases else None
        if alias is None:
            raise CommandError("Only the owner sees every row: set DATABASE_OWNER_URL.")
        faults: list[str] = []
        with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
            cursor.execute("set transaction isolation level repeatable read, read only")
            faults += [f"rights: {fault}" for fault in security.faults(cursor)]
            cursor.execute("select indexrelid::regclass::text from pg_index where not indisvalid")
            faults += [f"indexes: {row[0]} is invalid" for row in cursor.fetchall()]
            cursor.execute(
                """select tgname, tgrelid::regclass::text from pg_trigger
                    where not tgisinternal and tgenabled <> 'O' order by 2, 1"""
            )
            faults += [f"triggers: {name} on {table} is not enabled" for name, table in cursor.fetchall()]
            checked = ["rights", "indexes", "triggers"]
            for app in ("pmo", "programs", "finance", "governance"):
                try:
                    module = import_module(f"{app}.verify")
                except ModuleNotFoundError as missing:
                    if missing.name != f"{app}.verify":
                        raise
                    continue
                faults += [f"{app}: {fault}" for fault in module.check(cursor)]
                checked.append(app)
        if faults:
            for fault in faults:
                self.stderr.write(fault)
            raise CommandError(f"{len(faults)} fault(s) found.")
        self.stdout.write(f"No fault in {', '.join(checked)}.")
