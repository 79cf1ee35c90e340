"""An intention is written with its cause, carried out once, and never lost from sight."""

from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import Error, connection, transaction

from pmo import commands
from pmo.accounts.models import Membership, User
from pmo.outbox import leases
from pmo.outbox.models import Outbox
from pmo.outbox.services import enqueue, try_again
from pmo.outbox.tasks import Work, perform
from pmo.refusals import Conflict, NotAllowed, Refused
from tests.cast import Office, everything, make_office
from tests.pmo.outbox.logins import logged_in_as

State = Outbox.State


@pytest.fixture
def office(own_database: Any) -> Office:
    """The cast, in a database where commits are real."""
    return make_office()


def put(office: Office, key: str = "deed", topic: str = "test.deed", **more: Any) -> Outbox:
    with transaction.atomic(), everything(office.program):
        return enqueue(topic=topic, key=key, payload={"n": 1}, program_id=office.program.pk, **more)


def look(office: Office, key: str = "deed") -> Outbox:
    with transaction.atomic(), everything(office.program):
        return Outbox.objects.get(key=key)


def set_row(office: Office, **fields: Any) -> None:
    with transaction.atomic(), everything(office.program):
        Outbox.objects.update(**fields)


def rename(*, program_id: int, payload: dict[str, Any], by: User | None, at: datetime) -> None:
    """An effect that can be counted."""
    with connection.cursor() as cursor:
        cursor.execute("update programs_program set mandate = mandate || 'x' where id = %s", [program_id])


def hand_over() -> list[leases.Handed]:
    """As the relay does, with its own login."""
    with logged_in_as("pmo_relay"):
        return leases.hand_over()


def effects(office: Office) -> int:
    with transaction.atomic(), everything(office.program):
        office.program.refresh_from_db()
        return len(office.program.mandate)


def test_outside_a_transaction_nothing_can_be_enqueued(office: Office) -> None:
    with pytest.raises(RuntimeError, match="transaction of its cause"):
        enqueue(topic="test.deed", key="k", payload={}, program_id=office.program.pk)


def test_the_same_key_twice_is_one_row(office: Office) -> None:
    first = put(office)
    assert put(office).pk == first.pk


def test_an_intention_vanishes_with_its_cause(office: Office) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic(), everything(office.program):
        enqueue(topic="test.deed", key="gone", payload={}, program_id=office.program.pk)
        raise ZeroDivisionError
    with transaction.atomic(), everything(office.program):
        assert not Outbox.objects.filter(key="gone").exists()


def test_effect_and_end_commit_together(office: Office) -> None:
    row = put(office)
    perform(row.pk, office.program.pk, rename)
    assert (look(office).state, look(office).attempts, effects(office)) == (State.SENT, 1, 1)


def test_run_twice_has_one_effect(office: Office) -> None:
    row = put(office)
    for _ in range(3):
        perform(row.pk, office.program.pk, rename)
    assert effects(office) == 1


