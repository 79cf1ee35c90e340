"""Two at the same moment: one invitation lets one in, and a program keeps a manager."""

from __future__ import annotations

import threading
import time
from datetime import date
from typing import Any

import pytest
from django.db import connections, transaction

from pmo import commands
from pmo.accounts.models import AccountMove, Membership, User
from pmo.accounts.roles import Role
from pmo.refusals import Conflict
from programs.people import joining, leaving, links
from programs.people.models import Invitation
from programs.people.wishes import Wanted
from programs.portfolio import services as portfolio
from tests.cast import Office, everything, make_office, person
from tests.conftest import OwnDatabase
from tests.governance.test_races import together
from tests.programs.people.test_invitations import NEW, PASSWORD, invite, invited_by


@pytest.fixture
def office(own_database: OwnDatabase) -> Office:
    """An office whose commits are real."""
    return make_office()


def test_of_two_clicks_at_once_one_comes_in(office: Office) -> None:
    invitation = invited_by(office.program_manager, office)
    with transaction.atomic(), everything(office.program):
        text = links.secret_of(Invitation.objects.get(pk=invitation.pk))

    def click(name: str) -> Any:
        return commands.run(
            joining.join, actor=None, scope=[office.program.pk], invitation_id=invitation.pk, text=text,
            account=None, name=name, password=PASSWORD,
        )  # fmt: skip

    ends = together(lambda: click("Eve One"), lambda: click("Eve Two"))
    assert sorted(ends) == ["done", "gone"]
    assert User.objects.filter(email=NEW).count() == 1
    with transaction.atomic(), everything(office.program):
        assert Membership.objects.filter(user__email=NEW).count() == 1


def test_the_two_last_managers_do_not_both_end_at_once(office: Office) -> None:
    second = invite(office.administrator, office, Wanted(Role.PROGRAM_MANAGER), email=office.staff.email)
    with transaction.atomic(), everything(office.program):
        first = Membership.objects.get(user=office.program_manager)

    def end(held: Membership) -> Any:
        return commands.run(portfolio.end_membership, actor=office.administrator, membership=held)

    ends = together(lambda: end(first), lambda: end(second.memberships[0]))
    assert sorted(ends) == ["done", "last-lead"]


def test_one_address_is_invited_once(office: Office) -> None:
    ends = together(
        lambda: invite(office.program_manager, office), lambda: invite(office.administrator, office)
    )
    assert sorted(ends) == ["done", "refused"]


def test_two_administrators_do_not_deactivate_each_other(office: Office) -> None:
    with transaction.atomic():
        bea, cid = (person(name, is_administrator=True) for name in ("Bea Boss", "Cid Chief"))

    def off(by: User, who: User) -> Any:
        return commands.run(leaving.deactivate, actor=by, scope=[], person=who, reason="x", successors={})

    ends = together(lambda: off(bea, cid), lambda: off(cid, bea))
    assert sorted(ends) == ["done", "not-allowed"]
    assert User.objects.filter(pk__in=[bea.pk, cid.pk], is_active=True).count() == 1


def test_nobody_comes_in_by_who_left_while_the_link_waited(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    with transaction.atomic(), everything(office.program):
        Membership.objects.create(
            program=office.program, user=office.staff, role=Role.PROGRAM_MANAGER, valid_from=date(2020, 1, 1)
        )
    invitation = invited_by(office.program_manager, office)
    with transaction.atomic(), everything(office.program):
        text = links.secret_of(Invitation.objects.get(pk=invitation.pk))
    said: list[str] = []

    def click() -> None:
        try:
            commands.run(
                joining.join, actor=None, scope=[office.program.pk], invitation_id=invitation.pk, text=text,
                account=None, name="Eve", password=PASSWORD,
            )  # fmt: skip
        except Conflict as refusal:
            said.append(refusal.message)
        finally:
            connections.close_all()

    thread, save = threading.Thread(target=click), AccountMove.save

    def late(self: AccountMove, *given: Any, **more: Any) -> None:
        thread.start()
        time.sleep(1)  # the click waits for the program, which the deactivation holds
        save(self, *given, **more)

    monkeypatch.setattr(AccountMove, "save", late)
    commands.run(
        leaving.deactivate, actor=office.administrator, scope=[office.program.pk],
        person=office.program_manager, reason="x", successors={},
    )  # fmt: skip
    thread.join()
    assert said and "may no longer give" in said[0]
    assert not User.objects.filter(email=NEW).exists()
