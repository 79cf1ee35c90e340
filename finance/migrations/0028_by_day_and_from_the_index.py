"""Sums of the ledger by day, for a moment inside a month; and indexes from which thousands of postings are read alone."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# As before (0002), and by day; grants count when they were recorded, whatever their period.
COUNT = """
create or replace function finance_postings_count() returns trigger
  language plpgsql security definer set search_path = public, pg_temp as $$
begin
  perform 1 from finance_account
    where id in (select account_id from fresh) order by id for no key update;
  update finance_account a set balance = a.balance + f.amount
    from (select account_id, sum(amount)::bigint as amount from fresh group by account_id) f
   where a.id = f.account_id;
  insert into finance_ledgercell as c (program_id, project_id, category, nature, period_id, kind, amount)
    select f.program_id, a.project_id, a.category, a.nature, j.period_id, a.kind, sum(f.amount)::bigint
      from fresh f join finance_account a on a.id = f.account_id join finance_journal j on j.id = f.journal_id
     group by 1, 2, 3, 4, 5, 6 order by 1, 2, 3, 4, 5, 6
    on conflict (program_id, project_id, category, nature, period_id, kind)
    do update set amount = c.amount + excluded.amount;
  insert into finance_ledgerday as d (program_id, project_id, category, nature, period_id, effective, kind, amount)
    select f.program_id, a.project_id, a.category, a.nature, j.period_id, j.effective, a.kind, sum(f.amount)::bigint
      from fresh f join finance_account a on a.id = f.account_id
      join finance_journal j on j.id = f.journal_id and j.kind <> 'grant'
     group by 1, 2, 3, 4, 5, 6, 7 order by 1, 2, 3, 4, 5, 6, 7
    on conflict (program_id, period_id, effective, project_id, category, nature, kind)
    do update set amount = d.amount + excluded.amount;
  insert into finance_ledgertotal as t (program_id, project_id, period_id, kind, amount)
    select f.program_id, a.project_id, j.period_id, a.kind, sum(f.amount)::bigint
      from fresh f join finance_account a on a.id = f.account_id join finance_journal j on j.id = f.journal_id
     group by 1, 2, 3, 4 order by 1, 2, 3, 4
    on conflict (program_id, project_id, period_id, kind)
    do update set amount = t.amount + excluded.amount;
  return null;
end $$;
"""
BACKFILL = """
insert into finance_ledgerday (program_id, project_id, category, nature, period_id, effective, kind, amount)
  select p.program_id, a.project_id, a.category, a.nature, j.period_id, j.effective, a.kind, sum(p.amount)::bigint
    from finance_posting p join finance_account a on a.id = p.account_id
    join finance_journal j on j.id = p.journal_id and j.kind <> 'grant'
   group by 1, 2, 3, 4, 5, 6, 7;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("finance", "0027_by_vendor_and_place"),
        ("pmo", "0005_what_a_report_is_about"),
        ("programs", "0011_calendar_feeds"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="LedgerDay",
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
                ("effective", models.DateField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("funding", "Funding"),
                            ("available", "Available"),
                            ("reserve", "Reserve"),
                            ("committed", "Committed"),
                            ("accrued", "Accrued"),
                            ("spent", "Spent"),
                            ("unfunded", "Without funding"),
                        ],
                        max_length=10,
                    ),
                ),
                ("amount", models.BigIntegerField()),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="posting",
            name="finance_posting_account_once",
        ),
        migrations.RemoveIndex(
            model_name="actualline",
            name="finance_actualline_journal",
        ),
        migrations.AlterField(
            model_name="actualline",
            name="journal",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="actual_lines",
                to="finance.journal",
            ),
        ),
        migrations.AlterField(
            model_name="posting",
            name="journal",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="postings",
                to="finance.journal",
            ),
        ),
        migrations.AddIndex(
            model_name="actualline",
            index=models.Index(
                fields=["journal"],
                include=("program", "project", "category", "nature", "period", "vendor", "amount_minor"),
                name="finance_actualline_journal",
            ),
        ),
        migrations.AddIndex(
            model_name="journal",
            index=models.Index(
                condition=models.Q(("kind", "grant")),
                fields=["program", "recorded_at"],
                name="finance_journal_grants",
            ),
        ),
        migrations.AddConstraint(
            model_name="posting",
            constraint=models.UniqueConstraint(
                fields=("journal", "account"),
                include=("program", "id", "amount"),
                name="finance_posting_account_once",
            ),
        ),
        migrations.AddField(
            model_name="ledgerday",
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
            model_name="ledgerday",
            name="program",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="programs.program"
            ),
        ),
        migrations.AddField(
            model_name="ledgerday",
            name="project",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="programs.project",
            ),
        ),
        migrations.AddConstraint(
            model_name="ledgerday",
            constraint=models.UniqueConstraint(
                fields=("program", "period", "effective", "project", "category", "nature", "kind"),
                include=("amount",),
                name="finance_ledgerday_once",
                nulls_distinct=False,
            ),
        ),
        migrations.RunSQL(COUNT + BACKFILL),
    ]
