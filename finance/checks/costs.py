"""Costs that came from files: their sums, their vendors, what they were reclassified to."""

from __future__ import annotations

RULES: dict[str, str] = {
    "program %s: the sums by vendor are not those of the cost lines (project %s, “%s”)": """
        select distinct program_id, project_id, vendor from (
          select program_id, project_id, category, nature, vendor, period_id, amount, lines from finance_vendorcell
          union all
          select program_id, project_id, category, nature, vendor, period_id, -amount_minor, -1
            from finance_actualline) both_sides
         group by program_id, project_id, category, nature, vendor, period_id
        having sum(amount) <> 0 or sum(lines) <> 0""",
    "program %s: the sums by vendor and year are not those by month (project %s, “%s”, %s)": """
        select distinct program_id, project_id, vendor, year from (
          select program_id, project_id, category, nature, vendor, year, amount, lines from finance_vendoryear
          union all
          select c.program_id, c.project_id, c.category, c.nature, c.vendor, left(f.code, 4), -c.amount, -c.lines
            from finance_vendorcell c join finance_fiscalperiod f on f.id = c.period_id) both_sides
         group by program_id, project_id, category, nature, vendor, year
        having sum(amount) <> 0 or sum(lines) <> 0""",
    "program %s: the sums by vendor and month are not those at every place (“%s”, period %s)": """
        select program_id, vendor, period_id from (
          select program_id, vendor, period_id, amount, lines from finance_vendormonth
          union all
          select program_id, vendor, period_id, -amount, -lines from finance_vendorcell) both_sides
         group by program_id, vendor, period_id having sum(amount) <> 0 or sum(lines) <> 0""",
    "program %s: the sums by vendor and quarter are not those by month (project %s, “%s”, %s)": """
        select distinct program_id, project_id, vendor, quarter from (
          select program_id, project_id, category, nature, vendor, quarter, amount, lines from finance_vendorquarter
          union all
          select c.program_id, c.project_id, c.category, c.nature, c.vendor,
                 left(f.code, 5) || (right(f.code, 2)::int + 2) / 3, -c.amount, -c.lines
            from finance_vendorcell c join finance_fiscalperiod f on f.id = c.period_id) both_sides
         group by program_id, project_id, category, nature, vendor, quarter
        having sum(amount) <> 0 or sum(lines) <> 0""",
    "program %s: the sums by vendor and nature are not those at every place (%s, “%s”, period %s)": """
        select program_id, nature, vendor, period_id from (
          select program_id, nature, vendor, period_id, amount, lines from finance_vendornature
          union all
          select program_id, nature, vendor, period_id, -amount, -lines from finance_vendorcell) both_sides
         group by program_id, nature, vendor, period_id having sum(amount) <> 0 or sum(lines) <> 0""",
    "program %s: the sums by vendor of all time are not those by month (project %s, “%s”)": """
        select distinct program_id, project_id, vendor from (
          select program_id, project_id, category, nature, vendor, amount, lines from finance_vendorplace
          union all
          select program_id, project_id, category, nature, vendor, -amount, -lines from finance_vendorcell) both_sides
         group by program_id, project_id, category, nature, vendor having sum(amount) <> 0 or sum(lines) <> 0""",
    "the sums of cost file %s in period %s are not those of its lines": """
        select batch_id, period_id from (
          select batch_id, period_id, adjusts, amount_minor, rows from finance_actualbatchsum
          union all
          select l.batch_id, l.period_id, l.adjusts, -l.amount_minor, -1 from finance_actualline l
            left join finance_journal j on j.id = l.journal_id
           where l.batch_id is not null and j.kind is distinct from 'reversal') both_sides
         group by batch_id, period_id, adjusts having sum(amount_minor) <> 0 or sum(rows) <> 0""",
    "source %s of program %s ended with %s and has %s of %s": """
        select c.name, c.program_id, c.last_period, l.what, max(l.told) from finance_costsource c
          join (select b.cost_source_id as source, coalesce(nullif(s.adjusts, ''), p.code) as told, 'costs' as what
                  from finance_actualbatch b join finance_actualbatchsum s on s.batch_id = b.id
                  join finance_fiscalperiod p on p.id = s.period_id
                 where b.source = 'file' and b.cost_source_id is not null
                union all
                select t.source_id, p.code, 'a total' from finance_erptotal t
                  join finance_fiscalperiod p on p.id = t.period_id where t.amount_minor <> 0) l on l.source = c.id
         where c.last_period <> '' and l.told > c.last_period group by 1, 2, 3, 4""",
    "cost file %s of program %s waits for work that nobody does": """
        select b.id, b.program_id from finance_actualbatch b
         where b.state in ('waiting', 'entering') and not exists (
           select from pmo_outbox o
            where o.program_id = b.program_id and o.payload ->> 'batch' = b.id::text
              and o.topic = case b.state when 'waiting' then 'import.cost_read' else 'import.cost_enter' end
              and o.state in ('pending', 'handed'))""",
    "cost file %s of program %s keeps its upload or its rows after it was %s": """
        select b.id, b.program_id, b.state from finance_actualbatch b
         where (b.state <> 'waiting' and exists (select from finance_uploadedpart p where p.batch_id = b.id))
            or (b.state not in ('read', 'entering')
                and exists (select from finance_stagedactual s where s.batch_id = b.id))""",
    "cost file %s of program %s is not accepted and has lines in the books": """
        select b.id, b.program_id from finance_actualbatch b
         where b.state <> 'accepted' and exists (select from finance_actualline l where l.batch_id = b.id)""",
    "reclassification %s of program %s is not what its counter lines post": """
        select r.code, r.program_id from finance_reclassification r
          left join lateral (select sum(l.amount_minor) filter (where l.nature = 'capital') as capital,
                                    sum(l.amount_minor) as net, count(*) as n
                               from finance_journal j join finance_actualline l on l.journal_id = j.id
                              where j.program_id = r.program_id and j.source_kind = 'reclassification'
                                and split_part(split_part(j.source_id, ':', 1), '-', 1) = r.id::text) c on true
         where coalesce(c.net, 0) <> 0
            or coalesce(c.n, 0) <> case r.state when 'accepted' then 2 when 'taken_back' then 4 else 0 end * r.lines
            or coalesce(c.capital, 0)
               <> case r.state when 'accepted' then r.to_capital_minor - r.to_expense_minor else 0 end""",
    "reclassification %s of program %s is not the sum of its lines, or holds without being posted": """
        select r.code, r.program_id from finance_reclassification r
         where r.lines <> (select count(*) from finance_reclassifiedline where reclassification_id = r.id)
            or r.to_capital_minor - r.to_expense_minor
               <> (select sum(case to_nature when 'capital' then amount_minor else -amount_minor end)
                     from finance_reclassifiedline where reclassification_id = r.id)
            or (r.state <> 'accepted' and exists (select 1 from finance_reclassifiedline
                                                   where reclassification_id = r.id and live))""",
}
