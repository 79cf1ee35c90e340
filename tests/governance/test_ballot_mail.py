"""Who may vote is told by mail when a ballot opens; the mail leads to the page, which asks who it is."""

from __future__ import annotations

import pytest
from django.test import Client

from governance.decisions import services
from governance.decisions.models import Vote
from pmo.outbox.models import Outbox
from pmo.refusals import Conflict
from tests.governance.committee import Committee


@pytest.fixture
def mails(committee: Committee) -> list[Outbox]:
    committee.opened(committee.request(title="Arrays <script>\nBcc: everybody@example.org"))
    with committee.looking():
        return list(
            Outbox.objects.filter(program=committee.program, key__startswith="ballot:").order_by("pk")
        )


def test_every_voter_gets_one_mail_and_nobody_else(committee: Committee, mails: list[Outbox]) -> None:
    to = [mail.payload["to"] for mail in mails if "Arrays" in mail.payload["subject"]]
    assert sorted(to) == sorted(who.email for who in (committee.chair, committee.member, committee.member2))


def test_the_mail_leads_to_the_ballot_and_carries_no_key_to_it(
    committee: Committee, mails: list[Outbox]
) -> None:
    payload = mails[-1].payload
    assert f"/p/{committee.program.code}/decisions/" in payload["text"]
    assert "640,000" in payload["text"] and "Shall this be bought?" in payload["text"]
    assert "?" not in payload["text"].split("http", 1)[1].split()[0]  # no token: who opens it signs in
    assert "<script>" not in payload["html"] and "\n" not in payload["subject"]
    assert payload["permission"] == "vote"  # who lost the role by the time it leaves does not get it


def test_opening_the_link_votes_nothing_and_asks_who_it_is(committee: Committee, mails: list[Outbox]) -> None:
    path = "/p/" + mails[-1].payload["text"].split("/p/", 1)[1].split("#", 1)[0].split()[0]
    stranger = Client().get(path)
    assert stranger.status_code == 302 and "login" in stranger["Location"]
    voter = Client()
    voter.force_login(committee.member)
    page = voter.get(path).content.decode()
    assert 'name="password"' in page  # signed in, but not just now
    with committee.looking():
        assert not Vote.objects.filter(decision__title__contains="Arrays").exists()


def test_a_ballot_that_cannot_open_tells_nobody(committee: Committee) -> None:
    decision = committee.opened()
    with committee.looking():
        before = Outbox.objects.filter(key__startswith="ballot:").count()
    with pytest.raises(Conflict, match="already"):
        committee.does(committee.chair, services.open_ballot, decision=decision)
    with committee.looking():
        assert Outbox.objects.filter(key__startswith="ballot:").count() == before
