"""A role that ended can be given again: what is held once is a role on a day, no longer a role for ever."""

from django.db import migrations

# The person's row is taken first, so that two who give the same role at once meet there.
RULES = """
create function pmo_membership_once() returns trigger
  language plpgsql security definer set search_path = public, pg_temp as $$
begin
  perform 1 from pmo_user where id = new.user_id for no key update;
  if exists (select 1 from pmo_membership m
              where m.program_id = new.program_id and m.user_id = new.user_id and m.role = new.role
                and m.project_id is not distinct from new.project_id and m.id <> new.id
                and m.valid_from <= coalesce(new.valid_to, 'infinity')
                and coalesce(m.valid_to, 'infinity') >= new.valid_from) then
    raise exception 'This person holds that role already.' using errcode = 'PR001';
  end if;
  return new;
end $$;
create trigger a_once before insert or update on pmo_membership for each row
  execute function pmo_membership_once();
"""
UNRULED = "drop function pmo_membership_once() cascade"


class Migration(migrations.Migration):
    dependencies = [("pmo", "0011_registers_as_files")]
    operations = [
        migrations.RemoveConstraint(model_name="membership", name="pmo_membership_once"),
        migrations.RunSQL(RULES, UNRULED),
    ]
