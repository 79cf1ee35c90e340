"""Who waits for the plan behind somebody else's edit decides on what that edit left, not on what was there before."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections, transaction

from pmo import commands
from pmo.refusals import Conflict
from programs.portfolio.models import Program
from programs.schedule import services
from programs.schedule.models import Activity, Dependency
from tests.cast import Office, everything, make_office


@pytest.fixture
def office(own_database: Any) -> Office:
    made = make_office()
    with transaction.atomic(), everything(made.program):
        Activity.objects.bulk_create(
            Activity(
                program=made.program, project=made.erp, code=f"A{n}", name=f"Step {n}", position=n,
                duration_minutes=480,
            )
            for n in range(3)
        )  # fmt: skip
        first, second, _ = Activity.objects.order_by("position")
        Dependency.objects.create(program=made.program, predecessor=first, successor=second)
    commands.run(services.recompute, actor=made.program_manager, program=made.program)
    return made


def look(office: Office, of: Callable[[], Any]) -> Any:
    with transaction.atomic(), everything(office.program):
        return of()


def overtaken(monkeypatch: pytest.MonkeyPatch, office: Office, service: Any, **edit: Any) -> None:
    """The next command that takes the plan finds that another's has just been committed."""
    real = services.lock_plan

    def late(program_id: int) -> Program:
        monkeypatch.setattr(services, "lock_plan", real)
        with ThreadPoolExecutor(1) as pool:  # a connection of its own
            pool.submit(commands.run, service, actor=office.staff, version=None, **edit).result()
            pool.submit(connections.close_all).result()
        return real(program_id)

    monkeypatch.setattr(services, "lock_plan", late)


def test_an_activity_that_was_edited_meanwhile_is_not_taken_out(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    last = look(office, lambda: Activity.objects.order_by("position").last())
    longer = {"duration_minutes": 4800}
    overtaken(monkeypatch, office, services.edit_activity, activity_id=last.pk, changes=longer)
    with pytest.raises(Conflict, match="after you opened it"):
        commands.run(
            services.remove_activity, actor=office.program_manager, activity_id=last.pk, version=last.version
        )
    assert look(office, lambda: Activity.objects.get(pk=last.pk).duration_minutes) == 4800


def test_a_link_that_was_edited_meanwhile_is_not_overwritten(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = look(office, lambda: Dependency.objects.order_by("pk").first())
    overtaken(monkeypatch, office, services.edit_dependency, dependency_id=link.pk, changes={"lag": 960})
    with pytest.raises(Conflict, match="after you opened it"):
        commands.run(
            services.edit_dependency, actor=office.program_manager, dependency_id=link.pk,
            changes={"lag": 480}, version=link.version,
        )  # fmt: skip
    assert look(office, lambda: Dependency.objects.get(pk=link.pk).lag) == 960
