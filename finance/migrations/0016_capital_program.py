"""The capital program: files of requests, whose rows stay as they were entered."""

import django.contrib.postgres.fields
import django.db.models.deletion
import pghistory.utils
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

STAYS = """
alter table finance_fundingline add constraint finance_fundingline_plan_same
  foreign key (program_id, plan_id) references finance_fundingplan (program_id, id);
create trigger finance_fundingline_stays before update or delete on finance_fundingline
  for each row execute function finance_forbid();
create trigger finance_fundingline_stays_whole before truncate on finance_fundingline
  for each statement execute function finance_forbid();
"""
MOVES = """
alter table finance_fundingline drop constraint finance_fundingline_plan_same;
drop trigger finance_fundingline_stays on finance_fundingline;
drop trigger finance_fundingline_stays_whole on finance_fundingline;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("finance", "0015_control_accounts"),
        ("programs", "0009_plan_edits"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="FundingPlan",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("file_name", models.CharField(max_length=200)),
                ("digest", models.CharField(help_text="sha256 of the content, in hex.", max_length=64)),
                (
                    "steps",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=60), size=12
                    ),
                ),
                (
                    "funds",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=60),
                        help_text="The groups of sources, as columns are ordered.",
                        size=None,
                    ),
                ),
                ("rows", models.PositiveIntegerField()),
                ("uploaded_at", models.DateTimeField()),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
                (
                    "why",
                    models.CharField(
                        blank=True, default="", help_text="Why it was withdrawn.", max_length=400
                    ),
                ),
                (
                    "program",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="programs.program"
                    ),
                ),
                (
                    "uploaded_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "withdrawn_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="FundingLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("row", models.PositiveIntegerField(help_text="Line in the file; the heading is line 1.")),
                ("fiscal_year", models.PositiveSmallIntegerField()),
                ("unit", models.CharField(help_text="Who asks: an agency, a department.", max_length=20)),
                ("unit_name", models.CharField(max_length=120)),
                ("request", models.CharField(max_length=40)),
                ("title", models.CharField(max_length=300)),
                ("source", models.CharField(max_length=20)),
                ("source_name", models.CharField(max_length=120)),
                ("fund", models.CharField(help_text="The group of the source.", max_length=60)),
                (
                    "amounts",
                    django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=12),
                ),
                (
                    "program",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="programs.program"
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="finance.fundingplan",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="FundingPlanEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("pgh_context", pghistory.utils.JSONField(null=True)),
                ("pgh_context_id", models.UUIDField(null=True)),
                ("id", models.BigIntegerField()),
                ("file_name", models.CharField(max_length=200)),
                ("digest", models.CharField(help_text="sha256 of the content, in hex.", max_length=64)),
                (
                    "steps",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=60), size=12
                    ),
                ),
                (
                    "funds",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=60),
                        help_text="The groups of sources, as columns are ordered.",
                        size=None,
                    ),
                ),
                ("rows", models.PositiveIntegerField()),
                ("uploaded_at", models.DateTimeField()),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
                (
                    "why",
                    models.CharField(
                        blank=True, default="", help_text="Why it was withdrawn.", max_length=400
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="finance.fundingplan",
                    ),
                ),
                (
                    "program",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="programs.program",
                    ),
                ),
                (
                    "uploaded_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "withdrawn_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddConstraint(
            model_name="fundingplan",
            constraint=models.UniqueConstraint(
                fields=("program", "id"), name="finance_fundingplan_in_program"
            ),
        ),
        migrations.AddConstraint(
            model_name="fundingplan",
            constraint=models.UniqueConstraint(
                condition=models.Q(("withdrawn_at", None)),
                fields=("program", "digest"),
                name="finance_fundingplan_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="fundingplan",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("why", ""), ("withdrawn_at", None)),
                    models.Q(("withdrawn_at__isnull", False), models.Q(("why", ""), _negated=True)),
                    _connector="OR",
                ),
                name="finance_fundingplan_withdrawal",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="fundingplan",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "finance_fundingplanevent" ("digest", "file_name", "funds", "id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "program_id", "rows", "steps", "uploaded_at", "uploaded_by_id", "why", "withdrawn_at", "withdrawn_by_id") VALUES (NEW."digest", NEW."file_name", NEW."funds", NEW."id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, CLOCK_TIMESTAMP(), \'insert\', NEW."id", NEW."program_id", NEW."rows", NEW."steps", NEW."uploaded_at", NEW."uploaded_by_id", NEW."why", NEW."withdrawn_at", NEW."withdrawn_by_id"); RETURN NULL;',
                    hash="c5ad5685fbc1c4df3b10bcc5319d0616de8dd131",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_a33d8",
                    table="finance_fundingplan",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="fundingplan",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "finance_fundingplanevent" ("digest", "file_name", "funds", "id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "program_id", "rows", "steps", "uploaded_at", "uploaded_by_id", "why", "withdrawn_at", "withdrawn_by_id") VALUES (NEW."digest", NEW."file_name", NEW."funds", NEW."id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, CLOCK_TIMESTAMP(), \'update\', NEW."id", NEW."program_id", NEW."rows", NEW."steps", NEW."uploaded_at", NEW."uploaded_by_id", NEW."why", NEW."withdrawn_at", NEW."withdrawn_by_id"); RETURN NULL;',
                    hash="9d0497d36e0d8f77537fbc5e242fc4c65b6e308c",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_ec5ce",
                    table="finance_fundingplan",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="fundingplan",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "finance_fundingplanevent" ("digest", "file_name", "funds", "id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "program_id", "rows", "steps", "uploaded_at", "uploaded_by_id", "why", "withdrawn_at", "withdrawn_by_id") VALUES (OLD."digest", OLD."file_name", OLD."funds", OLD."id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, CLOCK_TIMESTAMP(), \'delete\', OLD."id", OLD."program_id", OLD."rows", OLD."steps", OLD."uploaded_at", OLD."uploaded_by_id", OLD."why", OLD."withdrawn_at", OLD."withdrawn_by_id"); RETURN NULL;',
                    hash="3814c889deca7216315598c3c6ad307145870016",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_97a0f",
                    table="finance_fundingplan",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="fundingline",
            index=models.Index(
                fields=["program", "fiscal_year", "unit", "fund"], name="finance_fundingline_by_unit"
            ),
        ),
        migrations.AddConstraint(
            model_name="fundingline",
            constraint=models.UniqueConstraint(fields=("plan", "row"), name="finance_fundingline_row_once"),
        ),
        migrations.AddConstraint(
            model_name="fundingline",
            constraint=models.CheckConstraint(
                condition=models.Q(("fiscal_year__gte", 1900), ("fiscal_year__lt", 2200)),
                name="finance_fundingline_year",
            ),
        ),
        migrations.RunSQL(STAYS, MOVES),
    ]
