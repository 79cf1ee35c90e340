"""Float paths on page, in files, in the plan and by the API: the same chains as the engine's, told for people."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from pmo import commands
from pmo.refusals import Refused
from programs.engine import FloatKind, Scheduled, float_paths
from programs.master_plan.float_chains import paths_to
from programs.master_plan.saved.address import canonical
from programs.schedule import services
from programs.schedule.inputs import load
from programs.schedule.models import Activity, Dependency
from tests.cast import Office, everything, make_office
from tests.fresh import sign_in

pytestmark = pytest.mark.django_db

PAGE = "/p/ATLAS/plan/paths/"


@pytest.fixture
def office() -> Office:
    """GO waits for D (A, then B of 9 days, then D of another project), and for S, which follows C and has days left."""
    office = make_office()
    with everything(office.program):
        made = {}
        for project, code, days in (
            (office.erp, "A", 2), (office.erp, "B", 9), (office.erp, "C", 1), (office.iam, "D", 3),
            (office.iam, "S", 2), (office.iam, "GO", 0),
        ):  # fmt: skip
            made[code] = Activity.objects.create(
                program=office.program, project=project, code=code, name=f"<{code}>", duration_minutes=480 * days,
                kind="finish_milestone" if code == "GO" else "task",
            )  # fmt: skip
    for before, after, kind, lag in (
        ("A", "B", "FS", 0), ("A", "C", "SS", 480), ("B", "D", "FS", 0), ("C", "S", "FS", 960), ("D", "GO", "FS", 0),
        ("S", "GO", "FS", 0),
    ):  # fmt: skip
        commands.run(
            services.add_dependency, actor=office.program_manager, program=office.program,
            predecessor_id=made[before].pk, successor_id=made[after].pk, kind=kind, lag=lag, lag_unit="working",
        )  # fmt: skip
    office.people["made"] = made  # type: ignore[assignment]
    return office


def pk(office: Office, code: str) -> int:
    return int(office.people["made"][code].pk)  # type: ignore[index]


def get(office: Office, address: str = PAGE, **query: Any) -> Any:
    client = Client()
    sign_in(client, office.auditor)
    return client.get(address, query)


def plain(answer: Any) -> str:
    return str(answer.content.decode().replace("\N{NO-BREAK SPACE}", " "))


def test_the_chains_are_the_engines(office: Office) -> None:
    for by, kind in (
        ("spare", FloatKind.SPARE),
        ("free", FloatKind.FREE_FLOAT),
        ("total", FloatKind.TOTAL_FLOAT),
    ):
        with everything(office.program):
            found = paths_to(office.program, pk(office, "GO"), 10, by)
            loaded = load(office.program)
        assert found is not None
        base = Scheduled.of(loaded.plan, loaded.rules)
        theirs = float_paths(base, loaded.activity_ids.index(pk(office, "GO")), 10, kind)
        ours = [[step.names.pk for step in path.steps] for path in found.paths]
        assert ours == [[loaded.activity_ids[i] for i in path.activities] for path in theirs]
    assert [[step.names.code for step in path.steps] for path in found.paths] == [
        ["A", "B", "D", "GO"],
        ["C", "S"],
    ]
    # S begins on day 4 and lasts two days; D ends on day 14: 8 days between, whoever of the two slips.
    assert [path.spare for path in found.paths] == [0, 8 * 480]
    assert found.paths[1].joins is not None and found.paths[1].joins[1].code == "GO"


def test_a_committee_reads_it_in_a_sentence(office: Office) -> None:
    page = get(office)  # without a word the milestone that is last
    text = plain(page)
    assert page.status_code == 200
    assert (
        "hangs on a chain of 3 activities, A &lt;A&gt; to D &lt;D&gt;; the second chain has 8 d to spare."
        in text
    )
    assert (
        "2 activities of 2 projects: C &lt;C&gt; to S &lt;S&gt;; it leads to GO &lt;GO&gt; on chain 1" in text
    )
    assert "The next waits until it finishes, and 2 d more." in text
    assert "The next can" not in text and '<div class="card gantt"' in text
    assert get(office, to=pk(office, "S")).status_code == 200
    assert "waits for nothing that is still open" in plain(get(office, to=pk(office, "A")))
    assert "There is no second chain" in plain(get(office, to=pk(office, "B")))
    assert get(office, to=10**12).status_code == 404
    assert get(office, to="x").status_code == 404
    assert get(office, by="x", n="x", to=pk(office, "GO")).status_code == 200


def test_a_date_of_its_own_is_told_from_what_drives_it(office: Office) -> None:
    with everything(office.program):
        go = Activity.objects.get(pk=pk(office, "GO"))
        changes = {"constraint": "SNET", "constraint_at": office.program.starts_at.replace(month=12)}
    commands.run(
        services.edit_activity, actor=office.program_manager, activity_id=go.pk, changes=changes, version=None
    )
    assert "is held by a date of its own: the closest chain, A" in plain(get(office))


def test_done_and_summaries_are_on_no_chain(office: Office) -> None:
    with everything(office.program):
        Activity.objects.filter(pk=pk(office, "B")).update(kind="summary")
    assert "follows from other work" in plain(get(office, to=pk(office, "B")))


def test_the_file_has_each_activity_with_how_it_holds_the_next(office: Office) -> None:
    answer = get(office, to=pk(office, "GO"), format="csv")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [(row["path"], row["activity"], row["leads_to"]) for row in rows] == [
        ("1", "A", "ERP-FIN/B"), ("1", "B", "IAM/D"), ("1", "D", "IAM/GO"), ("1", "GO", ""),
        ("2", "C", "IAM/S"), ("2", "S", "IAM/GO"),
    ]  # fmt: skip
    assert (rows[4]["lag"], rows[4]["spare_minutes"], rows[5]["slack_minutes"]) == ("960", "3840", "3840")
    assert get(office, to=pk(office, "GO"), format="xlsx")["Content-Type"].endswith("sheet")


def test_the_plan_shows_just_these_rows(office: Office) -> None:
    def shown(path: str) -> list[str]:
        answer = get(office, "/p/ATLAS/plan/export.csv", path=path)
        return [row["activity"] for row in csv.DictReader(io.StringIO(answer.content.decode()))]

    go = pk(office, "GO")
    assert sorted(shown(f"{go}")) == ["A", "B", "C", "D", "GO", "S"]
    assert sorted(shown(f"{go}.2")) == ["C", "S"]
    assert shown(f"{go}.9") == [] and shown("999999999") == []
    assert len(shown("x")) == 6  # no path at all
    page = plain(get(office, "/p/ATLAS/plan/", path=f"{go}.2"))
    assert "Paths to an activity" in page and "&lt;S&gt;" in page and "&lt;B&gt;" not in page


def test_the_api_tells_the_same(office: Office) -> None:
    address = f"/api/v1/programs/ATLAS/activities/{pk(office, 'GO')}/paths/"
    body = get(office, address).json()
    assert body["target"]["activity"] == "GO" and not body["done"]
    assert [[one["activity"] for one in path["steps"]] for path in body["paths"]] == [
        ["A", "B", "D", "GO"],
        ["C", "S"],
    ]
    assert (body["paths"][1]["leads_to_path"], body["paths"][1]["spare_minutes"]) == (1, 3840)
    assert body["paths"][1]["steps"][0]["link"]["words"].startswith("the next waits until it finishes")
    assert len(get(office, address, paths=1).json()["paths"]) == 1
    for wrong in ({"paths": "0"}, {"paths": "31"}, {"by": "luck"}, {"known": "2026-01-01"}):
        assert get(office, address, **wrong).status_code == 400


def test_a_plan_that_a_worker_computes_says_so(office: Office, settings: Any) -> None:
    settings.COMPUTE_IN_REQUEST_UP_TO = 3
    with everything(office.program), pytest.raises(Refused, match="this one is larger"):
        paths_to(office.program, pk(office, "GO"))


def in_file(answer: Any) -> list[str]:
    return [row["activity"] for row in csv.DictReader(io.StringIO(answer.content.decode()))]


def test_a_plan_grown_too_large_is_shown_whole_and_says_so(office: Office, settings: Any) -> None:
    settings.COMPUTE_IN_REQUEST_UP_TO = 3
    plan, go = "/p/ATLAS/plan/", pk(office, "GO")
    page = get(office, plan, path=go)
    assert page.status_code == 200
    text = plain(page)
    assert "All rows are shown, not only those on paths" in text and "this one is larger" in text
    assert "&lt;B&gt;" in text and "Paths to an activity" not in text
    # The file of "what is shown" is of all rows too; an address kept from before does not pass for the few.
    assert 'href="/p/ATLAS/plan/export.csv"' in text
    refused = get(office, f"{plan}export.csv", path=go)
    assert refused.status_code == 422 and "this one is larger" in plain(refused)


def test_paths_of_a_past_view_are_not_those_of_now(office: Office) -> None:
    plan, go = "/p/ATLAS/plan/", pk(office, "GO")
    then = timezone.now().isoformat()
    page = get(office, plan, path=go, known=then)
    assert page.status_code == 200
    text = plain(page)
    assert "All rows are shown, not only those on paths: paths are those of now" in text
    assert "Paths to an activity" not in text
    refused = get(office, f"{plan}export.csv", path=go, known=then)
    assert refused.status_code == 422 and "Paths are those of now" in plain(refused)
    assert len(in_file(get(office, f"{plan}export.csv", known=then))) == 6


def test_the_plan_is_searched_once_for_its_paths(office: Office) -> None:
    """Sections, places and rows ask for the same paths: they are worked out once."""
    for more in ({}, {"group": "none"}, {"group": "manager"}, {"sort": "start"}):
        with CaptureQueriesContext(connection) as asked:
            assert get(office, "/p/ATLAS/plan/", path=pk(office, "GO"), **more).status_code == 200
        loads = [
            one for one in asked.captured_queries if "programs_dependency where program_id" in one["sql"]
        ]
        assert len(loads) == 1, more


def test_what_a_group_leaves_is_told_in_working_days(office: Office) -> None:
    """N waits for M, of four days, and for the group G: I1 takes three days of it, I2 five. Nights are not to spare."""
    with everything(office.program):
        made = {}
        for code, days in (("G", 0), ("I1", 3), ("I2", 5), ("M", 4), ("N", 2)):
            made[code] = Activity.objects.create(
                program=office.program, project=office.erp, code=code, name=code, duration_minutes=480 * days,
                kind="summary" if code == "G" else "task", parent=made["G"] if code in ("I1", "I2") else None,
            )  # fmt: skip
    for before in ("G", "M"):
        commands.run(
            services.add_dependency, actor=office.program_manager, program=office.program,
            predecessor_id=made[before].pk, successor_id=made["N"].pk, kind="FS", lag=0, lag_unit="working",
        )  # fmt: skip
    to = made["N"].pk
    for by in ("spare", "free", "total"):
        rows = csv.DictReader(
            io.StringIO(get(office, to=to, by=by, format="csv").content.decode("utf-8-sig"))
        )
        assert [
            (row["path"], row["activity"], row["leads_to"], row["spare_minutes"], row["slack_minutes"])
            for row in rows
        ] == [
            ("1", "I2", "ERP-FIN/N", "0", "0"), ("1", "N", "", "0", ""),
            ("2", "M", "ERP-FIN/N", "480", "480"),
            ("3", "I1", "ERP-FIN/N", "960", "960"),
        ], by  # fmt: skip
        text = plain(get(office, to=to, by=by))
        assert "the second chain has 1 d to spare." in text and "2 d to spare" in text
        assert "The next waits for it by a link of a group; 2 d lie between." in text
    body = get(office, f"/api/v1/programs/ATLAS/activities/{to}/paths/").json()
    assert [one["spare_minutes"] for one in body["paths"]] == [0, 480, 960]
    # As it is told, so it is: one day more for M moves nothing, and a minute beyond that does.
    starts = body["paths"][0]["steps"][-1]["starts"]
    for minutes, still in ((480 * 5, True), (480 * 5 + 1, False)):
        commands.run(
            services.edit_activity, actor=office.program_manager, activity_id=made["M"].pk,
            changes={"duration_minutes": minutes}, version=None,
        )  # fmt: skip
        body = get(office, f"/api/v1/programs/ATLAS/activities/{to}/paths/").json()
        assert (body["paths"][0]["steps"][-1]["starts"] == starts) is still


def test_a_chain_in_the_plan_is_the_one_under_which_its_link_stands(office: Office) -> None:
    """In each order, and for more chains than ten: the plan shows just what the page counts."""
    with everything(office.program):
        made = [
            Activity.objects.create(
                program=office.program, project=office.erp, code=code, name=code, duration_minutes=480 * days,
                kind="task" if days else "finish_milestone",
            )
            for code, days in (
                ("X", 20), ("V", 8), ("T", 9), ("U", 4), ("Y", 14), ("END", 0), *((f"K{n}", n + 1) for n in range(12)),
            )
        ]  # fmt: skip
        own = {one.code: one for one in made}
        pairs = [("X", "END"), ("T", "V"), ("U", "V"), ("V", "END"), ("Y", "END")]
        Dependency.objects.bulk_create(
            Dependency(program=office.program, predecessor=own[a], successor=own[b])
            for a, b in [*pairs, *((f"K{n}", "END") for n in range(12))]
        )
    commands.run(services.recompute, actor=office.program_manager, program=office.program)
    orders = set()
    for by in ("spare", "free", "total"):
        asked: dict[str, Any] = {"to": own["END"].pk, "by": by, "n": 30}
        text = get(office, format="csv", **asked).content.decode("utf-8-sig")
        chains: dict[str, set[str]] = {}
        for row in csv.DictReader(io.StringIO(text)):
            chains.setdefault(row["path"], set()).add(row["activity"])
        links = set(re.findall(r"\?path=([0-9a-z.]+)", plain(get(office, **asked))))
        assert len(chains) > 10 and len(links) == len(chains) + 1
        orders.add(repr([sorted(one) for one in chains.values()]))
        for path in links:
            number = path.split(".")[1]
            wanted = chains[number] if number != "0" else set().union(*chains.values())
            assert set(in_file(get(office, "/p/ATLAS/plan/export.csv", path=path))) == wanted, path
            assert f"path={path}" in canonical({"path": path}), "as a view that is kept"
    assert len(orders) > 1
