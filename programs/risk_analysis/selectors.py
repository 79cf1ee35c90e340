"""Reads of simulations, for the current scope."""

from __future__ import annotations

from typing import Any

from pmo.accounts.access import Access
from pmo.accounts.roles import Permission
from programs.portfolio.models import Program
from programs.raid.models import Risk
from programs.risk_analysis.inputs import OPEN
from programs.risk_analysis.models import SimulationRun

ACTIVE = (SimulationRun.State.QUEUED, SimulationRun.State.RUNNING)


def runs(user: Any, program_id: int) -> Any:
    """The program's runs, the latest first, without their figures."""
    visible = SimulationRun.objects.visible_to(user).filter(program_id=program_id)
    return visible.select_related("requested_by").defer("result").order_by("-pk")


def may_cancel(access: Access, run: SimulationRun) -> bool:
    """Who asked for it may stop it, and whoever builds reports for the whole program."""
    mine = access.user is not None and run.requested_by_id == access.user.pk
    return run.state in ACTIVE and (mine or access.may(Permission.BUILD_REPORTS, run.program_id))


def open_risks(user: Any, program_id: int) -> Any:
    """Risks that may occur in a run, the most likely first."""
    rows = Risk.objects.visible_to(user).filter(program_id=program_id, state__in=OPEN)
    return rows.select_related("project").order_by("-probability", "-impact", "code")


def moved_on(run: SimulationRun, program: Program) -> bool:
    """Whether the plan was changed since the run read it."""
    return run.plan_version is not None and run.plan_version != program.plan_version
