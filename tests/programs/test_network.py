"""The network diagram: which window of the plan it shows, and that picture, table, file and API say the same."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.test import Client

from pmo import commands
from programs.engine.layered import layout
from programs.master_plan import network as reads
from programs.master_plan.network import Window, near, network
from programs.schedule import services
from programs.schedule.models import Activity
from tests.cast import Office, everything, make_office
from tests.fresh import sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> Office:
    """A, then B (long) and C (short), then D in the other project, and E alone."""
    office = make_office()
    with everything(office.program):
        made = {}
        for project, code, days in (
            (office.erp, "A", 2), (office.erp, "B", 9), (office.erp, "C", 1), (office.iam, "D", 3), (office.iam, "E", 1)
        ):  # fmt: skip
            made[code] = Activity.objects.create(
                program=office.program,
                project=project,
                code=code,
                name=f"<{code}>",
                duration_minutes=480 * days,
            )
    for before, after, kind, lag in (
        ("A", "B", "FS", 0),
        ("A", "C", "SS", 480),
        ("B", "D", "FS", 0),
        ("C", "D", "FS", 0),
    ):
        commands.run(
            services.add_dependency, actor=office.program_manager, program=office.program,
            predecessor_id=made[before].pk, successor_id=made[after].pk, kind=kind, lag=lag, lag_unit="working",
        )  # fmt: skip
    office.people["made"] = made  # type: ignore[assignment]
    return office


def codes(office: Office, **window: Any) -> list[str]:
    with everything(office.program):
        return [box.code for box in network(office.program, Window(**window)).boxes]


def pk(office: Office, code: str) -> int:
    return int(office.people["made"][code].pk)  # type: ignore[index]


def get(office: Office, path: str = "/p/ATLAS/plan/network/", **query: Any) -> Any:
    client = Client()
    sign_in(client, office.auditor)
    return client.get(path, query)


def test_a_window_is_the_critical_path_a_project_or_what_lies_around_an_activity(office: Office) -> None:
    assert codes(office, critical=True) == ["A", "B", "D"]
    assert codes(office, project="erp-fin") == ["A", "C", "B"]
    assert codes(office, around=pk(office, "B"), steps=1) == ["A", "B", "D"]
    assert sorted(codes(office, around=pk(office, "A"), steps=2)) == ["A", "B", "C", "D"]
    assert codes(office, around=pk(office, "E"), steps=6) == ["E"]
    assert sorted(codes(office)) == ["A", "B", "C", "D", "E"]


def test_what_was_critical_before_a_change_is_not_in_the_critical_path_of_now(office: Office) -> None:
    for minutes in (480 * 20, 480):  # C holds up D for one computation, and no longer
        commands.run(
            services.edit_activity, actor=office.program_manager, activity_id=pk(office, "C"),
            changes={"duration_minutes": minutes}, version=None,
        )  # fmt: skip
    assert codes(office, critical=True) == ["A", "B", "D"]


def test_walking_both_ways_does_not_turn_round() -> None:
    pairs = [(1, 2), (2, 3), (4, 3), (2, 5)]
    assert near(3, pairs, 1) == {2, 3, 4}
    assert near(3, pairs, 2) == {1, 2, 3, 4}  # not 5: it neither leads to 3 nor follows it


def test_what_is_left_out_is_counted_at_its_box(office: Office) -> None:
    with everything(office.program):
        found = network(office.program, Window(project="ERP-FIN"))
    assert {box.code: (box.before, box.after) for box in found.boxes} == {
        "A": (0, 0),
        "B": (0, 1),
        "C": (0, 1),
    }
    assert len(found.lines) == 2


def test_a_full_window_says_how_many_would_fit(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reads, "MOST", 3)
    with everything(office.program):
        found = network(office.program, Window())
    assert (len(found.boxes), found.fits) == (3, 5)


def test_the_page_shows_the_critical_path_first_with_its_table_and_escapes_names(office: Office) -> None:
    page = get(office).content.decode()
    assert "Critical activities" in page
    assert page.count('class="box critical"') == 3
    assert "&lt;B&gt;" in page
    assert "<B>" not in page
    around = get(office, around=pk(office, "C")).content.decode()
    assert "2 links around ERP-FIN/C" in around
    assert "SS+1d" in around
    assert 'class="box chosen"' in around


def test_the_file_and_the_api_say_what_the_picture_shows(office: Office) -> None:
    text = get(office, all="", format="csv").getvalue().decode("utf-8-sig")
    rows = {row["activity"]: row for row in csv.DictReader(io.StringIO(text))}
    assert rows["D"]["predecessors"] in ("ERP-FIN/B; ERP-FIN/C", "ERP-FIN/C; ERP-FIN/B")
    assert rows["A"]["successors"].count("ERP-FIN/") == 2
    assert rows["E"]["predecessors"] == ""
    api = get(office, "/api/v1/programs/ATLAS/activities/network/", critical="true").json()
    assert [box["code"] for box in api["boxes"]] == ["A", "B", "D"]
    assert [box["column"] for box in api["boxes"]] == [0, 1, 2]
    assert {(one["predecessor_id"], one["successor_id"]) for one in api["links"]} == {
        (pk(office, "A"), pk(office, "B")),
        (pk(office, "B"), pk(office, "D")),
    }


def test_odd_addresses_find_nothing_or_are_refused(office: Office) -> None:
    assert get(office, around="9" * 18).status_code == 404
    assert get(office, around="x", steps="-1", project="NOWHERE").status_code == 200
    api = "/api/v1/programs/ATLAS/activities/network/"
    for query in ({"steps": "0"}, {"steps": "7"}, {"around": "0"}, {"critical": "yes"}):
        assert get(office, api, **query).status_code == 400, query
    assert get(office, api, around="12345678901").status_code == 404


def test_a_window_of_a_hundred_and_fifty_boxes_is_laid_out_quickly() -> None:
    import time

    before = [i for i in range(140) for _ in range(2)]
    after = [min(149, i + 1 + (i * 7 + k * 5) % 9) for i in range(140) for k in range(2)]
    begun = time.process_time()
    found = layout(150, before, after)
    assert time.process_time() - begun < 1.0
    assert found.columns > 10
