"""Registers of any length as files: what a run was asked, and its file in pieces, each in its file's program."""

import django.db.models.deletion
from django.db import migrations, models

HERE = """
alter table pmo_artefactpart add constraint pmo_artefactpart_of_program
  foreign key (program_id, artefact_id) references pmo_artefact (program_id, id)
"""


class Migration(migrations.Migration):
    dependencies = [
        ("pmo", "0010_contracts_change_hands"),
        ("programs", "0016_gates_as_decided"),
    ]

    operations = [
        migrations.AddField(
            model_name="reportrun",
            name="asked",
            field=models.JSONField(
                db_default={},
                default=dict,
                help_text="Of a register: its filters, format, and the page it was asked on.",
            ),
        ),
        migrations.AddField(
            model_name="reportrun",
            name="wants_mail",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddConstraint(
            model_name="artefact",
            constraint=models.UniqueConstraint(fields=("program", "id"), name="pmo_artefact_in_program"),
        ),
        migrations.CreateModel(
            name="ArtefactPart",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("content", models.BinaryField()),
                (
                    "artefact",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="parts",
                        to="pmo.artefact",
                    ),
                ),
                (
                    "program",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="programs.program"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("artefact", "number"), name="pmo_artefactpart_once")
                ],
            },
        ),
        migrations.RunSQL(HERE, "alter table pmo_artefactpart drop constraint pmo_artefactpart_of_program"),
    ]
