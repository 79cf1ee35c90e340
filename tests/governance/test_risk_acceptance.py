"""Carrying a risk is a decision of the body whose authority reaches to its score, until a day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client

from governance.authority import services as authority
from governance.bodies.models import Body
from governance.decisions import services
from governance.decisions.models import Decision
from governance.meetings import services as meetings
from governance.verify import RULES
from pmo.refusals import Conflict, Refused
from programs.raid import acceptance
from programs.raid import services as raid
from programs.raid.models import Risk, RiskAcceptance
from tests.cast import today
from tests.fresh import sign_in
from tests.governance.committee import SINCE, Committee, in_days, make_committee, sentence


@pytest.fixture
def committee(db: None) -> Committee:
    made = make_committee()
    for code, body, score in (("A-8", made.sponsoring, 8), ("A-9", made.steering, None)):
        made.does(
            made.program_manager, authority.delegate, program=made.program, code=code,
            subject_kind="risk_acceptance", body=body, up_to_score=score, valid_from=SINCE,
        )  # fmt: skip
    return made


def risk(committee: Committee, probability: int = 3, impact: int = 4, **more: Any) -> Risk:
    values = {
        "code": "R-1", "title": "The supplier is late", "cause": "One supplier", "event": "he is late",
        "effect": "we wait", "probability": probability, "impact": impact, "exposure_minor": 90_000_00, **more,
    }  # fmt: skip
    return committee.does(committee.staff, raid.add, program=committee.program, values=values)


def asked(committee: Committee, about: Risk, days: int = 30, **more: Any) -> RiskAcceptance:
    return committee.does(
        committee.staff, acceptance.ask, risk=about, version=about.version, reason="Nothing else is sold.",
        until=today() + timedelta(days=days), **more,
    )  # fmt: skip


def proposed(committee: Committee, row: RiskAcceptance) -> Decision:
    return committee.does(
        committee.staff, services.propose, risk_acceptance=row, question="Shall we carry it?"
    )


def accepted(committee: Committee, about: Risk, votes: str = "+++", **more: Any) -> Decision:
    ballot = committee.does(
        committee.chair, services.open_ballot, decision=proposed(committee, asked(committee, about, **more)),
        closes_at=in_days(7),
    )  # fmt: skip
    committee.all_vote(ballot, votes)
    return committee.closes(ballot, by=committee.chair)


def words(committee: Committee, about: Risk, on: date | None = None) -> list[str]:
    with committee.looking():
        rows = about.acceptances.select_related("warrant", "risk").order_by("pk")
        return [acceptance.in_words(one, on or today()) for one in rows]


def test_the_score_finds_the_body_and_a_higher_score_a_higher_body(committee: Committee) -> None:
    low = risk(committee, 2, 4)
    assert proposed(committee, asked(committee, low)).body == committee.sponsoring
    high = risk(committee, 3, 4, code="R-2")
    assert proposed(committee, asked(committee, high)).body == committee.steering
    stretched = risk(committee, 1, 2, code="R-3")
    row = asked(committee, stretched, appetite=9)  # what is accepted counts, not what it scores today
    assert proposed(committee, row).body == committee.steering


def test_an_accepted_risk_says_so_until_its_day_and_is_open_again_after_it(committee: Committee) -> None:
    about = risk(committee)
    decision = accepted(committee, about)
    with committee.looking(), connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
    assert decision.outcome == "approved" and decision.amount_minor == 90_000_00
    assert words(committee, about)[0].startswith("Accepted until")
    assert f"by decision {decision.code}" in words(committee, about)[0]
    page = sign_in(Client(), committee.member).get(f"/p/{committee.program.code}/risks/").content.decode()
    assert "Accepted until" in page
    later = today() + timedelta(days=31)
    assert "open again" in words(committee, about, later)[0]
    with committee.looking():
        assert list(acceptance.in_force(committee.program.pk, today()).values_list("risk", flat=True)) == [
            about.pk
        ]
        assert not acceptance.in_force(committee.program.pk, later).exists()
        assert [one.risk_id for one in acceptance.lapsed(committee.program.pk, later)] == [about.pk]


def test_a_risk_that_scores_higher_than_accepted_is_open_again(committee: Committee) -> None:
    about = risk(committee)
    accepted(committee, about)
    committee.does(
        committee.staff, raid.edit, risk_id=about.pk, changes={"probability": 4}, version=about.version
    )
    assert "scores 16 now" in words(committee, about)[0]
    with committee.looking():
        assert [one.risk_id for one in acceptance.lapsed(committee.program.pk, today())] == [about.pk]


def test_an_acceptance_covers_no_more_money_than_was_shown(committee: Committee) -> None:
    about = risk(committee)
    accepted(committee, about)
    assert "an exposure of 90,000.00" in words(committee, about)[0]
    for dearer, says in ((80_000_00, "Accepted until"), (10_000_000_000, "exposure of 90,000.00")):
        about = committee.does(
            committee.staff,
            raid.edit,
            risk_id=about.pk,
            changes={"exposure_minor": dearer},
            version=about.version,
        )
        assert says in words(committee, about)[0]
    assert "100,000,000.00" in words(committee, about)[0] and "open again" in words(committee, about)[0]
    with committee.looking():
        assert not acceptance.in_force(committee.program.pk, today()).exists()
        assert [one.risk_id for one in acceptance.lapsed(committee.program.pk, today())] == [about.pk]


def test_an_acceptance_is_of_the_risk_in_the_words_that_were_shown(committee: Committee) -> None:
    about = risk(committee, owner=committee.staff)
    accepted(committee, about)
    with committee.looking():
        assert acceptance.in_force(committee.program.pk, today()).exists()
    for name, value in {
        "title": "The factory burns", "cause": "x", "event": "x", "effect": "x", "response": "accept", "owner": None,
    }.items():  # fmt: skip
        former = getattr(about, name)
        for now, holds in ((value, False), (former, True)):
            about = committee.does(
                committee.staff, raid.edit, risk_id=about.pk, changes={name: now}, version=about.version
            )
            assert (f"another {name}; it is open again" in words(committee, about)[0]) is not holds
            with committee.looking():
                assert acceptance.in_force(committee.program.pk, today()).exists() is holds
                assert acceptance.lapsed(committee.program.pk, today()).exists() is not holds


def test_a_risk_reworded_while_the_body_votes_voids_the_ballot(committee: Committee) -> None:
    about = risk(committee)
    ballot = committee.does(
        committee.chair, services.open_ballot, decision=proposed(committee, asked(committee, about)),
        closes_at=in_days(7),
    )  # fmt: skip
    committee.all_vote(ballot)
    changes = {"event": "he is bankrupt", "effect": "we stop"}
    committee.does(committee.staff, raid.edit, risk_id=about.pk, changes=changes, version=about.version)
    closed = committee.closes(ballot, by=committee.chair)
    assert closed.state == "withdrawn" and "another event and effect" in closed.rationale


def test_a_risk_that_is_open_again_is_on_the_agenda_of_the_body_that_accepted_it(
    committee: Committee,
) -> None:
    about = risk(committee)
    decision = accepted(committee, about)

    def titles(body: Body, days: float) -> list[str]:
        called = committee.does(
            committee.staff, meetings.call_meeting, program=committee.program, body=body, place="",
            starts_at=in_days(days), minutes=60,
        )  # fmt: skip
        with committee.looking():
            return list(called.items.values_list("title", flat=True))

    said = f"RA-001 of R-1 The supplier is late does not hold any more ({decision.code})"
    assert said not in titles(committee.steering, 3)
    assert said in titles(committee.steering, 40)
    assert said not in titles(committee.sponsoring, 41)


def test_a_rejection_leaves_the_risk_open_and_it_may_be_asked_again(committee: Committee) -> None:
    about = risk(committee)
    assert accepted(committee, about, "--+").outcome == "rejected"
    assert words(committee, about)[0].endswith("rejected.")
    asked(committee, about)


def test_a_risk_scored_anew_while_the_body_votes_voids_the_ballot(committee: Committee) -> None:
    about = risk(committee)
    ballot = committee.does(
        committee.chair, services.open_ballot, decision=proposed(committee, asked(committee, about)),
        closes_at=in_days(7),
    )  # fmt: skip
    committee.all_vote(ballot)
    committee.does(committee.staff, raid.edit, risk_id=about.pk, changes={"impact": 5}, version=about.version)
    closed = committee.closes(ballot, by=committee.chair)
    assert closed.state == "withdrawn" and "scored anew" in closed.rationale


def test_who_owns_the_risk_does_not_vote_on_carrying_it(committee: Committee) -> None:
    about = risk(committee, owner=committee.member)
    ballot = committee.does(
        committee.chair, services.open_ballot, decision=proposed(committee, asked(committee, about)),
        closes_at=in_days(7),
    )  # fmt: skip
    assert "owns the risk" in sentence(lambda: committee.votes(ballot, committee.member))


@pytest.mark.parametrize(
    ("days", "more", "says"),
    [
        (-1, {}, "today or later"),
        (5, {"reason": "  "}, "Say why"),
        (5, {"appetite": 11}, "from 12"),
        (5, {"appetite": 26}, "to 25"),
    ],
)
def test_what_makes_no_sense_is_not_asked(
    committee: Committee, days: int, more: dict[str, Any], says: str
) -> None:
    about = risk(committee)
    given = {"reason": "So.", **more}
    with pytest.raises(Refused, match=says):
        committee.does(
            committee.staff, acceptance.ask, risk=about, version=about.version,
            until=today() + timedelta(days=days), **given,
        )  # fmt: skip


def test_an_old_page_a_closed_risk_and_a_second_asking_are_refused(committee: Committee) -> None:
    about = risk(committee)
    with pytest.raises(Conflict, match="changed this risk"):
        committee.does(
            committee.staff,
            acceptance.ask,
            risk=about,
            version=about.version + 1,
            reason="So.",
            until=today(),
        )
    asked(committee, about)
    assert "already" in sentence(lambda: asked(committee, about))
    over = risk(committee, code="R-9", state="closed")
    assert "nothing to accept" in sentence(lambda: asked(committee, over))


def test_nothing_but_a_decision_accepts_a_risk(committee: Committee) -> None:
    row = asked(committee, risk(committee))
    for lie in (
        "update programs_riskacceptance set state = 'approved' where id = %s",
        "update programs_riskacceptance set until = until + 400 where id = %s",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), committee.looking():  # noqa: SIM117
            with connection.cursor() as cursor:
                cursor.execute(lie, [row.pk])
    other = accepted(committee, risk(committee, code="R-5"))
    with pytest.raises(DatabaseError, match="something else"), transaction.atomic(), committee.looking():  # noqa: SIM117
        with connection.cursor() as cursor:
            cursor.execute(
                "update programs_riskacceptance set state = 'approved', warrant_id = %s where id = %s",
                [other.warrant_id, row.pk],
            )
            cursor.execute("set constraints all immediate")


def test_verify_looks_for_an_approval_that_accepted_nothing() -> None:
    assert any("its risk is not accepted" in rule for rule in RULES)
