"""Mail leaves once, for who may have it; doubts are told apart from failures, and end with a person."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import override_settings

from pmo.accounts.models import Membership
from pmo.outbox import delivery, leases
from pmo.outbox.mails import TOPIC, message_id, one_line, post
from pmo.outbox.models import Outbox
from tests.cast import Office, everything, make_office
from tests.pmo.outbox.postbox import Postbox, open_postbox

State = Outbox.State


@pytest.fixture
def office(own_database: Any) -> Office:
    return make_office()


@pytest.fixture
def postbox() -> Iterator[Postbox]:
    with (
        open_postbox() as opened,
        override_settings(EMAIL_HOST="127.0.0.1", EMAIL_PORT=opened.port, EMAIL_TIMEOUT=3),
    ):
        yield opened


def write(office: Office, **changes: Any) -> Outbox:
    words: dict[str, Any] = {
        "key": "summary:1",
        "program_id": office.program.pk,
        "recipient": office.sponsor,
        "subject": "Sponsor summary",
        "text": "All is well.\n.a line that begins with a dot\n",
        "html": "<p>All is <b>well</b>.</p>",
    }
    with transaction.atomic(), everything(office.program):
        return post(**words | changes)


def send(office: Office, row: Outbox) -> Outbox:
    """One attempt by a worker, as if it were due."""
    with transaction.atomic(), everything(office.program):
        Outbox.objects.filter(pk=row.pk).update(due=datetime.now(UTC) - timedelta(seconds=1))
    delivery.send(row.pk, office.program.pk)
    return look(office, row)


def look(office: Office, row: Outbox) -> Outbox:
    with transaction.atomic(), everything(office.program):
        return Outbox.objects.get(pk=row.pk)


def test_a_mail_is_sent_once_with_text_and_html_twins(office: Office, postbox: Postbox) -> None:
    row = write(office)
    assert send(office, row).state == State.SENT
    send(office, row)
    (mail,) = postbox.taken
    assert mail["To"] == "Esther Prime <esther.prime@office.example>"
    assert mail["Message-ID"] == message_id("summary:1")
    assert mail["Auto-Submitted"] == "auto-generated"
    body = mail.get_body(("plain",))
    assert body is not None and "\n.a line that begins with a dot" in body.get_content().replace("\r\n", "\n")
    html = mail.get_body(("html",))
    assert html is not None and "<b>well</b>" in html.get_content()


def test_without_a_mail_server_the_mail_is_kept_here(office: Office) -> None:
    assert send(office, write(office)).state == State.KEPT


def test_who_left_the_program_meanwhile_gets_nothing(office: Office, postbox: Postbox) -> None:
    row = write(office)
    with transaction.atomic(), everything(office.program):
        Membership.objects.filter(user=office.sponsor).update(valid_to=date(2020, 2, 1))
    ended = send(office, row)
    assert (ended.state, postbox.taken) == (State.DEAD, [])
    assert "no longer" in ended.last_error


def test_who_was_signed_off_gets_nothing(office: Office, postbox: Postbox) -> None:
    row = write(office)
    office.sponsor.is_active = False
    office.sponsor.save()
    assert (send(office, row).state, postbox.taken) == (State.DEAD, [])


@pytest.mark.parametrize("fault", ["refuse_later", "drop_before_data"])
def test_a_failure_for_certain_is_tried_again_and_sent_once(
    office: Office, postbox: Postbox, fault: str
) -> None:
    row = write(office)
    postbox.fault = fault
    for _ in range(5):  # more often than poison may be tried: it is not the mail's fault
        waiting = send(office, row)
        assert (waiting.state, waiting.ambiguous) == (State.PENDING, 0)
        assert waiting.due > datetime.now(UTC) + timedelta(seconds=5)
        assert waiting.last_error
    postbox.fault = "none"
    assert send(office, row).state == State.SENT
    assert len(postbox.taken) == 1


def test_an_absent_server_is_waited_for(office: Office) -> None:
    row = write(office)
    with override_settings(EMAIL_HOST="127.0.0.1", EMAIL_PORT=1):
        waiting = send(office, row)
    assert waiting.state == State.PENDING
    assert "does not answer" in waiting.last_error


def test_a_mail_nobody_accepts_in_three_days_is_given_up(office: Office, postbox: Postbox) -> None:
    row = write(office)
    with transaction.atomic(), everything(office.program):
        Outbox.objects.update(created_at=datetime.now(UTC) - timedelta(days=4))
    postbox.fault = "refuse_later"
    assert send(office, row).state == State.DEAD


def test_a_refusal_for_good_is_not_tried_again(office: Office, postbox: Postbox) -> None:
    row = write(office)
    postbox.fault = "refuse_never"
    ended = send(office, row)
    assert ended.state == State.DEAD
    assert "550" in ended.last_error


@pytest.mark.parametrize("fault", ["drop_after_data", "drop_mid_data"])
def test_silence_after_the_mail_means_one_more_try_later_then_a_person(
    office: Office, postbox: Postbox, fault: str
) -> None:
    row = write(office, text="long line\n" * 30_000)
    postbox.fault = fault
    first = send(office, row)
    if fault == "drop_mid_data" and first.ambiguous == 0:
        return  # the cut was noticed before the final dot: a failure for certain
    assert (first.state, first.ambiguous) == (State.PENDING, 1)
    assert first.due > datetime.now(UTC) + timedelta(minutes=14)
    second = send(office, row)
    assert second.state == State.UNKNOWN
    assert len(postbox.taken) <= 2
    assert len(set(postbox.ids)) <= 1, "a second copy carries the same Message-ID"


def test_silence_then_an_answer_is_sent(office: Office, postbox: Postbox) -> None:
    row = write(office)
    postbox.fault = "drop_after_data"
    send(office, row)
    postbox.fault = "none"
    assert send(office, row).state == State.SENT
    assert len(postbox.taken) == 2
    assert len(set(postbox.ids)) == 1


def test_a_worker_killed_with_a_mail_in_the_air_waits_before_another_try(
    office: Office, postbox: Postbox
) -> None:
    row = write(office)
    for crashes in (1, 2):
        with transaction.atomic(), everything(office.program):
            Outbox.objects.update(due=datetime.now(UTC) - timedelta(seconds=1), claimed_until=None)
            assert leases.begin(row.pk, f"worker {crashes}") is not None
            leases.in_flight(row.pk, f"worker {crashes}", patience_seconds=900)  # and then it is killed
        assert look(office, row).due > datetime.now(UTC) + timedelta(minutes=14)
        with transaction.atomic(), everything(office.program):
            Outbox.objects.update(claimed_until=datetime.now(UTC) - timedelta(seconds=1))
    assert send(office, row).state == State.UNKNOWN
    assert postbox.taken == []


@pytest.mark.parametrize(
    "subject", ["Hello\r\nBcc: thief@elsewhere.example", "a\nb", "x" * 900, "Größe \x00 ✓"]
)
def test_a_subject_cannot_bring_a_header_along(office: Office, postbox: Postbox, subject: str) -> None:
    assert send(office, write(office, subject=subject)).state == State.SENT
    (mail,) = postbox.taken
    assert mail["Bcc"] is None
    assert mail["Subject"] == one_line(subject)


def test_a_slow_mail_server_does_not_cost_the_lease(office: Office, postbox: Postbox) -> None:
    postbox.delay = 2.5
    with override_settings(OUTBOX_LEASE_SECONDS=1):
        assert send(office, write(office)).state == State.SENT
    assert len(postbox.taken) == 1


def test_the_topic_is_the_task(office: Office) -> None:
    assert delivery.send.name == TOPIC == "mail.send"
