"""Whose account it is: an address that no mail proved is said, and asked about, before it gets further roles."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from pmo import commands
from pmo.accounts.models import User
from pmo.accounts.roles import Role
from pmo.outbox.models import Outbox
from programs.people import joining
from programs.people.models import Invitation
from programs.people.wishes import Wanted
from programs.portfolio import giving
from programs.portfolio import services as portfolio
from tests.cast import Office, everything, make_office
from tests.fresh import sign_in
from tests.programs.people.test_invitations import NEW, PASSWORD, invite, invited_by, joins, link, roles_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> Office:
    return make_office()


def came_by(office: Office, state: str) -> User:
    invitation = invited_by(office.program_manager, office)
    with everything(office.program):
        Outbox.objects.filter(key=f"invitation:{invitation.pk}:1").update(state=state)
    joins(office, invitation)
    return User.objects.get(email=NEW)


@pytest.mark.parametrize(
    ("state", "proven"), [("sent", True), ("unknown", True), ("pending", True), ("kept", False)]
)
def test_a_link_that_was_read_here_proves_no_address(office: Office, state: str, proven: bool) -> None:
    assert came_by(office, state).address_proven is proven


def test_further_roles_are_asked_about_on_page_and_in_services(office: Office) -> None:
    lena = came_by(office, "kept")
    with pytest.raises(giving.RolesClash, match="never proven") as refusal:
        invite(office.administrator, office, Wanted(Role.SPONSOR))
    with pytest.raises(giving.RolesClash, match="never proven"):
        commands.run(
            portfolio.add_member, actor=office.administrator, program=office.program, user=lena,
            role=Role.SPONSOR,
        )  # fmt: skip
    assert ("sponsor", None) not in roles_of(office)
    browser = sign_in(Client(), office.administrator)
    form = {"email": NEW, "name": "Lena New", "roles": ["sponsor"]}
    asked = browser.post("/p/ATLAS/members/invite/", form)
    assert asked.status_code == 422 and b"the address was never proven" in asked.content
    agreed = re.search(r'name="agreed" value="([^"]+)"', asked.content.decode())
    assert agreed is not None and agreed[1] == refusal.value.seal
    assert browser.post("/p/ATLAS/members/invite/", form | {"agreed": agreed[1]}).status_code == 302
    assert ("sponsor", None) in roles_of(office)
    assert b"address never proven" in browser.get(f"/people/{lena.pk}/").content


def test_a_question_about_both_is_one_question(office: Office) -> None:
    came_by(office, "kept")
    both = [Wanted(Role.FINANCE_CONTROLLER), Wanted(Role.COMMITTEE_MEMBER), Wanted(Role.PROGRAM_MANAGER)]
    with pytest.raises(giving.RolesClash, match=r"Two persons should do that: .*never proven") as refusal:
        invite(office.administrator, office, *both)
    assert invite(office.administrator, office, *both, agreed=refusal.value.seal).memberships


def test_a_mailed_link_proves_it_afterwards(office: Office) -> None:
    lena = came_by(office, "kept")
    other = make_office("BOREAS", " B")
    again = invited_by(other.program_manager, other)
    with everything(other.program):
        assert Invitation.objects.filter(pk=again.pk).exists()
        Outbox.objects.filter(key=f"invitation:{again.pk}:1").update(state="sent")
    commands.run(
        joining.join, actor=lena, scope=[other.program.pk], invitation_id=again.pk,
        text=link(other, again.pk), account=lena,
    )  # fmt: skip
    assert User.objects.get(pk=lena.pk).address_proven


@pytest.mark.parametrize("host", ["mail.office.example", ""])
def test_a_mailed_link_to_set_a_password_proves_it_too(
    office: Office, settings: Any, mailoutbox: Any, host: str
) -> None:
    lena = came_by(office, "kept")
    settings.EMAIL_HOST = host
    browser = Client()
    browser.post("/accounts/password/reset/", {"email": NEW})
    (path,) = re.findall(r"(/accounts/password/reset/key/\S+)", mailoutbox[0].body)
    form = browser.get(path, follow=True)
    new = PASSWORD + " again"
    done = browser.post(form.redirect_chain[-1][0], {"password1": new, "password2": new})
    assert done.status_code == 302
    lena.refresh_from_db()
    assert lena.check_password(new) and lena.address_proven is bool(host)
