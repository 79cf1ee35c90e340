"""What is to be done and in what order (typed by people), and the dates that follow (computed, kept apart)."""

from __future__ import annotations

from typing import ClassVar

import pghistory
from django.db import models
from django.db.models import F, Q

from pmo.owned import ProgramOwned, Versioned
from programs.portfolio.models import CODE, Project


class Constraint(models.TextChoices):
    ASAP = "ASAP", "As soon as possible"
    ALAP = "ALAP", "As late as possible"
    SNET = "SNET", "Start no earlier than"
    SNLT = "SNLT", "Start no later than"
    FNET = "FNET", "Finish no earlier than"
    FNLT = "FNLT", "Finish no later than"
    MSO = "MSO", "Must start on"
    MFO = "MFO", "Must finish on"


@pghistory.track()
class Activity(ProgramOwned, Versioned):
    """An element of the plan: summary, task, milestone or level of effort, in the WBS tree of its project.

    Durations are working minutes on the activity's calendar. Money is minor units of the program's currency.
    """

    class Kind(models.TextChoices):
        SUMMARY = "summary", "Summary"
        TASK = "task", "Task"
        START_MILESTONE = "start_milestone", "Start milestone"
        FINISH_MILESTONE = "finish_milestone", "Finish milestone"
        LEVEL_OF_EFFORT = "level_of_effort", "Level of effort"

    class Technique(models.TextChoices):
        PERCENT = "percent_complete", "Percent complete"
        ZERO_HUNDRED = "zero_hundred", "0/100"
        FIFTY_FIFTY = "fifty_fifty", "50/50"
        MILESTONES = "weighted_milestones", "Weighted milestones"
        EFFORT = "level_of_effort", "Level of effort"

    project = models.ForeignKey(Project, models.PROTECT, related_name="activities")
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    code = models.CharField(max_length=60, validators=[CODE])
    wbs = models.CharField(max_length=120, blank=True)
    position = models.PositiveIntegerField(default=0)
    level = models.PositiveSmallIntegerField(default=0)
    kind = models.CharField(max_length=16, choices=Kind.choices, default=Kind.TASK)
    name = models.CharField(max_length=250)
    duration_minutes = models.PositiveIntegerField(default=0)
    calendar = models.ForeignKey("programs.Calendar", models.PROTECT, null=True, blank=True, related_name="+")
    constraint = models.CharField(max_length=4, choices=Constraint.choices, default=Constraint.ASAP)
    constraint_at = models.DateTimeField(null=True, blank=True)
    deadline_at = models.DateTimeField(null=True, blank=True)
    optimistic_minutes = models.PositiveIntegerField(null=True, blank=True)
    likely_minutes = models.PositiveIntegerField(null=True, blank=True)
    pessimistic_minutes = models.PositiveIntegerField(null=True, blank=True)
    technique = models.CharField(max_length=20, choices=Technique.choices, default=Technique.PERCENT)
    # Planned cost besides assignments, minor units with four decimals: in full at the start, and by working hour.
    fixed_cost = models.DecimalField(max_digits=22, decimal_places=4, default=0)
    cost_per_hour = models.DecimalField(max_digits=18, decimal_places=4, default=0)
    actual_start = models.DateTimeField(null=True, blank=True)
    actual_finish = models.DateTimeField(null=True, blank=True)
    remaining_minutes = models.PositiveIntegerField(null=True, blank=True)
    percent_complete = models.DecimalField(max_digits=13, decimal_places=10, default=0)
    notes = models.CharField(
        max_length=4_000, blank=True, default="", help_text="In words, with line breaks."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "code"], name="programs_activity_code_once"),
            models.UniqueConstraint(fields=["program", "id"], name="programs_activity_in_program"),
            models.CheckConstraint(
                name="programs_activity_percent",
                condition=Q(percent_complete__gte=0, percent_complete__lte=100),
            ),
            models.CheckConstraint(
                name="programs_activity_actuals",
                condition=Q(actual_finish=None)
                | Q(actual_start__isnull=False, actual_finish__gte=F("actual_start")),
            ),
            models.CheckConstraint(
                name="programs_activity_constraint_date",
                condition=Q(constraint__in=["ASAP", "ALAP"]) | Q(constraint_at__isnull=False),
            ),
            models.CheckConstraint(
                name="programs_activity_milestone_zero",
                condition=~Q(kind__in=["start_milestone", "finish_milestone"]) | Q(duration_minutes=0),
            ),
            models.CheckConstraint(
                name="programs_activity_duration_sane", condition=Q(duration_minutes__lte=60 * 24 * 366 * 30)
            ),
            models.CheckConstraint(name="programs_activity_not_own_parent", condition=~Q(parent=F("id"))),
        ]
        indexes = [
            models.Index(fields=["program", "project", "position", "id"], name="programs_activity_in_order")
        ]
        ordering: ClassVar[list[str]] = ["project", "position", "id"]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    @property
    def is_milestone(self) -> bool:
        return self.kind in (self.Kind.START_MILESTONE, self.Kind.FINISH_MILESTONE)


