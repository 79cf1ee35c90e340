"""A decision about a capital request sets its money aside, once; orders commit it (finance.procurement)."""

from django.db import migrations

AS_DECIDED = """
create or replace function governance_money_as_decided() returns trigger
  language plpgsql security definer set search_path = public, pg_temp as $$
declare
  d governance_decision;
  moved bigint;
begin
  select * into d from governance_decision where warrant_id = new.warrant_id;
  if not found or d.subject_kind not in ('budget', 'capital_request') or new.kind = 'reversal' then
    return null;
  end if;
  if new.kind <> (case d.subject_kind when 'budget' then 'grant' else '{KIND}' end) then
    raise exception 'D-% does not allow a journal of kind %.', d.number, new.kind using errcode = 'PR001';
  end if;
  if d.subject_kind = 'capital_request' then
    select coalesce(sum(p.amount), 0) into moved
      from finance_journal j join finance_posting p on p.journal_id = j.id
      join finance_account a on a.id = p.account_id and a.kind = '{INTO}'
     where j.program_id = d.program_id and j.warrant_id = d.warrant_id and j.kind = '{KIND}';
    if moved <> d.amount_minor{AND} then
      raise exception 'D-% allows another amount, once.', d.number using errcode = 'PR001';
    end if;
  else
    perform 1 from finance_budget b
      where b.id = d.subject_id and b.state = 'active'
        and (select coalesce(sum(l.amount_minor), 0) from finance_budgetline l where l.budget_id = b.id)
            = -(select coalesce(sum(p.amount), 0) from finance_posting p
                  join finance_account a on a.id = p.account_id and a.kind = 'funding'
                  join finance_journal j on j.id = p.journal_id and j.kind = 'grant' and j.source_kind = 'budget'
                 where j.program_id = b.program_id and a.project_id is not distinct from b.project_id);
    if not found then
      raise exception 'What is granted under D-% is not what its budget holds.', d.number using errcode = 'PR001';
    end if;
  end if;
  return null;
end $$;
"""


def as_decided(kind: str, into: str, also: str) -> str:
    """The function for a decision that allows this kind of journal into this kind of account."""
    return AS_DECIDED.replace("{KIND}", kind).replace("{INTO}", into).replace("{AND}", also)


class Migration(migrations.Migration):
    dependencies = [("governance", "0007_meetings"), ("finance", "0011_procurement")]

    operations = [
        migrations.RunSQL(
            as_decided("reserve", "reserve", " or new.request_id is distinct from d.subject_id"),
            as_decided("commitment", "committed", ""),
        )
    ]
