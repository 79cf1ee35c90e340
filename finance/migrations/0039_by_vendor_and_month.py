"""Costs by vendor and month, whatever the place: vendors by month are read from one row for each of their cells."""

import django.db.models.deletion
from django.db import migrations, models

# As before (0027), and by vendor and month.
COUNT = """
create or replace function finance_lines_count() returns trigger
  language plpgsql security definer set search_path = public, pg_temp as $$
begin
  insert into finance_vendorcell as t
      (program_id, project_id, category, nature, vendor, period_id, amount, lines)
    select program_id, project_id, category, nature, vendor, period_id, sum(amount_minor)::bigint, count(*)
      from fresh group by 1, 2, 3, 4, 5, 6 order by 1, 2, 3, 4, 5, 6
    on conflict (program_id, period_id, vendor, project_id, category, nature)
    do update set amount = t.amount + excluded.amount, lines = t.lines + excluded.lines;
  insert into finance_vendormonth as t (program_id, vendor, period_id, amount, lines)
    select program_id, vendor, period_id, sum(amount_minor)::bigint, count(*)
      from fresh group by 1, 2, 3 order by 1, 2, 3
    on conflict (program_id, period_id, vendor)
    do update set amount = t.amount + excluded.amount, lines = t.lines + excluded.lines;
  insert into finance_vendoryear as t
      (program_id, project_id, category, nature, vendor, year, amount, lines)
    select l.program_id, l.project_id, l.category, l.nature, l.vendor, left(f.code, 4),
           sum(l.amount_minor)::bigint, count(*)
      from fresh l join finance_fiscalperiod f on f.id = l.period_id
     group by 1, 2, 3, 4, 5, 6 order by 1, 2, 3, 4, 5, 6
    on conflict (program_id, year, vendor, project_id, category, nature)
    do update set amount = t.amount + excluded.amount, lines = t.lines + excluded.lines;
  insert into finance_vendorplace as t (program_id, project_id, category, nature, vendor, amount, lines)
    select program_id, project_id, category, nature, vendor, sum(amount_minor)::bigint, count(*)
      from fresh group by 1, 2, 3, 4, 5 order by 1, 2, 3, 4, 5
    on conflict (program_id, vendor, project_id, category, nature)
    do update set amount = t.amount + excluded.amount, lines = t.lines + excluded.lines;
  return null;
end $$;
"""
BACKFILL = """
insert into finance_vendormonth (program_id, vendor, period_id, amount, lines)
  select program_id, vendor, period_id, sum(amount)::bigint, sum(lines)::bigint from finance_vendorcell
   group by 1, 2, 3;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("finance", "0038_hands_off_contracts"),
        ("programs", "0016_gates_as_decided"),
    ]

    operations = [
        migrations.CreateModel(
            name="VendorMonth",
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
                        db_index=False,
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
            ],
        ),
        migrations.AddConstraint(
            model_name="vendormonth",
            constraint=models.UniqueConstraint(
                fields=("program", "period", "vendor"),
                include=("amount", "lines"),
                name="finance_vendormonth_once",
            ),
        ),
        migrations.AddIndex(
            model_name="actualline",
            index=models.Index(
                fields=["program", "period", "journal"],
                include=("id", "project", "category", "nature", "vendor", "amount_minor"),
                name="finance_actualline_month",
            ),
        ),
        migrations.AlterField(
            model_name="actualline",
            name="period",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="finance.fiscalperiod",
            ),
        ),
        migrations.RunSQL(COUNT + BACKFILL),
    ]
