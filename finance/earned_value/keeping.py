"""What stays of a computation's rows when the next one is made: only what the next one changed."""

from __future__ import annotations

from django.db import connection

from finance.earned_value.models import EarnedValueRun

ABSENT = """
insert into finance_earnedvaluerow (program_id, snapshot_id, activity_id, bac, pv, ev, ac, pv_then, absent)
select n.program_id, before.id, n.activity_id, 0, 0, 0, 0, 0, true
  from finance_earnedvaluesnapshot now
  join finance_earnedvaluesnapshot before
    on before.run_id = %(before)s and before.project_id = now.project_id and before.at = now.at
  join finance_earnedvaluerow n on n.snapshot_id = now.id
 where now.run_id = %(now)s
   and not exists (select from finance_earnedvaluerow o
                    where o.snapshot_id = before.id and o.activity_id = n.activity_id)
"""
SAME = """
delete from finance_earnedvaluerow o
 using finance_earnedvaluesnapshot before, finance_earnedvaluesnapshot now, finance_earnedvaluerow n
 where before.run_id = %(before)s and now.run_id = %(now)s and before.project_id = now.project_id
   and before.at = now.at and o.snapshot_id = before.id and n.snapshot_id = now.id and n.activity_id = o.activity_id
   and not o.absent and (o.bac, o.pv, o.ev, o.ac) = (n.bac, n.pv, n.ev, n.ac)
   and o.pv_then is not distinct from n.pv_then
"""


def thin(before: EarnedValueRun, now: EarnedValueRun) -> None:
    """Of the run before, keep the rows that `now` changed or has no more, and note what it had not yet. Two statements.

    An edit changes few rows of few status dates, so that thousands of computations cost little more than one; a new
    baseline changes all of them and costs a copy.
    """
    with connection.cursor() as cursor:
        for statement in (ABSENT, SAME):
            cursor.execute(statement, {"before": before.pk, "now": now.pk})
