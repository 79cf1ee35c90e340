"""A project that nothing names may be removed by who keeps the program; others go only with the import that made them."""

from __future__ import annotations

from django.db import migrations

RULES = """
create function programs_project_gone() returns trigger
  language plpgsql security definer set search_path = public, pg_temp as $$
begin
  -- What names it keeps it: foreign keys of every table see to that when the transaction ends.
  if exists (select 1 from gone g
              where g.id not in (
                    select jsonb_array_elements_text(e.created -> 'programs_project')::int8
                      from programs_importeffect e join programs_planimport i on i.id = e.plan_import_id
                     where i.state = 'undone' and e.created ? 'programs_project' and e.program_id = g.program_id)
                and not exists (select 1 from pmo_held(pmo_me(), (clock_timestamp() at time zone 'UTC')::date) h
                                 where h.program_id = g.program_id and h.role = 'program_manager')) then
    raise exception 'Who keeps the program removes an empty project, or the import that made it is undone.'
      using errcode = 'PR001';
  end if;
  return null;
end $$;
drop trigger a_only_taken_back on programs_project;
create trigger a_only_taken_back after delete on programs_project referencing old table as gone
  for each statement execute function programs_project_gone();
"""
FORMER = """
drop function programs_project_gone() cascade;
create trigger a_only_taken_back after delete on programs_project referencing old table as gone
  for each statement execute function programs_only_taken_back('id', 'programs_project');
"""


class Migration(migrations.Migration):
    dependencies = [("programs", "0027_status_updates")]

    operations = [migrations.RunSQL(RULES, FORMER)]
