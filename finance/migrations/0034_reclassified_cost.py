"""Cost moved between capital and expense: asked for by one person, posted by another."""

import django.db.models.deletion
import pghistory.utils
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from pmo.database.keys import within_program

KEYS = (
    ("finance_reclassification", "project_id", "programs_project"),
    ("finance_reclassifiedline", "reclassification_id", "finance_reclassification"),
)
GUARD = """
create function finance_reclassified() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and (old.program_id, old.reclassification_id, old.line_id, old.from_nature, old.to_nature,
                           old.amount_minor, old.clause)
     is distinct from (new.program_id, new.reclassification_id, new.line_id, new.from_nature, new.to_nature,
                       new.amount_minor, new.clause) then
    raise exception 'What was put forward stays as it is.' using errcode = 'PR001';
  end if;
  if new.live and not exists (select 1 from finance_reclassification r
                               where r.id = new.reclassification_id and r.state = 'accepted') then
    raise exception 'Only what was accepted holds.' using errcode = 'PR001';
  end if;
  if tg_op = 'INSERT' and not exists (select 1 from finance_reclassification r join finance_actualline l
                                         on l.program_id = r.program_id and l.project_id = r.project_id
                                      where r.id = new.reclassification_id and l.id = new.line_id
                                        and l.amount_minor = new.amount_minor) then
    raise exception 'That is not a cost of this project.' using errcode = 'PR001';
  end if;
  return new;
end $$;
create trigger a_reclassified before insert or update on finance_reclassifiedline
  for each row execute function finance_reclassified();
"""
UNDO = "drop trigger a_reclassified on finance_reclassifiedline; drop function finance_reclassified();"


