"""A file that is sent again: nothing to do only where the plan still is as it has it and nothing could go."""

from __future__ import annotations

import pytest
from django.test import Client

from finance.imports import bundles
from pmo import commands
from programs.exchange import services
from programs.exchange.reading import Read
from programs.exchange.services import Staged
from tests.cast import Office, make_office
from tests.programs.exchange.test_missing import LATER, accepted, bundle, here, staged

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> Office:
    return make_office()


def sent(office: Office, read: Read) -> Staged:
    found: Staged = commands.run(
        services.stage,
        actor=office.program_manager,
        program=office.program,
        file_name="retail.zip",
        read=read,
    )
    return found


def test_rows_that_were_kept_the_first_time_may_be_taken_out_when_the_file_comes_again(
    office: Office,
) -> None:
    accepted(office, staged(office, bundle()))
    first = accepted(office, staged(office, bundle(**LATER)))
    again = sent(office, bundle(**LATER))
    assert not again.already
    client = Client()
    client.force_login(office.program_manager)
    page = client.get(f"/p/ATLAS/import/{again.plan_import.pk}/").content.decode()
    assert 'name="take_out" value="APP"' in page
    assert "Nothing to do" not in page
    asked = commands.run(bundles.accept, actor=office.program_manager, plan_import=again.plan_import)
    assert (asked.plan.already, asked.plan.plan_import.pk) == (True, first.pk), "nothing was chosen to go"
    assert accepted(office, again.plan_import, "APP", "NET").pk == again.plan_import.pk
    assert here(office)[0] == {"N", "N1", "N3", "A2"}
    assert sent(office, bundle(**LATER)).already, "what is left of the missing rows stays in any case"


def test_a_file_brings_back_what_was_taken_out_after_it(office: Office) -> None:
    first = accepted(office, staged(office, bundle()))
    assert sent(office, bundle()).already
    accepted(office, staged(office, bundle(**LATER)), "APP", "NET")
    again = sent(office, bundle())
    assert not again.already
    assert accepted(office, again.plan_import).pk != first.pk
    assert here(office)[0] == {"N", "N1", "N2", "N3", "A1", "A2"}
    assert sent(office, bundle()).already
