"""Composite keys of programs: nothing of one program can name something of another."""

from django.db import migrations

from pmo.database.keys import within_program

P, A = "programs_project", "programs_activity"
C = "programs_calendar"


class Migration(migrations.Migration):
    dependencies = [("programs", "0001_initial"), ("pmo", "0003_scope")]
    operations = [
        *within_program(
            (P, "calendar_id", C),
            ("programs_calendarexception", "calendar_id", C),
            (A, "project_id", P),
            (A, "calendar_id", C),
            (A, "parent_id", A),
            ("programs_dependency", "predecessor_id", A),
            ("programs_dependency", "successor_id", A),
            ("programs_statusperiod", "project_id", P),
            ("programs_progress", "period_id", "programs_statusperiod"),
            ("programs_progress", "activity_id", A),
            ("programs_computeddates", "computation_id", "programs_computation"),
            ("programs_computeddates", "activity_id", A),
            ("programs_baseline", "warrant_id", "pmo_warrant"),
            ("programs_baselineactivity", "baseline_id", "programs_baseline"),
            ("programs_baselineactivity", "activity_id", A),
            ("programs_resource", "project_id", P),
            ("programs_assignment", "activity_id", A),
            ("programs_assignment", "resource_id", "programs_resource"),
            ("programs_risk", "project_id", P),
            ("programs_deliverable", "project_id", P),
            ("programs_requirement", "deliverable_id", "programs_deliverable"),
            ("programs_reading", "objective_id", "programs_objective"),
            ("programs_narrative", "project_id", P),
            ("pmo_membership", "project_id", P),
            ("pmo_artefact", "run_id", "pmo_reportrun"),
            ("pmo_occurrence", "subscription_id", "pmo_subscription"),
            ("pmo_occurrence", "run_id", "pmo_reportrun"),
        ),
        migrations.RunSQL(
            """alter table programs_program add constraint programs_program_calendar_in_program
               foreign key (id, calendar_id) references programs_calendar (program_id, id)
               deferrable initially deferred""",
            "alter table programs_program drop constraint programs_program_calendar_in_program",
        ),
    ]
