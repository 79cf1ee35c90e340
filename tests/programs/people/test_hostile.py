"""Who should not come in: made-up, used, old links, two at once, more than one may give, addresses that deceive."""

from __future__ import annotations

import json
import logging
import time
from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from pmo import commands
from pmo.accounts.models import Membership, User
from pmo.accounts.roles import Role
from pmo.logs import JsonLine
from pmo.outbox import mails
from pmo.outbox.models import Outbox
from pmo.refusals import Conflict, NotAllowed, Refused
from programs.people import mailing, services
from programs.people.models import Invitation, InvitedRole
from programs.people.wishes import Wanted, Wish, clean_email, clean_name, read
from programs.portfolio import services as portfolio
from tests.cast import Office, everything, make_office
from tests.fresh import sign_in
from tests.programs.people.test_invitations import NEW, PASSWORD, invite, invited_by, joins, link, roles_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> Office:
    return make_office()


FORM = {"name": "Eve", "password": PASSWORD, "again": PASSWORD}


def test_a_made_up_or_changed_link_is_a_page_that_does_not_exist(office: Office) -> None:
    invitation = invited_by(office.program_manager, office)
    text = link(office, invitation.pk)
    wrong = [text[:-1] + ("A" if text[-1] != "A" else "B"), text.swapcase(), text[:-1], text + "A", "A" * 43]
    with everything(office.program):
        wrong += [invitation.digest, invitation.nonce, str(invitation.pk)]
    for one in (*wrong, "é" * 43, "%27%20or%201=1", "../" * 9):
        for answer in (Client().get(f"/invitation/{one}/"), Client().post(f"/invitation/{one}/", FORM)):
            assert answer.status_code == 404, one
    assert not User.objects.filter(email=NEW).exists()


@pytest.mark.parametrize("page", ["/invitation/{}/", "/accounts/password/reset/key/1-{}/"])
@pytest.mark.parametrize("words", ["Forbidden: {}", 'Referer "{}"', "no page {}?next=/", "{}\nand more"])
def test_the_secret_of_a_link_is_not_written_to_the_log(page: str, words: str) -> None:
    address = page.format("Zk3" * 14 + "x")
    record = logging.LogRecord("x", logging.WARNING, "x.py", 1, words, None, None)
    record.msg, record.path = words.format(address), address
    written = json.loads(JsonLine().format(record))
    assert "Zk3" not in str(written)
    assert "…" in written["path"] and written["text"].count("…") == 1


def test_an_expired_withdrawn_or_renewed_link_opens_nothing(office: Office) -> None:
    invitation = invited_by(office.program_manager, office)
    text = link(office, invitation.pk)
    moment = datetime.now(UTC)
    with pytest.raises(Conflict, match="expired"):
        joins(office, invitation, at=moment + timedelta(days=7, seconds=1))
    commands.run(services.send_again, actor=office.program_manager, invitation=invitation)
    with pytest.raises(Conflict, match="another one was sent"):
        joins(office, invitation, text=text)
    commands.run(services.withdraw, actor=office.program_manager, invitation=invitation)
    with pytest.raises(Conflict, match="withdrawn"):
        joins(office, invitation)
    assert not User.objects.filter(email=NEW).exists()


def test_who_lost_the_right_since_has_invited_in_vain(office: Office) -> None:
    by_second = invite(office.administrator, office, Wanted(Role.PROGRAM_MANAGER), email=office.staff.email)
    invitation = invited_by(office.staff, office)
    commands.run(portfolio.end_membership, actor=office.administrator, membership=by_second.memberships[0])
    with pytest.raises(Conflict, match="may no longer give"):
        joins(office, invitation)
    assert roles_of(office) == set()
    other = invited_by(office.administrator, office, Wanted(Role.SPONSOR), email="o@x.example")
    User.objects.filter(pk=office.administrator.pk).update(is_active=False)
    with pytest.raises(Conflict, match="may no longer give"):
        joins(office, other)


def test_somebody_else_who_is_signed_in_does_not_take_it(office: Office) -> None:
    invitation = invited_by(office.program_manager, office)
    page = f"/invitation/{link(office, invitation.pk)}/"
    browser = sign_in(Client(), office.erp_manager)
    assert b"Sign out, then open" in browser.get(page).content
    assert browser.post(page, FORM).status_code == 422
    with everything(office.program):
        assert Invitation.objects.get().accepted_at is None


