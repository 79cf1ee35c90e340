"""Composite keys: a row that names another row names one of its own program, or the database refuses it."""

from __future__ import annotations

from django.db import migrations


def within_program(*links: tuple[str, str, str]) -> list[migrations.RunSQL]:
    """A migration operation per (table, column, target table): foreign key (program_id, column) -> (program_id, id).

    The target needs a unique key on (program_id, id). Deferred to commit, as Django's own keys are.
    """
    operations = []
    for table, column, target in links:
        name = f"{table}_{column}_in_program"[:63]
        operations.append(
            migrations.RunSQL(
                f"""alter table {table} add constraint {name} foreign key (program_id, {column})
                    references {target} (program_id, id) deferrable initially deferred""",
                f"alter table {table} drop constraint {name}",
            )
        )
    return operations
