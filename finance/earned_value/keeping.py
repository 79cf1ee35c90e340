# ruff: noqa: S608 - all of it is our own SQL
"""What stays of a computation's rows when the next one is made: only what the next one changed."""

from __future__ import annotations

from django.db import connection

from finance.earned_value.models import EarnedValueRun

# Mostly of the run just before; of an earlier one where the status date was taken back and set again between.
BEFORE = """
select s.id from finance_earnedvaluesnapshot s join finance_earnedvaluerun r on r.id = s.run_id and r.rows_kept
 where s.project_id = now.project_id and s.at = now.at and s.run_id < now.run_id
 order by s.run_id desc limit 1
"""
ABSENT = f"""
insert into finance_earnedvaluerow (program_id, snapshot_id, activity_id, bac, pv, ev, ac, pv_then, absent)
select n.program_id, before.id, n.activity_id, 0, 0, 0, 0, 0, true
  from finance_earnedvaluesnapshot now
  join lateral ({BEFORE}) before on true
  join finance_earnedvaluerow n on n.snapshot_id = now.id
 where now.run_id = %(now)s
   and not exists (select from finance_earnedvaluerow o
                    where o.snapshot_id = before.id and o.activity_id = n.activity_id)
"""
SAME = f"""
delete from finance_earnedvaluerow o
 using finance_earnedvaluesnapshot now
  join lateral ({BEFORE}) before on true
  join finance_earnedvaluerow n on n.snapshot_id = now.id
 where now.run_id = %(now)s and o.snapshot_id = before.id and n.activity_id = o.activity_id
   and not o.absent and (o.bac, o.pv, o.ev, o.ac) = (n.bac, n.pv, n.ev, n.ac)
   and o.pv_then is not distinct from n.pv_then
"""


def thin(now: EarnedValueRun) -> None:
    """Of what was known last of each status date keep the rows that `now` changed, and note what was not there yet.
    Two statements.

    An edit changes few rows of few status dates, so that thousands of computations cost little more than one; a new
    baseline changes all of them and costs a copy.
    """
    with connection.cursor() as cursor:
        for statement in (ABSENT, SAME):
            cursor.execute(statement, {"now": now.pk})
