"""A variance is an issue."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

from pmo.database.keys import within_program


class Migration(migrations.Migration):
    dependencies = [
        ("finance", "0029_registers"),
        ("programs", "0012_issues"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="variancefinding",
            name="insert_insert",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="variancefinding",
            name="update_update",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="variancefinding",
            name="delete_delete",
        ),
        migrations.AddField(
            model_name="variancefinding",
            name="issue",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="variances",
                to="programs.issue",
            ),
        ),
        migrations.AddField(
            model_name="variancefindingevent",
            name="issue",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="programs.issue",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="variancefinding",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "finance_variancefindingevent" ("account_id", "answered_at", "answered_by_id", "cause", "closed_at", "closed_by_id", "corrective_action", "crossed", "due_on", "found_at", "id", "impact", "issue_id", "owner_id", "period_id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "program_id", "state", "title", "version") VALUES (NEW."account_id", NEW."answered_at", NEW."answered_by_id", NEW."cause", NEW."closed_at", NEW."closed_by_id", NEW."corrective_action", NEW."crossed", NEW."due_on", NEW."found_at", NEW."id", NEW."impact", NEW."issue_id", NEW."owner_id", NEW."period_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, CLOCK_TIMESTAMP(), \'insert\', NEW."id", NEW."program_id", NEW."state", NEW."title", NEW."version"); RETURN NULL;',
                    hash="ab506f4f12816423eb6f3b00fbb252860170c679",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_f48f7",
                    table="finance_variancefinding",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="variancefinding",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "finance_variancefindingevent" ("account_id", "answered_at", "answered_by_id", "cause", "closed_at", "closed_by_id", "corrective_action", "crossed", "due_on", "found_at", "id", "impact", "issue_id", "owner_id", "period_id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "program_id", "state", "title", "version") VALUES (NEW."account_id", NEW."answered_at", NEW."answered_by_id", NEW."cause", NEW."closed_at", NEW."closed_by_id", NEW."corrective_action", NEW."crossed", NEW."due_on", NEW."found_at", NEW."id", NEW."impact", NEW."issue_id", NEW."owner_id", NEW."period_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, CLOCK_TIMESTAMP(), \'update\', NEW."id", NEW."program_id", NEW."state", NEW."title", NEW."version"); RETURN NULL;',
                    hash="9de0a0454694361f75a1b30212a2acc886e0f94f",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_c6e24",
                    table="finance_variancefinding",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="variancefinding",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "finance_variancefindingevent" ("account_id", "answered_at", "answered_by_id", "cause", "closed_at", "closed_by_id", "corrective_action", "crossed", "due_on", "found_at", "id", "impact", "issue_id", "owner_id", "period_id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "program_id", "state", "title", "version") VALUES (OLD."account_id", OLD."answered_at", OLD."answered_by_id", OLD."cause", OLD."closed_at", OLD."closed_by_id", OLD."corrective_action", OLD."crossed", OLD."due_on", OLD."found_at", OLD."id", OLD."impact", OLD."issue_id", OLD."owner_id", OLD."period_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, CLOCK_TIMESTAMP(), \'delete\', OLD."id", OLD."program_id", OLD."state", OLD."title", OLD."version"); RETURN NULL;',
                    hash="4d6c3a89b032b624a5d278521b65cf38c2b9c960",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_669e3",
                    table="finance_variancefinding",
                    when="AFTER",
                ),
            ),
        ),
        *within_program(("finance_variancefinding", "issue_id", "programs_issue")),
    ]
