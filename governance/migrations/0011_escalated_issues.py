"""Escalations come from issues, too."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from pmo.database.keys import within_program


class Migration(migrations.Migration):
    dependencies = [
        ("governance", "0010_waivers"),
        ("programs", "0012_issues"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="escalation",
            name="insert_insert",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="escalation",
            name="update_update",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="escalation",
            name="delete_delete",
        ),
        migrations.RemoveConstraint(
            model_name="escalation",
            name="governance_escalation_one_origin",
        ),
        migrations.AddField(
            model_name="escalation",
            name="issue",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="escalations",
                to="programs.issue",
            ),
        ),
        migrations.AddField(
            model_name="escalationevent",
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
            model_name="escalation",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "governance_escalationevent" ("answer", "answered_in_id", "body_id", "change_request_id", "closed_at", "closed_by_id", "id", "issue_id", "needed_by", "number", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "program_id", "question", "raised_at", "raised_by_id", "risk_id", "state", "title", "version") VALUES (NEW."answer", NEW."answered_in_id", NEW."body_id", NEW."change_request_id", NEW."closed_at", NEW."closed_by_id", NEW."id", NEW."issue_id", NEW."needed_by", NEW."number", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, CLOCK_TIMESTAMP(), \'insert\', NEW."id", NEW."program_id", NEW."question", NEW."raised_at", NEW."raised_by_id", NEW."risk_id", NEW."state", NEW."title", NEW."version"); RETURN NULL;',
                    hash="6b8b48261129c1805b5c6a5eaeeb1fe3925e1ba9",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_5ce83",
                    table="governance_escalation",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="escalation",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "governance_escalationevent" ("answer", "answered_in_id", "body_id", "change_request_id", "closed_at", "closed_by_id", "id", "issue_id", "needed_by", "number", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "program_id", "question", "raised_at", "raised_by_id", "risk_id", "state", "title", "version") VALUES (NEW."answer", NEW."answered_in_id", NEW."body_id", NEW."change_request_id", NEW."closed_at", NEW."closed_by_id", NEW."id", NEW."issue_id", NEW."needed_by", NEW."number", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, CLOCK_TIMESTAMP(), \'update\', NEW."id", NEW."program_id", NEW."question", NEW."raised_at", NEW."raised_by_id", NEW."risk_id", NEW."state", NEW."title", NEW."version"); RETURN NULL;',
                    hash="befca472f1511f1f75a499cbbc2fcf9bcc5e99f9",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_10d8f",
                    table="governance_escalation",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="escalation",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "governance_escalationevent" ("answer", "answered_in_id", "body_id", "change_request_id", "closed_at", "closed_by_id", "id", "issue_id", "needed_by", "number", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "program_id", "question", "raised_at", "raised_by_id", "risk_id", "state", "title", "version") VALUES (OLD."answer", OLD."answered_in_id", OLD."body_id", OLD."change_request_id", OLD."closed_at", OLD."closed_by_id", OLD."id", OLD."issue_id", OLD."needed_by", OLD."number", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, CLOCK_TIMESTAMP(), \'delete\', OLD."id", OLD."program_id", OLD."question", OLD."raised_at", OLD."raised_by_id", OLD."risk_id", OLD."state", OLD."title", OLD."version"); RETURN NULL;',
                    hash="d21668fb8794ef065b7db9987f0a41fac900bb70",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_a9346",
                    table="governance_escalation",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="escalation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("change_request", None), ("risk", None)),
                    models.Q(("issue", None), ("risk", None)),
                    models.Q(("change_request", None), ("issue", None)),
                    _connector="OR",
                ),
                name="governance_escalation_one_origin",
            ),
        ),
        *within_program(("governance_escalation", "issue_id", "programs_issue")),
    ]