class Migration(migrations.Migration):
    dependencies = [
        ("finance", "0033_budget_amendments"),
        ("programs", "0014_risk_acceptance"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Reclassification",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1)),
                ("code", models.CharField(max_length=12)),
                (
                    "month",
                    models.CharField(
                        blank=True, default="", help_text="Only the costs of it; or all.", max_length=7
                    ),
                ),
                ("reason", models.CharField(max_length=400)),
                ("lines", models.PositiveIntegerField()),
                (
                    "to_capital_minor",
                    models.BigIntegerField(help_text="Sum of what moves from expense to capital."),
                ),
                (
                    "to_expense_minor",
                    models.BigIntegerField(help_text="Sum of what moves from capital to expense."),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asked", "Waits"),
                            ("accepted", "Posted"),
                            ("rejected", "Rejected"),
                            ("taken_back", "Taken back"),
                        ],
                        default="asked",
                        max_length=10,
                    ),
                ),
                ("asked_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(null=True)),
                (
                    "words",
                    models.CharField(
                        blank=True, default="", help_text="Why rejected or taken back.", max_length=400
                    ),
                ),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "policy",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="finance.capitalisationpolicy",
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
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="programs.project"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ReclassificationEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("pgh_context", pghistory.utils.JSONField(null=True)),
                ("pgh_context_id", models.UUIDField(null=True)),
                ("id", models.BigIntegerField()),
                ("version", models.PositiveIntegerField(default=1)),
                ("code", models.CharField(max_length=12)),
                (
                    "month",
                    models.CharField(
                        blank=True, default="", help_text="Only the costs of it; or all.", max_length=7
                    ),
                ),
                ("reason", models.CharField(max_length=400)),
                ("lines", models.PositiveIntegerField()),
                (
                    "to_capital_minor",
                    models.BigIntegerField(help_text="Sum of what moves from expense to capital."),
                ),
                (
                    "to_expense_minor",
                    models.BigIntegerField(help_text="Sum of what moves from capital to expense."),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asked", "Waits"),
                            ("accepted", "Posted"),
                            ("rejected", "Rejected"),
                            ("taken_back", "Taken back"),
                        ],
                        default="asked",
                        max_length=10,
                    ),
                ),
                ("asked_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(null=True)),
                (
                    "words",
                    models.CharField(
                        blank=True, default="", help_text="Why rejected or taken back.", max_length=400
                    ),
                ),
                (
                    "asked_by",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="finance.reclassification",
                    ),
                ),
                (
                    "policy",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="finance.capitalisationpolicy",
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
                    "project",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="programs.project",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ReclassifiedLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "from_nature",
                    models.CharField(
                        choices=[("capital", "Capital"), ("operating", "Operating")], max_length=10
                    ),
                ),
                (
                    "to_nature",
                    models.CharField(
                        choices=[("capital", "Capital"), ("operating", "Operating")], max_length=10
                    ),
                ),
                ("amount_minor", models.BigIntegerField()),
                ("clause", models.CharField(max_length=60)),
                ("live", models.BooleanField(default=False)),
                (
                    "line",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reclassified",
                        to="finance.actualline",
                    ),
                ),
                (
                    "program",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="programs.program"
                    ),
                ),
                (
                    "reclassification",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="parts",
                        to="finance.reclassification",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="reclassification",
            constraint=models.UniqueConstraint(
                fields=("program", "code"), name="finance_reclassification_code_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="reclassification",
            constraint=models.UniqueConstraint(
                fields=("program", "id"), name="finance_reclassification_in_program"
            ),
        ),
        migrations.AddConstraint(
            model_name="reclassification",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decided_at", None), ("decided_by", None), ("state", "asked")),
                    models.Q(
                        models.Q(("state", "asked"), _negated=True),
                        ("decided_at__isnull", False),
                        ("decided_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="finance_reclassification_decided",
            ),
        ),
        migrations.AddConstraint(
            model_name="reclassification",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("decided_by", None),
                    ("state", "rejected"),
                    models.Q(("decided_by", models.F("asked_by")), _negated=True),
                    _connector="OR",
                ),
                name="finance_reclassification_four_eyes",
            ),
        ),
        migrations.AddConstraint(
            model_name="reclassification",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["asked", "accepted"]),
                    models.Q(("words", ""), _negated=True),
                    _connector="OR",
                ),
                name="finance_reclassification_words",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="reclassification",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "finance_reclassificationevent" ("asked_at", "asked_by_id", "code", "decided_at", "decided_by_id", "id", "lines", "month", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "policy_id", "program_id", "project_id", "reason", "state", "to_capital_minor", "to_expense_minor", "version", "words") VALUES (NEW."asked_at", NEW."asked_by_id", NEW."code", NEW."decided_at", NEW."decided_by_id", NEW."id", NEW."lines", NEW."month", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, CLOCK_TIMESTAMP(), \'insert\', NEW."id", NEW."policy_id", NEW."program_id", NEW."project_id", NEW."reason", NEW."state", NEW."to_capital_minor", NEW."to_expense_minor", NEW."version", NEW."words"); RETURN NULL;',
                    hash="f15c4fea62dcf251881d061bc3be75f5b19e8e54",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_14d41",
                    table="finance_reclassification",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="reclassification",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "finance_reclassificationevent" ("asked_at", "asked_by_id", "code", "decided_at", "decided_by_id", "id", "lines", "month", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "policy_id", "program_id", "project_id", "reason", "state", "to_capital_minor", "to_expense_minor", "version", "words") VALUES (NEW."asked_at", NEW."asked_by_id", NEW."code", NEW."decided_at", NEW."decided_by_id", NEW."id", NEW."lines", NEW."month", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, CLOCK_TIMESTAMP(), \'update\', NEW."id", NEW."policy_id", NEW."program_id", NEW."project_id", NEW."reason", NEW."state", NEW."to_capital_minor", NEW."to_expense_minor", NEW."version", NEW."words"); RETURN NULL;',
                    hash="456df3046a7478f65f0f71ef332c2810395bae27",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_a0f10",
                    table="finance_reclassification",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="reclassification",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "finance_reclassificationevent" ("asked_at", "asked_by_id", "code", "decided_at", "decided_by_id", "id", "lines", "month", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "policy_id", "program_id", "project_id", "reason", "state", "to_capital_minor", "to_expense_minor", "version", "words") VALUES (OLD."asked_at", OLD."asked_by_id", OLD."code", OLD."decided_at", OLD."decided_by_id", OLD."id", OLD."lines", OLD."month", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, CLOCK_TIMESTAMP(), \'delete\', OLD."id", OLD."policy_id", OLD."program_id", OLD."project_id", OLD."reason", OLD."state", OLD."to_capital_minor", OLD."to_expense_minor", OLD."version", OLD."words"); RETURN NULL;',
                    hash="32a17571fad91ce3d72b56029d1d0ba9ca8d3d22",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_59e2d",
                    table="finance_reclassification",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="reclassifiedline",
            constraint=models.UniqueConstraint(
                condition=models.Q(("live", True)),
                fields=("line",),
                name="finance_reclassifiedline_live_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="reclassifiedline",
            constraint=models.UniqueConstraint(
                fields=("reclassification", "line"), name="finance_reclassifiedline_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="reclassifiedline",
            constraint=models.CheckConstraint(
                condition=models.Q(("from_nature", models.F("to_nature")), _negated=True),
                name="finance_reclassifiedline_moves",
            ),
        ),
        *within_program(*KEYS),
        migrations.RunSQL(GUARD, UNDO),
    ]
