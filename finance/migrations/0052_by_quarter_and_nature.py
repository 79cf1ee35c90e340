"""Costs by vendor by quarter and by nature; indexes in the order in which one place's costs are read."""

import django.db.models.deletion
from django.db import migrations, models

# As before (0039), in one statement: the lines are grouped once, and every level is added up from those groups.
# In one order of locks; who enters costs holds the program's row before (see books.enter).
COUNT = """
create or replace function finance_lines_count() returns trigger
  language plpgsql security definer set search_path = public, pg_temp as $$
begin
  with fine as materialized (
    select program_id, project_id, category, nature, vendor, period_id, sum(amount_minor)::bigint as amount,
           count(*) as lines
      from fresh group by 1, 2, 3, 4, 5, 6),
  coded as materialized (
    select g.program_id, g.project_id, g.category, g.nature, g.vendor,
           left(f.code, 5) || (right(f.code, 2)::int + 2) / 3 as quarter,
           sum(g.amount)::bigint as amount, sum(g.lines)::bigint as lines
      from fine g join finance_fiscalperiod f on f.id = g.period_id group by 1, 2, 3, 4, 5, 6),
  cells as (
    insert into finance_vendorcell as t
        (program_id, project_id, category, nature, vendor, period_id, amount, lines)
      select program_id, project_id, category, nature, vendor, period_id, amount, lines from fine
       order by 1, 2, 3, 4, 5, 6
      on conflict (program_id, period_id, vendor, project_id, category, nature)
      do update set amount = t.amount + excluded.amount, lines = t.lines + excluded.lines),
  months as (
    insert into finance_vendormonth as t (program_id, vendor, period_id, amount, lines)
      select program_id, vendor, period_id, sum(amount)::bigint, sum(lines)::bigint
        from fine group by 1, 2, 3 order by 1, 2, 3
      on conflict (program_id, period_id, vendor)
      do update set amount = t.amount + excluded.amount, lines = t.lines + excluded.lines),
  natures as (
    insert into finance_vendornature as t (program_id, nature, vendor, period_id, amount, lines)
      select program_id, nature, vendor, period_id, sum(amount)::bigint, sum(lines)::bigint
        from fine group by 1, 2, 3, 4 order by 1, 2, 3, 4
      on conflict (program_id, nature, vendor, period_id)
      do update set amount = t.amount + excluded.amount, lines = t.lines + excluded.lines),
  quarters as (
    insert into finance_vendorquarter as t
        (program_id, project_id, category, nature, vendor, quarter, amount, lines)
      select program_id, project_id, category, nature, vendor, quarter, amount, lines from coded
       order by 1, 2, 3, 4, 5, 6
      on conflict (program_id, quarter, vendor, project_id, category, nature)
      do update set amount = t.amount + excluded.amount, lines = t.lines + excluded.lines),
  years as (
    insert into finance_vendoryear as t
        (program_id, project_id, category, nature, vendor, year, amount, lines)
      select program_id, project_id, category, nature, vendor, left(quarter, 4), sum(amount)::bigint,
             sum(lines)::bigint
        from coded group by 1, 2, 3, 4, 5, 6 order by 1, 2, 3, 4, 5, 6
      on conflict (program_id, year, vendor, project_id, category, nature)
      do update set amount = t.amount + excluded.amount, lines = t.lines + excluded.lines)
  insert into finance_vendorplace as t (program_id, project_id, category, nature, vendor, amount, lines)
    select program_id, project_id, category, nature, vendor, sum(amount)::bigint, sum(lines)::bigint
      from coded group by 1, 2, 3, 4, 5 order by 1, 2, 3, 4, 5
    on conflict (program_id, vendor, project_id, category, nature)
    do update set amount = t.amount + excluded.amount, lines = t.lines + excluded.lines;
  return null;
end $$;
"""
BACKFILL = """
insert into finance_vendorquarter (program_id, project_id, category, nature, vendor, quarter, amount, lines)
  select c.program_id, c.project_id, c.category, c.nature, c.vendor,
         left(f.code, 5) || (right(f.code, 2)::int + 2) / 3, sum(c.amount)::bigint, sum(c.lines)::bigint
    from finance_vendorcell c join finance_fiscalperiod f on f.id = c.period_id group by 1, 2, 3, 4, 5, 6;
insert into finance_vendornature (program_id, nature, vendor, period_id, amount, lines)
  select program_id, nature, vendor, period_id, sum(amount)::bigint, sum(lines)::bigint
    from finance_vendorcell group by 1, 2, 3, 4;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("finance", "0051_clauses_of_one_project"),
        ("programs", "0025_closed_links"),
    ]

    operations = [
        migrations.CreateModel(
            name="VendorNature",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "nature",
                    models.CharField(
                        choices=[("capital", "Capital"), ("operating", "Operating")], max_length=10
                    ),
                ),
                ("vendor", models.CharField(max_length=200)),
                ("amount", models.BigIntegerField()),
                ("lines", models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="VendorQuarter",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "category",
                    models.CharField(
                        choices=[
                            ("labour", "Labour"),
                            ("hardware", "Hardware"),
                            ("software", "Software"),
                            ("services", "Services"),
                            ("facilities", "Facilities"),
                            ("travel", "Travel"),
                            ("other", "Other"),
                            ("contingency", "Contingency"),
                            ("management_reserve", "Management reserve"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "nature",
                    models.CharField(
                        choices=[("capital", "Capital"), ("operating", "Operating")], max_length=10
                    ),
                ),
                ("vendor", models.CharField(max_length=200)),
                ("amount", models.BigIntegerField()),
                ("lines", models.BigIntegerField()),
                ("quarter", models.CharField(max_length=6)),
            ],
        ),
        migrations.AddIndex(
            model_name="vendorcell",
            index=models.Index(
                fields=["program", "project", "vendor", "period"],
                include=("category", "nature", "amount"),
                name="finance_vendorcell_project",
            ),
        ),
        migrations.AddIndex(
            model_name="vendorcell",
            index=models.Index(
                fields=["program", "category", "vendor", "period"],
                include=("project", "nature", "amount"),
                name="finance_vendorcell_category",
            ),
        ),
        migrations.AddField(
            model_name="vendornature",
            name="period",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="finance.fiscalperiod",
            ),
        ),
        migrations.AddField(
            model_name="vendornature",
            name="program",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="programs.program"
            ),
        ),
        migrations.AddField(
            model_name="vendorquarter",
            name="program",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="programs.program"
            ),
        ),
        migrations.AddField(
            model_name="vendorquarter",
            name="project",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="programs.project",
            ),
        ),
        migrations.AddConstraint(
            model_name="vendornature",
            constraint=models.UniqueConstraint(
                fields=("program", "nature", "vendor", "period"),
                include=("amount", "lines"),
                name="finance_vendornature_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="vendorquarter",
            constraint=models.UniqueConstraint(
                fields=("program", "quarter", "vendor", "project", "category", "nature"),
                include=("amount", "lines"),
                name="finance_vendorquarter_once",
            ),
        ),
        migrations.RunSQL(COUNT + BACKFILL),
    ]
