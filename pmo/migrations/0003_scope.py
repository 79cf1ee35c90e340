"""The functions that row-level security stands on, and the composite keys that keep rows in their program."""

from django.db import migrations

FORWARD = """
create function pmo_scope() returns bigint[] language sql stable as $$
  select coalesce(nullif(current_setting('app.programs', true), ''), '{}')::bigint[] $$;

create function pmo_me() returns bigint language sql stable as $$
  select nullif(current_setting('app.user', true), '')::bigint $$;

-- Memberships in force on a day: read before the scope is known, hence as the owner.
create function pmo_held(person bigint, on_day date)
  returns table (program_id bigint, role varchar, project_id bigint)
  language sql stable security definer set search_path = public as $$
  select m.program_id, m.role, m.project_id from pmo_membership m
   where m.user_id = person and m.valid_from <= on_day and (m.valid_to is null or m.valid_to >= on_day) $$;

-- Every program's id, for the clock's loops; granted to the worker alone.
create function pmo_program_ids() returns setof bigint
  language sql stable security definer set search_path = public as $$
  select id from programs_program order by id $$;

-- Append-only tables refuse in words, whoever asks (rights refuse first; this is the second wall).
create function pmo_append_only() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only: a correction is a new row.', tg_table_name using errcode = 'PR001';
end $$;
create trigger pmo_warrant_frozen before update or delete on pmo_warrant
  for each row execute function pmo_append_only();
create trigger pmo_warrant_kept before truncate on pmo_warrant
  for each statement execute function pmo_append_only();

create function pmo_outbox_nudge() returns trigger language plpgsql as $$
begin
  perform pg_notify('pmo_outbox', '');
  return null;
end $$;
create trigger pmo_outbox_nudge after insert on pmo_outbox
  for each statement execute function pmo_outbox_nudge();
"""
BACKWARD = """
drop trigger pmo_outbox_nudge on pmo_outbox;
drop trigger pmo_warrant_kept on pmo_warrant;
drop trigger pmo_warrant_frozen on pmo_warrant;
drop function pmo_outbox_nudge(), pmo_append_only(), pmo_program_ids(), pmo_held(bigint, date), pmo_me(), pmo_scope();
"""


class Migration(migrations.Migration):
    dependencies = [("pmo", "0002_initial"), ("programs", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