@pytest.mark.parametrize(
    "email",
    [
        "a@b.example\r\nBcc: all@b.example",
        "a@b.example\nX: y",
        "a@b.example, c@d.example",
        "a b@c.example",
        "<a@b.example>",
        "\u0430da@office.example",  # Cyrillic a
        "ada@\u043effice.example",
        "\u212aen@office.example",  # Kelvin
        "\u017ftefan@office.example",  # long s: small letters make it an s
        "a@b\u3002example",
        "a\u200b@b.example",
        "a@b.example\x00",
        "@b.example",
        "a@",
        "",
        "x" * 250 + "@b.example",
    ],
)
def test_an_address_that_deceives_is_refused(office: Office, email: str) -> None:
    with pytest.raises(Refused):
        clean_email(email)
    with pytest.raises(Refused):
        invite(office.program_manager, office, email=email)
    answer = sign_in(Client(), office.program_manager).post(
        "/p/ATLAS/members/invite/", {"email": email, "name": "Eve", "roles": "auditor"}
    )
    assert answer.status_code == 422
    with everything(office.program):
        assert not Invitation.objects.exists()


def test_a_name_stands_on_one_line_and_writes_no_header(office: Office) -> None:
    for name in ("Eve\r\nBcc: all@b.example", "Eve\u202eadA", "Eve <x>", "\x07", " ", "e" * 121):
        with pytest.raises(Refused):
            clean_name(name)
        with pytest.raises(Refused):
            invite(office.program_manager, office, name=name)
    made = invited_by(
        office.program_manager, office, name='"Eve, Ärztin" Bcc: x@y.example', reason="<b>hi</b>"
    )
    with everything(office.program):
        row = Outbox.objects.get(key=f"invitation:{made.pk}:1")
        mail = mails.message(key=row.key, payload=row.payload, written_at=datetime.now(UTC))
    assert mail["Bcc"] is None and len(mail["To"].addresses) == 1
    assert mail["To"].addresses[0].addr_spec == NEW
    assert "<b>hi</b>" not in row.payload["html"]


def test_mails_are_limited_for_a_person_and_for_an_address(office: Office) -> None:
    made = invited_by(office.program_manager, office)
    for _ in range(mailing.MOST_TO_ONE - 1):
        commands.run(services.send_again, actor=office.program_manager, invitation=made)
    with pytest.raises(Refused, match="got 4 such mails"):
        commands.run(services.send_again, actor=office.program_manager, invitation=made)
    commands.run(services.withdraw, actor=office.program_manager, invitation=made)
    with pytest.raises(Refused, match="got 4 such mails"):  # withdrawing and inviting anew is no way around
        invite(office.program_manager, office)
    many = [Wish(f"n{n}@x.example", f"N {n}", [Wanted(Role.AUDITOR)], line=n) for n in range(1, 51)]
    commands.run(services.invite, actor=office.program_manager, program=office.program, wishes=many)
    more = [Wish(f"m{n}@x.example", f"M {n}", [Wanted(Role.AUDITOR)], line=n) for n in range(1, 12)]
    with pytest.raises(Refused, match="at most 60"):
        commands.run(services.invite, actor=office.program_manager, program=office.program, wishes=more)


def test_mails_of_a_person_are_counted_over_all_programs(office: Office) -> None:
    other = commands.run(
        portfolio.create_program, actor=office.administrator, code="SECOND", name="Second", currency="EUR",
        starts_at=datetime(2026, 1, 5, 8, tzinfo=UTC),
    )  # fmt: skip
    many = [Wish(f"n{n}@x.example", f"N {n}", [Wanted(Role.AUDITOR)], line=n) for n in range(1, 51)]
    commands.run(services.invite, actor=office.administrator, program=office.program, wishes=many)
    with pytest.raises(Refused, match="at most 60 such mails in an hour; 50 went"):
        commands.run(services.invite, actor=office.administrator, program=other, wishes=many[:11])
    commands.run(services.invite, actor=office.administrator, program=other, wishes=many[:10])


