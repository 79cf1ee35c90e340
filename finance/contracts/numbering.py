"""Numbers of contracts and releases: the next in the program, taken one at a time."""

from __future__ import annotations

from django.db import connection

from programs.portfolio.models import Program

_NUMBERING = 0x4354  # the advisory lock under which a program's next number is taken
_HIGHEST = {
    "CT": "select coalesce(max(substring(code from '^CT-([0-9]{1,9})$')::bigint), 0) + 1 "
    "from finance_contract where program_id = %s",
    "RR": "select coalesce(max(substring(code from '^RR-([0-9]{1,9})$')::bigint), 0) + 1 "
    "from finance_retentionrelease where program_id = %s",
}


def next_code(program: Program, prefix: str) -> str:
    """CT-001, RR-001 and so on."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s, %s)", [_NUMBERING, program.pk % 2**31])
        cursor.execute(_HIGHEST[prefix], [program.pk])
        return f"{prefix}-{cursor.fetchone()[0]:03d}"
