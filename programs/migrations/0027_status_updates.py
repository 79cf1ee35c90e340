# Begun by Django 5.2.19 on 2026-11-29 18:01

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from pmo.database.keys import within_program

RULES = """
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
create function programs_statusupdate_stands() returns trigger
  language plpgsql security definer set search_path = public, pg_temp as $$
begin
  if tg_op = 'INSERT' then
    if new.taken_at is not null or new.by_id is distinct from pmo_me() then
      raise exception 'A status date is set by the person who answers for it.' using errcode = 'PR001';
    end if;
    return new;
  end if;
  if tg_op = 'DELETE' or old.taken_at is not null or new.taken_at is null
      or to_jsonb(new) - '{taken_at,taken_by_id,taken_why}'::text[]
        is distinct from to_jsonb(old) - '{taken_at,taken_by_id,taken_why}'::text[] then
    raise exception 'A status update stays as it was made; it is taken back once, with its reason.' using errcode = 'PR001';
  end if;
  if new.taken_by_id is distinct from pmo_me() then
    raise exception 'A status date is taken back by the person who answers for it.' using errcode = 'PR001';
  end if;
  return new;
end $$;
create trigger a_stands before insert or update or delete on programs_statusupdate
  for each row execute function programs_statusupdate_stands();
"""
UNRULED = """
drop trigger a_stands on programs_statusupdate;
drop function programs_statusupdate_stands();
create or replace function programs_only_taken_back() returns trigger
  language plpgsql security definer set search_path = public, pg_temp as $$
begin
  if exists (select 1 from gone g where (to_jsonb(g) ->> tg_argv[0])::int8 not in (
        select jsonb_array_elements_text(e.created -> tg_argv[1])::int8
          from programs_importeffect e join programs_planimport i on i.id = e.plan_import_id
         where i.state = 'undone' and e.created ? tg_argv[1]
           and e.program_id in (select program_id from gone))) then
    raise exception 'This is a record: it is taken away only by undoing the import that made it.' using errcode = 'PR001';
  end if;
  return null;
end $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("programs", "0026_assignments_have_versions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="StatusUpdate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(help_text="The status date.")),
                ("remark", models.CharField(max_length=1000)),
                ("made_at", models.DateTimeField()),
                (
                    "periods",
                    models.JSONField(
                        help_text="[project, its new status period, its status date before or null] each."
                    ),
                ),
                ("former_at", models.DateTimeField(help_text="The program's status date before.", null=True)),
                (
                    "facts",
                    models.JSONField(
                        default=dict,
                        help_text="Activity -> progress before (as a plan edit keeps it), where there was any.",
                    ),
                ),
                (
                    "unstarted",
                    models.PositiveIntegerField(
                        help_text="Activities due to start by then that had no actual start."
                    ),
                ),
                (
                    "unfinished",
                    models.PositiveIntegerField(
                        help_text="Activities due to finish by then that had no actual finish."
                    ),
                ),
                (
                    "moved",
                    models.PositiveIntegerField(
                        help_text="Activities with new dates; none: a worker computes.", null=True
                    ),
                ),
                ("finish_before", models.DateTimeField(null=True)),
                ("finish_after", models.DateTimeField(null=True)),
                ("taken_at", models.DateTimeField(null=True)),
                ("taken_why", models.CharField(blank=True, default="", max_length=1000)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "program",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="programs.program"
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="programs.project",
                    ),
                ),
                (
                    "taken_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["program", "-id"], name="programs_statusupdate_latest")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("remark__regex", "\\S")), name="programs_statusupdate_remark"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("taken_at", None), ("taken_by", None), ("taken_why", "")),
                            models.Q(
                                ("taken_at__isnull", False),
                                ("taken_by__isnull", False),
                                ("taken_why__regex", "\\S"),
                            ),
                            _connector="OR",
                        ),
                        name="programs_statusupdate_taken",
                    ),
                ],
            },
        ),
        *within_program(("programs_statusupdate", "project_id", "programs_project")),
        migrations.RunSQL(RULES, UNRULED),
    ]
