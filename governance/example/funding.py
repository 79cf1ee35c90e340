"""The example's money: budgets drafted from the baseline, and what was really spent as a file from the ERP."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal

from finance.budgets import services as budgets
from finance.budgets.lines import Cell, LineChange
from finance.budgets.models import Budget
from finance.imports.layout import Layout
from finance.ledger import services as ledger
from finance.ledger.books import Place
from finance.rates.converting import Rates
from finance.structure.periods import local_day
from finance.transfers import services as transfers
from governance.example.progressing import Truth
from pmo.accounts.models import User
from pmo.money import format_plain
from programs.baselines.models import Baseline, BaselineActivity
from programs.portfolio.models import Program, Project
from programs.resources.models import Assignment
from programs.schedule.models import Activity

# What a fixed cost is: category, vendor, and the factor of what was really paid.
FIXED: dict[str, tuple[str, str, float]] = {
    "D220": ("hardware", "Northwind Storage", 1.02),
    "D335": ("hardware", "Northwind Storage", 0.0),  # not ordered yet: the money is still to be committed
    "D230": ("services", "Interline Networks", 1.05),
    "D410": ("services", "Secure Disposal", 1.0),
    "E205": ("software", "Helios ERP", 1.08),
    "E460": ("hardware", "Northwind Storage", 1.0),
    "I210": ("software", "Keyring Identity", 0.97),
    "I425": ("software", "Keyring Identity", 0.0),
    "I430": ("services", "Redline Security", 1.0),
    "B320": ("software", "PaperFlow", 1.0),
    "T210": ("software", "Learnwell", 0.95),
    "T410": ("services", "Learnwell", 1.0),
}
# Who bills in dollars, and what a dollar was worth, by days before the day on which the example is made.
IN_DOLLARS = {"Helios ERP", "Keyring Identity", "Learnwell"}
DOLLAR = [(400, "0.9312"), (180, "0.9174"), (90, "0.9238"), (30, "0.9305")]
# How the ERP writes its files.
LAYOUT = Layout(
    columns={
        "source_reference": "Document",
        "project": "WBS project",
        "activity": "WBS element",
        "category": "Cost element",
        "nature": "Capex/Opex",
        "date": "Posting date",
        "amount": "Amount",
        "currency": "Currency",
        "vendor": "Vendor",
        "text": "Text",
    }
)
CAPITAL = {"DC-MIG", "ERP-FIN", "IAM"}
# An hour costs what was planned, more on the ERP (contractors), a little less on identity.
PRICE = {"ERP-FIN": 1.14, "DC-MIG": 1.03, "IAM": 0.95, "BPR-P2P": 0.99, "TRAIN": 1.04}


def nature_of(project: str, category: str) -> str:
    """Hardware, software and the labour of projects that build an asset are capital; the rest is operating."""
    if category in ("hardware", "software"):
        return "capital"
    return "capital" if category == "labour" and project in CAPITAL else "operating"


def draft_budgets(*, program: Program, by: User | None, at: datetime) -> list[Budget]:
    """A budget for each project by month, from the baseline's dates and costs, and one of reserves; submitted."""
    baseline = Baseline.objects.get(program=program, is_current=True)
    sums: dict[tuple[int, str, str, str], Decimal] = defaultdict(Decimal)
    rows = BaselineActivity.objects.filter(baseline=baseline).select_related("activity__project")
    for row in rows:
        project = row.activity.project
        if row.start_cost:
            category = FIXED[row.activity.code][0]
            month = f"{row.starts_at:%Y-%m}"
            sums[project.pk, category, nature_of(project.code, category), month] += row.start_cost
        if row.spread_cost:
            days = max(1, (row.finishes_at.date() - row.starts_at.date()).days + 1)
            months: dict[str, int] = defaultdict(int)
            for day in range(days):
                when = datetime.fromordinal(row.starts_at.date().toordinal() + day)
                months[f"{when:%Y-%m}"] += 1
            for month, worked in months.items():
                nature = nature_of(project.code, "labour")
                sums[project.pk, "labour", nature, month] += row.spread_cost * worked / days
    made = []
    whole = Decimal(0)
    # Not in the first months, which are closed soon: what is held back in a closed month cannot be drawn.
    held_in = sorted({key[3] for key in sums})[2]
    for project in Project.objects.filter(program=program).order_by("position"):
        budget = budgets.create_draft(program=program, project=project, by=by, at=at)
        lines = []
        for (owner, category, nature, month), amount in sorted(sums.items()):
            if owner == project.pk:
                # Budgets are agreed in whole hundreds, a little above the estimate.
                rounded = int((amount * Decimal("1.03") / 10_000).to_integral_value()) * 10_000
                whole += rounded
                lines.append(LineChange(Cell(category, nature, month), rounded))
        budgets.set_lines(budget=budget, changes=lines, by=by, at=at)
        made.append(budgets.submit(budget=budget, by=by, at=at))
    reserves = budgets.create_draft(program=program, project=None, by=by, at=at)
    for reserve, part in (("contingency", "0.10"), ("management_reserve", "0.04")):
        held = int((whole * Decimal(part) / 100_000).to_integral_value()) * 100_000
        budgets.set_line(
            budget=reserves, category=reserve, nature="operating", period_code=held_in, amount_minor=held, by=by, at=at
        )  # fmt: skip
    made.append(budgets.submit(budget=reserves, by=by, at=at))
    return made


