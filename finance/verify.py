"""Finance's own checks for `manage.py verify`: the books recomputed from their postings. Read by the owner's login."""

from __future__ import annotations

from typing import Any

# A sentence and the query that finds breaches; each row fills the sentence's places.
RULES: dict[str, str] = {
    "journal %s does not add up to zero, or has not the postings it announced": """
        select j.id from finance_journal j left join finance_posting p on p.journal_id = j.id
         group by j.id, j.legs having coalesce(sum(p.amount), 0) <> 0 or count(p.id) <> j.legs or count(p.id) < 2""",
    "posting %s of program %s stands in another month than its journal": """
        select p.id, p.program_id from finance_posting p join finance_journal j on j.id = p.journal_id
         where p.period_id <> j.period_id""",
    "account %s has the balance %s and postings of %s": """
        select a.id, a.balance, coalesce(sum(p.amount), 0) from finance_account a
          left join finance_posting p on p.account_id = a.id
         group by a.id having a.balance <> coalesce(sum(p.amount), 0)""",
    "expectation %s of program %s is not the sum of its months": """
        select o.number, o.program_id from finance_reserveoutlook o
          left join finance_outlookmonth m on m.outlook_id = o.id
         group by o.id
        having coalesce(sum(m.expected_minor), 0) <> o.expected_minor
            or coalesce(sum(m.planned_minor) filter (where m.category = 'contingency'), 0) <> o.planned_minor
            or coalesce(sum(m.planned_minor) filter (where m.category <> 'contingency'), 0)
               <> o.reserve_planned_minor""",
    "program %s has a credit beyond what was spent and no finding of just that (%s, %s)": """
        select program_id, category, nature from (
          select a.program_id, a.project_id, a.category, a.nature, a.balance as amount
            from finance_account a join programs_program p on p.id = a.program_id and p.currency = a.currency
           where a.kind = 'unfunded' and a.balance > 0
          union all
          select program_id, project_id, category, nature, -amount_minor from finance_policyfinding
           where kind = 'credit_beyond_cost' and cleared_at is null) both_sides
         group by program_id, project_id, category, nature having sum(amount) <> 0""",
    "account %s is overdrawn": """
        select id from finance_account where balance < 0 and kind not in ('funding', 'unfunded', 'spent')""",
    # Both sides laid under each other and grouped, never joined: on tables not yet analysed a full join of the
    # two may be planned as a nested loop, which ended a check in the statement timeout.
    "program %s: the sums by category and period are not those of the postings (%s %s)": """
        select program_id, kind, period_id from (
          select program_id, project_id, category, nature, period_id, kind, amount from finance_ledgercell
          union all
          select a.program_id, a.project_id, a.category, a.nature, j.period_id, a.kind, -p.amount
            from finance_posting p join finance_account a on a.id = p.account_id
            join finance_journal j on j.id = p.journal_id) both_sides
         group by program_id, project_id, category, nature, period_id, kind having sum(amount) <> 0""",
    "program %s: the sums by day are not those of the postings (%s %s)": """
        select program_id, kind, effective from (
          select program_id, project_id, category, nature, period_id, effective, kind, amount from finance_ledgerday
          union all
          select a.program_id, a.project_id, a.category, a.nature, j.period_id, j.effective, a.kind, -p.amount
            from finance_posting p join finance_account a on a.id = p.account_id
            join finance_journal j on j.id = p.journal_id and j.kind <> 'grant') both_sides
         group by program_id, project_id, category, nature, period_id, effective, kind having sum(amount) <> 0""",
    "program %s: the sums by period are not those by category (%s %s)": """
        select program_id, kind, period_id from (
          select program_id, project_id, period_id, kind, amount from finance_ledgertotal
          union all
          select program_id, project_id, period_id, kind, -amount from finance_ledgercell) both_sides
         group by program_id, project_id, period_id, kind having sum(amount) <> 0""",
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
    "journal %s is of another sum than the lines under it": """
        select j.id from finance_journal j
          join finance_actualline l on l.journal_id = j.id
          join (select p.journal_id, sum(p.amount) as amount from finance_posting p
                  join finance_account a on a.id = p.account_id and a.kind = 'spent' group by 1) s
            on s.journal_id = j.id
         group by j.id, s.amount having sum(l.amount_minor) <> s.amount""",
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
    "capital request %s of program %s is committed without its money in the ledger": """
        select r.code, r.program_id from finance_capitalrequest r
         where r.state = 'committed' and 1 <> (
           select count(*) from finance_journal j join finance_posting p on p.journal_id = j.id
             join finance_account a on a.id = p.account_id and a.kind = 'committed'
            where j.program_id = r.program_id and j.kind = 'commitment' and j.source_kind = 'capital_request'
              and j.source_id = r.id::text and p.amount = r.amount_minor)""",
    "capital request %s of program %s was approved without its money set aside once": """
        select r.code, r.program_id from finance_capitalrequest r
         where r.state in ('approved', 'closed') and 1 <> (
           select count(*) from finance_journal j join finance_posting p on p.journal_id = j.id
             join finance_account a on a.id = p.account_id and a.kind = 'reserve'
            where j.program_id = r.program_id and j.kind = 'reserve' and j.source_kind = 'capital_request'
              and j.source_id = r.id::text and j.request_id = r.id and p.amount = r.amount_minor)""",
    "a capital request (%s) has less than nothing in %s": """
        select j.request_id, a.kind from finance_journal j join finance_posting p on p.journal_id = j.id
          join finance_account a on a.id = p.account_id
         where j.request_id is not null and a.kind in ('reserve', 'committed', 'accrued', 'spent')
         group by 1, 2 having sum(p.amount) < 0""",
    "account %s holds less than what belongs to capital requests there": """
        select a.id from finance_account a join finance_posting p on p.account_id = a.id
          join finance_journal j on j.id = p.journal_id and j.request_id is not null
         where a.kind in ('reserve', 'committed', 'accrued')
         group by a.id having a.balance < sum(p.amount)""",
    "capital request %s of program %s is closed and still has money set aside or ordered": """
        select r.code, r.program_id from finance_capitalrequest r
          join finance_journal j on j.request_id = r.id join finance_posting p on p.journal_id = j.id
          join finance_account a on a.id = p.account_id and a.kind in ('reserve', 'committed', 'accrued')
         where r.state = 'closed' group by r.id having sum(p.amount) <> 0""",
    "order %s of program %s is not the sum of its lines and amendments, committed once": """
        select o.code, o.program_id from finance_purchaseorder o
          join lateral (select coalesce(sum(amount_minor), 0) as amount from finance_orderline
                         where order_id = o.id) l on true
          join lateral (select coalesce(sum(to_minor - from_minor), 0) as amount from finance_orderamendment
                         where order_id = o.id) a on true
         where o.amount_minor <> l.amount + a.amount
            or 1 <> (select count(*) from finance_journal j join finance_posting p on p.journal_id = j.id
                       join finance_account a on a.id = p.account_id and a.kind = 'committed'
                      where j.program_id = o.program_id and j.kind = 'commitment'
                        and j.source_kind = 'purchase_order' and j.source_id = o.id::text
                        and j.request_id = o.request_id and p.amount = l.amount)""",
    "amendment %s of order %s of program %s is not the sum of its lines, or not in the ledger once": """
        select a.n, o.code, o.program_id from finance_orderamendment a
          join finance_purchaseorder o on o.id = a.order_id
          join lateral (select coalesce(sum(l.to_minor - l.from_minor), 0) as amount from finance_amendedline l
                         where l.amendment_id = a.id) l on true
          join lateral (select count(*) as n, coalesce(sum(p.amount), 0) as amount from finance_journal j
                          join finance_posting p on p.journal_id = j.id
                          join finance_account c on c.id = p.account_id and c.kind = 'committed'
                         where j.program_id = o.program_id and j.source_kind = 'order_amendment'
                           and j.source_id = a.id::text and j.request_id = o.request_id) c on true
         where a.to_minor - a.from_minor <> l.amount or c.amount <> a.committed_minor
            or c.n <> (a.committed_minor <> 0)::int""",
    "amendment %s of order %s of program %s does not begin where the one before ended": """
        select n, code, program_id from (
          select a.n, o.code, o.program_id, o.expected_on as expected, a.from_minor, a.expected_before, a.expected_on,
                 lag(a.to_minor, 1, (select coalesce(sum(amount_minor), 0) from finance_orderline
                                      where order_id = o.id)::bigint) over w as was,
                 lag(a.expected_on, 1, a.expected_before) over w as day, lead(a.n) over w as next
            from finance_orderamendment a join finance_purchaseorder o on o.id = a.order_id
          window w as (partition by o.id order by a.n)) chain
         where from_minor <> was or expected_before is distinct from day
            or (next is null and expected is distinct from expected_on)""",
    "of order %s of program %s less is ordered than came, or an amendment does not begin with what was ordered": """
        select o.code, o.program_id from finance_purchaseorder o join finance_orderline l on l.order_id = o.id
         where finance_ordered(l.id) < (select coalesce(sum(quantity), 0) from finance_receiptline
                                         where line_id = l.id)
            or exists (select 1 from (
                 select x.from_quantity, x.from_minor, lag(x.to_quantity, 1, l.quantity) over (order by a.n) as many,
                        lag(x.to_minor, 1, l.amount_minor) over (order by a.n) as amount
                   from finance_amendedline x join finance_orderamendment a on a.id = x.amendment_id
                  where x.line_id = l.id) chain
                where from_quantity <> many or from_minor <> amount)""",
    "invoice %s of program %s is not the sum of its lines, or not in the ledger once": """
        select i.code, i.program_id from finance_invoice i
         where (i.kind = 'invoice' and i.amount_minor
                <> (select coalesce(sum(amount_minor), 0) from finance_invoiceline where invoice_id = i.id))
            or 1 <> (select count(*) from finance_journal j join finance_posting p on p.journal_id = j.id
                       join finance_account a on a.id = p.account_id and a.kind = 'spent'
                       join finance_purchaseorder o on o.id = i.order_id
                      where j.program_id = i.program_id and j.kind = 'actual' and j.source_kind = 'invoice'
                        and j.source_id = i.id::text and j.request_id = o.request_id
                        and p.amount = case i.kind when 'credit' then -i.amount_minor else i.amount_minor end)""",
    "the orders or milestones of contract %s of program %s come to more than its value": """
        select c.code, c.program_id from finance_contract c
         where c.value_minor < finance_contract_ordered(c.id)
            or c.value_minor < (select coalesce(sum(amount_minor), 0) from finance_contractmilestone
                                 where contract_id = c.id and withdrawn_at is null)""",
    "more was released of contract %s of program %s than it retained of invoices that are not held": """
        select code, program_id from finance_contract
         where finance_contract_retained(id) < 0 or finance_contract_releasable(id) < 0""",
    "invoice %s of program %s does not retain what its contract says": """
        select i.code, i.program_id from finance_invoice i join finance_purchaseorder o on o.id = i.order_id
          left join finance_contract c on c.id = o.contract_id
         where (c.id is null and i.retained_minor <> 0)
            or (i.kind = 'invoice' and abs(i.retained_minor - i.amount_minor * c.retention_percent / 100) > 0.5)""",
    "a milestone or release of contract %s of program %s was let pass by who has a hand in it": """
        select c.code, c.program_id from finance_contract c
         where exists (select 1 from finance_contractmilestone where contract_id = c.id
                          and finance_contract_hand(c.id, accepted_by_id))
            or exists (select 1 from finance_retentionrelease r where r.contract_id = c.id
                          and (r.released_by_id in (c.manager_id, c.drafted_by_id, c.activated_by_id)
                               or exists (select 1 from finance_contracthandover h where h.contract_id = c.id
                                             and h.from_manager_id = r.released_by_id)
                               or exists (select 1 from finance_orderamendment m
                                            join finance_purchaseorder o on o.id = m.order_id
                                           where o.contract_id = c.id and m.amended_by_id = r.released_by_id
                                             and m.amended_at <= r.released_at)
                               or exists (select 1 from finance_purchaseorder o
                                            left join finance_invoice i on i.order_id = o.id
                                           where o.contract_id = c.id
                                             and (o.ordered_by_id = r.released_by_id and o.ordered_at <= r.released_at
                                                  or i.entered_by_id = r.released_by_id
                                                     and i.entered_at <= r.released_at))))""",
    "what contract %s of program %s retains was released before its day": """
        select c.code, c.program_id from finance_retentionrelease r join finance_contract c on c.id = r.contract_id
          join programs_program p on p.id = c.program_id
         where c.state = 'draft' or c.release_on is null
            or (r.released_at at time zone p.time_zone)::date < c.release_on""",
    "contract %s of program %s is not managed by whom it was handed over to": """
        select c.code, c.program_id from finance_contract c
          join lateral (select to_manager_id, from_manager_id, lag(to_manager_id) over (order by n) as before
                          from finance_contracthandover where contract_id = c.id order by n desc limit 1) h on true
         where h.to_manager_id <> c.manager_id or h.before <> h.from_manager_id""",
    "a paper of contract %s of program %s belongs to no contract of it": """
        select a.subject_id, a.program_id from pmo_attachment a
         where a.subject_kind = 'contract'
           and not exists (select 1 from finance_contract where id = a.subject_id and program_id = a.program_id)""",
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
    "receipt %s of program %s was entered by who ordered or amended": """
        select r.code, r.program_id from finance_receipt r
         where finance_order_hand(r.order_id, r.received_by_id)""",
    "invoice %s of program %s was released by who entered it, who ordered, or who manages its contract": """
        select i.code, i.program_id from finance_invoice i join finance_purchaseorder o on o.id = i.order_id
          left join finance_contract c on c.id = o.contract_id
         where i.released_by_id in (i.entered_by_id, c.manager_id, c.drafted_by_id, c.activated_by_id)
            or finance_order_hand(o.id, i.released_by_id)
            or exists (select 1 from finance_contracthandover
                        where contract_id = c.id and from_manager_id = i.released_by_id)""",
    "the assets of capital request %s of program %s cost more than was spent on it": """
        select r.code, r.program_id from finance_capitalrequest r
          join lateral (select sum(cost_minor) as cost from finance_asset where request_id = r.id) a on true
         where a.cost > (select coalesce(sum(p.amount), 0) from finance_journal j
                           join finance_posting p on p.journal_id = j.id
                           join finance_account c on c.id = p.account_id and c.kind = 'spent'
                          where j.request_id = r.id)""",
    "asset %s of program %s is retired, or not, against what was written of it": """
        select a.code, a.program_id from finance_asset a
         where a.retired_on is distinct from (select c.on_day from finance_assetchange c
                 where c.asset_id = a.id and c.kind = 'retired' and c.taken_at is null)
            or exists (select from finance_assetchange c
                        where c.asset_id = a.id and c.taken_at is null
                          and (c.on_day < a.in_service_on or c.kind = 'written_down' and c.on_day > a.retired_on))""",
    "the papers of capital request %s of program %s are not those of its newest revision": """
        select r.code, r.program_id from finance_capitalrequest r
          join lateral (select case when sha256 = encode(sha256(canonical), 'hex')
                                    then convert_from(canonical, 'UTF8')::jsonb -> 'papers' end as papers,
                               sha256 = encode(sha256(canonical), 'hex') as whole
                          from finance_capitalrequestrevision where request_id = r.id
                         order by n desc limit 1) v on v.whole
         where coalesce((select jsonb_agg(p ->> 'sha256' order by p ->> 'sha256')
                           from jsonb_array_elements(v.papers) p),
                        '[]'::jsonb)
            <> coalesce((select jsonb_agg(a.sha256 order by a.sha256) from pmo_attachment a
                          where a.program_id = r.program_id and a.subject_kind = 'capital_request'
                            and a.subject_id = r.id
                            and not exists (select 1 from pmo_attachmentwithdrawal where attachment_id = a.id)),
                        '[]'::jsonb)""",
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
    "what waits for gate %s of capital request %s was moved on without the other gate's row": """
        select h.gate_id, h.request_id from finance_gatehold h
         where h.taken_minor <> (select coalesce(sum(m.amount_minor), 0) from finance_gatehold m
                                  where m.moved_from_id = h.id)""",
    "of capital request %s more is ordered than was released by its gates": """
        select r.id from finance_capitalrequest r
         where r.state = 'approved' and exists (select from finance_gatehold h where h.request_id = r.id)
           and r.amount_minor - finance_held(r.id) < (  -- an invoice above its order is a fact, and orders nothing
             select coalesce(sum(p.amount), 0) from finance_journal j join finance_posting p on p.journal_id = j.id
               join finance_account a on a.id = p.account_id and a.kind = 'committed'
              where j.request_id = r.id and j.source_kind in ('purchase_order', 'order_amendment')
                and j.kind <> 'actual')""",
    "revision %s of capital request %s does not match its digest": """
        select n, request_id from finance_capitalrequestrevision where sha256 <> encode(sha256(canonical), 'hex')""",
}


def check(cursor: Any) -> list[str]:
    """Every breach in words; an empty list when the books are whole."""
    faults = []
    for sentence, query in RULES.items():
        cursor.execute(query)
        faults += [sentence % row for row in cursor.fetchall()]
    return faults
