"""What was granted and what was earned: budgets, amendments, reserves, earned value, variances."""

from __future__ import annotations

RULES: dict[str, str] = {
    "expectation %s of program %s is not the sum of its months": """
        select o.number, o.program_id from finance_reserveoutlook o
          left join finance_outlookmonth m on m.outlook_id = o.id
         group by o.id
        having coalesce(sum(m.expected_minor), 0) <> o.expected_minor
            or coalesce(sum(m.planned_minor) filter (where m.category = 'contingency'), 0) <> o.planned_minor
            or coalesce(sum(m.planned_minor) filter (where m.category <> 'contingency'), 0)
               <> o.reserve_planned_minor""",
    "change request %s was applied, and not every amount it asked for was granted (or another one was)": """
        select distinct code from (
          select code, project_id, category, nature, period_id from (
            select c.code, l.change_request_id, l.project_id, l.category, l.nature, l.period_id,
                   l.amount_minor as amount
              from finance_amendmentline l join programs_changerequest c on c.id = l.change_request_id
             where c.state = 'applied'
            union all
            select c.code, c.id, a.project_id, a.category, a.nature, j.period_id, p.amount
              from programs_changerequest c
              join finance_journal j on j.warrant_id = c.warrant_id and j.kind = 'grant'
              join finance_posting p on p.journal_id = j.id
              join finance_account a on a.id = p.account_id and a.kind = 'funding'
             where c.state = 'applied') both_sides
           group by code, change_request_id, project_id, category, nature, period_id
          having sum(amount) <> 0) uneven""",
    "budget %s of program %s is active without a grant for what it holds": """
        select b.id, b.program_id from finance_budget b
          join lateral (select coalesce(sum(amount_minor), 0) as amount from finance_budgetline
                         where budget_id = b.id) l on true
          join lateral (select coalesce(sum(p.amount), 0) as amount from finance_posting p
                          join finance_account a on a.id = p.account_id and a.kind = 'funding'
                          join finance_journal j on j.id = p.journal_id and j.kind = 'grant'
                         where j.program_id = b.program_id and j.source_kind in ('budget', 'change_request')
                           and a.project_id is not distinct from b.project_id) g on true
         where b.state = 'active' and l.amount <> -g.amount""",
    # Summed from status date to status date, so that every computation ever made is read once. A project that was
    # removed with the import that made it has taken its part of earlier computations along.
    "earned value of program %s at %s is not the sum of its projects (computation %s)": """
        with moved as (
          select run_id, at, (lag(at) over each_one is null)::int as fresh,
                 pv + ev + ac - coalesce(lag(pv + ev + ac) over each_one, 0) as amount
            from finance_earnedvaluesnapshot where project_id is not null
          window each_one as (partition by run_id, project_id order by at)),
        sums as (
          select run_id, at, sum(sum(amount)) over so_far as amount, sum(sum(fresh)) over so_far as projects
            from moved group by run_id, at window so_far as (partition by run_id order by at))
        select s.program_id, s.at, s.run_id from finance_earnedvaluesnapshot s
          join finance_earnedvaluerun r on r.id = s.run_id
          left join sums m on m.run_id = s.run_id and m.at = s.at
         where s.project_id is null
           and (m.run_id is null or m.projects <> (s.figures ->> 'reporting')::int
             or abs(m.amount - (s.pv + s.ev + s.ac)) > 0.00015 * (m.projects + 1))
           and not exists (select from programs_projectevent e
                            where e.program_id = s.program_id and e.pgh_label = 'delete'
                              and e.pgh_created_at >= r.computed_at)""",
    "the P-factor of project %s of program %s is not that of its activities": """
        select p.code, s.program_id from finance_earnedvaluesnapshot s join programs_project p on p.id = s.project_id
          join (select snapshot_id, sum(least(pv_then, ev)) as ordered, sum(pv_then) as planned
                  from finance_earnedvaluerow group by 1 having bool_and(pv_then is not null)) r on r.snapshot_id = s.id
           and s.run_id = (select max(id) from finance_earnedvaluerun where program_id = s.program_id)
          join lateral jsonb_array_elements(s.figures -> 'measures') one on one ->> 'name' = 'p_factor'
         where r.planned >= 100 and abs(coalesce((one ->> 'value')::numeric, 0) - r.ordered / r.planned) > 0.00001""",
    "variance %s of program %s names limits that are not its account's, or was found by others": """
        select f.title, f.program_id from finance_variancefinding f
          join finance_controlaccount c on c.id = f.account_id join finance_ownlimits l on l.id = f.limits_id
         where l.ends or (l.account_id is distinct from c.id and l.project_id is distinct from c.project_id)
            or exists (select 1 from jsonb_array_elements(f.crossed) one
                        where (one ->> 'limit')::numeric not in (
                          coalesce(l.cpi_low, 0), coalesce(l.cpi_high, 0), coalesce(l.spi_low, 0),
                          coalesce(l.vac_percent, 0)))""",
}
