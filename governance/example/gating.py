"""The example's stage gates: two or three a project, each on a milestone; the early ones shown and looked at."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db import transaction

from governance.example.deciding import approve, put_to_vote
from governance.example.people import Cast
from governance.example.planning import MANAGERS
from pmo import commands
from pmo.scope import system_scope
from programs.gates import deciding, services
from programs.gates.models import Gate, GateCriterion
from programs.portfolio.models import Program, Project

GRACE = timedelta(days=7)
"""A gate is due a week after its milestone was first planned."""

# project -> gates in order: code, name, milestone, criteria (one that begins with a question mark is optional)
GATES: dict[str, tuple[tuple[str, str, str, tuple[str, ...]], ...]] = {
    "DC-MIG": (
        ("G1", "Waves agreed", "D140", ("Every server has an owner and a wave", "Dependencies are mapped")),
        ("G2", "Ready to migrate", "D260", ("Storage passed its burn-in", "Two lines to the new site carry traffic",
            "? Spare parts are on site")),
        ("G3", "Ready to leave", "D360", ("All services run in the new site", "Recovery took under four hours")),
    ),
    "ERP-FIN": (
        ("G1", "Blueprint", "E150", ("Process owners signed the blueprint", "Open questions have owners and days")),
        ("G2", "Go-live", "E470", ("Three rehearsals without fault", "Users are certified", "? Old ledger readable")),
        ("G3", "Closure", "E490", ("The first month was closed in five days",)),
    ),
    "IAM": (
        ("G1", "Design", "I140", ("Security accepted the design", "Leavers are handled within an hour")),
        ("G2", "In service", "I450", ("Recovery was rehearsed", "No open finding of the penetration test")),
    ),
    "BPR-P2P": (
        ("G1", "Findings", "B140", ("Causes are counted, not guessed",)),
        ("G2", "Target process", "B250", ("Controller and internal audit accept the process", "Roles are named")),
    ),
    "TRAIN": (
        ("G1", "Concept", "T130", ("Every role has its course",)),
        ("G2", "Certified", "T430", ("Nine of ten users passed", "Trainers for new users are named")),
    ),
}  # fmt: skip


def plan(
    program: Program,
    projects: dict[str, Project],
    made: dict[tuple[str, str], Any],
    due: dict[tuple[str, str], date],
    status: date,
    cast: Cast,
) -> dict[tuple[str, str], Gate]:
    """Plan all gates; of those whose milestone was due by the status date, everything is shown and looked at."""
    gates: dict[tuple[str, str], Gate] = {}
    for project, rows in GATES.items():
        for position, (code, name, milestone, criteria) in enumerate(rows, 1):
            key = (project, milestone)
            gate = commands.run(
                services.add,
                actor=cast["manager"],
                program=program,
                values={
                    "project": projects[project],
                    "code": code,
                    "name": name,
                    "position": position,
                    "activity": made[key],
                    "due_on": due[key] + GRACE,
                },
            )
            for n, text in enumerate(criteria, 1):
                commands.run(
                    services.add_criterion,
                    actor=cast["staff"],
                    gate=gate,
                    version=n,
                    text=text.removeprefix("? "),
                    mandatory=not text.startswith("?"),
                )
            commands.run(services.name_reviewer, actor=cast["staff"], gate=gate, person=cast["auditor"])
            gates[project, code] = gate
            if due[key] <= status:
                show(gate, cast[MANAGERS[project]], cast)
    show(gates["DC-MIG", "G2"], cast["dc"], cast, only=1)
    return gates


def decide(gates: dict[tuple[str, str], Gate], cast: Cast) -> None:
    """The committee lets the gates pass that were shown; the newest waits for it with a ballot to be opened."""
    for (project, code), known in gates.items():
        with transaction.atomic(), system_scope([known.program_id], reason="the example reads its gates"):
            gate = Gate.objects.get(pk=known.pk)
            waits = GateCriterion.objects.filter(gate=gate, state=GateCriterion.State.OPEN).exists()
        if waits:
            continue
        commands.run(
            deciding.submit, actor=cast[MANAGERS[project]], gate=gate, version=gate.version, asked="proceed"
        )
        decision = put_to_vote(
            cast,
            question=f"May {project} pass {code}?",
            recommendation="Proceed: everything is shown, and the auditor agrees.",
            gate=gate,
        )
        approve(cast, decision, rationale="Shown and reviewed.")


def show(gate: Gate, manager: Any, cast: Cast, only: int = 99) -> None:
    """The project manager shows the first criteria; once all are shown, the auditor says that it is ready."""
    with transaction.atomic(), system_scope([gate.program_id], reason="the example shows its gates"):
        rows = list(GateCriterion.objects.filter(gate=gate).select_related("gate"))
    for one in rows[:only]:
        if one.state == GateCriterion.State.OPEN:
            commands.run(
                services.assess,
                actor=manager,
                criterion=one,
                version=one.version,
                state="met",
                evidence=f"Protocol of the review of {gate.code}, filed with the project.",
            )
    if only >= len(rows):
        with transaction.atomic(), system_scope([gate.program_id], reason="the example reads its gates"):
            revision = Gate.objects.values_list("revision", flat=True).get(pk=gate.pk)
        commands.run(
            services.give_opinion, actor=cast["auditor"], gate=gate, revision=revision, opinion="ready"
        )
