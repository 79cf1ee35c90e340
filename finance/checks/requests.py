"""Capital requests: their money in the ledger, their gates, papers, revisions and assets."""

from __future__ import annotations

RULES: dict[str, str] = {
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