def test_run_by_eight_at_once_has_one_effect(office: Office) -> None:
    row, barrier = put(office), Barrier(8)

    def work() -> None:
        barrier.wait()
        try:
            perform(row.pk, office.program.pk, rename)
        finally:
            connection.close()

    threads = [Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert effects(office) == 1
    assert look(office).attempts == 1


def test_a_worker_that_lost_its_lease_commits_nothing(office: Office) -> None:
    row = put(office)

    def slow(work: Work) -> None:
        set_row(office, holder="somebody else")  # it was silent for too long, and another one took over
        work.finish(rename, program_id=work.program_id, payload=work.payload)

    perform(row.pk, office.program.pk, slow, staged=True)
    assert effects(office) == 0
    assert look(office).state == State.HANDED


def test_the_wrong_program_in_a_message_does_nothing(office: Office) -> None:
    row = put(office)
    perform(row.pk, office.program.pk + 1000, rename)
    assert look(office).attempts == 0


def test_an_unexpected_error_is_tried_three_times_then_given_up_in_words(office: Office) -> None:
    row, told = put(office), []

    def broken(**_: Any) -> None:
        raise ValueError("secret detail")

    def failed(**given: Any) -> None:
        told.append(given["reason"])

    for attempt in (1, 2, 3):
        perform(row.pk, office.program.pk, broken, failed=failed)
        assert look(office).attempts == attempt
        assert look(office).due > datetime.now(UTC) or attempt == 3
        set_row(office, due=datetime.now(UTC) - timedelta(seconds=1))
    assert look(office).state == State.DEAD
    assert "ValueError" in told[0]
    assert "secret" not in look(office).last_error
    perform(row.pk, office.program.pk, broken, failed=failed)
    assert len(told) == 1


def test_a_refusal_ends_the_row_with_its_sentence(office: Office) -> None:
    row = put(office)

    def refuse(**_: Any) -> None:
        raise Refused("The plan has a cycle.")

    perform(row.pk, office.program.pk, refuse)
    assert (look(office).state, look(office).last_error) == (State.DEAD, "The plan has a cycle.")


def test_work_that_kills_its_worker_is_parked_after_three_attempts(office: Office) -> None:
    row = put(office)
    for _ in range(3):  # begun, and never heard of again
        with transaction.atomic(), everything(office.program):
            assert leases.begin(row.pk, "dead worker") is not None
        set_row(office, claimed_until=datetime.now(UTC) - timedelta(seconds=1))
    perform(row.pk, office.program.pk, rename)
    assert look(office).state == State.DEAD
    assert "broke off" in look(office).last_error
    assert effects(office) == 0


def test_work_for_somebody_who_left_is_refused(office: Office) -> None:
    row = put(office, actor=office.staff)
    with transaction.atomic(), everything(office.program):
        Membership.objects.filter(user=office.staff).update(valid_to=datetime(2020, 1, 2, tzinfo=UTC).date())
    perform(row.pk, office.program.pk, rename)
    assert (look(office).state, effects(office)) == (State.DEAD, 0)
    assert "no role" in look(office).last_error


def test_the_relay_hands_over_only_what_is_due_and_only_once(office: Office) -> None:
    put(office, key="now")
    put(office, key="later", due=datetime.now(UTC) + timedelta(hours=1))
    assert [one.topic for one in hand_over()] == ["test.deed"]
    assert hand_over() == []
    assert look(office, "now").state == State.HANDED


def test_what_nobody_begins_is_handed_over_again(office: Office) -> None:
    put(office)
    hand_over()
    set_row(office, claimed_until=datetime.now(UTC) - timedelta(seconds=1))
    assert len(hand_over()) == 1
    assert look(office).handed == 2


def test_only_a_keeper_of_the_outbox_tries_a_dead_row_again(office: Office) -> None:
    row = put(office)
    set_row(office, state=State.DEAD, attempts=3)
    with pytest.raises(NotAllowed):
        commands.run(try_again, actor=office.member, row=row)
    commands.run(try_again, actor=office.program_manager, row=row)
    assert (look(office).state, look(office).attempts) == (State.PENDING, 0)
    with pytest.raises(Conflict):
        commands.run(try_again, actor=office.program_manager, row=row)


def test_the_relay_sees_whose_turn_it_is_and_nothing_else(office: Office) -> None:
    put(office)
    with logged_in_as("pmo_relay"), connection.cursor() as cursor:
        cursor.execute("select id, topic, state from pmo_outbox")
        assert len(cursor.fetchall()) == 1
        for attack in (
            "select payload from pmo_outbox",
            "update pmo_outbox set payload = '{}'",
            "delete from pmo_outbox",
            "insert into pmo_outbox (program_id, topic, key, payload, state) values (1, 'a', 'b', '{}', 'pending')",
            "select * from programs_program",
            "select * from pmo_user",
            "select pmo_program_ids()",
        ):
            with pytest.raises(Error, match="permission denied"):
                cursor.execute(attack)
