"""Simulations of change requests: who asked, with which settings, how far; their figures are in the impact."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from pmo.database.keys import within_program


class Migration(migrations.Migration):
    dependencies = [
        ("programs", "0018_ganttproject"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ChangeSimulation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("iterations", models.PositiveIntegerField()),
                ("seed", models.PositiveBigIntegerField()),
                (
                    "distribution",
                    models.CharField(
                        choices=[("pert", "Beta-PERT"), ("triangular", "Triangular")],
                        default="pert",
                        max_length=10,
                    ),
                ),
                (
                    "low_percent",
                    models.PositiveSmallIntegerField(
                        help_text="Optimistic duration, in percent of the planned one, where none is given."
                    ),
                ),
                (
                    "high_percent",
                    models.PositiveSmallIntegerField(
                        help_text="Pessimistic duration, in percent of the planned one, where none is given."
                    ),
                ),
                (
                    "risk_ids",
                    models.JSONField(
                        default=list, help_text="Risks of the register that may occur in a run."
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "Queued"),
                            ("running", "Running"),
                            ("done", "Done"),
                            ("failed", "Failed"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="queued",
                        max_length=10,
                    ),
                ),
                ("step", models.CharField(blank=True, default="", max_length=80)),
                ("percent", models.PositiveSmallIntegerField(default=0)),
                ("error", models.CharField(blank=True, default="", max_length=300)),
                ("requested_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(null=True)),
                ("impact_sha256", models.CharField(max_length=64)),
                (
                    "program",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="programs.program"
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="simulations",
                        to="programs.changerequest",
                    ),
                ),
                (
                    "requested_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "stored",
                    models.ForeignKey(
                        db_constraint=False,
                        help_text="The run of the plan whose settings it has, and whose figures are those before.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="programs.simulationrun",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["request", "-id"], name="programs_changesim_latest")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["queued", "running"])),
                        fields=("request",),
                        name="programs_changesimulation_one_at_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("iterations__gte", 100),
                            ("iterations__lte", 100000),
                            ("percent__lte", 100),
                            ("high_percent__gte", 100),
                            ("high_percent__lte", 1000),
                            ("low_percent__lte", 100),
                        ),
                        name="programs_changesimulation_asked",
                    ),
                ],
            },
        ),
        *within_program(
            ("programs_changesimulation", "request_id", "programs_changerequest"),
            ("programs_changesimulation", "stored_id", "programs_simulationrun"),
        ),
    ]
