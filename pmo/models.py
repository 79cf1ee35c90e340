"""Contents page: every table of the office itself."""

from pmo.accounts.models import AccountMove, ApiToken, Membership, NameChange, User
from pmo.attachments.models import Attachment, AttachmentWithdrawal
from pmo.idempotency import IdempotencyKey
from pmo.outbox.models import Outbox
from pmo.reports.models import Artefact, Occurrence, ReportRun, Subscription
from pmo.warrants import Warrant

__all__ = [
    "AccountMove",
    "ApiToken",
    "Artefact",
    "Attachment",
    "AttachmentWithdrawal",
    "IdempotencyKey",
    "Membership",
    "NameChange",
    "Occurrence",
    "Outbox",
    "ReportRun",
    "Subscription",
    "User",
    "Warrant",
]
