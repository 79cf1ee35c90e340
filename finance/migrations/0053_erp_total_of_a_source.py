"""The ERP's total of a period, of one source of cost files."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

KEYS = """
alter table finance_erptotal add constraint finance_erptotal_source_same
  foreign key (program_id, source_id) references finance_costsource (program_id, id);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("finance", "0052_by_quarter_and_nature"),
        ("programs", "0025_closed_links"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="erptotal",
            name="insert_insert",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="erptotal",
            name="update_update",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="erptotal",
            name="delete_delete",
        ),
        migrations.RemoveConstraint(
            model_name="erptotal",
            name="finance_erptotal_once",
        ),
        migrations.AddField(
            model_name="erptotal",
            name="source",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                help_text="None: all sources together.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="finance.costsource",
            ),
        ),
        migrations.AddField(
            model_name="erptotalevent",
            name="source",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                help_text="None: all sources together.",
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="finance.costsource",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="erptotal",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "finance_erptotalevent" ("amount_minor", "entered_at", "entered_by_id", "id", "note", "period_id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "program_id", "source_id", "version") VALUES (NEW."amount_minor", NEW."entered_at", NEW."entered_by_id", NEW."id", NEW."note", NEW."period_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, CLOCK_TIMESTAMP(), \'insert\', NEW."id", NEW."program_id", NEW."source_id", NEW."version"); RETURN NULL;',
                    hash="8bc8f9fc04880b2b052c96d015e85911c247d93b",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_f881e",
                    table="finance_erptotal",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="erptotal",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "finance_erptotalevent" ("amount_minor", "entered_at", "entered_by_id", "id", "note", "period_id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "program_id", "source_id", "version") VALUES (NEW."amount_minor", NEW."entered_at", NEW."entered_by_id", NEW."id", NEW."note", NEW."period_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, CLOCK_TIMESTAMP(), \'update\', NEW."id", NEW."program_id", NEW."source_id", NEW."version"); RETURN NULL;',
                    hash="03752d2ca50262f05f0b6a95d1d71662bfb5c789",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_e3806",
                    table="finance_erptotal",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="erptotal",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "finance_erptotalevent" ("amount_minor", "entered_at", "entered_by_id", "id", "note", "period_id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "program_id", "source_id", "version") VALUES (OLD."amount_minor", OLD."entered_at", OLD."entered_by_id", OLD."id", OLD."note", OLD."period_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, CLOCK_TIMESTAMP(), \'delete\', OLD."id", OLD."program_id", OLD."source_id", OLD."version"); RETURN NULL;',
                    hash="76cce066e8247735997de9100548500c0956c856",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_2e015",
                    table="finance_erptotal",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="erptotal",
            constraint=models.UniqueConstraint(
                fields=("program", "period", "source"), name="finance_erptotal_once", nulls_distinct=False
            ),
        ),
        migrations.RunSQL(KEYS),
    ]
