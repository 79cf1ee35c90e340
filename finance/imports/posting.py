"""Rows on trial into the books: checked in sets, then one journal a group, then the lines.

Everything works on the staged rows of one batch inside the database, so memory stays flat however many there are.
"""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Count, Sum

from finance.imports.models import ActualBatch, ActualBatchSum, LeftOutRow
from finance.ledger import services as ledger
from finance.ledger.books import Place
from finance.ledger.services import Cost
from finance.sentences import SENTENCES
from finance.structure import periods
from finance.structure.models import FiscalPeriod
from pmo.accounts.models import User
from pmo.outbox.progress import Say
from programs.portfolio.models import Program

SOURCE = "actual_batch"
CHUNK = 20_000
GONE = SENTENCES["finance_actualline_activity_same"]


def check(batch: ActualBatch, *, on: date) -> None:
    """Find the rows whose reference occurs twice or was entered before, those of a closed period, those of days after
    the end of their source, and those whose project or activity was taken out of the plan since they were read (an
    undone import). The source is held until the transaction ends, so that it does not end meanwhile.

    In a batch whose late costs are adjustments, those of a closed period are marked instead; they are entered in
    the period of `on` (a day), which must be open.

    The planner may believe these tables empty, as they were when it last looked, and compare each row with each
    other: 5,000 rows of a plan took more than a page's 10 s so. Joins by hash take milliseconds.
    """
    with connection.cursor() as cursor:
        cursor.execute("set local enable_nestloop = off")
        cursor.execute("select from finance_costsource where id = %s for share", [batch.cost_source_id])
        cursor.execute(
            """update finance_stagedactual s set problem = '', adjusts = ''
                where s.batch_id = %(batch)s
                  and (s.adjusts <> '' or s.problem like 'Period ____-__ is closed%%'
                       or s.problem like 'Source %% ended with ____-__:%%'
                       or s.problem like 'The reference occurs twice%%');
               update finance_stagedactual s set source_reference = d.reference
                 from (select id, base || case when nth > 1 then '#' || nth else '' end as reference
                         from (select id, base, row_number() over (partition by base order by row) as nth
                                 from finance_stagedactual
                                where batch_id = %(batch)s and problem = '' and base <> '') n) d
                where d.id = s.id and s.source_reference <> d.reference;
               update finance_stagedactual s
                  set problem = 'The reference occurs twice in the file, first in row ' || d.first || '.'
                 from (select id, row as mine, min(row) over (partition by source_reference) as first
                         from finance_stagedactual where batch_id = %(batch)s and problem = '') d
                where d.id = s.id and d.mine > d.first;
               update finance_stagedactual s set known = true from finance_actualline l
                where s.batch_id = %(batch)s and s.problem = '' and not s.known
                  and l.program_id = %(program)s and l.source_reference = s.source_reference;
               update finance_stagedactual s
                  set problem = 'Source ' || c.name || ' ended with ' || c.last_period
                                || ': it has no costs of later days. Leave the row out, or open the source again.'
                 from finance_actualbatch b join finance_costsource c on c.id = b.cost_source_id
                where s.batch_id = %(batch)s and b.id = s.batch_id and s.problem = '' and not s.known
                  and c.last_period <> '' and to_char(s.effective, 'YYYY-MM') > c.last_period;
               update finance_stagedactual s
                  set adjusts = case when %(late)s and p.ends_on < %(on)s then p.code else '' end,
                      problem = case when %(late)s and p.ends_on < %(on)s and not %(shut)s then ''
                                     else 'Period ' || p.code || ' is closed'
                                          || case when %(late)s then ', and so is that of today.' else '.' end end
                 from finance_fiscalperiod p
                where s.batch_id = %(batch)s and s.problem = '' and not s.known and p.program_id = %(program)s
                  and p.state = 'closed' and s.effective between p.starts_on and p.ends_on;
               update finance_stagedactual s set problem = %(gone)s
                where s.batch_id = %(batch)s and s.problem = '' and not s.known
                  and (not exists (select from programs_project p
                                    where p.id = s.project_id and p.program_id = %(program)s)
                       or s.activity_id is not null
                          and not exists (select from programs_activity a
                                           where a.id = s.activity_id and a.project_id = s.project_id))""",
            {
                "batch": batch.pk,
                "program": batch.program_id,
                "gone": GONE,
                "late": batch.late,
                "on": on,
                "shut": batch.late and _is_closed(batch, on),
            },
        )
        cursor.execute("set local enable_nestloop = on")


def _is_closed(batch: ActualBatch, day: date) -> bool:
    """Is the period of this day closed?"""
    closed = FiscalPeriod.objects.filter(program_id=batch.program_id, state=FiscalPeriod.State.CLOSED)
    return bool(closed.filter(starts_on__lte=day, ends_on__gte=day).exists())


