"""A decision on a change request amends the budgets that it named, by exactly the amounts that it showed."""

from django.db import migrations

# The definition as it stands is rewritten, whatever other kinds of subject it knows by now.
SERVES = """
do $do$
declare
  body text := pg_get_functiondef('governance_warrant_serves()'::regprocedure);
  before text := {BEFORE};
begin
  if position(before in body) = 0 then
    raise exception 'governance_warrant_serves is not as this migration knows it';
  end if;
  execute replace(body, before, {AFTER});
end $do$;
"""
BUDGETS = "$$when 'finance_budget' then d.subject_kind = 'budget' and d.subject_id = new.id\n$$"
AMENDS = """$$when 'finance_budget' then d.subject_kind = 'budget' and d.subject_id = new.id
      or d.subject_kind = 'change_request' and exists (
        select 1 from finance_budget b join finance_amendmentline l
            on l.change_request_id = d.subject_id and l.project_id is not distinct from b.project_id
         where b.id = new.id and b.origin = 'amendment')
      and 1 = (select count(*) from finance_budget b join finance_budget mine on mine.id = new.id
                where b.warrant_id = new.warrant_id and b.project_id is not distinct from mine.project_id)
$$"""

AS_DECIDED = """
create or replace function governance_money_as_decided() returns trigger
  language plpgsql security definer set search_path = public, pg_temp as $$
declare
  d governance_decision;
  moved bigint;
begin
  select * into d from governance_decision where warrant_id = new.warrant_id;
  if not found or d.subject_kind not in ({KINDS}) or new.kind = 'reversal' then
    return null;
  end if;
  if new.kind <> (case d.subject_kind when 'capital_request' then 'reserve' else 'grant' end) then
    raise exception 'D-% does not allow a journal of kind %.', d.number, new.kind using errcode = 'PR001';
  end if;
  if d.subject_kind = 'capital_request' then
    select coalesce(sum(p.amount), 0) into moved
      from finance_journal j join finance_posting p on p.journal_id = j.id
      join finance_account a on a.id = p.account_id and a.kind = 'reserve'
     where j.program_id = d.program_id and j.warrant_id = d.warrant_id and j.kind = 'reserve';
    if moved <> d.amount_minor or new.request_id is distinct from d.subject_id then
      raise exception 'D-% allows another amount, once.', d.number using errcode = 'PR001';
    end if;
  elsif d.subject_kind = 'budget' then
    perform 1 from finance_budget b
      where b.id = d.subject_id and b.state = 'active'
        and (select coalesce(sum(l.amount_minor), 0) from finance_budgetline l where l.budget_id = b.id)
            = -(select coalesce(sum(p.amount), 0) from finance_posting p
                  join finance_account a on a.id = p.account_id and a.kind = 'funding'
                  join finance_journal j on j.id = p.journal_id and j.kind = 'grant'
                   and j.source_kind in ({SOURCES})
                 where j.program_id = b.program_id and a.project_id is not distinct from b.project_id);
    if not found then
      raise exception 'What is granted under D-% is not what its budget holds.', d.number using errcode = 'PR001';
    end if;
  {AMENDED}end if;
  return null;
end $$;
"""
AMENDED = """else
    perform 1 from (
        select l.project_id, l.category, l.nature, l.period_id, l.amount_minor as amount
          from finance_amendmentline l where l.change_request_id = d.subject_id
        union all
        select a.project_id, a.category, a.nature, j.period_id, p.amount
          from finance_journal j join finance_posting p on p.journal_id = j.id
          join finance_account a on a.id = p.account_id and a.kind = 'funding'
         where j.program_id = d.program_id and j.warrant_id = d.warrant_id) both_sides
      group by project_id, category, nature, period_id having sum(amount) <> 0;
    if found then
      raise exception 'What is granted under D-% is not what its change request asked for.', d.number
        using errcode = 'PR001';
    end if;
  """


def functions(*, amends: bool) -> str:
    """Both functions, as they are from here on or as they were."""
    kinds = ["budget", "capital_request", *(["change_request"] if amends else [])]
    sources = ["budget", *(["change_request"] if amends else [])]
    before, after = (BUDGETS, AMENDS) if amends else (AMENDS, BUDGETS)
    serves = SERVES.replace("{BEFORE}", before).replace("{AFTER}", after)
    decided = AS_DECIDED.replace("{AMENDED}", AMENDED if amends else "")
    for name, values in (("{KINDS}", kinds), ("{SOURCES}", sources)):
        decided = decided.replace(name, ", ".join(f"'{one}'" for one in values))
    return serves + decided


class Migration(migrations.Migration):
    dependencies = [("governance", "0013_gates"), ("finance", "0033_budget_amendments")]

    operations = [migrations.RunSQL(functions(amends=True), functions(amends=False))]
