"""Somebody at the plan's sheet in a browser of her own, and the small plan that she edits."""

from __future__ import annotations

import json
from typing import Any

from django.test import Client

from pmo import commands
from programs.schedule import services
from programs.schedule.models import Activity, Dependency
from tests.cast import Office, everything, make_office


def three_steps() -> Office:
    """A1 (5 days), A2 (3) and A3 (1) in ERP-FIN, none of them waiting for another."""
    office = make_office()
    for code, days in (("A1", 5), ("A2", 3), ("A3", 1)):
        commands.run(
            services.add_activity,
            actor=office.program_manager,
            program=office.program,
            project_id=office.erp.pk,
            values={"code": code, "name": f"Step {code}", "duration_minutes": days * 480},
        )
    return office


class Planner:
    """Somebody at the sheet, in a browser of her own."""

    def __init__(self, office: Office, role: str = "erp_manager") -> None:
        self.office, self.client = office, Client()
        self.client.force_login(office.people[role])

    def edits(self, *ops: dict[str, Any], agreed: str = "", **more: str) -> tuple[int, dict[str, Any]]:
        given = {"ops": json.dumps(list(ops)), "agreed": agreed} | more
        answer = self.client.post("/p/ATLAS/plan/edit/", given)
        return answer.status_code, answer.json()

    def types(self, code: str, field: str, value: str, was: str | None = None) -> tuple[int, dict[str, Any]]:
        pk = found(self.office, code).pk
        return self.edits({"do": "set", "activity": pk, "field": field, "value": value, "was": was})

    def undoes(self, *, redo: bool = False) -> tuple[int, dict[str, Any]]:
        answer = self.client.post("/p/ATLAS/plan/undo/", {"redo": "1"} if redo else {})
        return answer.status_code, answer.json()


def found(office: Office, code: str) -> Activity:
    with everything(office.program):
        return Activity.objects.select_related("parent").get(program=office.program, code=code)


def links(office: Office) -> list[tuple[str, str, str, int, str]]:
    with everything(office.program):
        return list(
            Dependency.objects.filter(program=office.program)
            .order_by("pk")
            .values_list("predecessor__code", "successor__code", "kind", "lag", "lag_unit")
        )


def order(office: Office) -> list[tuple[str, int]]:
    with everything(office.program):
        rows = Activity.objects.filter(program=office.program).order_by("position", "pk")
        return list(rows.values_list("name", "level"))
