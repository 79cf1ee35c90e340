"""Other rules of scheduling by the API: asked what they move, and held where that is what was committed to."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from pmo import commands
from programs.baselines.models import Baseline, BaselineActivity
from programs.portfolio.models import Program
from programs.schedule import services as schedule
from programs.schedule.models import Activity, ComputedDates, Dependency
from tests.cast import Office, everything, make_office
from tests.programs.working_time.kept import browser

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> Office:
    """A2 began before A1, which it follows, was done; GO waits for A2. While progress overrides logic, A2 goes on."""
    made = make_office()
    begun = datetime(2026, 1, 5, 8, tzinfo=UTC)
    with everything(made.program):
        Program.objects.filter(pk=made.program.pk).update(progress_rule="progress_override")
        one, two, go = Activity.objects.bulk_create(
            Activity(
                program=made.program, project=made.erp, code=code, name=code, kind=kind, position=position,
                duration_minutes=minutes, actual_start=start, remaining_minutes=4800 if start else None,
            )
            for position, (code, kind, minutes, start) in enumerate(
                [("A1", "task", 4800, None), ("A2", "task", 4800, begun), ("GO", "finish_milestone", 0, None)]
            )
        )  # fmt: skip
        for before, after in ((one, two), (two, go)):
            Dependency.objects.create(program=made.program, predecessor=before, successor=after)
    commands.run(schedule.recompute, actor=made.program_manager, program=made.program)
    with everything(made.program):
        baseline = Baseline.objects.create(
            program=made.program, number=1, name="As planned", origin="imported", is_current=True, frozen_at=begun,
        )  # fmt: skip
        row = ComputedDates.objects.get(activity=go, superseded_by=None)
        BaselineActivity.objects.create(
            program=made.program, baseline=baseline, activity=go, starts_at=row.early_finish,
            finishes_at=row.early_finish, duration_minutes=0,
        )  # fmt: skip
    return made


def test_other_rules_are_held_until_they_are_agreed_to(office: Office) -> None:
    client, url = browser(office.program_manager), "/api/v1/programs/ATLAS/"

    def call(method: str, path: str, **body: Any) -> Any:
        return getattr(client, method)(url + path, body, content_type="application/json")

    asked = call("post", "what-if/", progress_rule="retained_logic")
    assert asked.status_code == 200 and asked.json()["committed_milestones_later"] == 1, asked.content
    assert call("post", "what-if/", name="Other").status_code == 400
    assert call("post", "what-if/").json()["activities_moved"] == 0
    with everything(office.program):
        version = Program.objects.get(pk=office.program.pk).version
    rules = {"version": version, "why": "Our method.", "progress_rule": "retained_logic"}
    held = call("patch", "", **rules)
    assert held.status_code == 409 and held.json()["type"] == "moves-committed"
    assert [one["activity"] for one in held.json()["milestones"]] == ["GO"]
    with everything(office.program):
        assert Program.objects.get(pk=office.program.pk).progress_rule == "progress_override"
    agreed = call("patch", "", **rules, agreed=True)
    assert agreed.status_code == 200, agreed.content
    with everything(office.program):
        assert Program.objects.get(pk=office.program.pk).progress_rule == "retained_logic"


def test_who_agreed_to_some_moves_is_asked_again_about_others(office: Office) -> None:
    """Between the page that shows and the button that agrees somebody makes A1 longer: GO would move further."""
    client, url = browser(office.program_manager), "/p/ATLAS/settings/"
    with everything(office.program):
        now = Program.objects.get(pk=office.program.pk)
        first = Activity.objects.get(code="A1")
    form = {
        "name": now.name, "mandate": now.mandate, "sponsor": now.sponsor_id or "", "manager": now.manager_id or "",
        "phase": now.phase, "committed_finish": "", "fiscal_year_start_month": now.fiscal_year_start_month,
        "progress_rule": "retained_logic", "criticality_rule": now.criticality_rule, "critical_days": "0",
        "why": "Our method.", "version": now.version,
    }  # fmt: skip

    def agreed(answer: Any) -> str:
        assert answer.status_code == 422, answer.content
        text = answer.content.decode()
        assert "committed milestone" in text and "Not saved yet" in text
        return str(text.split('name="agreed" value="')[1].split('"')[0])

    def rule() -> str:
        with everything(office.program):
            return str(Program.objects.get(pk=office.program.pk).progress_rule)

    shown = agreed(client.post(url, form))
    commands.run(
        schedule.edit_activity, actor=office.program_manager, activity_id=first.pk,
        changes={"duration_minutes": 4 * 4800}, version=None,
    )  # fmt: skip
    again = agreed(client.post(url, form | {"agreed": shown}))
    assert rule() == "progress_override" and again != shown
    assert client.post(url, form | {"agreed": again}).status_code == 302
    assert rule() == "retained_logic"
