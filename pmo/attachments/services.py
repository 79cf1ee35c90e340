"""Keeping and withdrawing papers: parts of the commands of the slice whose subject they belong to.

That slice has locked its subject, asked for its own right and opened the transaction.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from pmo.accounts.models import User
from pmo.attachments import selectors
from pmo.attachments.files import Upload
from pmo.attachments.models import Attachment, AttachmentWithdrawal
from pmo.attachments.selectors import Subject
from pmo.money import LIMIT
from pmo.refusals import Conflict, Refused

MOST_PAPERS = 40
"""Papers that one subject may have, withdrawn ones among them."""


@dataclass(frozen=True, slots=True)
class Paper:
    """What a file is; of a quote also the vendor's name, the amount in minor units and the day it was given on."""

    kind: str
    vendor: str = ""
    amount_minor: int | None = None
    quoted_on: date | None = None


def keep(
    *,
    program: Any,
    subject: Subject,
    upload: Upload,
    paper: Paper,
    kinds: Collection[str],
    today: date,
    by: User,
    at: datetime,
) -> Attachment:
    """Add a paper to a subject, which has papers of these kinds. Raises Refused at the field that does not fit."""
    _check(paper, kinds, today)
    there = list(selectors.papers(program.pk, subject))
    if len(there) >= MOST_PAPERS:
        raise Refused(f"There are {MOST_PAPERS} papers already.", field="file")
    if any(one.sha256 == upload.sha256 and selectors.counts(one) for one in there):
        raise Refused("This very file is here already.", field="file")
    quote = paper.kind == Attachment.Kind.QUOTE
    kept = Attachment(
        program_id=program.pk,
        subject_kind=subject.kind,
        subject_id=subject.id,
        kind=paper.kind,
        name=upload.name,
        content_type=upload.content_type,
        content=upload.content,
        size=len(upload.content),
        sha256=upload.sha256,
        vendor=" ".join(paper.vendor.split())[:200] if quote else "",
        amount_minor=paper.amount_minor if quote else None,
        currency=program.currency if quote else "",
        quoted_on=paper.quoted_on if quote else None,
        added_by=by,
        added_at=at,
    )
    kept.save(force_insert=True)
    return kept


def withdraw(*, attachment: Attachment, reason: str, by: User, at: datetime) -> AttachmentWithdrawal:
    """Say that a paper no longer counts; it stays readable. Raises Refused without a reason, Conflict when done."""
    if not reason.strip():
        raise Refused("Say why.", field="why")
    if AttachmentWithdrawal.objects.filter(attachment=attachment).exists():
        raise Conflict(f"{attachment.name} is withdrawn already.")
    done = AttachmentWithdrawal(
        program_id=attachment.program_id,
        attachment=attachment,
        reason=reason.strip()[:400],
        withdrawn_by=by,
        withdrawn_at=at,
    )
    done.save(force_insert=True)
    return done


def _check(paper: Paper, kinds: Collection[str], today: date) -> None:
    if paper.kind not in kinds:
        raise Refused("Say what kind of paper this is.", field="kind")
    if paper.kind != Attachment.Kind.QUOTE:
        if paper.vendor.strip() or paper.amount_minor is not None or paper.quoted_on is not None:
            raise Refused("Vendor, amount and day are said of quotes only.", field="kind")
        return
    if not paper.vendor.strip():
        raise Refused("Say whose quote this is.", field="vendor")
    if paper.amount_minor is None or not 0 < paper.amount_minor <= LIMIT:
        raise Refused("Say what the quote comes to: more than nothing.", field="amount_minor")
    if paper.quoted_on is None:
        raise Refused("Say of which day the quote is.", field="quoted_on")
    if paper.quoted_on > today:
        raise Refused("A quote is not of a day to come.", field="quoted_on")
