"""What earned value was known at a status date stays when the date is taken back: whole, or not at all."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models

KEY = """
alter table finance_earnedvaluesnapshot drop constraint finance_earnedvaluesnapshot_period_same;
alter table finance_earnedvaluesnapshot add constraint finance_earnedvaluesnapshot_period_same
  foreign key (program_id, period_id) references programs_statusperiod (program_id, id)
  on delete set null (period_id);
"""
FORMER = """
alter table finance_earnedvaluesnapshot drop constraint finance_earnedvaluesnapshot_period_same;
alter table finance_earnedvaluesnapshot add constraint finance_earnedvaluesnapshot_period_same
  foreign key (program_id, period_id) references programs_statusperiod (program_id, id) on delete cascade;
"""
# Until now the projects' figures went with the date and the program's stayed: a sum without what it is the sum of.
HALVES = """
delete from finance_earnedvaluesnapshot s
 where s.project_id is null
   and not exists (select from finance_earnedvaluesnapshot p
                    where p.run_id = s.run_id and p.at = s.at and p.project_id is not null)
"""


class Migration(migrations.Migration):
    dependencies = [
        ("finance", "0054_postings_know_their_month"),
        ("programs", "0035_evidence_of_acceptance"),
    ]

    operations = [
        migrations.AlterField(
            model_name="earnedvaluesnapshot",
            name="period",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="programs.statusperiod",
            ),
        ),
        migrations.RunSQL(HALVES, migrations.RunSQL.noop),
        migrations.RunSQL(KEY, FORMER),
    ]
