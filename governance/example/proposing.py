"""What the example's project managers ask for: capital within and beyond the sponsor's limit, and a later cut-over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from django.db import transaction

from governance.example import buying, deciding, people, planning
from pmo import commands
from pmo.scope import system_scope
from pmo.zones import zone
from programs.portfolio.models import Project
from programs.raid.models import Risk
from programs.schedule.models import Activity


def ask_for_capital(cast: people.Cast, projects: dict[str, Project]) -> None:
    """One request within the sponsor's limit, approved; one beyond it, before the committee with one vote cast."""
    today = datetime.now(UTC).astimezone(zone(projects["IAM"].program.time_zone)).date()
    platform = deciding.ask_for_capital(
        cast,
        project=projects["IAM"],
        key="iam",
        title="Recovery site for the identity platform",
        justification="Nobody can work when sign-on is down. A second site takes over within minutes.",
        alternatives="Restore from backup: cheaper, but half a day without sign-on.",
        amount_minor=84_000_00,
        cash_profile=deciding.months(today, 1, [42_000_00, 0, 42_000_00]),
        # An hour without sign-on costs about 40,000 EUR; two a year are expected. Running it costs 500 a month.
        returns=deciding.months(today, 4, [6_100_00] * 36),
        discount_percent=Decimal(8),
        asset_class="licence",
        in_service_on=today + timedelta(days=110),
        category="software",
        vendor="Keyring Identity",
    )
    small = deciding.put_to_vote(
        cast,
        capital_request=platform,
        question="Set aside 84,000 EUR for the recovery site of the identity platform?",
        recommendation="Approve: within the budget line, one vendor who already runs the platform.",
    )
    deciding.vote(cast, small, sponsor=("approve", "Sign-on must not be a single point of failure."))
    commands.run(
        deciding.decisions.close,
        actor=cast["manager"],
        decision=small,
        rationale="Within the delegated limit.",
    )
    buying.order_the_platform(cast, platform)
    arrays = deciding.ask_for_capital(
        cast,
        project=projects["DC-MIG"],
        key="dc",
        title="Storage arrays for the databases",
        justification="The old arrays go out of support with the lease; wave 3 cannot start without new ones.",
        alternatives="Rent capacity for two years: 1.1M EUR. Keep the old arrays: no support after December.",
        amount_minor=640_000_00,
        cash_profile=deciding.months(today, 1, [320_000_00, 0, 256_000_00, 0, 0, 64_000_00]),
        # The lease ends: 18,000 a month less, from the month after delivery, less 3,000 for support.
        returns=deciding.months(today, 4, [15_000_00] * 60),
        discount_percent=Decimal(8),
        asset_class="it_equipment",
        in_service_on=today + timedelta(days=100),
        category="hardware",
        vendor="Northwind Storage",
        quotes=[
            ("Northwind Storage", 640_000_00),
            ("Halden Data", 688_500_00),
            ("Brightline Systems", 671_200_00),
        ],
        waits=[("G3", 64_000_00)],  # the last payment, once everything runs at the new site
    )
    ballot = deciding.put_to_vote(
        cast,
        capital_request=arrays,
        question="Set aside 640,000 EUR for the storage arrays of the databases?",
        recommendation="Approve: three quotes, the cheapest with the shortest delivery.",
    )
    deciding.vote(cast, ballot, chair=("approve", "Quotes compared, price is fair."))


def ask_for_a_later_cut_over(
    cast: people.Cast, projects: dict[str, Project], made: dict[tuple[str, str], Activity]
) -> None:
    """The cut-over of the ERP later by a third rehearsal: before the committee, with one vote against."""
    erp = projects["ERP-FIN"]
    link = {"kind": "FS", "lag": 0, "lag_unit": "working"}
    with transaction.atomic(), system_scope([erp.program_id], reason="the example names a risk"):
        risk = Risk.objects.get(program_id=erp.program_id, code="RSK-01")
    today = datetime.now(UTC).astimezone(zone(erp.program.time_zone)).date()
    request = deciding.ask_for_change(
        cast,
        project=erp,
        key="erp",
        title="Move the ERP cut-over by a rehearsal",
        reason="The vendor's sandbox arrived 12 working days late. Testing in parallel was tried and rejected by "
        "audit. Recommendation: a third rehearsal, and the cut-over after it.",
        alternatives="Cut-over on a weekend: 0.9M EUR more. Without the payroll interface: its benefit is lost.",
        offered="Two people of the project support month-end close until summer.",
        risk=risk,
        money=[
            {
                "category": "services",
                "nature": "operating",
                "period_code": f"{today:%Y-%m}",
                "amount_minor": 180_000_00,
                "source": "contingency",
            }
        ],
        edits=[
            {
                "do": "add",
                "project": erp.pk,
                "to": {"code": "E455", "name": "Third rehearsal", "duration_minutes": 12 * planning.DAY},
            },
            {
                "do": "link",
                "predecessor": made["ERP-FIN", "E450"].pk,
                "successor": "ERP-FIN/E455",
                **link,
            },
            {
                "do": "link",
                "predecessor": "ERP-FIN/E455",
                "successor": made["ERP-FIN", "E470"].pk,
                **link,
            },
        ],
    )
    ballot = deciding.put_to_vote(
        cast,
        change_request=request,
        question="Move the cut-over of the ERP by the days of a third rehearsal?",
        recommendation="Approve: a failed cut-over costs a month.",
    )
    vote = ("reject", "Ask for a cut-over on a weekend first.")
    deciding.vote(cast, ballot, **{"member" if ballot.figures["body"] == "STEERCO" else "sponsor": vote})
