"""What programs keep in each office beside the rows of `tests.furnish`: changes, gates, lives."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from pmo.accounts.models import User
from programs.benefits import services as benefits
from programs.changes import services as changes
from programs.changes.models import ChangeRequest, ChangeSimulation
from programs.charter import outcomes
from programs.exchange import source_services as plan_sources
from programs.exchange.models import PlanImport
from programs.exchange.sheet_layout import SheetLayout
from programs.gates import services as gates
from programs.gates.models import Gate
from programs.lives import services as lives
from programs.master_plan.models import PlanEdit, PlanView
from programs.portfolio.models import Objective
from programs.raid import issues
from programs.risk_analysis.models import SimulationRun
from programs.schedule.models import Activity
from programs.status.models import StatusUpdate
from tests.cast import Office, everything
from tests.governance.committee import Committee

ONE_ERROR = {"errors": 1, "warnings": 0, "more": 0}


def sourced(committee: Committee) -> None:
    """A plan is read from somebody else's sheet."""
    office: Office = committee.office
    program = committee.program
    committee.does(
        office.controller, plan_sources.add_source, program=program, name=f"Sheet {program.pk}",
        layout=SheetLayout(f"P{program.pk}", columns={"name": f"{program.name} task", "duration": "Days"}),
    )  # fmt: skip


def changed(committee: Committee) -> ChangeRequest:
    """An issue with a note, and a change that is planned and simulated; answers the change."""
    office: Office = committee.office
    program = committee.program
    now = timezone.now()
    with everything(program):
        first = Activity.objects.get(program=program, code="A1")
    issue = committee.does(
        office.erp_manager, issues.add, program=program, activities=[first],
        values={"title": f"{program.name} leaks", "project": office.erp, "owner": office.erp_manager},
    )  # fmt: skip
    committee.does(
        office.erp_manager,
        issues.note,
        issue=issue,
        version=issue.version,
        text=f"{program.name} plumber called.",
    )
    change = committee.does(
        office.erp_manager, changes.create, program=program, project=office.erp,
        title=f"{program.name} later", reason=f"{program.name} is late.",
    )  # fmt: skip
    with everything(program):
        activity = Activity.objects.get(program=program, code="A1")
    change = committee.does(
        office.erp_manager, changes.propose, change_request=change, version=change.version,
        edit={"do": "change", "activity": activity.pk, "to": {"duration_minutes": activity.duration_minutes + 60}},
    )  # fmt: skip
    with everything(program):
        ChangeSimulation.objects.create(
            program=program, request=change, impact_sha256="0" * 64, iterations=200, seed=1, low_percent=80,
            high_percent=150, requested_at=now, requested_by=office.staff, state="failed",
            error=f"{program.name} moved",
        )  # fmt: skip
    return change


def gated(committee: Committee) -> Gate:
    """A gate with criterion, reviewer and opinion; answers the gate."""
    office: Office = committee.office
    program = committee.program
    now = timezone.now()
    gate = committee.does(
        office.program_manager, gates.add, program=program,
        values={
            "project": office.erp, "code": "G1", "name": f"{program.name} may begin", "position": 1,
            "due_on": now.date(),
        },
    )  # fmt: skip
    committee.does(
        office.program_manager, gates.add_criterion, gate=gate, version=1, text=f"{program.name} is wanted",
    )  # fmt: skip
    committee.does(office.staff, gates.name_reviewer, gate=gate, person=office.auditor)
    committee.does(
        office.auditor,
        gates.give_opinion,
        gate=gate,
        revision=2,
        opinion="remarks",
        remarks=f"{program.name}?",
    )
    return gate


def lived(committee: Committee) -> None:
    """A benefit and an outcome promised, a project paused and resumed, a status update."""
    office: Office = committee.office
    program = committee.program
    now = timezone.now()
    with everything(program):
        benefit = Objective.objects.filter(program=program).order_by("pk")[0]
    committee.does(
        office.program_manager, benefits.link, objective=benefit, version=benefit.version, project=office.iam,
        how=f"{program.name} helps",
    )  # fmt: skip
    committee.does(
        office.program_manager, outcomes.add, project=office.erp,
        values={
            "outcome": f"{program.name} is quicker", "measure": "Days", "target": "4", "due_on": now.date(),
        },
    )  # fmt: skip
    for n, deed in enumerate(("pause", "resume")):
        committee.does(
            office.program_manager, lives.move, project=office.iam, version=office.iam.version + n, deed=deed,
            reason=f"{program.name} money",
        )  # fmt: skip

    def updated(*, by: User, at: datetime) -> None:
        """A status update as a row alone: the dates of this plan stay as they are."""
        StatusUpdate.objects.create(
            program=program, project=office.erp, at=at, remark=f"{program.name} month end", by=by, made_at=at,
            periods=[], unstarted=0, unfinished=0,
        )  # fmt: skip

    committee.does(office.erp_manager, updated)


def planned(committee: Committee) -> None:
    """What a plan's pages keep: an edit, a view, a file that was refused, a simulation."""
    office: Office = committee.office
    program = committee.program
    now = timezone.now()
    with everything(program):
        PlanEdit.objects.create(
            program=program, by=office.erp_manager, session="test", at=now, words=f"{program.name} edited."
        )  # fmt: skip
        PlanView.objects.create(
            program=program, owner=office.program_manager, name=f"{program.name} view", shared=True, saved_at=now
        )  # fmt: skip
        PlanImport.objects.create(
            program=program, file_name=f"{program.name}.xml", format="mspdi", digest="f" * 64,
            state="refused", uploaded_at=now, uploaded_by=office.staff, totals=ONE_ERROR,
        )  # fmt: skip
        SimulationRun.objects.create(
            program_id=program.pk, iterations=200, seed=1, low_percent=80, high_percent=150, requested_at=now,
            requested_by=office.staff,
        )  # fmt: skip
