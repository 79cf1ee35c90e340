"""A baseline keeps the links of its plan, and of its activities the constraint and whether they were critical."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

from pmo.database.keys import within_program


class Migration(migrations.Migration):
    dependencies = [
        ("programs", "0019_change_simulations"),
    ]

    operations = [
        migrations.CreateModel(
            name="BaselineLink",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("FS", "Finish to start"),
                            ("SS", "Start to start"),
                            ("FF", "Finish to finish"),
                            ("SF", "Start to finish"),
                        ],
                        max_length=2,
                    ),
                ),
                ("lag", models.IntegerField(help_text="Minutes, or percent where the unit says so.")),
                (
                    "lag_unit",
                    models.CharField(
                        choices=[
                            ("working", "Working minutes"),
                            ("elapsed", "Elapsed minutes"),
                            ("percent", "Percent of the predecessor's duration"),
                        ],
                        max_length=8,
                    ),
                ),
            ],
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="baseline",
            name="insert_insert",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="baseline",
            name="update_update",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="baseline",
            name="delete_delete",
        ),
        migrations.AddField(
            model_name="baseline",
            name="links_kept",
            field=models.PositiveIntegerField(
                help_text="How many links it keeps; null: none were kept, as before links were.", null=True
            ),
        ),
        migrations.AddField(
            model_name="baselineactivity",
            name="constraint",
            field=models.CharField(
                blank=True,
                choices=[
                    ("ASAP", "As soon as possible"),
                    ("ALAP", "As late as possible"),
                    ("SNET", "Start no earlier than"),
                    ("SNLT", "Start no later than"),
                    ("FNET", "Finish no earlier than"),
                    ("FNLT", "Finish no later than"),
                    ("MSO", "Must start on"),
                    ("MFO", "Must finish on"),
                ],
                default="",
                max_length=4,
            ),
        ),
        migrations.AddField(
            model_name="baselineactivity",
            name="constraint_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="baselineactivity",
            name="critical",
            field=models.BooleanField(null=True),
        ),
        migrations.AddField(
            model_name="baselineevent",
            name="links_kept",
            field=models.PositiveIntegerField(
                help_text="How many links it keeps; null: none were kept, as before links were.", null=True
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="baseline",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "programs_baselineevent" ("frozen_at", "id", "is_current", "links_kept", "name", "number", "origin", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "plan_version", "program_id", "project_dates", "warrant_id") VALUES (NEW."frozen_at", NEW."id", NEW."is_current", NEW."links_kept", NEW."name", NEW."number", NEW."origin", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, CLOCK_TIMESTAMP(), \'insert\', NEW."id", NEW."plan_version", NEW."program_id", NEW."project_dates", NEW."warrant_id"); RETURN NULL;',
                    hash="dafde84b07d21f2334ce440d1edf94c871a6d192",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_a1b84",
                    table="programs_baseline",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="baseline",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "programs_baselineevent" ("frozen_at", "id", "is_current", "links_kept", "name", "number", "origin", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "plan_version", "program_id", "project_dates", "warrant_id") VALUES (NEW."frozen_at", NEW."id", NEW."is_current", NEW."links_kept", NEW."name", NEW."number", NEW."origin", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, CLOCK_TIMESTAMP(), \'update\', NEW."id", NEW."plan_version", NEW."program_id", NEW."project_dates", NEW."warrant_id"); RETURN NULL;',
                    hash="b95cd2e15b1ef55589f77bd8d3868f017db0758f",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_22179",
                    table="programs_baseline",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="baseline",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "programs_baselineevent" ("frozen_at", "id", "is_current", "links_kept", "name", "number", "origin", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "plan_version", "program_id", "project_dates", "warrant_id") VALUES (OLD."frozen_at", OLD."id", OLD."is_current", OLD."links_kept", OLD."name", OLD."number", OLD."origin", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, CLOCK_TIMESTAMP(), \'delete\', OLD."id", OLD."plan_version", OLD."program_id", OLD."project_dates", OLD."warrant_id"); RETURN NULL;',
                    hash="b0cae1e847819c0ea67bf6528fe9385b535e4595",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_ceb74",
                    table="programs_baseline",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddField(
            model_name="baselinelink",
            name="baseline",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="links", to="programs.baseline"
            ),
        ),
        migrations.AddField(
            model_name="baselinelink",
            name="predecessor",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="programs.activity"
            ),
        ),
        migrations.AddField(
            model_name="baselinelink",
            name="program",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="programs.program"
            ),
        ),
        migrations.AddField(
            model_name="baselinelink",
            name="successor",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="programs.activity"
            ),
        ),
        migrations.AddConstraint(
            model_name="baselinelink",
            constraint=models.UniqueConstraint(
                fields=("baseline", "predecessor", "successor", "kind"), name="programs_baseline_link_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="baselinelink",
            constraint=models.CheckConstraint(
                condition=models.Q(("predecessor", models.F("successor")), _negated=True),
                name="programs_baseline_link_not_itself",
            ),
        ),
        *within_program(
            ("programs_baselinelink", "baseline_id", "programs_baseline"),
            ("programs_baselinelink", "predecessor_id", "programs_activity"),
            ("programs_baselinelink", "successor_id", "programs_activity"),
        ),
    ]
