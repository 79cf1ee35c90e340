"""Only what is not held is released; nobody with a hand in a contract lets its money go; its milestones stay in force."""

from django.db import migrations

GUARDS = """
-- What of what is retained may be released: of invoices that are not held, less for their credit notes.
create or replace function finance_contract_releasable(contract bigint) returns bigint
  language sql stable set search_path = public, pg_temp as $$
  select coalesce((select sum(case i.kind when 'credit' then -i.retained_minor else i.retained_minor end)
                     from finance_invoice i join finance_purchaseorder o on o.id = i.order_id
                     join finance_invoice whole on whole.id = coalesce(i.credits_id, i.id)
                    where o.contract_id = contract and whole.state <> 'held'), 0)::bigint
       - coalesce((select sum(amount_minor) from finance_retentionrelease where contract_id = contract), 0)::bigint
$$;
-- Who manages a contract, drafted it, put it in force or ordered under it.
create or replace function finance_contract_hand(contract bigint, person bigint) returns boolean
  language sql stable set search_path = public, pg_temp as $$
  select exists (select 1 from finance_contract c
                  where c.id = contract and person in (c.manager_id, c.drafted_by_id, c.activated_by_id))
      or exists (select 1 from finance_purchaseorder where contract_id = contract and ordered_by_id = person)
$$;

create or replace function finance_order_under_contract() returns trigger
  language plpgsql security definer set search_path = public, pg_temp as $$
declare c finance_contract;
begin
  if tg_op = 'UPDATE' and new.contract_id is distinct from old.contract_id then
    raise exception 'An order stays under the contract that it was placed under.' using errcode = 'PR001';
  end if;
  if new.contract_id is null then return null; end if;
  select * into c from finance_contract where id = new.contract_id for no key update;
  if tg_op = 'INSERT' and c.state <> 'active' then
    raise exception 'Orders are placed under contracts in force.' using errcode = 'PR001';
  end if;
  if exists (select 1 from finance_contractmilestone
              where contract_id = c.id and accepted_by_id = new.ordered_by_id) then
    raise exception 'Who accepted a milestone of a contract does not order under it.' using errcode = 'PR001';
  end if;
  if c.vendor_id <> new.vendor_id or c.request_id <> new.request_id then
    raise exception 'The contract is of another vendor or on another request.' using errcode = 'PR001';
  end if;
  if finance_contract_ordered(c.id) > c.value_minor then
    raise exception 'The orders under a contract do not come to more than its value.' using errcode = 'PR001';
  end if;
  return null;
end $$;

create or replace function finance_contract_value() returns trigger
  language plpgsql security definer set search_path = public, pg_temp as $$
declare milestones bigint;
begin
  if old.state <> 'draft' and (new.vendor_id, new.request_id, new.currency, new.retention_percent, new.release_on,
                               new.starts_on, new.manager_id, new.activated_by_id)
       is distinct from (old.vendor_id, old.request_id, old.currency, old.retention_percent, old.release_on,
                         old.starts_on, old.manager_id, old.activated_by_id) then
    raise exception 'Vendor, request, manager and retention of a contract in force stay as they are.'
      using errcode = 'PR001';
  end if;
  if new.drafted_by_id <> old.drafted_by_id then
    raise exception 'Who drafted a contract stays.' using errcode = 'PR001';
  end if;
  if old.state = 'closed' and new.state <> 'closed' then
    raise exception 'A closed contract stays closed.' using errcode = 'PR001';
  end if;
  if old.state <> 'draft' and new.state = 'draft' then
    raise exception 'A contract in force is no draft again.' using errcode = 'PR001';
  end if;
  select coalesce(sum(amount_minor), 0) into milestones from finance_contractmilestone where contract_id = new.id;
  if new.value_minor < milestones then
    raise exception 'The milestones of a contract do not come to more than its value.' using errcode = 'PR001';
  end if;
  if new.value_minor < finance_contract_ordered(new.id) then
    raise exception 'The orders under a contract do not come to more than its value.' using errcode = 'PR001';
  end if;
  return new;
end $$;

create or replace function finance_contract_milestones() returns trigger
  language plpgsql security definer set search_path = public, pg_temp as $$
declare c finance_contract;
begin
  if tg_op <> 'INSERT' and old.accepted_at is not null then
    raise exception 'An accepted milestone stays as it is.' using errcode = 'PR001';
  end if;
  if tg_op <> 'INSERT' then
    select * into c from finance_contract where id = old.contract_id for no key update;
    if tg_op = 'DELETE' then
      if c.state <> 'draft' then
        raise exception 'The milestones of a contract in force stay.' using errcode = 'PR001';
      end if;
      return old;
    end if;
    if new.contract_id <> old.contract_id or (c.state <> 'draft' and new.amount_minor < old.amount_minor) then
      raise exception 'The milestones of a contract in force stay.' using errcode = 'PR001';
    end if;
  end if;
  select * into c from finance_contract where id = new.contract_id for no key update;
  if new.accepted_by_id is not null then
    if finance_contract_hand(c.id, new.accepted_by_id) then
      raise exception 'Who manages, drafted or activated a contract, or ordered under it, does not accept its milestones.'
        using errcode = 'PR001';
    end if;
    if c.state <> 'active' or new.accepted_on < c.starts_on then
      raise exception 'A milestone is accepted while its contract is in force.' using errcode = 'PR001';
    end if;
  end if;
  if c.value_minor < new.amount_minor + (select coalesce(sum(amount_minor), 0) from finance_contractmilestone
                                          where contract_id = new.contract_id and id <> new.id) then
    raise exception 'The milestones of a contract do not come to more than its value.' using errcode = 'PR001';
  end if;
  return new;
end $$;

create or replace function finance_retention_release() returns trigger
  language plpgsql security definer set search_path = public, pg_temp as $$
declare c finance_contract; today date;
begin
  if tg_op = 'UPDATE' then
    if old.paid_on is not null or (new.contract_id, new.amount_minor, new.released_by_id, new.released_at)
         is distinct from (old.contract_id, old.amount_minor, old.released_by_id, old.released_at) then
      raise exception 'What was released stays as it is, and is paid once.' using errcode = 'PR001';
    end if;
    return null;
  end if;
  select * into c from finance_contract where id = new.contract_id for no key update;
  if finance_contract_hand(c.id, new.released_by_id) then
    raise exception 'Who manages, drafted or activated a contract, or ordered under it, does not release what is retained.'
      using errcode = 'PR001';
  end if;
  if exists (select 1 from finance_invoice i join finance_purchaseorder o on o.id = i.order_id
              where o.contract_id = c.id and i.entered_by_id = new.released_by_id) then
    raise exception 'Who entered an invoice does not release what is retained of it: somebody else looks at it.'
      using errcode = 'PR001';
  end if;
  select (new.released_at at time zone time_zone)::date into today from programs_program where id = c.program_id;
  if c.state = 'draft' or c.release_on is null or today < c.release_on then
    raise exception 'What a contract retains is released from its day on.' using errcode = 'PR001';
  end if;
  if finance_contract_releasable(c.id) < 0 then
    raise exception 'No more is released than was retained of invoices that are not held.' using errcode = 'PR001';
  end if;
  return null;
end $$;

create or replace function finance_invoice_retained() returns trigger
  language plpgsql security definer set search_path = public, pg_temp as $$
declare contract bigint;
begin
  if tg_op = 'UPDATE' then
    if new.retained_minor <> old.retained_minor then
      raise exception 'What is retained of an invoice stays as it was entered.' using errcode = 'PR001';
    end if;
    return null;
  end if;
  if new.retained_minor = 0 then return null; end if;
  select contract_id into contract from finance_purchaseorder where id = new.order_id;
  if contract is null or finance_contract_retained(contract) < 0 or finance_contract_releasable(contract) < 0 then
    raise exception 'Only what a contract retains is retained.' using errcode = 'PR001';
  end if;
  return null;
end $$;

create or replace function finance_somebody_else_releases() returns trigger
  language plpgsql security definer set search_path = public, pg_temp as $$
declare o finance_purchaseorder;
begin
  select * into o from finance_purchaseorder where id = new.order_id;
  if o.ordered_by_id = new.released_by_id then
    raise exception 'Who ordered does not release what does not match: somebody else looks at it.'
      using errcode = 'PR001';
  end if;
  perform 1 from finance_contract c where c.id = o.contract_id
      and new.released_by_id in (c.manager_id, c.drafted_by_id, c.activated_by_id);
  if found then
    raise exception 'Who manages, drafted or activated a contract does not release invoices under it.'
      using errcode = 'PR001';
  end if;
  return new;
end $$;
"""


class Migration(migrations.Migration):
    dependencies = [("finance", "0037_contracts")]

    operations = [migrations.RunSQL(GUARDS, migrations.RunSQL.noop)]
