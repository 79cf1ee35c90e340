"""Make the example program ATLAS, once: dates relative to today, chance by a fixed seed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connections, transaction

from finance.conformity import checking as policy
from finance.earned_value import services as earned_value
from finance.funding import services as capital_program
from finance.imports import services as imports
from finance.imports import source_services
from finance.rates import services as rates
from finance.transfers import services as transfers
from governance.example import (
    absent,
    answering,
    asking,
    deciding,
    drawing,
    earning,
    estimating,
    forecasting,
    funding,
    gating,
    linking,
    living,
    meeting,
    narrating,
    people,
    planning,
    policing,
    progressing,
    proposing,
    rating,
    reconciling,
    troubling,
)
from governance.example.weeks import ZONE, timeline
from pmo import commands
from pmo.accounts.models import User
from pmo.reports import services as reports
from pmo.zones import zone
from programs.portfolio import services as portfolio
from programs.portfolio.models import Program, Project
from programs.risk_analysis import services as simulations
from programs.schedule.computing import recalculate
from programs.schedule.models import ComputedDates
from programs.schedule.services import bump, lock_plan
from programs.schedule_health import services as health

CODE = "ATLAS"


class Command(BaseCommand):
    help = "Make the example program ATLAS with its cast, plan, money and decisions (once)."

    def handle(self, *args: Any, **options: Any) -> None:
        phase = self._phase()
        if phase == Program.Phase.FORMULATION:
            raise CommandError(f"{CODE} was begun and interrupted. Begin anew with an empty database.")
        if phase:
            self.stdout.write(f"{CODE} is there already.")
        else:
            self._make()
            self.stdout.write(f"The example program {CODE} is made.")
        self.stdout.write(
            f"Sign in as {people.email_of('manager')} (or sponsor, chair, member, controller, dc, auditor, admin) "
            f"with the password {people.PASSWORD}"
        )

    def _phase(self) -> str:
        """The program's phase, empty where it does not exist (asked as the owner, whom row security does not filter).

        It stays in formulation until the last step of its making.
        """
        alias = "owner" if "owner" in connections.databases else "default"
        with connections[alias].cursor() as cursor:
            cursor.execute("select phase from programs_program where upper(code) = %s", [CODE])
            row = cursor.fetchone()
            return row[0] if row else ""

    def _make(self) -> None:
        """Every step is a command of its own, by the person whose deed it is."""
        now = datetime.now(UTC)
        begin, statuses = timeline(now)
        with transaction.atomic():
            cast = people.make_people(time_zone=ZONE)
        program = commands.run(
            portfolio.create_program,
            actor=cast["admin"],
            why="Example program",
            code=CODE,
            name="Atlas: core systems renewal",
            mandate="Renew finance, identity and hosting together, so that the company grows without its back office.",
            currency="EUR",
            time_zone=ZONE,
            starts_at=begin,
            sponsor=cast["sponsor"],
            manager=cast["manager"],
            phase=Program.Phase.FORMULATION,
        )

        def office(service: Any, **arguments: Any) -> Any:
            return commands.run(service, actor=None, scope=[program.pk], why="Example program", **arguments)

        office(planning.make_calendar, program=program, years=(begin.year, begin.year + 1, begin.year + 2))
        projects: dict[str, Project] = office(planning.make_projects, program=program, cast=cast)
        office(people.give_roles, program=program, projects=projects, cast=cast, since=begin.date())
        made = office(planning.make_plan, program=program, projects=projects)
        office(earning.plan_steps, program=program, made=made)
        office(earning.name_accounts, program=program, made=made, cast=cast)
        office(recompute, program=program)
        due = office(finishes, program=program, made=made)
        office(planning.make_deliverables, program=program, projects=projects, cast=cast, due=due)
        truth = office(lambda *, by, at, program: progressing.unfold(program), program=program)
        since = begin.date()
        bodies = commands.run(
            deciding.found_bodies, actor=cast["manager"], program=program, cast=cast, since=since
        )
        baseline = deciding.put_to_vote(
            cast,
            question="Approve the plan as the program's baseline?",
            recommendation="Approve: all five projects have agreed their dates and their dependencies on each other.",
            baseline_of=program,
        )
        deciding.approve(cast, baseline, rationale="The plan is agreed by all five project managers.")
        drafts = commands.run(funding.draft_budgets, actor=cast["controller"], program=program)
        codes = {project.pk: code for code, project in projects.items()}
        for budget in drafts:
            whose = codes[budget.project_id] if budget.project_id else "the program's reserves"
            decision = deciding.put_to_vote(
                cast,
                question=f"Approve the budget of {whose}?",
                recommendation="Approve: it covers the baseline with 3 % for prices.",
                budget=budget,
            )
            deciding.approve(cast, decision, rationale="Within the mandate.")
        policing.write_policy(cast, program)
        commands.run(
            transfers.delegate,
            actor=cast["manager"],
            program=program,
            role="finance_controller",
            up_to_minor=funding.AT_ONCE,
            year_up_to_minor=3 * funding.AT_ONCE,
            valid_from=since,
        )
        commands.run(funding.move_some, actor=cast["controller"], program=program, project=projects["DC-MIG"])
        commands.run(
            funding.set_some_aside, actor=cast["controller"], program=program, project=projects["DC-MIG"]
        )
        policing.write_capitalisation(cast, projects)
        estimating.estimate(program, projects["DC-MIG"], cast, now.astimezone(zone(ZONE)).date())
        percents = office(progressing.report, program=program, truth=truth, statuses=statuses)
        office(earning.report_steps, program=program, made=made)
        office(recompute, program=program)
        status = statuses[-1][1].astimezone(zone(ZONE)).date()
        office(planning.make_registers, program=program, projects=projects, cast=cast, due=due, status=status)
        gating.decide(gating.plan(program, projects, made, due, status, cast), cast)
        office(commit_finish, program=program, on=max(due.values()))
        office(health.assess_program, program=program)
        office(health.assess_status_dates, program=program)
        office(narrating.narrate, program=program, projects=projects, cast=cast, status=status)
        commands.run(
            capital_program.enter,
            actor=cast["controller"],
            program=program,
            name="capital-program.csv",
            content=asking.capital_program(status),
            steps=asking.STEPS,
            funds=asking.FUNDS,
        )
        commands.run(
            rates.read_file,
            actor=cast["controller"],
            program=program,
            content=funding.dollar_rates(status),
            why="Rates of the treasury",
        )
        content = office(
            lambda *, by, at, **rest: funding.actual_costs(**rest),
            program=program,
            truth=truth,
            statuses=statuses,
            percents=percents,
        )
        source = commands.run(
            source_services.add_source,
            actor=cast["controller"],
            program=program,
            name="ERP",
            layout=funding.LAYOUT,
        )
        batch = commands.run(
            imports.read_file,
            actor=cast["controller"],
            program=program,
            name="erp-actuals.csv",
            content=content,
            source=source,
        )
        commands.run(
            imports.accept,
            actor=cast["controller"],
            batch=batch,
            why="Actual cost of the ERP up to the status date",
        )
        reconciling.close_first_month(cast, program)
        policing.reclassify(cast, program, projects)
        policing.limit_one_project(cast, program, projects["ERP-FIN"])
        series = meeting.hold(program=program, cast=cast, committee=bodies["committee"])
        office(earned_value.refresh, program=program)  # its rate is asked for
        forecasting.forecast(program=program, projects=projects, cast=cast, today=status)
        drawing.plan_draws(cast, program, now.astimezone(zone(ZONE)).date())
        proposing.ask_for_capital(cast, projects)
        proposing.ask_for_a_later_cut_over(cast, projects, made)
        meeting.escalate(program=program, cast=cast, bodies=bodies)
        troubling.enter_issues(program, projects, cast, now)
        absent.go_on_leave(bodies["committee"], cast, now)
        answering.answer(program=program, cast=cast)
        linking.link(cast, program)
        living.pause_and_resume(cast, projects["TRAIN"])
        rating.rate(program, projects, cast, now.astimezone(zone(ZONE)).date())
        meeting.call_next(series, program=program, cast=cast)
        office(policy.assess, program=program)
        office(earned_value.refresh, program=program)
        self._reports(cast, program)
        office(deliver, program=program)

    def _reports(self, cast: people.Cast, program: Program) -> None:
        """The sponsor is subscribed; the first reports and a simulation are asked for, and made after the start."""
        commands.run(
            reports.subscribe,
            actor=cast["sponsor"],
            program=program,
            kind="sponsor_summary",
            every="week",
            weekday=0,
            at_time="07:30",
            time_zone=ZONE,
        )
        now = datetime.now(UTC)  # as of now: at the last status date no decision had granted a budget yet
        for kind in ("status", "spend"):
            commands.run(
                reports.request,
                actor=cast["manager"],
                program=program,
                kind=kind,
                as_of=now,
                known=now,
            )
        commands.run(simulations.ask, actor=cast["manager"], program=program, iterations=5000)


def recompute(*, program: Program, by: User | None, at: datetime) -> None:
    """A new version of the plan with its dates."""
    locked = lock_plan(program.pk)
    bump(locked)
    recalculate(locked)
    program.refresh_from_db()


def finishes(
    *, program: Program, made: dict[tuple[str, str], Any], by: User | None, at: datetime
) -> dict[tuple[str, str], date]:
    """The planned finish day of each activity."""
    known = dict(
        ComputedDates.objects.filter(program=program, superseded_by=None).values_list(
            "activity_id", "early_finish"
        )
    )
    return {key: known[activity.pk].astimezone(zone(ZONE)).date() for key, activity in made.items()}


def commit_finish(*, program: Program, on: date, by: User | None, at: datetime) -> None:
    """The finish promised to the sponsor: the planned one and two weeks."""
    Program.objects.filter(pk=program.pk).update(committed_finish=on + timedelta(days=14))


def deliver(*, program: Program, by: User | None, at: datetime) -> None:
    """The program is whole: it is in delivery."""
    Program.objects.filter(pk=program.pk).update(phase=Program.Phase.DELIVERY)