@pghistory.track()
class Dependency(ProgramOwned, Versioned):
    """A link between two activities of a program; a lead is a negative lag."""

    class Kind(models.TextChoices):
        FS = "FS", "Finish to start"
        SS = "SS", "Start to start"
        FF = "FF", "Finish to finish"
        SF = "SF", "Start to finish"

    class LagUnit(models.TextChoices):
        WORKING = "working", "Working minutes"
        ELAPSED = "elapsed", "Elapsed minutes"
        PERCENT = "percent", "Percent of the predecessor's duration"

    predecessor = models.ForeignKey(Activity, models.PROTECT, related_name="successor_links")
    successor = models.ForeignKey(Activity, models.PROTECT, related_name="predecessor_links")
    kind = models.CharField(max_length=2, choices=Kind.choices, default=Kind.FS)
    lag = models.IntegerField(default=0, help_text="Minutes, or percent where the unit says so.")
    lag_unit = models.CharField(max_length=8, choices=LagUnit.choices, default=LagUnit.WORKING)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["predecessor", "successor", "kind"], name="programs_dependency_once"
            ),
            models.CheckConstraint(
                name="programs_dependency_not_itself", condition=~Q(predecessor=F("successor"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.predecessor_id} {self.kind} {self.successor_id}"


@pghistory.track()
class StatusPeriod(ProgramOwned):
    """A status date of a project: the instant up to which its progress is fact."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="status_periods")
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=120, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="programs_status_number_once"),
            models.UniqueConstraint(fields=["project", "at"], name="programs_status_date_once"),
            models.UniqueConstraint(fields=["program", "id"], name="programs_status_in_program"),
        ]

    def __str__(self) -> str:
        return f"{self.number}: {self.at:%Y-%m-%d}"


@pghistory.track()
class Progress(ProgramOwned):
    """What was true of one activity at one status date. The latest of them is repeated on the activity."""

    period = models.ForeignKey(StatusPeriod, models.PROTECT, related_name="progress")
    activity = models.ForeignKey(Activity, models.PROTECT, related_name="progress")
    actual_start = models.DateTimeField(null=True, blank=True)
    actual_finish = models.DateTimeField(null=True, blank=True)
    actual_minutes = models.PositiveIntegerField(default=0)
    remaining_minutes = models.PositiveIntegerField(null=True, blank=True)
    percent_complete = models.DecimalField(max_digits=13, decimal_places=10, default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["period", "activity"], name="programs_progress_once"),
            models.CheckConstraint(
                name="programs_progress_percent",
                condition=Q(percent_complete__gte=0, percent_complete__lte=100),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.activity_id}: {self.percent_complete} %"


class Computation(ProgramOwned):
    """One calculation of a program's schedule, with the version of the inputs it was made from. Never edited."""

    plan_version = models.PositiveBigIntegerField()
    computed_at = models.DateTimeField()
    plan_finish = models.DateTimeField(null=True)
    critical_minutes = models.BigIntegerField(default=0, help_text="Working minutes along the longest path.")
    activities = models.PositiveIntegerField(default=0)
    dependencies = models.PositiveIntegerField(default=0)
    milliseconds = models.PositiveIntegerField(default=0)
    findings = models.JSONField(default=list)
    # What pages of a whole program need of 10,000 rows of dates, kept so that they need not be summed up anew:
    # project id -> [earliest start, latest finish (seconds since 1970, UTC), activities].
    project_dates = models.JSONField(default=dict)
    cross_links = models.PositiveIntegerField(default=0, help_text="Links between projects.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program", "id"], name="programs_computation_in_program"),
        ]
        indexes = [models.Index(fields=["program", "-id"], name="programs_computation_latest")]

    def __str__(self) -> str:
        return f"{self.program_id} v{self.plan_version}"


class Recalculation(ProgramOwned):
    """What a worker has to do, or is doing, to the dates of a program too large for the request: one row a program.

    The dates in force are of the newest computation's plan version until it is done.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting for a worker"
        RUNNING = "running", "Being computed"
        DONE = "done", "Computed"
        FAILED = "failed", "Could not be computed"

    wanted_version = models.PositiveBigIntegerField(help_text="The plan version that was asked for last.")
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    step = models.CharField(max_length=80, blank=True, default="")
    percent = models.PositiveSmallIntegerField(default=0)
    asked_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program"], name="programs_recalculation_one"),
            models.CheckConstraint(name="programs_recalculation_percent", condition=Q(percent__lte=100)),
        ]

    def __str__(self) -> str:
        return f"{self.program_id} v{self.wanted_version} {self.state}"


class ComputedDates(ProgramOwned):
    """Computed dates and floats of one activity (UTC instants; working minutes), from one computation until another.

    A row is written only when an activity's dates change, and never edited: the row in force is the one that
    no later computation superseded, the row known at an instant is the last one computed by then.
    """

    computation = models.ForeignKey(Computation, models.CASCADE, related_name="dates")
    superseded_by = models.ForeignKey(Computation, models.CASCADE, null=True, related_name="superseded")
    activity = models.ForeignKey(Activity, models.CASCADE, related_name="dates")
    project = models.ForeignKey(Project, models.CASCADE, related_name="+")
    early_start = models.DateTimeField()
    early_finish = models.DateTimeField()
    late_start = models.DateTimeField(null=True)
    late_finish = models.DateTimeField(null=True)
    total_float = models.IntegerField(null=True)
    free_float = models.IntegerField(null=True)
    on_longest_path = models.BooleanField(default=False)
    critical = models.BooleanField(default=False)
    driver = models.ForeignKey(Dependency, models.SET_NULL, null=True, related_name="+", db_constraint=False)
    why = models.CharField(max_length=24, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["activity"], condition=Q(superseded_by=None), name="programs_dates_one_in_force"
            ),
        ]
        indexes = [
            models.Index(
                fields=["program", "project"], condition=Q(superseded_by=None), name="programs_dates_in_force"
            ),
            models.Index(
                fields=["program", "activity"],
                condition=Q(superseded_by=None, critical=True),
                name="programs_dates_critical",
            ),
            models.Index(fields=["activity", "computation"], name="programs_dates_versions"),
        ]

    def __str__(self) -> str:
        return f"{self.activity_id}"
