"""A role that ends on the day it began is kept as one that never counted: its last day is the one before its first."""

from datetime import timedelta

from django.db import migrations, models
from django.db.models import F, Q

RULES = """
create or replace function pmo_membership_once() returns trigger
  language plpgsql security definer set search_path = public, pg_temp as $$
begin
  perform 1 from pmo_user where id = new.user_id for no key update;
  if new.valid_to < new.valid_from then
    return new;  -- never counted
  end if;
  if exists (select 1 from pmo_membership m
              where m.program_id = new.program_id and m.user_id = new.user_id and m.role = new.role
                and m.project_id is not distinct from new.project_id and m.id <> new.id
                and (m.valid_to is null or m.valid_to >= m.valid_from)
                and m.valid_from <= coalesce(new.valid_to, 'infinity')
                and coalesce(m.valid_to, 'infinity') >= new.valid_from) then
    raise exception 'This person holds that role already.' using errcode = 'PR001';
  end if;
  return new;
end $$;
"""
UNRULED = """
create or replace function pmo_membership_once() returns trigger
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
"""


class Migration(migrations.Migration):
    dependencies = [("pmo", "0015_mails_of_a_person")]
    operations = [
        migrations.RemoveConstraint(model_name="membership", name="pmo_membership_term"),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from") - timedelta(days=1)),
                name="pmo_membership_term",
            ),
        ),
        migrations.RunSQL(RULES, UNRULED),
    ]
