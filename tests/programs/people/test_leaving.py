"""Somebody leaves the office: what waits is named and handed over, sessions and tokens end, history stays."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from allauth.account.forms import default_token_generator
from django.db import DatabaseError, transaction
from django.test import Client

from pmo import commands
from pmo.accounts.models import AccountMove, Membership, User
from pmo.accounts.roles import Role
from pmo.home import services as home
from pmo.refusals import Conflict, NotAllowed, Refused
from programs.feeds import services as feeds
from programs.people import leaving, profile
from programs.portfolio.models import Project
from programs.raid.models import Risk
from tests.cast import PASSWORD, Office, everything, make_office, person
from tests.fresh import sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> Office:
    made = make_office()
    with everything(made.program):
        Project.objects.filter(pk=made.erp.pk).update(manager=made.erp_manager)
        Risk.objects.create(
            program=made.program, project=made.erp, code="R-1", title="Late", probability=3, impact=3,
            owner=made.erp_manager, raised_on=date(2026, 1, 5),
        )  # fmt: skip
        Risk.objects.create(
            program=made.program, project=made.erp, code="R-2", title="Over", probability=3, impact=3,
            owner=made.erp_manager, raised_on=date(2026, 1, 5), state="closed",
        )  # fmt: skip
    return made


def leave(office: Office, who: User, to: User | None = None) -> int:
    return commands.run(
        leaving.deactivate, actor=office.administrator, scope=leaving.programs_of(who), person=who,
        reason="Left", successors={office.program.pk: to} if to else {},
    )  # fmt: skip


def test_who_leaves_is_out_at_once_and_a_successor_takes_over(office: Office) -> None:
    browser = Client()
    browser.post("/accounts/login/", {"login": office.erp_manager.email, "password": PASSWORD})
    assert browser.get("/p/ATLAS/").status_code == 200
    _, token = commands.run(
        home.make_token, actor=office.erp_manager, name="x", allows="read", days=1, program_ids=[]
    )
    headers = {"Authorization": f"Token {token}"}
    assert Client().get("/api/v1/me/", headers=headers).status_code == 200

    admin = sign_in(Client(), office.administrator)
    page = f"/people/{office.erp_manager.pk}/"
    shown = admin.get(page).content.decode()
    assert "manages projects" in shown and "ERP-FIN" in shown and "R-1" in shown and "R-2" not in shown
    assert "Late" not in shown  # an administrator sees no plan
    form = {"reason": "Left the office", f"successor_{office.program.pk}": office.iam_manager.pk}
    assert admin.post(f"{page}deactivate/", form).status_code == 302

    assert browser.get("/p/ATLAS/").status_code == 302
    assert Client().get("/api/v1/me/", headers=headers).status_code == 401
    refused = Client().post("/accounts/login/", {"login": office.erp_manager.email, "password": PASSWORD})
    assert not refused.wsgi_request.user.is_authenticated
    with everything(office.program):
        assert Project.objects.get(pk=office.erp.pk).manager == office.iam_manager
        owners = dict(Risk.objects.values_list("code", "owner__name"))
        assert owners == {"R-1": "Saul Haas", "R-2": "Lena Okafor"}  # what is closed stays as it was
        assert Membership.objects.filter(user=office.erp_manager).count() == 1
    assert "Left the office" in admin.get(page).content.decode()
    assert b"cannot sign in" in admin.get("/p/ATLAS/members/").content

    assert admin.post(f"{page}reactivate/", {"reason": "Came back"}).status_code == 302
    assert browser.get("/p/ATLAS/").status_code == 302  # the former session stays ended
    assert Client().get("/api/v1/me/", headers=headers).status_code == 401
    assert (
        Client()
        .post("/accounts/login/", {"login": office.erp_manager.email, "password": PASSWORD})
        .wsgi_request.user.is_authenticated
    )
    assert list(AccountMove.objects.order_by("pk").values_list("active", flat=True)) == [False, True]


def test_who_may_not(office: Office) -> None:
    for who in (office.program_manager, office.staff, office.auditor, None):
        with pytest.raises(NotAllowed):
            commands.run(
                leaving.deactivate, actor=who, scope=[], person=office.sponsor, reason="x", successors={}
            )
    with pytest.raises(Refused, match="own account"):
        leave(office, office.administrator)
    with pytest.raises(Refused, match="last program manager of ATLAS"):
        leave(office, office.program_manager)
    with pytest.raises(Refused, match="holds no role"):
        leave(office, office.erp_manager, to=person("Sid Stranger"))
    with pytest.raises(Refused, match="somebody else"):
        leave(office, office.erp_manager, to=office.erp_manager)
    assert User.objects.get(pk=office.erp_manager.pk).is_active
    leave(office, office.erp_manager)
    with pytest.raises(Conflict, match="so already"):
        leave(office, office.erp_manager)
    ordinary = sign_in(Client(), office.program_manager)
    for path in ("/people/", f"/people/{office.sponsor.pk}/"):
        assert ordinary.get(path).status_code == 403


def test_the_database_keeps_what_happened_to_accounts(office: Office) -> None:
    leave(office, office.erp_manager)
    with pytest.raises(DatabaseError), transaction.atomic():
        AccountMove.objects.update(reason="another")
    with pytest.raises(DatabaseError), transaction.atomic():
        AccountMove.objects.all().delete()


def test_the_api_does_the_same(office: Office) -> None:
    client = sign_in(Client(), office.administrator)
    at = f"/api/v1/people/{office.erp_manager.pk}/"
    told: dict[str, Any] = client.get(at).json()
    assert {one["what"]: one["codes"] for one in told["duties"]} == {
        "manages projects": ["ERP-FIN"],
        "owns risks": ["R-1"],
    }
    body = {"reason": "Left", "successors": [{"program": "ATLAS", "person_id": office.iam_manager.pk}]}
    done = client.post(f"{at}deactivate/", body, "application/json")
    assert done.status_code == 200 and done.json()["active"] is False and done.json()["duties"] == []
    assert client.post(f"{at}deactivate/", body, "application/json").status_code == 409
    assert client.post(f"{at}reactivate/", {"reason": "Back"}, "application/json").json()["active"] is True
    assert sign_in(Client(), office.staff).get(at).status_code == 403


def test_a_profile_is_ones_own(office: Office) -> None:
    browser = sign_in(Client(), office.staff)
    assert browser.get("/me/").status_code == 200
    assert browser.post("/me/", {"name": "Stefan\u202eP", "time_zone": "Europe/Brussels"}).status_code == 422
    assert browser.post("/me/", {"name": "Stefan P.", "time_zone": "Mars/Base"}).status_code == 422
    assert browser.post(
        "/me/", {"name": "Stefan P.", "time_zone": "Europe/Brussels", "is_administrator": "1"}
    ).status_code == 302  # fmt: skip
    changed = User.objects.get(pk=office.staff.pk)
    assert (changed.name, changed.time_zone, changed.is_administrator) == (
        "Stefan P.",
        "Europe/Brussels",
        False,
    )
    with pytest.raises(NotAllowed):
        commands.run(profile.change, actor=office.staff, limits={"by_token": True}, name="x", time_zone="UTC")


def test_a_role_of_nobody_who_left_keeps_a_program_led(office: Office) -> None:
    with everything(office.program):
        Membership.objects.create(
            program=office.program, user=office.staff, role=Role.PROGRAM_MANAGER, valid_from=date(2020, 1, 1)
        )
    leave(office, office.staff)
    with pytest.raises(Refused, match="is the last"):
        leave(office, office.program_manager)
    commands.run(leaving.reactivate, actor=office.administrator, scope=[], person=office.staff, reason="Back")
    leave(office, office.program_manager)


def test_what_was_made_before_leaving_opens_nothing_after_coming_back(office: Office) -> None:
    who = office.erp_manager
    _, text = commands.run(feeds.make, actor=who, program=office.program, name="Phone")
    reset = default_token_generator.make_token(who)
    assert Client().get(f"/calendar/{text}.ics").status_code == 200
    assert default_token_generator.check_token(who, reset)
    leave(office, who)
    commands.run(leaving.reactivate, actor=office.administrator, scope=[], person=who, reason="Back")
    back = User.objects.get(pk=who.pk)
    assert back.is_active
    assert Client().get(f"/calendar/{text}.ics").status_code == 404
    assert not default_token_generator.check_token(back, reset)
    assert default_token_generator.check_token(back, default_token_generator.make_token(back))


def test_a_successor_holds_a_role_for_what_is_handed_over(office: Office) -> None:
    for who in (office.administrator, office.assurance, office.auditor, office.sponsor):
        with pytest.raises(
            Refused, match=f"{who.name} holds no role in ATLAS for this: Lena Okafor manages projects"
        ):
            leave(office, office.erp_manager, to=who)
    client = sign_in(Client(), office.administrator)
    page = client.get(f"/people/{office.erp_manager.pk}/").content.decode()
    assert (
        f">{office.iam_manager.name}</option>" in page and f">{office.program_manager.name}</option>" in page
    )
    for who in (office.administrator, office.assurance, office.auditor):
        assert f">{who.name}</option>" not in page
    body = {"reason": "Left", "successors": [{"program": "ATLAS", "person_id": office.administrator.pk}]}
    refused = client.post(f"/api/v1/people/{office.erp_manager.pk}/deactivate/", body, "application/json")
    assert refused.status_code == 422
    assert User.objects.get(pk=office.erp_manager.pk).is_active
    assert leave(office, office.erp_manager, to=office.program_manager) == 2
