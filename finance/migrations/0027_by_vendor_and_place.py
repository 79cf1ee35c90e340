"""Costs by vendor at every place: by month, by year and of all time, in place of the sums by project and period."""

import django.db.models.deletion
from django.db import migrations, models

# In one order of locks; who enters costs holds the program's row before (see books.enter). Counted once by month; the
# two coarser levels are added up from that.
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
insert into finance_vendorcell (program_id, project_id, category, nature, vendor, period_id, amount, lines)
  select program_id, project_id, category, nature, vendor, period_id, sum(amount_minor)::bigint, count(*)
    from finance_actualline group by 1, 2, 3, 4, 5, 6;
insert into finance_vendoryear (program_id, project_id, category, nature, vendor, year, amount, lines)
  select c.program_id, c.project_id, c.category, c.nature, c.vendor, left(f.code, 4), sum(c.amount), sum(c.lines)
    from finance_vendorcell c join finance_fiscalperiod f on f.id = c.period_id group by 1, 2, 3, 4, 5, 6;
insert into finance_vendorplace (program_id, project_id, category, nature, vendor, amount, lines)
  select program_id, project_id, category, nature, vendor, sum(amount), sum(lines)
    from finance_vendoryear group by 1, 2, 3, 4, 5;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("finance", "0026_somebody_else_releases"),
        ("programs", "0011_calendar_feeds"),
    ]

    operations = [
        migrations.CreateModel(
            name="VendorCell",
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
                (
                    "project",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="programs.project",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="VendorPlace",
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
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="programs.project",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="VendorYear",
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
                ("year", models.CharField(max_length=4)),
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
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="programs.project",
                    ),
                ),
            ],
        ),
        migrations.DeleteModel(
            name="VendorTotal",
        ),
        migrations.AddConstraint(
            model_name="vendorcell",
            constraint=models.UniqueConstraint(
                fields=("program", "period", "vendor", "project", "category", "nature"),
                include=("amount", "lines"),
                name="finance_vendorcell_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="vendorplace",
            constraint=models.UniqueConstraint(
                fields=("program", "vendor", "project", "category", "nature"),
                include=("amount", "lines"),
                name="finance_vendorplace_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="vendoryear",
            constraint=models.UniqueConstraint(
                fields=("program", "year", "vendor", "project", "category", "nature"),
                include=("amount", "lines"),
                name="finance_vendoryear_once",
            ),
        ),
        migrations.RunSQL(COUNT + BACKFILL),
    ]
