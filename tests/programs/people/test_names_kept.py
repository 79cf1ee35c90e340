"""A name says who did something: nobody takes another's, and former names stay on record."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from pmo import commands
from pmo.accounts.models import NameChange, User
from programs.people import leaving
from tests.cast import Office, everything, make_office
from tests.fresh import sign_in
from tests.programs.people.test_invitations import PASSWORD, invited_by, link

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> Office:
    return make_office()


TAKEN = b"Somebody you work with has this name"


@pytest.mark.parametrize(
    "how", [str, str.upper, lambda name: name.replace(" ", "  "), lambda name: f" {name} "]
)
def test_nobody_takes_the_name_of_a_colleague(office: Office, how: object) -> None:
    assert callable(how)
    staff = sign_in(Client(), office.staff)
    answer = staff.post("/me/", {"name": how(office.sponsor.name), "time_zone": "UTC"})
    assert answer.status_code == 422 and TAKEN in answer.content
    assert User.objects.get(pk=office.staff.pk).name == office.staff.name


def test_the_own_name_is_written_otherwise_and_a_name_that_is_free_again_is_taken(office: Office) -> None:
    staff = sign_in(Client(), office.staff)
    for name in (office.staff.name.upper(), office.staff.name):
        assert staff.post("/me/", {"name": name, "time_zone": "Europe/Berlin"}).status_code == 302
    other = make_office("BOREAS", " B")  # of no program of ours
    assert staff.post("/me/", {"name": other.sponsor.name, "time_zone": "UTC"}).status_code == 302
    commands.run(
        leaving.deactivate, actor=office.administrator, scope=leaving.programs_of(office.sponsor),
        person=office.sponsor, reason="Left", successors={},
    )  # fmt: skip
    assert staff.post("/me/", {"name": office.sponsor.name, "time_zone": "UTC"}).status_code == 302


def test_who_joins_takes_no_name_of_the_program(office: Office) -> None:
    text = link(office, invited_by(office.program_manager, office).pk)
    form = {"name": office.sponsor.name, "password": PASSWORD, "again": PASSWORD}
    answer = Client().post(f"/invitation/{text}/", form)
    assert answer.status_code == 422 and TAKEN in answer.content
    assert Client().post(f"/invitation/{text}/", form | {"name": "Esther Prime (audit)"}).status_code == 302


def test_former_names_stay_on_the_persons_page(office: Office) -> None:
    before, was = datetime.now(UTC), office.staff.name
    assert (
        sign_in(Client(), office.staff).post("/me/", {"name": "Tom New", "time_zone": "UTC"}).status_code
        == 302
    )
    assert (
        sign_in(Client(), office.staff).post("/me/", {"name": "Tom New", "time_zone": "UTC"}).status_code
        == 302
    )
    change = NameChange.objects.get()
    assert (change.person, change.by, change.was, change.name) == (office.staff, office.staff, was, "Tom New")
    assert change.at >= before
    page = sign_in(Client(), office.administrator).get(f"/people/{office.staff.pk}/").content.decode()
    assert f"{was} → Tom New" in page
    for deed in (
        lambda: NameChange.objects.update(was="Nobody"),
        lambda: NameChange.objects.all().delete(),
        lambda: NameChange.objects.create(person=office.staff, was="a", name="b", at=before),
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), everything(office.program):
            deed()
