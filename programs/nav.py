"""Entries of programs in the navigation."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from pmo.accounts.roles import Permission as P
from pmo.shell import Item, register
from programs.raid.issue_models import UNSOLVED, Issue


def my_issues(request: HttpRequest, program: Any) -> int:
    """Issues that this person owns and has not resolved; asked of who keeps issues below the program manager."""
    access = request.access  # type: ignore[attr-defined]
    if access.may(P.EDIT_PROGRAM, program.pk) or not access.may_somewhere(P.EDIT_RISKS, program.pk):
        return 0
    return Issue.objects.filter(program_id=program.pk, owner_id=request.user.pk, state__in=UNSOLVED).count()


register(
    Item("Plan", "Master plan", "programs:plan", P.VIEW_PROGRAM, 10),
    Item("Plan", "Status", "programs:status", P.VIEW_PROGRAM, 11),
    Item("Plan", "Milestones", "programs:milestones", P.VIEW_PROGRAM, 12),
    Item("Plan", "Interfaces", "programs:interfaces", P.VIEW_PROGRAM, 13, more=True),
    Item("Plan", "Network", "programs:network", P.VIEW_PROGRAM, 14, more=True),
    Item("Plan", "Float paths", "programs:paths", P.VIEW_PROGRAM, 14, more=True),
    Item("Plan", "Projects", "programs:projects", P.VIEW_PROGRAM, 20),
    Item("Plan", "Schedule risk", "programs:simulations", P.VIEW_PROGRAM, 15),
    Item("Plan", "Resources", "programs:resources", P.VIEW_PROGRAM, 30),
    Item("Plan", "Calendars", "programs:calendars", P.VIEW_PROGRAM, 34, more=True),
    Item("Plan", "Workload", "programs:workload", P.VIEW_PROGRAM, 32, more=True),
    Item("Plan", "Schedule health", "programs:health", P.VIEW_PROGRAM, 40),
    Item("Plan", "Baselines", "programs:baselines", P.VIEW_PROGRAM, 50, more=True),
    Item("Plan", "Import", "programs:imports", P.IMPORT, 60, more=True),
    Item("Plan", "Settings", "programs:settings", P.VIEW_PROGRAM, 70, more=True),
    Item("Govern", "Members", "programs:members", P.MANAGE_MEMBERS, 90, more=True),
    Item("Manage", "Gates", "programs:gates", P.VIEW_PROGRAM, 5),
    Item("Manage", "Risks", "programs:risks", P.VIEW_PROGRAM, 10),
    Item("Manage", "Issues", "programs:issues", P.VIEW_PROGRAM, 15, my_issues),
    Item("Manage", "Deliverables", "programs:deliverables", P.VIEW_PROGRAM, 20),
    Item("Manage", "Changes", "programs:changes", P.VIEW_PROGRAM, 25),
    Item("Manage", "Benefits", "programs:benefits", P.VIEW_PROGRAM, 30),
)