def test_a_person_gets_one_mail_for_all_roles_of_a_call(office: Office) -> None:
    projects = [Wanted(Role.PROJECT_MANAGER, one) for one in (office.erp, office.iam)]
    wishes = [
        Wish(who.email, who.name, list(projects), line=n)
        for n, who in enumerate((office.staff, office.auditor), 1)
    ]
    commands.run(services.invite, actor=office.program_manager, program=office.program, wishes=wishes)
    with everything(office.program):
        rows = list(Outbox.objects.filter(key__startswith="role:").order_by("pk"))
    assert [row.payload["recipient"] for row in rows] == [office.staff.pk, office.auditor.pk]
    for row in rows:
        assert row.payload["subject"].startswith("You have 2 roles in")
        assert "ERP-FIN" in row.payload["text"] and "IAM" in row.payload["html"]


def test_a_line_is_read_in_a_time_that_grows_with_its_length() -> None:
    begun = time.process_time()
    for line in ("a" + " " * 200_000 + "b", "a <" + " " * 200_000, "<" * 200_000):
        with pytest.raises(Refused, match="Begin with name"):
            read(line, [])
    assert time.process_time() - begun < 2
    for wrong in ("a <b@x.example> c, auditor", "a <b <c@x.example>, auditor", "a <b c@x.example>, auditor"):
        with pytest.raises(Refused, match="Begin with name"):
            read(wrong, [])
    (one,) = read(" Eve  One <  eve@x.example > , auditor", [])
    assert (one.name, one.email) == ("Eve  One", "eve@x.example")


def test_nobody_reaches_people_of_another_program(office: Office) -> None:
    other = make_office("BOREAS", " B")
    theirs = invited_by(other.program_manager, other, email="b@x.example")
    with everything(other.program):
        held = Membership.objects.filter(role=Role.AUDITOR).get()
    browser = sign_in(Client(), office.administrator)
    for path in (f"members/{held.pk}/", f"members/{held.pk}/end/", f"members/invitations/{theirs.pk}/send/",
                 f"members/invitations/{theirs.pk}/withdraw/"):  # fmt: skip
        for code in ("ATLAS", "BOREAS"):
            assert browser.post(f"/p/{code}/{path}", {"why": "x"}).status_code == 404, path
    answer = browser.post(
        "/p/ATLAS/members/invite/",
        {"email": NEW, "name": "N", "roles": "project_manager", "projects": [other.erp.pk]},
    )
    assert answer.status_code == 422
    with transaction.atomic(), everything(office.program):
        assert not Invitation.objects.exists()
        assert not InvitedRole.objects.exists()
    with pytest.raises((Membership.DoesNotExist, portfolio.Program.DoesNotExist)):
        commands.run(portfolio.end_membership, actor=office.administrator, membership=held)
    with pytest.raises((Invitation.DoesNotExist, portfolio.Program.DoesNotExist)):
        commands.run(services.withdraw, actor=office.administrator, invitation=theirs)


def test_a_token_of_the_api_brings_nobody_in(office: Office) -> None:
    for limits in ({"by_token": True}, {"by_token": True, "only": [office.program.pk]}):
        with pytest.raises(NotAllowed) as said:
            commands.run(
                services.invite, actor=office.administrator, limits=limits, program=office.program,
                wishes=[Wish(NEW, "N", [Wanted(Role.AUDITOR)])],
            )  # fmt: skip
        assert said.value.code == "person-needed"


def test_the_database_keeps_a_taken_invitation_as_it_is(office: Office) -> None:
    invitation = invited_by(office.program_manager, office)
    joins(office, invitation)
    for change in ({"accepted_at": None, "accepted_by": None}, {"email": "eve@x.example"}):
        with (
            pytest.raises(DatabaseError, match="taken or withdrawn"),
            transaction.atomic(),
            everything(office.program),
        ):
            Invitation.objects.filter(pk=invitation.pk).update(**change)
    with pytest.raises(DatabaseError), transaction.atomic(), everything(office.program):
        InvitedRole.objects.filter(invitation=invitation).update(role=Role.ADMINISTRATOR)


def test_the_form_takes_no_role_that_is_not_offered(office: Office) -> None:
    browser = sign_in(Client(), office.program_manager)
    for roles in (["administrator"], ["auditor", "finance_controller"], ["emperor"]):
        answer = browser.post("/p/ATLAS/members/invite/", {"email": NEW, "name": "Eve", "roles": roles})
        assert answer.status_code == 422, roles
    answer = browser.post(
        "/p/ATLAS/members/invite/several/", {"lines": "Eve E <eve@x.example>, administrator"}
    )
    assert answer.status_code == 422 and b"ask an administrator" in answer.content
    with everything(office.program):
        assert not Invitation.objects.exists()