def totals(batch: ActualBatch) -> dict[str, Any]:
    """Control totals of the batch: rows, faults, known before, sum (minor units), first and last day."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select count(*), count(*) filter (where problem <> ''), count(*) filter (where known),
                      count(*) filter (where problem = '' and not known),
                      coalesce(sum(amount_minor) filter (where problem = '' and not known), 0),
                      coalesce(sum(amount_minor), 0), min(effective), max(effective),
                      count(distinct project_code),
                      count(*) filter (where adjusts <> ''),
                      coalesce(sum(amount_minor) filter (where adjusts <> ''), 0),
                      count(*) filter (where problem like 'Period ____-__ is closed%%'),
                      coalesce(sum(amount_minor) filter (where known), 0),
                      coalesce(sum(amount_minor) filter (where problem <> ''), 0),
                      coalesce(sum(amount_exact - amount_minor)
                               filter (where problem = '' and not known and rate is not null), 0),
                      count(*) filter (where rate is not null and not known)
                 from finance_stagedactual where batch_id = %s""",
            [batch.pk],
        )
        row = cursor.fetchone()
    left = LeftOutRow.objects.filter(batch=batch).aggregate(n=Count("pk"), minor=Sum("amount_minor"))
    return {
        "rows": row[0],
        "faults": row[1],
        "known": row[2],
        "new": row[3],
        "new_minor": int(row[4]),
        "all_minor": int(row[5]),
        "first": row[6].isoformat() if row[6] else None,
        "last": row[7].isoformat() if row[7] else None,
        "projects": row[8],
        "late": row[9],
        "late_minor": int(row[10]),
        "closed": row[11],
        "known_minor": int(row[12]),
        "faults_minor": int(row[13]),
        "rounding": f"{row[14]:.4f}",
        "converted": row[15],
        "left_out": left["n"],
        "left_out_minor": int(left["minor"] or 0),
    }


def post(
    batch: ActualBatch,
    *,
    program: Program,
    by: User | None,
    at: Any,
    say: Say = lambda step, percent: None,
) -> int:
    """Enter the good, new rows: one journal a project, category, nature and period, then the lines; how many.

    The staged rows go; `say` is told how far it is. Raises Refused as `ledger.actuals` does.
    """
    today = periods.local_day(program, at)
    with connection.cursor() as cursor:
        cursor.execute(
            """select project_id, category, nature, to_char(d.day, 'YYYY-MM') as month, adjusts,
                      sum(amount_minor)::bigint, max(d.day), count(*), sum(amount_exact - amount_minor)
                 from finance_stagedactual
                 cross join lateral (select case when adjusts = '' then effective else %s end as day) d
                where batch_id = %s and problem = '' and not known
                group by 1, 2, 3, 4, 5 order by 4, 5, 1, 2, 3""",
            [today, batch.pk],
        )
        groups = cursor.fetchall()
    if not groups:
        _clear(batch)
        return 0
    months = periods.ensure(program, {group[3] for group in groups})
    costs, places = [], []
    sums: dict[tuple[str, str], list[Any]] = {}
    for project, category, nature, month, adjusts, total, last, count, rounding in groups:
        kept = sums.setdefault((month, adjusts), [0, 0, 0])
        kept[0], kept[1], kept[2] = kept[0] + count, kept[1] + total, kept[2] + rounding
        if total:
            text = f"{batch.file_name}: {count:,} {'cost' if count == 1 else 'costs'} of {adjusts or month}"
            text += f", adjustment of {adjusts}" if adjusts else ""
            source = (SOURCE, f"{batch.pk}:{month}")
            costs.append(Cost(Place(project, category, nature), total, last, text, source, adjusts))
            places.append((project, category, nature, month, adjusts))
    made = ledger.actuals(program=program, costs=costs, by=by, at=at)
    journals: dict[Any, uuid.UUID] = dict(zip(places, made, strict=True))
    ActualBatchSum.objects.bulk_create(
        ActualBatchSum(
            program=program,
            batch=batch,
            period=months[month],
            adjusts=adjusts,
            rows=count,
            amount_minor=amount,
            rounding=rounding,
        )
        for (month, adjusts), (count, amount, rounding) in sums.items()
    )
    listed = [(*group[:5], journals.get(group[:5]), months[group[3]].pk) for group in groups]
    columns = [list(column) for column in zip(*listed, strict=True)]
    columns[5] = [str(journal) if journal else None for journal in columns[5]]
    entered = 0
    with connection.cursor() as cursor:
        cursor.execute(
            "select coalesce(max(row), 0) from finance_stagedactual where batch_id = %s", [batch.pk]
        )
        rows: int = cursor.fetchone()[0]
        for begin in range(0, rows + 1, CHUNK):  # no statement runs for longer than a page may
            say(f"{entered:,} costs entered", 20 + 75 * begin // (rows + 1))
            cursor.execute(
                """insert into finance_actualline (program_id, batch_id, journal_id, source_reference, project_id,
                       activity_id, category, nature, period_id, effective, effective_at, adjusts, document_on,
                       currency, amount_exact, amount_minor, source_currency, source_minor, rate, vendor, text)
                   select s.program_id, s.batch_id, g.journal, s.source_reference, s.project_id, s.activity_id,
                          s.category, s.nature, g.period, case when s.adjusts = '' then s.effective else %s end,
                          case when s.adjusts = '' then s.effective_at end, s.adjusts,
                          case when s.adjusts <> '' then s.effective end, %s, s.amount_exact,
                          s.amount_minor, s.source_currency, s.source_minor, s.rate, s.vendor, s.text
                     from finance_stagedactual s
                     join unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[], %s::uuid[],
                                 %s::bigint[]) as g(project, category, nature, month, adjusts, journal, period)
                       on g.project = s.project_id and g.category = s.category and g.nature = s.nature
                      and g.adjusts = s.adjusts
                      and (s.adjusts <> '' or g.month = to_char(s.effective, 'YYYY-MM'))
                    where s.batch_id = %s and s.problem = '' and not s.known and s.row >= %s and s.row < %s""",
                [today, program.currency, *columns, batch.pk, begin, begin + CHUNK],
            )
            entered += cursor.rowcount
    _clear(batch)
    return entered


def _clear(batch: ActualBatch) -> None:
    with connection.cursor() as cursor:
        cursor.execute("delete from finance_stagedactual where batch_id = %s", [batch.pk])
