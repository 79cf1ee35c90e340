"""The double-entry, append-only ledger: accounts with balances, journals that sum to nothing, their postings.

The database keeps the books (migration 0002): a journal sums to zero and has two postings at least, balances follow
the postings, no account but funding, unfunded and spent goes below zero, nothing is ever changed or removed.
All amounts are whole minor units of the account's currency.
"""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from finance.structure.models import Category, FiscalPeriod, Nature
from pmo.accounts.roles import Permission
from pmo.money import LIMIT
from pmo.owned import ProgramOwned
from pmo.warrants import Warrant
from programs.portfolio.models import Project


class Kind(models.TextChoices):
    """What the money in an account is. Only those of `BELOW_ZERO` may be below zero."""

    FUNDING = "funding", "Funding"
    AVAILABLE = "available", "Available"
    RESERVE = "reserve", "Reserve"
    COMMITTED = "committed", "Committed"
    ACCRUED = "accrued", "Accrued"
    SPENT = "spent", "Spent"
    UNFUNDED = "unfunded", "Without funding"


BELOW_ZERO = (Kind.FUNDING, Kind.UNFUNDED, Kind.SPENT)
"""Granted out of funding; spent without funding; more credited than was spent. A credit beyond what was spent is
the other way round in `unfunded`, above zero: a fact that no budget covers."""
JOURNAL_KINDS = ["grant", "reserve", "commitment", "release", "accrual", "actual", "transfer", "reversal"]


class Account(ProgramOwned):
    """Where money stands: program x project x category x nature x currency x kind. The balance follows postings."""

    view_permission: ClassVar[Permission] = Permission.VIEW_MONEY

    project = models.ForeignKey(Project, models.PROTECT, null=True, blank=True, related_name="+")
    category = models.CharField(max_length=20, choices=Category.choices)
    nature = models.CharField(max_length=10, choices=Nature.choices)
    currency = models.CharField(max_length=3)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    balance = models.BigIntegerField(db_default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["program", "project", "category", "nature", "currency", "kind"],
                nulls_distinct=False,
                name="finance_account_once",
            ),
            models.UniqueConstraint(fields=["id", "program", "currency"], name="finance_account_in_program"),
            models.CheckConstraint(
                name="finance_account_no_overdraft",
                condition=Q(kind__in=["funding", "unfunded", "spent"]) | Q(balance__gte=0),
            ),
            models.CheckConstraint(
                name="finance_account_currency", condition=Q(currency__regex=r"^[A-Z]{3}$")
            ),
            models.CheckConstraint(name="finance_account_kind", condition=Q(kind__in=Kind.values)),
            models.CheckConstraint(
                name="finance_account_category", condition=Q(category__in=Category.values)
            ),
            models.CheckConstraint(name="finance_account_nature", condition=Q(nature__in=Nature.values)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.category} {self.nature}"


