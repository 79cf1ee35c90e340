"""Who had which name: the database writes down each change of one, and nobody takes it out again."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

RULES = """
create function pmo_name_changed() returns trigger
  language plpgsql security definer set search_path = public, pg_temp as $$
begin
  insert into pmo_namechange (person_id, was, name, by_id, at)
  values (new.id, old.name, new.name, pmo_me(), clock_timestamp());
  return null;
end $$;
create trigger b_named after update of name on pmo_user for each row
  when (old.name is distinct from new.name) execute function pmo_name_changed();
create trigger a_kept before update or delete on pmo_namechange for each row execute function pmo_append_only();
create trigger a_kept_whole before truncate on pmo_namechange for each statement execute function pmo_append_only();
"""
UNRULED = """
drop trigger a_kept_whole on pmo_namechange;
drop trigger a_kept on pmo_namechange;
drop function pmo_name_changed() cascade;
"""


class Migration(migrations.Migration):
    dependencies = [("pmo", "0016_ended_on_its_first_day")]

    operations = [
        migrations.CreateModel(
            name="NameChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("was", models.CharField(max_length=120)),
                ("name", models.CharField(max_length=120)),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        help_text="Null: the office itself.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.RunSQL(RULES, UNRULED),
    ]
