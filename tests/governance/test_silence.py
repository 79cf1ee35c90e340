"""A written procedure whose rules say what silence counts as: frozen at its opening, loud on the page, sealed."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from governance import verify
from governance.bodies import services as bodies
from governance.bodies.models import Body
from governance.consequences.measures import stamp
from governance.decisions import electorate, jobs, services
from governance.decisions.canonical import canonical, digest
from governance.decisions.models import Decision, DecisionRecord
from governance.decisions.selectors import exported_chain
from governance.decisions.subjects import facts_of
from governance.decisions.verify_chain import faults
from pmo.accounts.models import Membership, User
from pmo.outbox.models import Outbox
from tests.fresh import sign_in
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
    decision = room.opened(days=7.01, **more)
    room.all_vote(decision, choices)
    return let_pass(room, decision)


def let_pass(room: Committee, decision: Decision, days: int = 8) -> Decision:
    """What was done on this ballot was done so many days earlier: past every trigger, since nobody waits a week."""
    earlier = f"- interval '{days} days'"
    with room.looking():
        with connection.cursor() as cursor:
            cursor.execute(
                "select played.forge(%s)",
                [
                    f"update governance_decision set opened_at = opened_at {earlier}, closes_at = closes_at {earlier}"  # noqa: S608
                    f" where id = {decision.pk}; update governance_vote set at = at {earlier},"
                    f" auth_at = auth_at {earlier} where decision_id = {decision.pk}"
                ],
            )
        decision.refresh_from_db()
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


def test_rules_changed_during_a_ballot_are_for_the_next_one(committee: Committee) -> None:
    open_already, proposed_already = (
        committee.opened(),
        committee.proposed(committee.request(title="T", vendor="B")),
    )
    silent_as(committee, "consent")
    assert committee.closes(let_pass(committee, open_already)).outcome == "lapsed"
    opened = committee.does(committee.chair, services.open_ballot, decision=proposed_already)
    assert "silence" not in opened.figures
    later = committee.opened(committee.request(title="Tapes", vendor="Other"), days=7.01)
    assert later.figures["silence"] == "consent" and later.figures["silence_days"] == 7


def draft_of(room: Committee, by: User | None = None) -> Decision:
    """A draft on which silence will be consent."""
    return silent_as(room, "consent").proposed(room.request(by=by))


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"closes_at": 6.9}, "Silence counts on this ballot: it stays open for at least 7"),
        ({"closes_at": 1 / 86_400}, "Silence counts on this ballot: it stays open for at least 7"),
        (
            {"auth_at": None},
            "Only who has just proved to be the person opens a ballot on which silence counts.",
        ),
        (
            {"auth_at": 11},
            "Only who has just proved to be the person opens a ballot on which silence counts.",
        ),
        ({"by": "program_manager"}, "Who requested it does not open a ballot on which silence counts."),
    ],
)
def test_silence_needs_its_days_a_fresh_sign_in_and_another_than_who_asked(
    committee: Committee, how: dict[str, Any], said: str
) -> None:
    draft = draft_of(committee, by=committee.program_manager)
    now = timezone.now()
    given: dict[str, Any] = {"auth_at": now}
    if "closes_at" in how:
        given["closes_at"] = now + timedelta(days=how["closes_at"])
    if "auth_at" in how:
        given["auth_at"] = now - timedelta(minutes=how["auth_at"]) if how["auth_at"] else None
    who = getattr(committee, how.get("by", "chair"))
    told = sentence(lambda: committee.does(who, services.open_ballot, decision=draft, **given))
    assert told.replace("\u00a0", " ").startswith(said)
    assert committee.does(committee.chair, services.open_ballot, decision=draft, auth_at=now).state == "open"


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"closes": timedelta(days=6)}, "Silence counts on D-2: it stays open for at least 7 days from now."),
        ({"ago": timedelta(days=9)}, "Silence counts on D-2: it stays open for at least 7 days from now."),
        ({"days": 0}, "Silence counts on D-2: it stays open for at least 7 days from now."),
        ({"auth": timedelta(hours=1)}, "Only who has just proved to be the person opens a ballot"),
        ({"by": "erp_manager"}, "Who requested it does not open a ballot on which silence counts."),
        ({"name": "member"}, "A ballot on which silence counts is opened by a person, in no other name."),
        ({"late": True}, "The rules that stood when D-2 was proposed do not say that silence counts."),
        ({"idle": True}, "The figures of D-2 do not say who has no right to vote"),
    ],
)
def test_the_database_opens_no_such_ballot_in_another_way(
    committee: Committee, how: dict[str, Any], said: str
) -> None:
    """Who opens it with the serving login, past the services: each is refused by the database itself."""
    if how.get("late"):
        draft = committee.proposed(committee.request())
        silent_as(committee, "consent")
    else:
        draft = draft_of(committee)
    if how.get("idle"):
        without_membership(committee, committee.member)
    opener = getattr(committee, how.get("by", "chair"))
    name = getattr(committee, how["name"]) if "name" in how else opener

    def forged(*, by: Any, at: Any) -> None:
        now = timezone.now() - how.get("ago", timedelta())
        rows = electorate.electorate(draft.body, facts_of(draft), now.date())
        figures = {
            "silence": "consent",
            "silence_days": how.get("days", 7),
            "opened_auth_at": stamp(timezone.now() - how.get("auth", timedelta())),
            "electorate": [{"seat": row["seat"]} for row in rows],
        }
        electorate.freeze(draft, rows)
        content = canonical(figures)
        Decision.objects.filter(pk=draft.pk).update(
            state="open", opened_at=now, opened_by=name, closes_at=now + how.get("closes", timedelta(days=7)), quorum=2,
            figures=figures, figures_canonical=content, figures_sha256=digest(content),
        )  # fmt: skip

    assert sentence(lambda: committee.does(opener, forged)).startswith(said)


def without_membership(room: Committee, who: User, days: int = 2) -> None:
    """This person's membership ended so many days ago; the seat is still held."""
    with room.looking():
        gone = timezone.now().date() - timedelta(days=days)
        assert Membership.objects.filter(program=room.program, user=who).update(valid_to=gone)