def dollar_rates(today: date) -> bytes:
    """What a dollar was worth, as the controller's file of rates."""
    rows = (f"USD,{today - timedelta(days=before)},{rate},Treasury" for before, rate in DOLLAR)
    return "\n".join(["currency,from,rate,note", *rows]).encode()


AT_ONCE = 50_000_00
"""What the controller may move at once."""


def move_some(*, program: Program, project: Project, by: User | None, at: datetime) -> None:
    """A transfer within the controller's authority."""
    transfers.transfer(
        program=program,
        source=Place(project.pk, "labour", "capital"),
        target=Place(project.pk, "services", "operating"),
        amount=4_000_00,
        effective=local_day(program, at),
        text="The network provider watches the cut-over weekend in place of our own people",
        by=by,
        at=at,
    )


def set_some_aside(*, program: Program, project: Project, by: User | None, at: datetime) -> None:
    """Money that must not be spent yet."""
    ledger.reserve(
        program=program,
        place=Place(project.pk, "labour", "capital"),
        amount=2_500_00,
        effective=local_day(program, at),
        text="Held until the landlord confirms that the lease ends on the last day of the exit",
        by=by,
        at=at,
    )


def actual_costs(
    *,
    program: Program,
    truth: Truth,
    statuses: list[tuple[str, datetime]],
    percents: dict[tuple[int, int], Decimal],
) -> bytes:
    """The ERP's file: for each status date what was spent since the one before, as CSV in the documented columns."""
    rate: dict[int, Decimal] = defaultdict(Decimal)
    for activity_id, units, per_hour in Assignment.objects.filter(program=program).values_list(
        "activity_id", "units", "resource__cost_per_hour"
    ):
        rate[activity_id] += units * per_hour
    activities = {
        one.pk: one
        for one in Activity.objects.filter(program=program).exclude(kind="summary").select_related("project")
    }
    place = {pk: i for i, pk in enumerate(truth.loaded.activity_ids)}
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(list(LAYOUT.columns.values()))

    dollars = Rates.of(program.pk, program.currency)

    def dollar(day: date) -> Decimal:
        return dollars.on("USD", day) or Decimal(1)

    def row(
        reference: str, activity: Activity, category: str, day: str, minor: int, vendor: str, text: str
    ) -> None:
        code = activity.project.code
        currency = program.currency
        if vendor in IN_DOLLARS:
            currency, minor = "USD", round(minor / dollar(date.fromisoformat(day)))
        amount = format_plain(minor, currency)
        writer.writerow(
            [
                reference,
                code,
                activity.code,
                category,
                nature_of(code, category),
                day,
                amount,
                currency,
                vendor,
                text,
            ]
        )

    for activity in activities.values():
        before = Decimal(0)
        begun = False
        minutes = truth.minutes[place[activity.pk]]
        for number, (name, moment) in enumerate(statuses, 1):
            percent = percents.get((activity.pk, number), Decimal(0))
            day = moment.date().isoformat()
            price = Decimal(str(PRICE[activity.project.code]))
            spent = (percent - before) / 100 * minutes / 60 * rate[activity.pk] * price
            if round(spent):
                text = f"Hours booked, {name.lower()}"
                row(f"TS-{activity.pk}-{number}", activity, "labour", day, round(spent), "", text)
            if percent > 0 and not begun and activity.fixed_cost:
                begun = True
                category, vendor, factor = FIXED[activity.code]
                paid = round(activity.fixed_cost * Decimal(str(factor)))
                if paid:
                    row(f"INV-{activity.code}", activity, category, day, paid, vendor, activity.name)
            before = percent
    return out.getvalue().encode()
