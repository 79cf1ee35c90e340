"""A role ends when it is ended: also on the day it was given, and not by whoever it looks at."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from pmo import commands
from pmo.accounts.models import Membership
from pmo.accounts.roles import Role
from pmo.refusals import Conflict, NotAllowed, Refused
from pmo.scope import read_scope
from programs.people import joining, selectors, services
from programs.people.models import Invitation
from programs.people.wishes import Wanted, Wish
from programs.portfolio import giving
from programs.portfolio import services as portfolio
from tests.cast import Office, everything, make_office, person
from tests.fresh import sign_in
from tests.programs.people.test_invitations import invite, invited_by, link

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> Office:
    return make_office()


def today() -> date:
    return datetime.now(UTC).date()


def test_a_role_given_again_on_the_day_it_ended_is_ended_that_day_again_and_again(office: Office) -> None:
    admin, controller = office.administrator, office.controller
    with everything(office.program):
        held = Membership.objects.get(user=controller)
    commands.run(portfolio.end_membership, actor=admin, membership=held)
    browser = sign_in(Client(), controller)
    for _ in range(2):
        assert browser.get("/p/ATLAS/").status_code == 404
        [again] = invite(admin, office, Wanted(Role.FINANCE_CONTROLLER), email=controller.email).memberships
        assert browser.get("/p/ATLAS/").status_code == 200
        commands.run(portfolio.end_membership, actor=admin, membership=again)
        with read_scope(controller) as access:
            assert access.program_ids == []
        with everything(office.program):
            again.refresh_from_db()
            assert (again.valid_from, again.valid_to) == (today(), today() - timedelta(days=1))
            assert selectors.trail(again)[0].what == "ended on the day it began"
    assert browser.get("/p/ATLAS/").status_code == 404
    with everything(office.program):
        held.refresh_from_db()
        assert held.valid_to == today() - timedelta(days=1)
    page = sign_in(Client(), admin).get(f"/p/ATLAS/members/{again.pk}/").content.decode()
    assert "none: ended on the day it began" in page


def test_a_role_that_begins_later_and_is_ended_never_began(office: Office) -> None:
    with everything(office.program):
        later = Membership.objects.create(
            program=office.program,
            user=office.staff,
            role=Role.AUDITOR,
            valid_from=today() + timedelta(days=30),
        )
    commands.run(portfolio.end_membership, actor=office.administrator, membership=later)
    with everything(office.program):
        later.refresh_from_db()
        assert (later.valid_from, later.valid_to) == (today(), today() - timedelta(days=1))
    assert invite(office.administrator, office, Wanted(Role.AUDITOR), email=office.staff.email).memberships


def test_the_database_keeps_no_role_that_ends_before_that(office: Office) -> None:
    with (
        pytest.raises(DatabaseError, match="pmo_membership_term"),
        transaction.atomic(),
        everything(office.program),
    ):
        Membership.objects.filter(user=office.controller).update(valid_to=date(1900, 1, 1))


def test_who_leads_the_program_gives_an_auditor_and_does_not_send_one_away(office: Office) -> None:
    with everything(office.program):
        held = Membership.objects.get(user=office.auditor)
    lead = office.program_manager
    with pytest.raises(NotAllowed, match="gives the role auditor and does not end it"):
        commands.run(portfolio.end_membership, actor=lead, membership=held)
    with pytest.raises(NotAllowed, match="does not end it"):
        commands.run(portfolio.change_membership, actor=lead, membership=held, until=today())
    [given] = invite(lead, office, Wanted(Role.AUDITOR), email=office.staff.email, until=today()).memberships
    commands.run(portfolio.change_membership, actor=lead, membership=given, until=None)  # longer
    with pytest.raises(NotAllowed, match="does not end it"):
        commands.run(portfolio.end_membership, actor=lead, membership=given)
    browser = sign_in(Client(), lead)
    assert browser.post(f"/p/ATLAS/members/{held.pk}/end/", {"why": "Too curious"}).status_code == 403
    assert "/end/" not in browser.get(f"/p/ATLAS/members/{held.pk}/").content.decode()
    commands.run(portfolio.end_membership, actor=office.administrator, membership=held)


def test_an_invitation_whose_roles_are_over_is_not_sent_again(office: Office) -> None:
    made = invited_by(office.program_manager, office, until=today())
    with pytest.raises(Conflict, match="The last day of these roles is over"):
        commands.run(
            services.send_again, actor=office.program_manager, invitation=made,
            at=datetime.now(UTC) + timedelta(days=3),
        )  # fmt: skip
    with everything(office.program):
        assert Invitation.objects.get().sent == 1
    assert issubclass(Conflict, Refused)


def test_a_list_with_two_people_whose_roles_clash_is_agreed_to_at_once(office: Office) -> None:
    def several(agreed: str = "") -> services.Invited:
        wishes = [
            Wish(one.email, one.name, [Wanted(Role.PROJECT_MANAGER, office.iam)], line=n)
            for n, one in enumerate([office.controller, office.member], 1)
        ]
        wishes.append(
            Wish("new@x.example", "Nora New", [Wanted(Role.SPONSOR), Wanted(Role.PMO_STAFF)], line=3)
        )
        return commands.run(
            services.invite, actor=office.administrator, program=office.program, wishes=wishes, agreed=agreed
        )

    with pytest.raises(giving.RolesClash) as said:
        several()
    for name in (office.controller.name, office.member.name, "Nora New"):
        assert f"{name} then " in said.value.message
    with everything(office.program):
        assert not Membership.objects.filter(project=office.iam, user=office.member).exists()
    with pytest.raises(giving.RolesClash):
        several("another")
    made = several(said.value.seal)
    assert (len(made.memberships), len(made.invitations)) == (2, 1)


@pytest.mark.parametrize("until", [None, 90])
def test_an_invitation_for_longer_than_the_role_is_held_prolongs_it(
    office: Office, until: int | None
) -> None:
    stranger = person("Sid Stranger")
    last = None if until is None else today() + timedelta(days=until)
    made = invited_by(office.program_manager, office, email=stranger.email, until=last)
    invite(office.administrator, office, Wanted(Role.AUDITOR), email=stranger.email, until=today())
    commands.run(
        joining.join, actor=stranger, scope=[office.program.pk], invitation_id=made.pk,
        text=link(office, made.pk), account=stranger,
    )  # fmt: skip
    with everything(office.program):
        assert [one.valid_to for one in Membership.objects.filter(user=stranger)] == [last]
