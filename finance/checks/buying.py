"""Orders, receipts, invoices and contracts: what they come to, and whose hands were in them."""

from __future__ import annotations

RULES: dict[str, str] = {
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
}
