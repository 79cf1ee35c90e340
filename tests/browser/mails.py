"""Waiting for the mails that the office sends."""

from __future__ import annotations

import time
from email.message import EmailMessage

from tests.browser.conftest import Office


def drained(office: Office, seconds: float = 90) -> int:
    """Once nothing is on its way any more (the mails of the example's ballots): how many mails were taken in."""
    end = time.monotonic() + seconds
    waits = "select count(*) from pmo_outbox where state in ('pending', 'handed') and topic = 'mail.send'"
    while office.owner(waits) != [(0,)]:
        assert time.monotonic() < end, (office.logs / "worker.log").read_text()[-2000:]
        time.sleep(0.2)
    return len(office.postbox.taken)


def arrived(office: Office, already: int, seconds: float = 90) -> EmailMessage:
    """The next mail that the mail server took in."""
    end = time.monotonic() + seconds
    while len(office.postbox.taken) <= already:
        assert time.monotonic() < end, (office.logs / "worker.log").read_text()[-2000:]
        time.sleep(0.2)
    return office.postbox.taken[already]
