"""Assessments of the plan's health, one a day."""

import django.db.models.deletion
from django.db import migrations, models

from pmo.database.keys import within_program


class Migration(migrations.Migration):
    dependencies = [
        ("programs", "0003_kept_with_computations"),
    ]

    operations = [
        migrations.CreateModel(
            name="HealthAssessment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField()),
                ("assessed_at", models.DateTimeField()),
                ("plan_version", models.PositiveBigIntegerField()),
                ("open_activities", models.PositiveIntegerField()),
                ("links", models.PositiveIntegerField()),
                ("failed", models.PositiveSmallIntegerField()),
                ("applicable", models.PositiveSmallIntegerField()),
                ("points", models.JSONField(default=list)),
                ("found", models.JSONField(default=dict)),
                ("repairs", models.JSONField(default=list)),
                ("practices", models.JSONField(default=list)),
                (
                    "baseline",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="programs.baseline",
                    ),
                ),
                (
                    "computation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="programs.computation",
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
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="programs.project",
                    ),
                ),
            ],
            options={
                "ordering": ["-day", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("program", "project", "day"),
                        name="programs_health_once_a_day",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
        *within_program(
            ("programs_healthassessment", "project_id", "programs_project"),
            ("programs_healthassessment", "computation_id", "programs_computation"),
            ("programs_healthassessment", "baseline_id", "programs_baseline"),
        ),
    ]
