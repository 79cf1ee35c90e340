"""A written procedure whose rules say what silence counts as: frozen at its opening, loud on the page, sealed."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from governance import verify
from governance.bodies import services as bodies
from governance.bodies.models import Body
from governance.decisions import jobs
from governance.decisions.models import Decision, DecisionRecord
from governance.decisions.selectors import exported_chain
from governance.decisions.tally import Tally, with_silence
from governance.decisions.verify_chain import faults
from pmo.outbox.models import Outbox
from tests.governance.committee import Committee, also_member, make_committee, sentence


def silent_as(room: Committee, silence: str) -> Committee:
    """The rules of the body say from now on what silence counts as."""
    with room.looking():
        body = Body.objects.get(pk=room.steering.pk)
    room.does(
        room.program_manager, bodies.change_rules, body=body, members_stand_in=False, proxies_per_person=0,
        silence=silence, version=body.version,
    )  # fmt: skip
    return room


def ended(room: Committee, choices: str = "", **more: Any) -> Decision:
    """A ballot whose time is over, with these votes."""
    decision = room.opened(days=1.2 / 86_400, **more)
    room.all_vote(decision, choices)
    time.sleep(max(0.0, (decision.closes_at - timezone.now()).total_seconds()) + 0.05)
    return decision


def sealed_of(room: Committee, decision: Decision) -> dict[str, Any]:
    with room.looking():
        found: dict[str, Any] = json.loads(bytes(DecisionRecord.objects.get(decision=decision).canonical))
        with connection.cursor() as cursor:
            assert verify.check(cursor) == []
        assert faults(exported_chain(room.program.pk), []) == []
    return found


@pytest.mark.parametrize(
    ("silence", "choices", "outcome", "silent"),
    [
        ("consent", "...", "approved", 3),  # nobody objected
        ("consent", "-..", "approved", 2),
        ("consent", "--.", "rejected", 1),
        ("consent", "+-0", "approved", 0),  # nobody was silent; the tie is broken by the chair's own vote
        ("abstain", "...", "rejected", 3),
        ("abstain", "+..", "approved", 2),
        ("", "+..", "lapsed", 0),
    ],
)
def test_silence_counts_as_the_ballot_froze_it_by_the_clock_and_once(
    committee: Committee, silence: str, choices: str, outcome: str, silent: int
) -> None:
    room = silent_as(committee, silence)
    decision = ended(room, choices)
    assert jobs.close_overdue_in(room.program.pk) == (1, 0)
    assert jobs.close_overdue_in(room.program.pk) == (0, 0)
    with room.looking():
        decision.refresh_from_db()
    assert decision.outcome == outcome
    sealed = sealed_of(room, decision)
    assert sealed["tally"].get("silent", 0) == silent
    if silent:
        assert sealed["silence"]["counts_as"] == silence and len(sealed["silence"]["persons"]) == silent
        assert "said nothing until the end" in sealed["silence"]["words"]
    else:
        assert "silence" not in sealed


def test_neither_the_requester_nor_a_recused_seat_consents_by_silence(committee: Committee) -> None:
    also_member(committee, committee.erp_manager)
    room = silent_as(committee, "consent")
    decision = room.closes(ended(room, "-.."))
    sealed = sealed_of(room, decision)
    assert sealed["tally"]["recused"] == 1 and sealed["tally"]["silent"] == 2
    assert room.erp_manager.pk not in sealed["silence"]["persons"]


def test_a_silent_chair_breaks_no_tie() -> None:
    tally = Tally(4, approve=1, reject=2, abstain=0, recused=0, missing=1, chair_can_vote=True)
    after = with_silence(tally, "consent")
    assert (after.approve, after.missing, after.silent, after.chair, after.chair_can_vote) == (
        2,
        0,
        1,
        "",
        False,
    )
    assert with_silence(tally, "") is tally


def test_rules_changed_during_a_ballot_are_for_the_next_one(committee: Committee) -> None:
    decision = committee.opened(days=1 / 86_400)
    silent_as(committee, "consent")
    time.sleep(max(0.0, (decision.closes_at - timezone.now()).total_seconds()) + 0.05)
    assert committee.closes(decision).outcome == "lapsed"


def test_silence_is_not_counted_before_the_end(committee: Committee) -> None:
    room = silent_as(committee, "consent")
    decision = room.opened()
    room.votes(decision, room.member)
    told = sentence(lambda: room.closes(decision, room.chair))
    assert told.startswith("2 seats have not voted and could still change the outcome.")
    room.votes(decision, room.chair)  # settled: two approvals of three
    closed = room.closes(decision, room.chair)
    assert closed.outcome == "approved" and "silent" not in sealed_of(room, closed)["tally"]


def test_where_the_chair_decides_silence_decides_nothing(db: None) -> None:
    room = make_committee(voting_rule="chair_decides")
    assert sentence(lambda: silent_as(room, "consent")).startswith("Where the chair decides, silence")


def test_the_database_counts_no_silence_that_the_ballot_did_not_freeze(committee: Committee) -> None:
    """Who seals a consent by silence with the serving login: refused at commit, as any other false count."""
    decision = ended(committee, "+..")

    def forged(*, by: Any, at: Any) -> None:
        Decision.objects.filter(pk=decision.pk).update(figures=decision.figures | {"silence": "consent"})

    assert "cannot be changed" in sentence(lambda: committee.does(committee.chair, forged))


def test_the_page_and_the_mail_say_it_loudly(committee: Committee) -> None:
    room = silent_as(committee, "consent")
    decision = room.opened()
    client = Client()
    client.force_login(room.member)
    url = f"/p/{room.program.code}/decisions/{decision.number}/"
    assert "Silence counts as consent: a seat that has not voted by" in client.get(url).content.decode()
    with room.looking():
        mail = Outbox.objects.filter(key=f"ballot:{decision.pk}:elector:{decision.electors.first().pk}").get()
    assert "your silence counts as consent" in mail.payload["text"]
    over = room.closes(ended(room, request=room.request(title="Tapes", vendor="Other")))
    shown = client.get(f"/p/{room.program.code}/decisions/{over.number}/").content.decode()
    assert "said nothing until the end, which counts as consent" in shown.replace("\u00a0", " ")
    assert "silent: consents" in shown
