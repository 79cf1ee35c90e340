"""The task `mail.send`: may the recipient still have it, then one SMTP conversation, then the row's end."""

from __future__ import annotations

from datetime import UTC

from django.conf import settings

from pmo.accounts.roles import Permission
from pmo.outbox import leases, mails, smtp
from pmo.outbox.models import Outbox
from pmo.outbox.tasks import Work, outbox_task

UNCLEAR_WAIT_SECONDS = 15 * 60
SHORTEST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 10, 3600
GIVE_UP_SECONDS = 3 * 24 * 3600


@outbox_task(mails.TOPIC, staged=True, as_office=True)
def send(work: Work) -> None:
    """Send one mail, or keep it here where no mail server is set."""
    row, payload = work.row, work.payload
    with work.scope("may the recipient still have this mail"):
        if payload.get("guest"):
            allowed = mails.link_of(payload) is not None
        else:
            allowed = mails.may_receive(
                user_id=payload["recipient"],
                program_id=row.program_id,
                permission=Permission(payload["permission"]),
                on=row.begun_at.astimezone(UTC).date(),
            )
    if not allowed and payload.get("guest"):
        work.give_up("What it invites to was withdrawn, taken, ended or written anew.")
    elif not allowed:
        work.give_up("The recipient may no longer read this: no role in the program, or signed off.")
    elif not settings.EMAIL_HOST:
        work.settle(Outbox.State.KEPT)
    elif row.ambiguous >= 2:
        work.settle(
            Outbox.State.UNKNOWN,
            error="Sent twice, and each time no answer came: please ask whether it arrived.",
        )
    else:
        _converse(work)


def _converse(work: Work) -> None:
    row = work.row
    with work.scope("the mail and its attachments"):
        message = mails.message(key=row.key, payload=work.payload, written_at=row.created_at)
    flown = False

    def before_final_dot() -> None:
        nonlocal flown
        with work.scope("from here on the mail may be out"):
            leases.in_flight(row.id, row.holder, patience_seconds=UNCLEAR_WAIT_SECONDS)
        flown = True

    try:
        smtp.deliver(
            _server(),
            message,
            sender=mails.sender(),
            to=work.payload["to"],
            before_final_dot=before_final_dot,
        )
    except smtp.Unclear as silence:
        _unclear(work, str(silence))
    except smtp.Never as refusal:
        work.settle(Outbox.State.DEAD, error=str(refusal), ambiguous=-int(flown))
    except smtp.Later as failure:
        _later(work, str(failure), landed=flown)
    else:
        work.settle(Outbox.State.SENT, ambiguous=-1)


def _server() -> smtp.Server:
    return smtp.Server(
        host=settings.EMAIL_HOST,
        port=settings.EMAIL_PORT,
        user=settings.EMAIL_HOST_USER,
        password=settings.EMAIL_HOST_PASSWORD,
        tls=settings.EMAIL_USE_TLS,
        seconds=settings.EMAIL_TIMEOUT,
        own_name=settings.MAIL_DOMAIN,
    )


def _unclear(work: Work, reason: str) -> None:
    """Once more after a quarter of an hour; after the second silence a person must look."""
    if work.row.ambiguous >= 1:
        work.settle(Outbox.State.UNKNOWN, error=reason)
    else:
        work.settle(Outbox.State.PENDING, error=reason, again_in_seconds=UNCLEAR_WAIT_SECONDS, forgive=True)


def _later(work: Work, reason: str, *, landed: bool) -> None:
    """Wait half as long as the mail is old (10 s to an hour), for three days."""
    age = (work.row.begun_at - work.row.created_at).total_seconds()
    if age > GIVE_UP_SECONDS:
        work.settle(Outbox.State.DEAD, error=f"Not accepted in three days. {reason}", ambiguous=-int(landed))
        return
    wait = min(max(age / 2, SHORTEST_WAIT_SECONDS), LONGEST_WAIT_SECONDS)
    work.settle(
        Outbox.State.PENDING, error=reason, again_in_seconds=wait, ambiguous=-int(landed), forgive=True
    )
