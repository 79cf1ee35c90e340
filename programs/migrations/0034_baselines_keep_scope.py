"""A baseline keeps the deliverables and requirements of its program."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from pmo.database.keys import within_program


class Migration(migrations.Migration):
    dependencies = [
        ("programs", "0033_availability"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="BaselineScope",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "name",
                    models.CharField(
                        help_text="The deliverable's name, or what the requirement asks for.", max_length=400
                    ),
                ),
                ("due_on", models.DateField()),
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
            name="scope_kept",
            field=models.PositiveIntegerField(
                help_text="How many deliverables and requirements it keeps; null: none were kept.", null=True
            ),
        ),
        migrations.AddField(
            model_name="baselineevent",
            name="scope_kept",
            field=models.PositiveIntegerField(
                help_text="How many deliverables and requirements it keeps; null: none were kept.", null=True
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="baseline",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "programs_baselineevent" ("frozen_at", "id", "is_current", "links_kept", "name", "number", "origin", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "plan_version", "program_id", "project_dates", "scope_kept", "warrant_id") VALUES (NEW."frozen_at", NEW."id", NEW."is_current", NEW."links_kept", NEW."name", NEW."number", NEW."origin", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, CLOCK_TIMESTAMP(), \'insert\', NEW."id", NEW."plan_version", NEW."program_id", NEW."project_dates", NEW."scope_kept", NEW."warrant_id"); RETURN NULL;',
                    hash="48ab4cde6968e1a1512dba8d33bef59e1d3df151",
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
                    func='INSERT INTO "programs_baselineevent" ("frozen_at", "id", "is_current", "links_kept", "name", "number", "origin", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "plan_version", "program_id", "project_dates", "scope_kept", "warrant_id") VALUES (NEW."frozen_at", NEW."id", NEW."is_current", NEW."links_kept", NEW."name", NEW."number", NEW."origin", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, CLOCK_TIMESTAMP(), \'update\', NEW."id", NEW."plan_version", NEW."program_id", NEW."project_dates", NEW."scope_kept", NEW."warrant_id"); RETURN NULL;',
                    hash="9e7c544823ac682e7749cbdc2b54ece8e92e6f45",
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
                    func='INSERT INTO "programs_baselineevent" ("frozen_at", "id", "is_current", "links_kept", "name", "number", "origin", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "plan_version", "program_id", "project_dates", "scope_kept", "warrant_id") VALUES (OLD."frozen_at", OLD."id", OLD."is_current", OLD."links_kept", OLD."name", OLD."number", OLD."origin", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, CLOCK_TIMESTAMP(), \'delete\', OLD."id", OLD."plan_version", OLD."program_id", OLD."project_dates", OLD."scope_kept", OLD."warrant_id"); RETURN NULL;',
                    hash="50e88943e843ab282ea524102cb941ea73eefeb2",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_ceb74",
                    table="programs_baseline",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="requirement",
            constraint=models.UniqueConstraint(
                fields=("program", "id"), name="programs_requirement_in_program"
            ),
        ),
        migrations.AddField(
            model_name="baselinescope",
            name="baseline",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="scope", to="programs.baseline"
            ),
        ),
        migrations.AddField(
            model_name="baselinescope",
            name="deliverable",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="programs.deliverable"
            ),
        ),
        migrations.AddField(
            model_name="baselinescope",
            name="program",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="programs.program"
            ),
        ),
        migrations.AddField(
            model_name="baselinescope",
            name="requirement",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="programs.requirement",
            ),
        ),
        migrations.AddConstraint(
            model_name="baselinescope",
            constraint=models.UniqueConstraint(
                fields=("baseline", "deliverable", "requirement"),
                name="programs_baseline_scope_once",
                nulls_distinct=False,
            ),
        ),
        *within_program(
            ("programs_baselinescope", "baseline_id", "programs_baseline"),
            ("programs_baselinescope", "deliverable_id", "programs_deliverable"),
            ("programs_baselinescope", "requirement_id", "programs_requirement"),
        ),
    ]
