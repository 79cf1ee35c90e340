"""Papers of a contract: the signed paper itself, records of acceptance, guarantees. Added, at most withdrawn."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from finance.contracts.models import Contract
from finance.contracts.services import locked
from finance.structure import periods
from pmo.accounts.models import User
from pmo.attachments import services as attachments
from pmo.attachments.files import Upload
from pmo.attachments.models import Attachment
from pmo.attachments.selectors import Subject
from pmo.attachments.services import Paper
from pmo.refusals import Refused

OF_CONTRACTS = ("contract", "acceptance", "guarantee", "drawing", "other")
"""Kinds of papers that contracts have."""


def subject_of(contract: Contract) -> Subject:
    """The contract as what papers belong to."""
    return Subject("contract", contract.pk)


def add(
    *, contract: Contract, version: int, upload: Upload, paper: Paper, by: User, at: datetime
) -> Attachment:
    """Add a paper to a contract, closed ones included: final accounts and guarantees come late.

    `version` is the contract's as the person saw it. Raises Refused at the field that does not fit.
    """
    with transaction.atomic():
        found = locked(contract, version)
        kept = attachments.keep(
            program=found.program,
            subject=subject_of(found),
            upload=upload,
            paper=paper,
            kinds=OF_CONTRACTS,
            today=periods.local_day(found.program, at),
            by=by,
            at=at,
        )
        _touch(found)
        return kept


def withdraw(
    *, contract: Contract, paper: Attachment, version: int, reason: str, by: User, at: datetime
) -> Attachment:
    """Say that a paper no longer counts, with a reason. It stays readable."""
    with transaction.atomic():
        found = locked(contract, version)
        if (paper.program_id, paper.subject_kind, paper.subject_id) != (found.program_id, *subject_of(found)):
            raise Refused("This paper belongs to something else.")
        attachments.withdraw(attachment=paper, reason=reason, by=by, at=at)
        _touch(found)
        return paper


def _touch(contract: Contract) -> None:
    contract.version += 1
    contract.save(update_fields=["version"])
