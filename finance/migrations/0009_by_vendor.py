"""Cost by vendor, kept with the cost lines as the sums of the ledger are kept with its postings."""

import django.db.models.deletion
from django.db import migrations, models

# In one statement and one order of locks; who enters costs holds the program's row before (see books.enter).
LINES_COUNT = """
create function finance_lines_count() returns trigger
  language plpgsql security definer set search_path = public, pg_temp as $$
begin
  insert into finance_vendortotal as t (program_id, project_id, vendor, period_id, amount, lines)
    select program_id, project_id, vendor, period_id, sum(amount_minor)::bigint, count(*)
      from fresh group by 1, 2, 3, 4 order by 1, 2, 3, 4
    on conflict (program_id, project_id, vendor, period_id)
    do update set amount = t.amount + excluded.amount, lines = t.lines + excluded.lines;
  return null;
end $$;
create trigger finance_lines_count after insert on finance_actualline
  referencing new table as fresh for each statement execute function finance_lines_count();
insert into finance_vendortotal (program_id, project_id, vendor, period_id, amount, lines)
  select program_id, project_id, vendor, period_id, sum(amount_minor)::bigint, count(*)
    from finance_actualline group by 1, 2, 3, 4;
"""
NO_COUNT = "drop trigger finance_lines_count on finance_actualline; drop function finance_lines_count();"


class Migration(migrations.Migration):
    dependencies = [
        ("finance", "0008_rates"),
        ("programs", "0008_change_requests"),
    ]

    operations = [
        migrations.CreateModel(
            name="VendorTotal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("vendor", models.CharField(max_length=200)),
                ("amount", models.BigIntegerField()),
                ("lines", models.BigIntegerField()),
                (
                    "period",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="finance.fiscalperiod",
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
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="programs.project",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("program", "project", "vendor", "period"),
                        include=("amount", "lines"),
                        name="finance_vendortotal_once",
                    )
                ],
            },
        ),
        migrations.RunSQL(LINES_COUNT, NO_COUNT),
    ]
