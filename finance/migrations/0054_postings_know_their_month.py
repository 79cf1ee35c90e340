"""Postings know the period of their journal, and registers are read by it from an index."""

import django.db.models.deletion
from django.db import migrations, models

# Set by the database from the journal, whoever writes a posting and whatever he says of it.
COLUMN = """
alter table finance_posting add column period_id bigint;
alter table finance_posting disable trigger finance_posting_stays;
update finance_posting p set period_id = j.period_id from finance_journal j where j.id = p.journal_id;
alter table finance_posting enable trigger finance_posting_stays;
alter table finance_posting alter column period_id set not null;
create function finance_posting_period() returns trigger
  language plpgsql security definer set search_path = public, pg_temp as $$
begin
  new.period_id := (select period_id from finance_journal where id = new.journal_id);
  return new;
end $$;
create trigger finance_posting_period before insert on finance_posting
  for each row execute function finance_posting_period();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("finance", "0053_erp_total_of_a_source"),
        ("programs", "0025_closed_links"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="actualline",
            name="finance_actualline_by_vendor",
        ),
        migrations.RemoveIndex(
            model_name="actualline",
            name="finance_actualline_month",
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(COLUMN)],
            state_operations=[
                migrations.AddField(
                    model_name="posting",
                    name="period",
                    field=models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="finance.fiscalperiod",
                    ),
                )
            ],
        ),
        migrations.AlterField(
            model_name="posting",
            name="account",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="postings",
                to="finance.account",
            ),
        ),
        migrations.AddIndex(
            model_name="actualline",
            index=models.Index(
                fields=["program", "vendor", "period", "id"],
                include=("project", "category", "nature"),
                name="finance_actualline_by_vendor",
            ),
        ),
        migrations.AddIndex(
            model_name="actualline",
            index=models.Index(
                fields=["program", "period", "id"],
                include=("journal", "project", "category", "nature", "vendor", "amount_minor"),
                name="finance_actualline_month",
            ),
        ),
        migrations.AddIndex(
            model_name="posting",
            index=models.Index(fields=["account", "period", "id"], name="finance_posting_of_account"),
        ),
        migrations.AddIndex(
            model_name="posting",
            index=models.Index(
                fields=["program", "period", "id"], include=("account",), name="finance_posting_of_month"
            ),
        ),
    ]
