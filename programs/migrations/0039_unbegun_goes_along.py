"""What of progress may be deleted: that work had not begun, with its activity."""

from django.db import migrations

RULE = """
create or replace function programs_only_taken_back() returns trigger
  language plpgsql security definer set search_path = public, pg_temp as $$
begin
  if exists (select 1 from gone g where (to_jsonb(g) ->> tg_argv[0])::int8 not in (
        select jsonb_array_elements_text(e.created -> tg_argv[1])::int8
          from programs_importeffect e join programs_planimport i on i.id = e.plan_import_id
         where i.state = 'undone' and e.created ? tg_argv[1]
           and e.program_id in (select program_id from gone))
      -- A status date, and the progress told at it, also goes with the update that set it, once that was taken back.
      and (tg_argv[1] not in ('programs_statusperiod', 'programs_progress')
        or (to_jsonb(g) ->> case tg_argv[1] when 'programs_progress' then 'period_id' else 'id' end)::int8 not in (
        select (p ->> 1)::int8 from programs_statusupdate u, jsonb_array_elements(u.periods) p
         where u.taken_at is not null and u.program_id in (select program_id from gone)))
      -- That work had not begun is no record of its own: it goes with an activity that leaves the plan.
      and not (tg_argv[1] = 'programs_progress' and to_jsonb(g) ->> 'actual_start' is null
        and to_jsonb(g) ->> 'actual_finish' is null and (to_jsonb(g) ->> 'actual_minutes')::int8 = 0
        and (to_jsonb(g) ->> 'percent_complete')::numeric = 0 and not exists (
        select 1 from programs_activity a where a.id = (to_jsonb(g) ->> 'activity_id')::int8))) then
    raise exception 'This is a record: it is taken away only by undoing the import that made it.' using errcode = 'PR001';
  end if;
  return null;
end $$;
"""
FORMER = """
create or replace function programs_only_taken_back() returns trigger
  language plpgsql security definer set search_path = public, pg_temp as $$
begin
  if exists (select 1 from gone g where (to_jsonb(g) ->> tg_argv[0])::int8 not in (
        select jsonb_array_elements_text(e.created -> tg_argv[1])::int8
          from programs_importeffect e join programs_planimport i on i.id = e.plan_import_id
         where i.state = 'undone' and e.created ? tg_argv[1]
           and e.program_id in (select program_id from gone))
      -- A status date, and the progress told at it, also goes with the update that set it, once that was taken back.
      and (tg_argv[1] not in ('programs_statusperiod', 'programs_progress')
        or (to_jsonb(g) ->> case tg_argv[1] when 'programs_progress' then 'period_id' else 'id' end)::int8 not in (
        select (p ->> 1)::int8 from programs_statusupdate u, jsonb_array_elements(u.periods) p
         where u.taken_at is not null and u.program_id in (select program_id from gone)))) then
    raise exception 'This is a record: it is taken away only by undoing the import that made it.' using errcode = 'PR001';
  end if;
  return null;
end $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("programs", "0038_notes_of_activities"),
    ]

    operations = [migrations.RunSQL(RULE, FORMER)]