def test_who_cannot_vote_does_not_consent_by_silence(committee: Committee) -> None:
    """Neither who had no right when it opened, nor who lost it meanwhile, nor whose account is off."""
    room = silent_as(committee, "consent")
    also_member(room, room.iam_manager)
    without_membership(room, room.member)
    decision = room.opened(days=7.01)
    without_membership(room, room.member2, 5)
    with room.looking():
        User.objects.filter(pk=room.iam_manager.pk).update(is_active=False)
        back = {"user": room.member, "program": room.program}
        Membership.objects.filter(**back).update(valid_to=None)  # too late: the ballot froze who could vote
    decision = room.closes(let_pass(room, decision))
    sealed = sealed_of(room, decision)
    assert (decision.outcome, sealed["tally"]["silent"], sealed["tally"]["missing"]) == ("lapsed", 1, 3)
    assert sealed["silence"]["persons"] == [room.chair.pk]
    client = Client()
    client.force_login(room.chair)
    shown = client.get(f"/p/{room.program.code}/decisions/{decision.number}/").content.decode()
    assert shown.count("silent: consents") == 1


def test_on_a_ballot_that_was_open_for_less_than_a_day_nobody_is_silent(committee: Committee) -> None:
    """One opened before such ballots had to last: it closes, and silence is nothing."""
    room = silent_as(committee, "consent")
    decision = room.opened(days=7.01)
    short = "update governance_decision set opened_at = closes_at - interval '1 second' where state = 'open'"
    with room.looking(), connection.cursor() as cursor:
        cursor.execute("select played.forge(%s)", [short])
    decision = room.closes(let_pass(room, decision))
    assert decision.outcome == "lapsed" and "silent" not in sealed_of(room, decision)["tally"]


def test_the_page_and_the_api_ask_who_opens_it_for_the_password(committee: Committee) -> None:
    draft = draft_of(committee)
    long_ago = sign_in(Client(), committee.chair, ago=3600)
    url = f"/p/{committee.program.code}/decisions/{draft.number}/"
    shown = long_ago.get(url).content.decode()
    assert "Silence will count as consent" in shown and 'id="password-open"' in shown
    closes = (timezone.now() + timedelta(days=9)).strftime("%Y-%m-%dT%H:%M")
    refused = long_ago.post(f"{url}open/", {"closes_at": closes})
    assert refused.status_code == 422 and "Enter your password once more" in refused.content.decode()
    api = f"/api/v1/programs/{committee.program.code}/decisions/{draft.pk}/open/"
    assert long_ago.post(api, "{}", "application/json").status_code == 403
    assert sign_in(Client(), committee.chair).post(api, "{}", "application/json").status_code == 200


def test_silence_is_not_counted_before_the_end(committee: Committee) -> None:
    room = silent_as(committee, "consent")
    decision = room.opened(days=7.01)
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
    decision = room.opened(days=7.01)
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
