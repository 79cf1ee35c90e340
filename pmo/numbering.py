"""The next number of a series in a program (V-001, PO-001): two people at once get two numbers."""

from __future__ import annotations

from django.db import connection, models


def next_code(model: type[models.Model], program_id: int, prefix: str, *, digits: int = 3) -> str:
    """The highest number of that prefix in the model's `code` so far, plus one, written with at least `digits` digits.

    Whoever asks for the next one waits until the caller's transaction ends. Codes of another shape do not count.
    """
    table = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_advisory_xact_lock(hashtext(%s), %s::int)",
            [f"{model._meta.label_lower}.{prefix}", program_id % 2**31],
        )
        cursor.execute(
            f"select coalesce(max(substring(code from %s)::bigint), 0) + 1 from {table} where program_id = %s",  # noqa: S608 - a table of ours
            [f"^{prefix}-([0-9]{{1,9}})$", program_id],
        )
        return f"{prefix}-{cursor.fetchone()[0]:0{digits}d}"
