"""Whoever sends, reads or enters costs, or approves money, is killed with -9 at any moment: all of it or nothing.

Each deed runs in a process of its own and dies at a random instant. After every kill `verify` finds nothing; what was
cut off is done again, and in the end each cost, journal and reserve is there exactly once. `make faults` kills more.
"""

from __future__ import annotations

import io
import os
import random
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import connections

from finance import verify as finance_verify
from finance.imports import large
from finance.imports import services as imports
from finance.imports.models import ActualBatch, UploadedPart
from finance.imports.tasks import enter_costs, read_costs
from finance.ledger.models import ActualLine, Journal
from governance import verify
from governance.decisions.models import Decision
from pmo import commands
from pmo.outbox.models import Outbox
from programs import verify as programs_verify
from tests.governance.committee import Committee, make_committee

pytestmark = pytest.mark.fault
KILLS = int(os.environ.get("PMO_KILLS", "20"))
ROWS, AMOUNT, LEASE = 1_500, 51_000_00, 0.4
STATE = ActualBatch.State


def cost_file(number: int, project: str) -> bytes:
    rows = [
        f"K{number}-{n},{project},,{('labour', 'travel')[n % 2]},operating,2026-{n % 6 + 1:02}-10,{n % 90 + 1}.5,,V,W"
        for n in range(ROWS)
    ]
    return "\n".join(
        ["source_reference,project,activity,category,nature,date,amount,currency,vendor,text", *rows]
    ).encode()


def in_a_process(deed: Callable[[], Any], seconds: float) -> bool:
    """Run a deed in a child and kill it after so long; was it still at work?"""
    connections.close_all()  # a socket to the database is nobody's twice
    child = os.fork()
    if not child:  # pragma: no cover - the child is killed, or ends without a word
        try:
            deed()
        finally:
            os._exit(0)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


@dataclass
class Storm:
    """The office, how often somebody was killed in the middle of what, and how long each thing takes undisturbed."""

    committee: Committee
    owner: Any
    chance: random.Random = field(
        default_factory=lambda: random.Random(int(os.environ.get("PMO_SEED", "11")))
    )
    kills: dict[str, int] = field(default_factory=dict)
    takes: dict[str, float] = field(default_factory=dict)

    @property
    def count(self) -> int:
        return sum(self.kills.values())

    def strikes(self, what: str, deed: Callable[[], Any], times: int) -> None:
        """Let a deed be done and killed some times; the house is whole after each."""
        for _ in range(times):
            if in_a_process(deed, self.chance.uniform(0, self.takes[what])):
                self.kills[what] = self.kills.get(what, 0) + 1
            self.is_whole(what)

    def timed(self, what: str, deed: Callable[[], Any]) -> None:
        began = time.perf_counter()
        deed()
        self.takes[what] = max(self.takes.get(what, 0.0), time.perf_counter() - began)

    def is_whole(self, after: str) -> None:
        with self.owner.cursor() as cursor:
            found = [*finance_verify.check(cursor), *verify.check(cursor), *programs_verify.check(cursor)]
        self.owner.rollback()
        assert not found, (after, self.kills, found)

    def file(self, number: int) -> ActualBatch | None:
        with self.committee.looking():
            found: ActualBatch | None = ActualBatch.objects.filter(file_name=f"{number}.csv").first()
        return found

    def work(self, number: int, topic: str) -> int:
        batch = self.file(number)
        assert batch is not None
        with self.committee.looking():
            return int(Outbox.objects.filter(topic=topic, payload__batch=batch.pk).latest("pk").pk)


def send(storm: Storm, number: int, strikes: int) -> None:
    """A file comes in. Killed, it is here whole, with somebody asked to read it, or not at all."""
    content = cost_file(number, storm.committee.erp.code)

    def deed() -> None:
        commands.run(
            large.receive,
            actor=storm.committee.controller,
            program=storm.committee.program,
            name=f"{number}.csv",
            stream=io.BytesIO(content),
            digest=large.digest_of(io.BytesIO(content)),
        )

    for _ in range(strikes):
        if storm.file(number) is None:
            storm.strikes("send", deed, 1)
    if storm.file(number) is None:
        storm.timed("send", deed)


def by_a_worker(storm: Storm, number: int, what: str, topic: str, task: Any, strikes: int) -> None:
    """The worker is killed at most twice (a third time it is given up), and the next one does it."""
    row, program = storm.work(number, topic), storm.committee.program.pk
    storm.strikes(what, lambda: task(row, program), strikes)
    time.sleep(LEASE + 0.2 if strikes else 0)
    storm.timed(what, lambda: task(row, program))
    storm.is_whole(what)


def approve(storm: Storm, number: int, strikes: int) -> None:
    """A committee approves money; the closing is killed, and closed again where it was not over."""
    committee = storm.committee
    decision = committee.opened(committee.request(AMOUNT, vendor=f"V{number}"))
    committee.all_vote(decision)
    storm.strikes("close", lambda: committee.closes(decision), strikes)
    with committee.looking():
        state = Decision.objects.get(pk=decision.pk).state
    if state == "open":
        storm.timed("close", lambda: committee.closes(decision))
    storm.is_whole("close")
    assert (committee.journals(), committee.balance("reserve")) == (number + 1, (number + 1) * AMOUNT)


def test_killed_at_any_moment_money_is_there_once_or_not_at_all(
    own_database: Any, as_owner: Any, settings: Any
) -> None:
    settings.OUTBOX_LEASE_SECONDS = LEASE
    storm = Storm(make_committee(), as_owner)
    committee, number = storm.committee, 0
    while storm.count < KILLS:
        strikes = 2 if number else 0  # the first time shows how long things take
        send(storm, number, strikes)
        by_a_worker(storm, number, "read", large.READ_TOPIC, read_costs, strikes)
        batch = storm.file(number)
        assert batch is not None and (batch.state, batch.totals["new"]) == (STATE.READ, ROWS)
        if number % 3 == 2:  # entered while the person waits
            storm.strikes(
                "accept",
                lambda found=batch: commands.run(imports.accept, actor=committee.controller, batch=found),
                2,
            )
            batch = storm.file(number)
            if batch is not None and batch.state == STATE.READ:
                commands.run(imports.accept, actor=committee.controller, batch=batch)
        else:
            commands.run(large.ask_entering, actor=committee.controller, batch=batch)
            by_a_worker(storm, number, "enter", large.ENTER_TOPIC, enter_costs, strikes)
            storm.takes["accept"] = storm.takes["enter"]
        approve(storm, number, strikes)
        number += 1
        with committee.looking():
            assert ActualLine.objects.count() == number * ROWS
            assert Journal.objects.filter(kind="actual").count() == number * 6
            assert not UploadedPart.objects.exists()
            assert set(ActualBatch.objects.values_list("state", flat=True)) == {STATE.ACCEPTED}
    print(f"\nkilled at work: {storm.kills}, in {number} rounds")
    assert len(storm.kills) >= 4, storm.kills
