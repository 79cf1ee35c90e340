"""A resource that is being retired is given no work by somebody who does not see it yet."""

from __future__ import annotations

import threading
from datetime import datetime
from typing import Any

from django.db import connections, transaction

from pmo import commands
from pmo.accounts.models import User
from programs.resources import assigning, services
from programs.resources.models import Assignment, Resource
from programs.schedule import services as schedule
from tests.cast import everything, make_office
from tests.conftest import OwnDatabase


def test_work_given_while_it_is_retired_waits_and_is_refused(own_database: OwnDatabase) -> None:
    office = make_office()
    who = office.program_manager
    values = {"code": "A1", "name": "Step", "duration_minutes": 4800}
    work = commands.run(
        schedule.add_activity, actor=who, program=office.program, project_id=office.erp.pk, values=values
    ).activity
    one = commands.run(services.add, actor=who, program=office.program, values={"code": "JO", "name": "Jo"})
    wrote, go, ends = threading.Event(), threading.Event(), dict[str, str]()

    def retire(*, by: User | None, at: datetime) -> Resource:
        made = services.retire(resource=one, version=1, reason="Left", by=by, at=at)
        wrote.set()
        go.wait(20)
        return made

    def run(name: str, service: Any, **given: Any) -> None:
        try:
            commands.run(service, actor=who, **given)
            ends[name] = "done"
        except Exception as error:
            ends[name] = str(error)
        finally:
            connections.close_all()

    retiring = threading.Thread(target=run, args=("retire", retire))
    retiring.start()
    assert wrote.wait(20)
    given = {"program": office.program, "activity_id": work.pk, "wanted": [(one.pk, 1)]}
    assigns = threading.Thread(target=run, args=("assign", assigning.assign), kwargs=given)
    assigns.start()
    assigns.join(2)
    assert "assign" not in ends, "it waits for who is retiring"
    go.set()
    retiring.join(20)
    assigns.join(20)
    assert ends["retire"] == "done" and "retired" in ends["assign"], ends
    with transaction.atomic(), everything(office.program):
        assert not Assignment.objects.filter(resource=one).exists()
