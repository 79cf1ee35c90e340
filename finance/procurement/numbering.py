"""The next number of a series (V-001, PO-001) in a program: two people at once get two numbers."""

from __future__ import annotations

from django.db import connection

from programs.portfolio.models import Program

_LOCK = 0x504F  # the advisory lock under which a number is taken
_TABLES = {
    "V": "finance_vendor",
    "PO": "finance_purchaseorder",
    "GR": "finance_receipt",
    "INV": "finance_invoice",
}


def next_code(program: Program, series: str) -> str:
    """The series' highest number so far plus one, held until the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s, %s)", [_LOCK, program.pk % 2**31])
        cursor.execute(
            f"""select coalesce(max(substring(code from '^{series}-([0-9]{{1,9}})$')::bigint), 0) + 1
                  from {_TABLES[series]} where program_id = %s""",  # noqa: S608 - both from the table above
            [program.pk],
        )
        return f"{series}-{cursor.fetchone()[0]:03d}"
