"""Addresses of the API of programs, under /api/v1/programs/."""

from __future__ import annotations

from django.urls import path
from rest_framework.routers import SimpleRouter

from programs.baselines.api import BaselineLines, Baselines
from programs.beginning.api import Projects
from programs.benefits.api import Contributions
from programs.benefits.benefit_api import Objectives, Readings
from programs.calendars.api import CalendarExceptions
from programs.changes.api import ChangeRequests
from programs.charter.api import Programs
from programs.charter.outcome_api import PlannedOutcomes
from programs.deliverables.api import Deliverables, Requirements
from programs.exchange.api import PlanImports
from programs.exchange.export.api import PlanFiles
from programs.exchange.source_api import PlanSources
from programs.feeds.api import CalendarFeeds
from programs.gates.api import GateCriteria, GateOpinions, GateReviewers, Gates
from programs.lives.api import ProjectMoves
from programs.master_plan.api import Activities
from programs.master_plan.link_api import Dependencies
from programs.master_plan.saved.api import PlanViews
from programs.master_plan.sheet.api import PlanEdits
from programs.people import office_api as office
from programs.people.api import Invitations, InvitedRoles, Members
from programs.raid.api import RiskAcceptances, Risks
from programs.raid.issue_api import Issues
from programs.resources.api import Availabilities, Resources
from programs.resources.assign_api import Assignments
from programs.risk_analysis.api import Simulations
from programs.schedule.api import Computations, ProgressReports, StatusPeriods
from programs.schedule_health.api import ScheduleHealth
from programs.status.api import Narratives, StatusUpdates
from programs.working_time.api import Calendars

CODE = r"(?P<code>[A-Za-z0-9][A-Za-z0-9._-]{0,29})"

router = SimpleRouter()
router.register("programs", Programs, basename="program")
for name, viewset in {
    "projects": Projects,
    "project-moves": ProjectMoves,
    "outcomes": PlannedOutcomes,
    "calendars": Calendars,
    "calendar-exceptions": CalendarExceptions,
    "activities": Activities,
    "plan-edits": PlanEdits,
    "plan-views": PlanViews,
    "dependencies": Dependencies,
    "computations": Computations,
    "schedule-health": ScheduleHealth,
    "baselines": Baselines,
    "baseline-lines": BaselineLines,
    "status-periods": StatusPeriods,
    "status-updates": StatusUpdates,
    "progress": ProgressReports,
    "resources": Resources,
    "availability": Availabilities,
    "assignments": Assignments,
    "risks": Risks,
    "issues": Issues,
    "gates": Gates,
    "gate-criteria": GateCriteria,
    "gate-reviewers": GateReviewers,
    "gate-opinions": GateOpinions,
    "risk-acceptances": RiskAcceptances,
    "simulations": Simulations,
    "change-requests": ChangeRequests,
    "deliverables": Deliverables,
    "requirements": Requirements,
    "objectives": Objectives,
    "readings": Readings,
    "contributions": Contributions,
    "narratives": Narratives,
    "imports": PlanImports,
    "plan-sources": PlanSources,
    "calendar-feeds": CalendarFeeds,
    "members": Members,
    "invitations": Invitations,
    "invited-roles": InvitedRoles,
}.items():
    router.register(rf"programs/{CODE}/{name}", viewset, basename=name)

urlpatterns = [
    *router.urls,
    path("people/<int:pk>/", office.PersonView.as_view(), name="person"),
    path("people/<int:pk>/deactivate/", office.DeactivateView.as_view(), name="person-deactivate"),
    path("people/<int:pk>/reactivate/", office.ReactivateView.as_view(), name="person-reactivate"),
    path("programs/<str:code>/plan-files/<slug:kind>/", PlanFiles.as_view(), name="plan-file"),
]
