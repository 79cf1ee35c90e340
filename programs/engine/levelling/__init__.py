"""Levelling: a schedule that the resources can carry, for one plan or for many that share them.

problem    what goes in (`Levelling`), and `validate`
level      `level(problem)`: the door; what comes out (`Levelled`)
check      whether a schedule is feasible, written without any of the rest
plans      a scheduled plan as a problem
axis, rules, events, packed, calendars, improve, search, bounds, reasons: its parts
"""

from programs.engine.levelling.check import Breach, Fault, check
from programs.engine.levelling.level import Levelled, level
from programs.engine.levelling.problem import ELAPSED, Infeasible, Levelling, Objective, Share, validate
from programs.engine.levelling.reasons import Delay
from programs.engine.levelling.rules import Rule

__all__ = [
    "ELAPSED",
    "Breach",
    "Delay",
    "Fault",
    "Infeasible",
    "Levelled",
    "Levelling",
    "Objective",
    "Rule",
    "Share",
    "check",
    "level",
    "validate",
]
