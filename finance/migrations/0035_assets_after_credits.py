"""A credit note after the hand-over makes its assets cost less; those of before are put right, the newest asset first."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from pmo.database.keys import within_program

PUT_RIGHT = """
with spent as (
  select r.id, coalesce(sum(p.amount), 0) as amount
    from finance_capitalrequest r
    left join (finance_journal j join finance_posting p on p.journal_id = j.id
               join finance_account c on c.id = p.account_id and c.kind = 'spent') on j.request_id = r.id
   where exists (select 1 from finance_asset a where a.request_id = r.id)
   group by r.id),
placed as (
  select a.id, a.program_id, a.cost_minor,
         sum(a.cost_minor) over (partition by a.request_id) - s.amount as excess,
         sum(a.cost_minor) over (partition by a.request_id order by a.id desc) - a.cost_minor as before
    from finance_asset a join spent s on s.id = a.request_id),
cut as (
  select id, program_id, least(cost_minor, greatest(0, excess - before)) as part from placed),
changed as (
  update finance_asset a set cost_minor = a.cost_minor - c.part, version = a.version + 1
    from cut c where c.id = a.id and c.part > 0 returning a.id)
insert into finance_assetadjustment (program_id, asset_id, amount_minor, at)
select program_id, id, -part, now() from cut where part > 0
"""


class Migration(migrations.Migration):
    dependencies = [
        ("finance", "0034_reclassified_cost"),
        ("programs", "0014_risk_acceptance"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AssetAdjustment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("amount_minor", models.BigIntegerField(help_text="Below zero: the cost is less by that.")),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="asset",
            name="finance_asset_cost",
        ),
        migrations.AddConstraint(
            model_name="asset",
            constraint=models.CheckConstraint(
                condition=models.Q(("cost_minor__gte", 0), ("cost_minor__lte", 1000000000000000)),
                name="finance_asset_cost",
            ),
        ),
        migrations.AddField(
            model_name="assetadjustment",
            name="asset",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="adjustments", to="finance.asset"
            ),
        ),
        migrations.AddField(
            model_name="assetadjustment",
            name="by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="assetadjustment",
            name="note",
            field=models.ForeignKey(
                help_text="The credit note; none where it came before.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="finance.invoice",
            ),
        ),
        migrations.AddField(
            model_name="assetadjustment",
            name="program",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="programs.program"
            ),
        ),
        migrations.AddConstraint(
            model_name="assetadjustment",
            constraint=models.UniqueConstraint(fields=("asset", "note"), name="finance_assetadjustment_once"),
        ),
        migrations.AddConstraint(
            model_name="assetadjustment",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_minor__lt", 0)), name="finance_assetadjustment_less"
            ),
        ),
        *within_program(
            ("finance_assetadjustment", "asset_id", "finance_asset"),
            ("finance_assetadjustment", "note_id", "finance_invoice"),
        ),
        migrations.RunSQL(PUT_RIGHT, migrations.RunSQL.noop),
    ]
