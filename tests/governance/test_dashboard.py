"""The steering dashboard: every figure computed, every figure a link, cheap at the size of a real program."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from finance.earned_value import services as earned_value
from finance.management.commands.import_bundle import find
from governance.health import selectors
from pmo import commands
from programs.portfolio.models import Program
from programs.risk_analysis.models import SimulationRun
from programs.schedule import services as plan
from programs.schedule.models import Activity
from tests.cast import everything, make_office, person
from tests.governance.committee import Committee
from tests.governance.planned import DAY, STATUS, planned
from tests.governance.test_pages import body, own, signed_in, statements
from tests.shared import shared


@pytest.fixture
def running(committee: Committee) -> Committee:
    """The committee's program with a baselined plan, a status date, earned value, a risk, a requirement, a measure."""
    planned(committee)
    return committee


def figures(committee: Committee, **clocks: Any) -> selectors.Figures:
    now = datetime.now(UTC)
    with committee.looking():
        program = Program.objects.get(pk=committee.program.pk)
        return selectors.read(
            program, **{"at": now, "known": now, "is_now": True, "sees_money": True} | clocks
        )


def rated(committee: Committee, **clocks: Any) -> dict[str, Any]:
    return {one.dimension: one for one in selectors.ratings(figures(committee, **clocks))}


def test_each_dimension_is_rated_from_the_programs_own_rows(running: Committee) -> None:
    six = rated(running)
    assert {name: one.colour for name, one in six.items()} == {
        "schedule": "green",  # on its baseline
        "cost": "",  # no actual cost is in the ledger yet: CPI is not defined
        "scope": "red",  # one of two requirements was accepted in time
        "risk": "",  # an exposure, but no contingency to hold it against
        "resources": "red",  # one tester on two projects at once
        "benefits": "green",
    }
    assert "No actual cost yet" in six["cost"].sentence
    assert six["scope"].sentence == "1 of 2 requirements accepted on time"
    assert six["scope"].rule.replace("\xa0", " ") == "50 % < 75 %"
    assert six["resources"].rule.replace("\xa0", " ").endswith("> 130 %")
    assert "50k; no contingency" in six["risk"].sentence


def test_a_committed_date_takes_the_place_of_the_baseline(running: Committee) -> None:
    with running.looking():
        finish = figures(running).finish
        assert finish is not None
        Program.objects.filter(pk=running.program.pk).update(committed_finish=finish)
    assert rated(running)["schedule"].rule.replace("\xa0", " ") == "margin 0 d < 10 d"


def test_a_finish_that_moved_since_the_last_decision_is_told_first(running: Committee) -> None:
    with running.looking():
        last = Activity.objects.get(program=running.program, code="E2")
    # The decisions of the fixture fell today; what was known at the start of the day is an empty plan, so the
    # "before" is made by moving the clock of the first computations back.
    with running.looking(), connection.cursor() as cursor:
        cursor.execute("update programs_computation set computed_at = computed_at - interval '3 days'")
    running.does(
        running.program_manager,
        plan.edit_activity,
        activity_id=last.pk,
        changes={"duration_minutes": 50 * DAY},
        version=last.version,
    )
    page = body(signed_in(running.chair).get("/p/ATLAS/"))
    assert re.search(r"ERP-FIN finish moved \+1[0-9] d", page), page[-3000:]


def test_every_figure_of_the_page_is_a_link_to_its_rows(running: Committee) -> None:
    client = signed_in(running.sponsor)
    page = client.get("/p/ATLAS/").content.decode()
    cards = re.findall(r'<(a|div) class="card dimension"(?: href="([^"]+)")?', page)
    assert len(cards) == 6 and all(tag == "a" for tag, _ in cards)
    links = {link for link in re.findall(r'href="(/p/ATLAS/[^"#]*)', page) if "/reports" not in link}
    for link in sorted(links):
        assert client.get(link.replace("&amp;", "&")).status_code == 200, link


def test_the_dashboard_of_a_day_before_the_first_status_knows_no_earned_value(running: Committee) -> None:
    before = STATUS.replace(month=1)
    old = rated(running, at=before, is_now=False)
    assert "No earned value" in old["cost"].sentence
    page = body(signed_in(running.chair).get("/p/ATLAS/?at=2026-01-15"))
    assert "no status date yet" in page and "instant of knowledge" in page


def test_what_was_known_before_the_plan_was_entered_is_nothing(running: Committee) -> None:
    old = rated(running, known=datetime(2020, 1, 1, tzinfo=UTC), is_now=False)
    assert old["schedule"].sentence == "The plan has no computed finish yet."
    assert old["risk"].sentence.startswith("Exposure 0")


@pytest.mark.parametrize("query", ["at=x", "at=2026-99-99", "known=0001-01-01", "at=9999999999999"])
def test_a_bad_date_in_the_address_is_refused_in_words(running: Committee, query: str) -> None:
    answer = signed_in(running.chair).get(f"/p/ATLAS/?{query}")
    assert answer.status_code == 422 and "not a date" in body(answer)


@pytest.mark.proof
def test_the_insurers_dashboard_costs_at_most_twelve_statements(
    own_database: Any,
) -> None:
    bundle = shared("01_dslib_real_projects/it_programme_insurer")
    who = person("Ines Urer")
    call_command(
        "import_bundle", str(bundle), program="INSURER", create="Insurer", accept=True, manager=who.email
    )
    program_id = find("INSURER")
    assert program_id is not None
    with transaction.atomic(), everything(Program(pk=program_id)):
        program = Program.objects.get(pk=program_id)
    commands.run(earned_value.refresh, actor=None, scope=[program_id], program=program)
    client = signed_in(who)
    listed = own(statements(client, "/p/INSURER/"))
    assert len(listed) <= 12, "\n\n".join(listed)
    page = body(client.get("/p/INSURER/"))
    assert "10 of 10 projects reported" in page and "CPI 1.06" in page


@pytest.mark.django_db
def test_the_last_simulation_stands_beside_the_finishes_and_says_when_the_plan_moved_on() -> None:
    office = make_office()
    client = signed_in(office.sponsor)
    assert "P80 finish" not in body(client.get("/p/ATLAS/"))
    with everything(office.program):
        for state, day in (("done", 3), ("done", 20), ("failed", 28)):
            SimulationRun.objects.create(
                program=office.program, iterations=1000, seed=1, low_percent=80, high_percent=150, state=state,
                plan_version=office.program.plan_version, p80_finish=datetime(2026, 7, day, 15, tzinfo=UTC),
                requested_at=STATUS, finished_at=STATUS,
            )  # fmt: skip
    page = body(client.get("/p/ATLAS/"))
    assert "P80 finish 20 Jul 2026" in page and "plan changed since" not in page
    assert "P80 finish" not in body(client.get("/p/ATLAS/?known=2026-01-15"))  # not simulated by then
    with everything(office.program):
        Program.objects.filter(pk=office.program.pk).update(plan_version=office.program.plan_version + 1)
    assert "plan changed since" in body(client.get("/p/ATLAS/"))
