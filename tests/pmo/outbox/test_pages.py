"""The outbox page: its keeper sees what waits, its readers their own mails, and nobody is acted upon by one."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from pmo.accounts.models import User
from pmo.accounts.roles import Permission
from pmo.outbox.mails import post
from pmo.outbox.models import Outbox
from pmo.outbox.selectors import safe_html
from tests.cast import Office, everything, make_office

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> Office:
    return make_office()


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def at(name: str, **where: Any) -> str:
    return reverse(name, kwargs={"code": "ATLAS", **where})


def mail_to(office: Office, user: User, **changes: Any) -> Outbox:
    words: dict[str, Any] = {
        "key": f"mail:{user.pk}",
        "subject": f"Summary for {user.name}",
        "text": "The forecast is 26.2M EUR.",
        "html": "<p>The forecast is <b>26.2M EUR</b>.</p>",
        "permission": Permission.VIEW_MONEY,
    }
    with everything(office.program):
        row = post(program_id=office.program.pk, recipient=user, **(words | changes))
        Outbox.objects.filter(pk=row.pk).update(state=Outbox.State.KEPT, done_at=datetime.now(UTC))
    return row


def test_kept_mails_are_read_here_with_both_twins(office: Office) -> None:
    row = mail_to(office, office.sponsor)
    page = signed_in(office.program_manager).get(at("outbox:row", pk=row.pk)).content.decode()
    assert "<b>26.2M EUR</b>" in page and "The forecast is 26.2M EUR." in page
    assert office.sponsor.email in page


def test_everybody_else_sees_the_own_mails_only(office: Office) -> None:
    mine, other = mail_to(office, office.sponsor), mail_to(office, office.chair)
    client = signed_in(office.sponsor)
    page = client.get(at("outbox:list")).content.decode()
    assert "Summary for Esther Prime" in page and "Dana Whitfield" not in page
    assert client.get(at("outbox:row", pk=mine.pk)).status_code == 200
    assert client.get(at("outbox:row", pk=other.pk)).status_code == 404


def test_an_administrator_keeps_the_outbox_but_reads_no_figures(office: Office) -> None:
    row = mail_to(office, office.sponsor)
    page = signed_in(office.administrator).get(at("outbox:row", pk=row.pk)).content.decode()
    assert "Summary for Esther Prime" in page
    assert "26.2M" not in page


def test_a_dead_mail_is_tried_again_from_the_page(office: Office) -> None:
    row = mail_to(office, office.sponsor)
    with everything(office.program):
        Outbox.objects.update(state=Outbox.State.UNKNOWN, ambiguous=2, last_error="no answer came")
    assert signed_in(office.sponsor).post(at("outbox:again", pk=row.pk)).status_code == 403
    client = signed_in(office.program_manager)
    assert "no answer came" in client.get(at("outbox:row", pk=row.pk)).content.decode()
    assert client.post(at("outbox:again", pk=row.pk)).status_code == 302
    with everything(office.program):
        assert Outbox.objects.get().state == Outbox.State.PENDING
    assert client.post(at("outbox:again", pk=row.pk)).status_code == 409


@pytest.mark.parametrize("show", ["", "waiting", "stuck", "mails", "'; drop table pmo_outbox; --"])
def test_the_list_can_be_narrowed(office: Office, show: str) -> None:
    mail_to(office, office.sponsor)
    assert signed_in(office.program_manager).get(at("outbox:list"), {"show": show}).status_code == 200


@pytest.mark.parametrize(
    "payload",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<a href='javascript:alert(1)'>x</a>",
        "<p hx-get='/p/ATLAS/'>x</p>",
        "<p data-hx-get='/p/ATLAS/'>x</p>",
        "<form action='/'><input name=q></form>",
        "<iframe src='https://evil.example'></iframe>",
        "<svg><use href='https://evil.example#x'/></svg>",
        "<p style='position:fixed;inset:0'>x</p>",
        "<p class='modal' id='main'>x</p>",
        "<link rel=stylesheet href='https://evil.example'>",
    ],
)
def test_a_mail_shown_in_our_page_cannot_act(office: Office, payload: str) -> None:
    clean = safe_html(payload)
    for word in (
        "script",
        "onerror",
        "javascript:",
        "hx-",
        "<form",
        "<iframe",
        "<svg",
        "style",
        "class",
        "id=",
        "<link",
        "<img",
    ):
        assert word not in clean
    row = mail_to(office, office.sponsor, html=payload)
    page = signed_in(office.sponsor).get(at("outbox:row", pk=row.pk))
    assert page.status_code == 200
    assert "evil.example" not in page.content.decode()
