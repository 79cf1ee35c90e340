"""Subscribed reports come at their time, once, to who may read them, whatever the clock did."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection, transaction

from pmo import commands
from pmo.accounts.models import Membership, User
from pmo.outbox.models import Outbox
from pmo.refusals import Conflict, NotAllowed, Refused
from pmo.reports import services, tasks
from pmo.reports.clockwork import serve_due
from pmo.reports.document import Document, Progress
from pmo.reports.models import Occurrence, ReportRun, Subscription
from tests.cast import Office, everything, make_office
from tests.pmo.outbox.logins import logged_in_as
from tests.pmo.reports.sample import registered

SUNDAY = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
DUE = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)  # Monday 07:30 in Brussels
WEEKLY = {"every": "week", "weekday": 0, "at_time": "07:30", "time_zone": "Europe/Brussels"}


@pytest.fixture
def office(own_database: Any) -> Office:
    return make_office()


@pytest.fixture(autouse=True)
def sample() -> Iterator[None]:
    with registered():
        yield


def subscribe(office: Office, user: User, at: datetime = SUNDAY, **rule: Any) -> Subscription:
    made: Subscription = commands.run(
        services.subscribe, actor=user, at=at, program=office.program, kind="sample", **(WEEKLY | rule)
    )
    return made


def tick(office: Office, at: datetime) -> int:
    runs: int = commands.run(
        serve_due, actor=None, at=at, scope=[office.program.pk], program_id=office.program.pk
    )
    return runs


def all_of(office: Office, model: Any) -> list[Any]:
    with transaction.atomic(), everything(office.program):
        return list(model.objects.filter(program=office.program).order_by("pk"))


def build_all(office: Office) -> None:
    for row in all_of(office, Outbox):
        if row.topic == "report.build":
            tasks.build(row.pk, office.program.pk)


def mails(office: Office) -> list[Outbox]:
    return [row for row in all_of(office, Outbox) if row.topic == "mail.send"]


def test_the_first_sending_is_at_the_wall_clock_time_in_the_recipients_zone(office: Office) -> None:
    assert subscribe(office, office.sponsor).next_run_at == DUE


def test_a_due_subscription_becomes_one_run_and_one_mail_with_the_pdf(office: Office) -> None:
    subscribe(office, office.sponsor)
    assert tick(office, DUE - timedelta(seconds=1)) == 0
    assert tick(office, DUE) == 1
    assert tick(office, DUE + timedelta(minutes=1)) == 0
    (run,) = all_of(office, ReportRun)
    assert (run.as_of, run.requested_by_id) == (DUE, None)
    build_all(office)
    (mail,) = mails(office)
    assert mail.payload["to"] == office.sponsor.email
    assert "26.2M" in mail.payload["html"] and "26.2M" in mail.payload["text"]
    assert len(mail.payload["attachments"]) == 1
    assert mail.payload["permission"] == "view_money"
    (subscription,) = all_of(office, Subscription)
    assert subscription.next_run_at == DUE + timedelta(days=7)


def test_recipients_of_the_same_moment_share_one_run(office: Office) -> None:
    for user in (office.sponsor, office.chair, office.controller):
        subscribe(office, user)
    assert tick(office, DUE) == 1
    build_all(office)
    assert {mail.payload["to"] for mail in mails(office)} == {
        office.sponsor.email,
        office.chair.email,
        office.controller.email,
    }


def test_after_an_outage_each_missed_slot_is_on_record_and_the_latest_is_sent(office: Office) -> None:
    subscribe(office, office.sponsor, every="day")
    assert tick(office, DUE + timedelta(days=3, hours=1)) == 1
    occurrences = all_of(office, Occurrence)
    assert [one.due_at for one in occurrences] == [DUE + timedelta(days=number) for number in range(4)]
    assert [one.run_id is not None for one in occurrences] == [False, False, False, True]


def test_two_clocks_at_once_send_once(office: Office) -> None:
    for user in (office.sponsor, office.chair):
        subscribe(office, user)
    barrier = Barrier(4)

    def clock() -> None:
        barrier.wait()
        try:
            tick(office, DUE)
        finally:
            connection.close()

    threads = [Thread(target=clock) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(all_of(office, Occurrence)) == 2
    assert len({(one.subscription_id, one.due_at) for one in all_of(office, Occurrence)}) == 2


def test_the_clock_goes_through_every_program_as_the_worker(office: Office) -> None:
    other = make_office("BOREAS", suffix=" B")
    for place in (office, other):
        subscribe(place, place.sponsor, at=datetime.now(UTC) - timedelta(days=30))
    with logged_in_as("pmo_worker"):
        tasks.subscriptions()
    assert len(all_of(office, ReportRun)) == len(all_of(other, ReportRun)) == 1


def test_who_lost_the_role_gets_nothing_and_the_subscription_ends(office: Office) -> None:
    subscribe(office, office.sponsor)
    with transaction.atomic(), everything(office.program):
        Membership.objects.filter(user=office.sponsor).update(valid_to=date(2026, 11, 22))
    assert tick(office, DUE) == 0
    (subscription,) = all_of(office, Subscription)
    assert not subscription.active


def test_subscribers_are_told_when_their_report_cannot_be_built(office: Office) -> None:
    def impossible(run: ReportRun, progress: Progress) -> Document:
        raise Refused("The books of October are not closed.")

    with registered(impossible, kind="closing"):
        commands.run(
            services.subscribe,
            actor=office.sponsor,
            at=SUNDAY,
            program=office.program,
            kind="closing",
            **WEEKLY,
        )
        tick(office, DUE)
        build_all(office)
    (mail,) = mails(office)
    assert mail.payload["subject"] == "Sample report could not be built"
    assert "books of October" in mail.payload["text"]


def test_a_stopped_subscription_is_silent_and_can_start_again(office: Office) -> None:
    mine = subscribe(office, office.sponsor)
    commands.run(services.stop_subscription, actor=office.sponsor, subscription=mine)
    assert tick(office, DUE) == 0
    again = subscribe(office, office.sponsor, at=DUE + timedelta(days=1))
    assert (again.pk, again.active, again.next_run_at) == (mine.pk, True, DUE + timedelta(days=7))


def test_one_cannot_subscribe_twice_to_the_same_report(office: Office) -> None:
    subscribe(office, office.sponsor)
    with pytest.raises(Refused, match="already receive"):
        subscribe(office, office.sponsor)


def test_nobody_changes_another_persons_subscription(office: Office) -> None:
    mine = subscribe(office, office.sponsor)
    with pytest.raises(NotAllowed):
        commands.run(
            services.change_subscription,
            actor=office.chair,
            subscription=mine,
            version=mine.version,
            **WEEKLY,
        )


def test_a_change_on_an_old_page_is_told(office: Office) -> None:
    mine = subscribe(office, office.sponsor)
    change = {"actor": office.sponsor, "subscription": mine, "version": mine.version}
    commands.run(services.change_subscription, **change, **(WEEKLY | {"at_time": "08:00"}))
    with pytest.raises(Conflict):
        commands.run(services.change_subscription, **change, **(WEEKLY | {"at_time": "09:00"}))


def test_an_administrator_without_figures_cannot_subscribe(office: Office) -> None:
    with pytest.raises(NotAllowed):
        subscribe(office, office.administrator)
