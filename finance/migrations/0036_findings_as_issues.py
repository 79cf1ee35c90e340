"""A finding of the budget policy is made an issue."""

import django.db.models.deletion
from django.db import migrations, models

from pmo.database.keys import within_program


class Migration(migrations.Migration):
    dependencies = [
        ("finance", "0035_assets_after_credits"),
        ("pmo", "0008_gate_warrants"),
        ("programs", "0014_risk_acceptance"),
    ]

    operations = [
        migrations.CreateModel(
            name="FindingIssue",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddConstraint(
            model_name="policyfinding",
            constraint=models.UniqueConstraint(fields=("program", "id"), name="finance_finding_in_program"),
        ),
        migrations.AddField(
            model_name="findingissue",
            name="finding",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="issued", to="finance.policyfinding"
            ),
        ),
        migrations.AddField(
            model_name="findingissue",
            name="issue",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="programs.issue"
            ),
        ),
        migrations.AddField(
            model_name="findingissue",
            name="program",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="programs.program"
            ),
        ),
        *within_program(
            ("finance_findingissue", "finding_id", "finance_policyfinding"),
            ("finance_findingissue", "issue_id", "programs_issue"),
        ),
    ]
