"""Papers that belong to something of a program: kept as bytes beside it, never changed, at most withdrawn."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from pmo.owned import ProgramOwned

MOST_BYTES = 10 << 20
"""Bytes that one paper may have."""


class Attachment(ProgramOwned):
    """A paper: its bytes, what it is, and of a quote who offers what (minor units). Written once.

    The database itself holds that size and digest are those of the bytes. Whose it is stands in `subject_kind` and
    `subject_id`; the slice of that subject decides who may add, read and withdraw.
    """

    class Kind(models.TextChoices):
        QUOTE = "quote", "Quote"
        BUSINESS_CASE = "business_case", "Business case"
        DRAWING = "drawing", "Drawing"
        CONTRACT = "contract", "Signed contract"
        ACCEPTANCE = "acceptance", "Acceptance record"
        GUARANTEE = "guarantee", "Guarantee"
        OTHER = "other", "Other paper"

    subject_kind = models.CharField(max_length=24)
    subject_id = models.BigIntegerField()
    kind = models.CharField(max_length=16, choices=Kind.choices)
    name = models.CharField(max_length=120)
    content_type = models.CharField(max_length=100)
    content = models.BinaryField()
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    vendor = models.CharField(max_length=200, blank=True, default="")
    amount_minor = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3, blank=True, default="")
    quoted_on = models.DateField(null=True)
    added_by = models.ForeignKey("pmo.User", models.PROTECT, related_name="+")
    added_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program", "id"], name="pmo_attachment_in_program"),
            models.CheckConstraint(name="pmo_attachment_size", condition=Q(size__gt=0, size__lte=MOST_BYTES)),
            models.CheckConstraint(
                name="pmo_attachment_quote",
                condition=Q(
                    kind="quote", amount_minor__gt=0, quoted_on__isnull=False, currency__regex="^[A-Z]{3}$"
                )
                & ~Q(vendor="")
                | ~Q(kind="quote")
                & Q(vendor="", amount_minor__isnull=True, quoted_on__isnull=True, currency=""),
            ),
        ]
        indexes = [
            models.Index(fields=["program", "subject_kind", "subject_id"], name="pmo_attachment_subject")
        ]

    def __str__(self) -> str:
        return self.name


class AttachmentWithdrawal(ProgramOwned):
    """That a paper no longer counts, and why. The paper itself stays."""

    attachment = models.OneToOneField(
        Attachment, models.PROTECT, related_name="withdrawal", db_constraint=False
    )
    reason = models.CharField(max_length=400)
    withdrawn_by = models.ForeignKey("pmo.User", models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="pmo_attachmentwithdrawal_reason", condition=~Q(reason="")),
        ]

    def __str__(self) -> str:
        return self.reason
