"""Gates as a page prints them: badges, the table of projects by gates, the trail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.apps import apps
from django.utils.html import format_html
from django.utils.safestring import SafeString

from pmo import formats
from programs.gates import selectors
from programs.gates.models import Gate
from programs.portfolio.models import Program

SYSTEM = "The office"
STEPS = {
    ("open", "submitted"): "put it forward for a decision",
    ("submitted", "open"): "took it back",
    ("submitted", "passed"): "closed the ballot: it passed",
    ("submitted", "stopped"): "closed the ballot: stopped",
}


def standing(program: Program, gate: Any, today: date) -> tuple[str, str]:
    """Colour (or "" for none) and words of a gate: passed, stopped, put forward, or how late it will be."""
    if gate.state == Gate.State.PASSED:
        return "green", "passed, with conditions" if gate.outcome == "proceed_with_conditions" else "passed"
    if gate.state == Gate.State.STOPPED:
        return "red", "stopped"
    late = selectors.days_late(program, gate, today)
    words = "put forward" if gate.state == Gate.State.SUBMITTED else "in preparation"
    if gate.outcome == "rework" and gate.state == Gate.State.OPEN:
        words = "rework"
    if gate.due_on < today:
        return "red", f"{words}, overdue by {formats.counted((today - gate.due_on).days, 'day', 'days')}"
    if late > 0:
        return "amber", f"{words}, {formats.counted(late, 'day', 'days')} late"
    return "", words


def badge(colour: str, words: str) -> SafeString:
    """A status badge; grey where there is nothing to warn of."""
    return formats.rag(colour, words) if colour else format_html('<span class="badge">{}</span>', words)


@dataclass(frozen=True, slots=True)
class Line:
    """A project in the table of gates."""

    project: str
    name: str
    cells: list[tuple[str, SafeString]]
    """Under each heading."""


def matrix(program: Program, rows: list[Any], base: str, today: date) -> tuple[list[str], list[Line]]:
    """Headings (codes of gates, by their place) and a line for each project. Gates without one are left blank."""
    places: dict[str, int] = {}
    for gate in rows:
        places[gate.code] = min(places.get(gate.code, 99), gate.position)
    codes = sorted(places, key=lambda code: (places[code], code))
    lines: dict[int, Line] = {}
    for gate in rows:
        line = lines.setdefault(
            gate.project_id,
            Line(gate.project.code, gate.project.name, [(code, SafeString("")) for code in codes]),
        )
        shown = format_html(
            '<a class="quiet" href="{}{}/" title="{}">{}</a> <span class="note">{}</span>',
            base,
            gate.pk,
            gate.name,
            badge(*standing(program, gate, today)),
            formats.day(gate.decided_at if gate.state == Gate.State.PASSED else gate.due_on),
        )
        line.cells[codes.index(gate.code)] = (gate.code, shown)
    return codes, list(lines.values())


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the trail."""

    at: datetime
    who: str
    what: str
    note: str = ""


def trail(gate: Gate) -> list[Step]:
    """Who did what to the gate and its criteria, the latest first, from the history. Two statements."""
    steps: list[Step] = []
    before = None
    history = apps.get_model("programs", "GateEvent").objects.filter(pgh_obj_id=gate.pk).order_by("pgh_id")
    for state, outcome, due, at, who in history.values_list(
        "state", "outcome", "due_on", "pgh_created_at", "pgh_context__name"
    ):
        if before is None:
            steps.append(Step(at, who or SYSTEM, "planned it", f"by {formats.day(due)}"))
        else:
            what = STEPS.get((before[0], state), "")
            if what == STEPS["submitted", "open"] and outcome == "rework" and before[1] != outcome:
                what = "closed the ballot: rework"
            if what:
                steps.append(Step(at, who or SYSTEM, what))
            if due != before[2]:
                steps.append(
                    Step(
                        at, who or SYSTEM, "moved its day", f"{formats.day(before[2])} to {formats.day(due)}"
                    )
                )
        before = (state, outcome, due)
    shown = apps.get_model("programs", "GateCriterionEvent").objects.filter(gate_id=gate.pk)
    seen: dict[int, str] = {}
    for pk, text, state, label, at, who in shown.order_by("pgh_id").values_list(
        "pgh_obj_id", "text", "state", "pgh_label", "pgh_created_at", "pgh_context__name"
    ):
        what = {"insert": "added a criterion", "delete": "took a criterion out"}.get(label, "")
        if label == "update" and seen.get(pk) != state:
            what = {
                "met": "met a criterion", "not_met": "found a criterion not met", "open": "reopened a criterion",
                "not_applicable": "found a criterion not applicable",
            }[state]  # fmt: skip
        if what:
            steps.append(Step(at, who or SYSTEM, what, text[:120]))
        seen[pk] = state
    return sorted(steps, key=lambda step: step.at, reverse=True)