class Journal(ProgramOwned):
    """One event of the books. Its id is made by whoever asks for it, so asking twice enters it once."""

    class Kind(models.TextChoices):
        GRANT = "grant", "Budget granted"
        RESERVE = "reserve", "Set aside"
        COMMITMENT = "commitment", "Committed"
        RELEASE = "release", "Released"
        ACCRUAL = "accrual", "Accrued"
        ACTUAL = "actual", "Actual cost"
        TRANSFER = "transfer", "Transferred"
        REVERSAL = "reversal", "Reversed"

    view_permission: ClassVar[Permission] = Permission.VIEW_MONEY

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    currency = models.CharField(max_length=3)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    period = models.ForeignKey(FiscalPeriod, models.PROTECT, related_name="+", db_constraint=False)
    effective = models.DateField()
    recorded_at = models.DateTimeField(db_default=Now())
    actor = models.ForeignKey("pmo.User", models.PROTECT, null=True, related_name="+")
    text = models.CharField(max_length=400)
    source_kind = models.CharField(max_length=30, blank=True, default="")
    source_id = models.CharField(max_length=60, blank=True, default="")
    adjusts = models.CharField(
        max_length=7, blank=True, default="", db_default="",
        help_text="The closed period that it is a late cost of.",
    )  # fmt: skip
    legs = models.PositiveSmallIntegerField(help_text="How many postings it has: none can be added later.")
    warrant = models.ForeignKey(Warrant, models.PROTECT, null=True, related_name="+", db_constraint=False)
    request = models.ForeignKey(
        "finance.CapitalRequest", models.PROTECT, null=True, related_name="journals", db_constraint=False,
        db_index=False, help_text="The capital request whose money this is: every unit of it leads back there.",
    )  # fmt: skip
    reverses = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="reversed_by", db_constraint=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["id", "program", "currency"], name="finance_journal_in_program"),
            models.UniqueConstraint(fields=["program", "id"], name="finance_journal_of_program"),
            models.CheckConstraint(name="finance_journal_legs", condition=Q(legs__gte=2)),
            models.CheckConstraint(
                name="finance_journal_currency", condition=Q(currency__regex=r"^[A-Z]{3}$")
            ),
            models.CheckConstraint(
                name="finance_journal_grant_by_warrant", condition=~Q(kind="grant") | Q(warrant__isnull=False)
            ),
            models.CheckConstraint(
                name="finance_journal_reversal_names_original",
                condition=Q(kind="reversal", reverses__isnull=False)
                | (~Q(kind="reversal") & Q(reverses=None)),
            ),
            models.CheckConstraint(
                name="finance_journal_adjusts",
                condition=Q(adjusts="") | Q(adjusts__regex=r"^[0-9]{4}-(0[1-9]|1[0-2])$", kind="actual"),
            ),
            models.CheckConstraint(
                name="finance_journal_not_its_own_reversal", condition=Q(reverses=None) | ~Q(reverses=F("id"))
            ),
            models.CheckConstraint(name="finance_journal_kind", condition=Q(kind__in=JOURNAL_KINDS)),
            models.UniqueConstraint(
                fields=["program", "kind", "source_kind", "source_id"],
                condition=~Q(source_kind="") & Q(kind__in=["commitment", "grant", "reserve"]),
                name="finance_journal_once_per_source",
            ),
        ]
        indexes = [
            models.Index(fields=["program", "-recorded_at", "-id"], name="finance_journal_latest"),
            models.Index(fields=["program", "source_kind", "source_id"], name="finance_journal_source"),
            models.Index(
                fields=["request"], name="finance_journal_request", condition=Q(request__isnull=False)
            ),
            models.Index(
                fields=["program", "adjusts"], condition=~Q(adjusts=""), name="finance_journal_late"
            ),
            # What a budget is made of: few among all journals.
            models.Index(
                fields=["program", "kind", "recorded_at"],
                condition=Q(kind__in=["grant", "transfer", "reversal"]),
                name="finance_journal_granted",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {str(self.id)[:8]}"


class Posting(ProgramOwned):
    """One leg of a journal: an amount into (+) or out of (-) an account, never zero."""

    view_permission: ClassVar[Permission] = Permission.VIEW_MONEY

    journal = models.ForeignKey(Journal, models.PROTECT, related_name="postings", db_constraint=False,
                                db_index=False)  # fmt: skip
    currency = models.CharField(max_length=3)
    account = models.ForeignKey(Account, models.PROTECT, related_name="postings", db_constraint=False,
                                db_index=False)  # fmt: skip
    # That of its journal; set by a trigger, so that a register finds the postings of a month by themselves.
    period = models.ForeignKey(FiscalPeriod, models.PROTECT, related_name="+", db_constraint=False,
                                db_index=False)  # fmt: skip
    amount = models.BigIntegerField()

    class Meta:
        constraints = [
            # With what is asked of a journal's postings, so that thousands of them are read from the index alone.
            models.UniqueConstraint(
                fields=["journal", "account"],
                include=["program", "id", "amount"],
                name="finance_posting_account_once",
            ),
            models.CheckConstraint(
                name="finance_posting_amount",
                condition=Q(amount__gte=-LIMIT, amount__lte=LIMIT) & ~Q(amount=0),
            ),
        ]
        indexes = [
            models.Index(fields=["program", "-id"], name="finance_posting_latest"),
            models.Index(fields=["account", "period", "id"], name="finance_posting_of_account"),
            models.Index(
                fields=["program", "period", "id"], include=["account"], name="finance_posting_of_month"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"


class ActualLine(ProgramOwned):
    """A cost that was incurred: the drill-down under the ledger's sums. Append-only.

    `amount_minor` (whole minor units) is in the ledger; `amount_exact` keeps the parts of a cent of the source.
    """

    view_permission: ClassVar[Permission] = Permission.VIEW_MONEY

    # Held in its program by the composite keys of batch, journal, project and activity.
    program = models.ForeignKey("programs.Program", models.PROTECT, related_name="+", db_constraint=False)
    batch = models.ForeignKey(
        "finance.ActualBatch", models.PROTECT, null=True, related_name="lines", db_constraint=False
    )  # none for the lines of an invoice
    journal = models.ForeignKey(
        Journal, models.PROTECT, null=True, related_name="actual_lines", db_constraint=False, db_index=False
    )
    source_reference = models.CharField(max_length=120)
    project = models.ForeignKey(Project, models.PROTECT, related_name="+", db_constraint=False)
    activity = models.ForeignKey(
        "programs.Activity", models.PROTECT, null=True, related_name="+", db_constraint=False
    )
    category = models.CharField(max_length=20, choices=Category.choices)
    nature = models.CharField(max_length=10, choices=Nature.choices)
    # See the index by month.
    period = models.ForeignKey(FiscalPeriod, models.PROTECT, related_name="+", db_constraint=False,
                                db_index=False)  # fmt: skip
    effective = models.DateField()
    effective_at = models.DateTimeField(null=True, help_text="The instant, where the source knew it.")
    adjusts = models.CharField(max_length=7, blank=True, default="", db_default="")
    document_on = models.DateField(null=True, help_text="A late cost's own day, in the closed period.")
    currency = models.CharField(max_length=3)
    amount_exact = models.DecimalField(max_digits=22, decimal_places=4)
    amount_minor = models.BigIntegerField()
    # Where the source told it in another currency; else all three are empty.
    source_currency = models.CharField(max_length=3, blank=True, default="", db_default="")
    source_minor = models.BigIntegerField(null=True, help_text="Minor units of the source's currency.")
    rate = models.DecimalField(
        max_digits=20,
        decimal_places=10,
        null=True,
        help_text="Units of our currency for one of the source's.",
    )
    vendor = models.CharField(max_length=200, blank=True, default="")
    text = models.CharField(max_length=400, blank=True, default="")
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["program", "source_reference"], name="finance_actualline_reference_once"
            ),
            models.CheckConstraint(
                name="finance_actualline_source",
                condition=Q(source_currency="", source_minor=None, rate=None)
                | (Q(source_currency__regex=r"^[A-Z]{3}$", source_minor__isnull=False) & Q(rate__gt=0)),
            ),
            models.CheckConstraint(
                name="finance_actualline_late",
                condition=Q(adjusts="", document_on=None) | (~Q(adjusts="") & Q(document_on__isnull=False)),
            ),
            models.CheckConstraint(
                name="finance_actualline_rounded",
                condition=Q(amount_minor__gte=models.F("amount_exact") - 1)
                & Q(amount_minor__lte=models.F("amount_exact") + 1),
            ),
        ]
        indexes = [
            models.Index(fields=["program", "project", "effective"], name="finance_actualline_by_day"),
            models.Index(
                fields=["program", "vendor", "period", "id"],
                name="finance_actualline_by_vendor",
                include=["project", "category", "nature"],
            ),
            models.Index(
                fields=["program", "category", "nature", "project", "id"], name="finance_actualline_by_place"
            ),
            models.Index(
                fields=["journal"],
                name="finance_actualline_journal",
                include=["program", "project", "category", "nature", "period", "vendor", "amount_minor"],
            ),
            models.Index(
                fields=["program", "period", "id"],
                name="finance_actualline_month",
                include=["journal", "project", "category", "nature", "vendor", "amount_minor"],
            ),
        ]

    def __str__(self) -> str:
        return self.source_reference
