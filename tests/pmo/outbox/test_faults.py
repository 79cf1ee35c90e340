"""Relays, workers and Redis are killed in the middle: nothing is lost, nothing happens twice."""

import os
import random
import signal
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import redis as redis_client
from django.db import transaction

from pmo import embedded
from pmo.accounts.roles import Permission
from pmo.outbox.mails import message_id, post
from pmo.outbox.models import Outbox
from tests.cast import Office, everything, make_office
from tests.pmo.outbox.crew import Crew, crew, effects, put, rows, still_open, wait_until
from tests.pmo.outbox.postbox import open_postbox

pytestmark = pytest.mark.fault
State = Outbox.State
KILLS = int(os.environ.get("PMO_KILLS", "14"))  # and six more among the mails


@pytest.fixture
def office(own_database: Any) -> Office:
    return make_office()


@pytest.fixture
def hands(own_database: Any, tmp_path: Path) -> Iterator[Crew]:
    with crew(own_database.environment, tmp_path) as made:
        yield made


def done(office: Office, hands: Crew, count: int, seconds: float) -> None:
    wait_until(lambda: still_open(office) == 0, seconds, f"{count} rows at their end", hands.said)
    assert {row.state for row in rows(office)} == {State.SENT}
    assert effects(office) == count, "each effect once"


def at_work(office: Office) -> bool:
    """Does a worker hold a row at this moment?"""
    return any(row.holder for row in rows(office, state=State.HANDED))


def test_two_relays_and_a_worker_do_everything_once(office: Office, hands: Crew) -> None:
    relays = [hands.relay(), hands.relay()]
    hands.worker()
    put(office, 60)
    done(office, hands, 60, 60)
    for relay in relays:
        relay.send_signal(signal.SIGTERM)
    assert [relay.wait(10) for relay in relays] == [0, 0], "a relay ends cleanly when told to"


def test_relays_and_workers_killed_again_and_again(office: Office, hands: Crew) -> None:
    chance = random.Random(7)
    relay, worker = hands.relay(), hands.worker()
    written = 0
    for kill in range(KILLS):
        put(office, 5, seconds=0.3)
        written += 5
        if kill % 2:
            wait_until(lambda: at_work(office), 30, "at work", hands.said)
            time.sleep(chance.uniform(0, 0.3))
            hands.kill(worker)
            worker = hands.worker()
        else:
            time.sleep(chance.uniform(0, 1.5))
            hands.kill(relay)
            relay = hands.relay()
    wait_until(lambda: still_open(office) == 0, 90, "everything at its end", hands.said)
    ends = {row.state for row in rows(office)}
    assert ends <= {State.SENT, State.DEAD}
    sent = len(rows(office, state=State.SENT))
    assert effects(office) == sent, "each end has its effect, each effect its end"
    broken = [row for row in rows(office, state=State.DEAD) if row.attempts < 3]
    assert broken == [], "only what was begun three times is given up"
    assert sent + len(rows(office, state=State.DEAD)) == written
    assert any(row.attempts > 1 for row in rows(office)), "the kills hit work in progress"


def test_work_that_kills_its_worker_is_parked_and_the_rest_goes_on(office: Office, hands: Crew) -> None:
    hands.relay()
    hands.worker()
    put(office, 1, topic="test.poison")
    put(office, 10)
    wait_until(lambda: still_open(office) == 0, 90, "the poison parked", hands.said)
    (poison,) = rows(office, topic="test.poison")
    assert poison.state == State.DEAD
    assert "broke off" in poison.last_error
    assert poison.attempts <= 4
    assert effects(office) == 10


def test_a_redis_that_forgets_everything_costs_seconds(office: Office, hands: Crew) -> None:
    hands.relay()
    put(office, 30)  # no worker yet: all of it waits in Redis
    wait_until(lambda: all(row.handed for row in rows(office)), 30, "handed over", hands.said)
    place = embedded.run_dir(hands.redis.state) / "redis.sock"
    redis_client.Redis(unix_socket_path=str(place)).flushall()
    hands.worker()
    done(office, hands, 30, 60)


def test_a_killed_redis_is_waited_for(office: Office, hands: Crew) -> None:
    hands.relay()
    hands.worker()
    put(office, 10)
    assert hands.redis.child is not None
    hands.redis.child.kill()
    hands.redis.child.wait(5)
    put(office, 10)
    time.sleep(3)
    hands.redis.start()
    done(office, hands, 20, 90)


def test_a_frozen_redis_does_not_hold_the_relay(office: Office, hands: Crew) -> None:
    relay = hands.relay()
    hands.worker()
    put(office, 3)
    done(office, hands, 3, 60)
    assert hands.redis.child is not None
    hands.redis.child.send_signal(signal.SIGSTOP)
    try:
        put(office, 5)
        time.sleep(8)
        assert still_open(office) == 5
        relay.send_signal(signal.SIGTERM)
        assert relay.wait(12) == 0, "it still listens to its signals"
        hands.relay()
    finally:
        hands.redis.child.send_signal(signal.SIGCONT)
    done(office, hands, 8, 90)


def test_mails_survive_killed_workers_with_at_most_one_second_copy(office: Office, hands: Crew) -> None:
    """A summary to many is cut off again and again: each recipient has one row, and resumes by itself."""
    chance = random.Random(11)
    with open_postbox() as postbox:
        postbox.delay = 0.15
        where = {"EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": str(postbox.port)}
        hands.relay()
        worker = hands.worker(**where)
        keys = [f"summary:{number}" for number in range(60)]
        for key in keys:
            with transaction.atomic(), everything(office.program):
                post(
                    key=key,
                    program_id=office.program.pk,
                    recipient=office.sponsor,
                    subject=key,
                    text="All is well.",
                    html="",
                    permission=Permission.VIEW_PROGRAM,
                )
        for _ in range(6):
            wait_until(lambda: at_work(office), 30, "at work", hands.said)
            time.sleep(chance.uniform(0, 0.5))
            hands.kill(worker)
            worker = hands.worker(**where)

        def settled() -> bool:
            waiting = rows(office, state__in=(State.PENDING, State.HANDED))
            return all(row.ambiguous for row in waiting)  # those wait a quarter of an hour on purpose

        wait_until(settled, 90, "all mails out", hands.said)
        doubtful = rows(office, ambiguous__gt=0)
        with transaction.atomic(), everything(office.program):  # a quarter of an hour later
            Outbox.objects.filter(state=State.PENDING).update(due=datetime.now(UTC) - timedelta(seconds=1))
            Outbox.objects.filter(state=State.HANDED).update(due=datetime.now(UTC) - timedelta(seconds=1))
        wait_until(lambda: still_open(office) == 0, 60, "the doubtful ones tried once more", hands.said)
    copies = {key: postbox.ids.count(message_id(key)) for key in keys}
    assert min(copies.values()) >= 1, "none lost"
    assert max(copies.values()) <= 2, "at most one second copy"
    assert any(row.attempts > 1 or row.ambiguous for row in rows(office)), "the kills hit mails under way"
    twice = {key for key, count in copies.items() if count == 2}
    assert twice <= {row.key for row in doubtful}, "a second copy only after a kill with the mail in the air"
