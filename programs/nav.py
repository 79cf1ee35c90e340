"""Entries of programs in the navigation."""

from pmo.accounts.roles import Permission as P
from pmo.shell import Item, register

register(
    Item("Plan", "Master plan", "programs:plan", P.VIEW_PROGRAM, 10),
    Item("Plan", "Milestones", "programs:milestones", P.VIEW_PROGRAM, 12),
    Item("Plan", "Projects", "programs:projects", P.VIEW_PROGRAM, 20),
    Item("Plan", "Schedule risk", "programs:simulations", P.VIEW_PROGRAM, 15),
    Item("Plan", "Resources", "programs:resources", P.VIEW_PROGRAM, 30),
    Item("Plan", "Schedule health", "programs:health", P.VIEW_PROGRAM, 40),
    Item("Plan", "Baselines", "programs:baselines", P.VIEW_PROGRAM, 50),
    Item("Plan", "Import", "programs:imports", P.IMPORT, 60),
    Item("Manage", "Gates", "programs:gates", P.VIEW_PROGRAM, 5),
    Item("Manage", "Risks", "programs:risks", P.VIEW_PROGRAM, 10),
    Item("Manage", "Issues", "programs:issues", P.VIEW_PROGRAM, 15),
    Item("Manage", "Deliverables", "programs:deliverables", P.VIEW_PROGRAM, 20),
    Item("Manage", "Changes", "programs:changes", P.VIEW_PROGRAM, 25),
    Item("Manage", "Benefits", "programs:benefits", P.VIEW_PROGRAM, 30),
)
