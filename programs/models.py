"""Contents page: every table of the slices of programs."""

from programs.baselines.models import Baseline, BaselineActivity, BaselineLink, BaselineScope
from programs.benefits.models import Contribution
from programs.calendars.models import Calendar, CalendarException
from programs.changes.models import ChangeImpact, ChangeRequest, ChangeRevision, ChangeSimulation
from programs.deliverables.models import Deliverable, Requirement
from programs.exchange.models import ImportEffect, PlanImport, PlanSource
from programs.feeds.models import CalendarFeed
from programs.gates.models import Gate, GateCriterion, GateOpinion, GateReviewer
from programs.lives.models import ProjectMove
from programs.master_plan.models import PlanEdit, PlanView
from programs.people.models import Invitation, InvitedRole
from programs.portfolio.models import Objective, PlannedOutcome, Program, Project, Reading
from programs.raid.issue_models import Issue, IssueActivity, IssueNote
from programs.raid.models import Risk, RiskAcceptance
from programs.resources.models import Assignment, Availability, Resource
from programs.risk_analysis.models import SimulationRun
from programs.schedule.models import (
    Activity,
    Computation,
    ComputedDates,
    Dependency,
    Progress,
    Recalculation,
    StatusPeriod,
)
from programs.schedule_health.models import HealthAssessment
from programs.status.models import Narrative, StatusUpdate

__all__ = [
    "Activity",
    "Assignment",
    "Availability",
    "Baseline",
    "BaselineActivity",
    "BaselineLink",
    "BaselineScope",
    "Calendar",
    "CalendarException",
    "CalendarFeed",
    "ChangeImpact",
    "ChangeRequest",
    "ChangeRevision",
    "ChangeSimulation",
    "Computation",
    "ComputedDates",
    "Contribution",
    "Deliverable",
    "Dependency",
    "Gate",
    "GateCriterion",
    "GateOpinion",
    "GateReviewer",
    "HealthAssessment",
    "ImportEffect",
    "Invitation",
    "InvitedRole",
    "Issue",
    "IssueActivity",
    "IssueNote",
    "Narrative",
    "Objective",
    "PlanEdit",
    "PlanImport",
    "PlanSource",
    "PlanView",
    "PlannedOutcome",
    "Program",
    "Progress",
    "Project",
    "ProjectMove",
    "Reading",
    "Recalculation",
    "Requirement",
    "Resource",
    "Risk",
    "RiskAcceptance",
    "SimulationRun",
    "StatusPeriod",
    "StatusUpdate",
]
