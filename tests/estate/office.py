"""What the office itself keeps: invitations, reports, subscriptions, feeds, mails."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from pmo.accounts.roles import Role
from pmo.outbox.models import Outbox
from pmo.reports.models import Artefact, ReportRun, Subscription
from programs.feeds import services as feeds
from programs.feeds.models import CalendarFeed
from programs.people import services as people
from programs.people import wishes as invited
from tests.cast import Office, everything
from tests.governance.committee import Committee


def kept(committee: Committee) -> None:
    """A guest invited, a report with its file, a subscription, two feeds, and a mail that was given up."""
    office: Office = committee.office
    program = committee.program
    now = timezone.now()
    committee.does(
        office.program_manager, people.invite, program=program, reason=f"{program.name} needs a hand",
        wishes=[invited.Wish("guest@office.example", f"{program.name} Guest", [invited.Wanted(Role.AUDITOR)])],
    )  # fmt: skip
    with everything(program):
        run = ReportRun.objects.create(
            program_id=program.pk, kind="status", as_of=now, known=now, state="done", requested_at=now,
            requested_by=office.staff, finished_at=now, percent=100,
        )  # fmt: skip
        Artefact.objects.bulk_create(
            [
                Artefact(
                    program_id=program.pk, run=run, format="pdf", name="status.pdf", content=b"%PDF-", size=5,
                    sha256="0" * 64,
                )
            ]
        )  # fmt: skip
        Subscription.objects.create(
            program_id=program.pk, recipient=office.sponsor, kind="status", time_zone="UTC",
            next_run_at=now + timedelta(days=3),
        )  # fmt: skip
        for who in (office.sponsor, office.program_manager):  # hers is the one that addresses name
            CalendarFeed.objects.create(
                program=program, user=who, name=f"{program.name} phone", made_at=now,
                digest=feeds.digest_of(f"secret of {program.code}" + " too" * (who != office.sponsor)),
            )  # fmt: skip
        Outbox.objects.create(
            program_id=program.pk, topic="report.build", key=f"test:{program.pk}", state="dead", payload={}
        )
