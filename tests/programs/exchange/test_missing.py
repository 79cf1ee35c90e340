"""What came by an earlier import and is not in the file any more: told, kept or taken out, and brought back by undo."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client

from finance.imports import bundles
from pmo import commands
from pmo.refusals import Refused
from programs.exchange import sandbox, services
from programs.exchange.models import PlanImport
from programs.exchange.reading import Read
from programs.lives import services as lives
from programs.master_plan.services import MovesCommitted
from programs.portfolio.models import Program, Project
from programs.resources.models import Assignment
from programs.schedule import services as schedule
from programs.schedule.models import Activity, Dependency
from tests.cast import Office, everything, make_office
from tests.programs.exchange import plans
from tests.programs.exchange.bundles import GOOD, zipped
from tests.programs.exchange.test_undo import WITHOUT_MONEY, plan, undone

pytestmark = pytest.mark.django_db
LATER: dict[str, str] = {
    "activities": "\n".join(
        line.replace("Network up,N,", "Network up,,").replace("1.3", "1")
        for line in GOOD["activities.csv"].splitlines()
        if not line.startswith(("NET,group,N", "NET,activity,N1", "NET,activity,N2", "APP,activity,A1"))
    ),
    "dependencies": GOOD["dependencies.csv"].splitlines()[0] + "\n,NET,APP,N3,A2,FS,-8,working\n",
    "assignments": GOOD["assignments.csv"].splitlines()[0] + "\n",
    "progress": GOOD["progress.csv"].splitlines()[0] + "\n",
}
"""The good bundle without its group, the begun N1, N2 and A1, what hung on them, and the assignment."""


@pytest.fixture
def office() -> Office:
    return make_office()


def bundle(**files: str) -> Read:
    content = WITHOUT_MONEY | {f"{name}.csv": text for name, text in files.items()}
    return sandbox.read_upload(zipped({name: text.encode() for name, text in content.items()}), "retail.zip")


def staged(office: Office, read: Read, name: str = "retail.zip") -> PlanImport:
    found = commands.run(
        services.stage, actor=office.program_manager, program=office.program, file_name=name, read=read
    )
    assert not found.already
    return found.plan_import


def accepted(office: Office, found: PlanImport, *take_out: str, **more: Any) -> PlanImport:
    done = commands.run(
        bundles.accept,
        actor=office.program_manager,
        why=bundles.why(found, take_out),
        plan_import=found,
        take_out=take_out,
        **more,
    )
    return done.plan.plan_import


def here(office: Office) -> tuple[set[str], set[str], int]:
    """Codes of activities, links, and the number of assignments."""
    with everything(office.program):
        return (
            set(Activity.objects.values_list("code", flat=True)),
            {
                f"{a}{kind}{b}"
                for a, kind, b in Dependency.objects.values_list(
                    "predecessor__code", "kind", "successor__code"
                )
            },
            Assignment.objects.count(),
        )


def told(found: PlanImport) -> dict[str, tuple[bool, str]]:
    """Name of each missing row -> whether it goes, and why it stays."""
    return {
        row["name"]: (row["goes"], row["stays"]) for one in found.changes["missing"] for row in one["rows"]
    }


def closed(office: Office) -> None:
    with everything(office.program):
        project = Project.objects.get(code="APP")
    commands.run(
        lives.move,
        actor=office.program_manager,
        project=project,
        version=project.version,
        deed="cancel",
        reason="No money.",
    )


def test_a_dry_run_names_what_is_missing_with_what_hangs_on_it_and_a_first_file_misses_nothing(
    office: Office,
) -> None:
    first = accepted(office, staged(office, bundle()))
    assert first.changes["missing"] == []
    with everything(office.program):
        a1 = Activity.objects.get(code="A1")
    commands.run(
        schedule.edit_activity,
        actor=office.program_manager,
        activity_id=a1.pk,
        changes={"name": "Build it well"},
        version=a1.version,
    )
    found = staged(office, bundle(**LATER))
    assert told(found) == {
        "APP/A1 Build it well": (True, ""),
        "APP/A1 → APP/A2 SS": (True, ""),
        "NET/N2 Lay cable": (True, ""),
        "NET/N1 → NET/N2 FS": (True, ""),
        "NET/N2 → NET/N3 FF": (True, ""),
        "NET/N Cabling": (False, "N1 stays under it"),
        "NET/N1 Order cable": (False, "progress, 50 %"),
        "R1 on NET/N1": (False, "N1 stays, and who works on it"),
    }
    rows = {row["name"]: row for one in found.changes["missing"] for row in one["rows"]}
    assert "edited here since: name" in rows["APP/A1 Build it well"]["hangs"]
    assert any(
        words.startswith("planned cost 2,000.00 EUR") for words in rows["APP/A1 Build it well"]["hangs"]
    )
    assert rows["APP/A1 Build it well"]["came"].startswith("retail.zip, ")
    app = next(one for one in found.changes["missing"] if one["project"] == "APP")
    assert (app["go"], app["stay"], app["chosen"]) == (2, 0, None)


def test_nothing_goes_unasked_and_only_in_the_project_that_was_chosen(office: Office) -> None:
    accepted(office, staged(office, bundle()))
    found = accepted(office, staged(office, bundle(**LATER)), "APP")
    codes, links, people = here(office)
    assert codes == {"N", "N1", "N2", "N3", "A2"}
    assert links == {"N1FSN2", "N2FFN3", "N3FSA2"}
    assert people == 1
    assert {one["project"]: one["chosen"] for one in found.changes["missing"]} == {"NET": False, "APP": True}
    taken = {kind["kind"]: kind["taken"] for kind in found.changes["kinds"] if kind["taken"]}
    assert taken == {"activity": 1, "dependency": 1}


def test_what_can_go_goes_what_cannot_stays_and_undo_brings_all_of_it_back_row_by_row(office: Office) -> None:
    accepted(office, staged(office, bundle()))
    before = plan(office)
    found = accepted(office, staged(office, bundle(**LATER)), "NET", "APP")
    codes, links, people = here(office)
    assert codes == {"N", "N1", "N3", "A2"}
    assert links == {"N3FSA2"}
    assert people == 1
    with everything(office.program), connection.cursor() as cursor:
        cursor.execute(
            "select pgh_context ->> 'why' from programs_activityevent where pgh_label = 'delete' and code = 'N2'"
        )
        why = cursor.fetchone()[0]
    assert why == "Import of retail.zip; taken out of APP, NET what it does not have any more"
    done = undone(office, found)
    assert done.lost == {}
    assert plan(office) == before


def test_rows_that_people_added_are_never_missing_and_hold_what_they_stand_on(office: Office) -> None:
    accepted(office, staged(office, bundle()))
    mona = office.program_manager
    with everything(office.program):
        a1 = Activity.objects.get(code="A1")
    added = commands.run(
        schedule.add_activity,
        actor=mona,
        program=office.program,
        project_id=a1.project_id,
        values={"code": "OWN", "name": "Ours", "duration_minutes": 480},
        after_id=a1.pk,
    )
    assert added.activity is not None
    found = staged(office, bundle(**LATER))
    assert told(found)["APP/A1 Build"] == (False, "APP/A1 → APP/OWN FS was added here, and stays")
    assert not any("OWN Ours" in name for name in told(found))
    accepted(office, found, "APP", "NET")
    assert {"A1", "OWN"} <= here(office)[0]


def test_a_project_closed_in_between_keeps_its_rows(office: Office) -> None:
    accepted(office, staged(office, bundle()))
    found = staged(office, bundle(**LATER))
    closed(office)
    again = accepted(office, found, "NET", "APP")
    codes, links, _ = here(office)
    assert "A1" in codes
    assert "A1SSA2" in links
    assert "N2" not in codes
    assert told(again)["APP/A1 Build"] == (False, "APP is closed: its plan stays as it is")


def test_a_second_acceptance_finds_the_first_and_takes_nothing_more(office: Office) -> None:
    accepted(office, staged(office, bundle()))
    found = staged(office, bundle(**LATER))
    accepted(office, found)
    assert accepted(office, found, "APP", "NET").pk == found.pk
    assert {"A1", "N2"} <= here(office)[0]


def test_a_project_that_is_not_in_the_file_is_refused_at_its_name(office: Office) -> None:
    accepted(office, staged(office, bundle()))
    with pytest.raises(Refused, match="XYZ is not a project of this file"):
        accepted(office, staged(office, bundle(**LATER)), "XYZ")


def test_another_tools_file_does_not_miss_these_rows(office: Office) -> None:
    accepted(
        office, staged(office, sandbox.read_upload(plans.plan(plans.task(1), plans.task(2)), "plan.xml"))
    )
    with everything(office.program):
        code = Activity.objects.values_list("project__code", flat=True).order_by("pk").first()
    header = GOOD["activities.csv"].splitlines()[0]
    read = bundle(
        projects=f"project_id,name,kind,hours_per_day,start\n{code},Same,,8,2027-01-04T08:00\n",
        activities=f"{header}\n{code},activity,1,1,Task 1,,,8,,,,,,,\n",
        dependencies=LATER["dependencies"].splitlines()[0] + "\n",
        assignments=LATER["assignments"],
        status_dates=GOOD["status_dates.csv"].splitlines()[0] + "\n",
        progress=LATER["progress"],
        calendars=GOOD["calendars.csv"].replace("NET", str(code)).replace("APP", str(code)),
    )
    assert read.acceptable, read.problems
    # A bundle holds the whole plan, whatever its rows came by.
    assert [one["project"] for one in staged(office, read).changes["missing"]] == [code]
    gan = read.draft
    gan.source = "gan"
    assert staged(office, read, "plan.gan").changes["missing"] == []


def linked(kind: int, lag: int = 0, back: bool = False) -> Read:
    """Two tasks of MS Project with one link: 0 FF, 1 FS, 2 SF, 3 SS; `back`: from the second to the first."""
    one, other = (plans.link(2, kind, lag), "") if back else ("", plans.link(1, kind, lag))
    return sandbox.read_upload(plans.plan(plans.task(1, links=one), plans.task(2, links=other)), "plan.xml")


def test_a_link_of_another_type_is_one_change_and_goes_back_with_the_undo(office: Office) -> None:
    accepted(office, staged(office, linked(1)))
    before = plan(office)
    found = staged(office, linked(3, 4800))
    kind = next(one for one in found.changes["kinds"] if one["kind"] == "dependency")
    assert (kind["created"], kind["changed"], kind["kept"]) == (0, 1, 0)
    fields = {one["field"]: (one["before"], one["after"]) for one in kind["rows_changed"][0]["fields"]}
    assert fields == {"type": ("FS", "SS"), "lag": ("0", "480")}
    accepted(office, found)
    assert here(office)[1] == {"1SS2"}
    undone(office, found)
    assert plan(office) == before


def test_a_link_that_people_added_is_not_changed_by_a_new_type_in_the_file(office: Office) -> None:
    accepted(
        office, staged(office, sandbox.read_upload(plans.plan(plans.task(1), plans.task(2)), "plan.xml"))
    )
    with everything(office.program):
        one, two = Activity.objects.order_by("code")
    commands.run(
        schedule.add_dependency,
        actor=office.program_manager,
        program=office.program,
        predecessor_id=one.pk,
        successor_id=two.pk,
        kind="SS",
        lag=0,
        lag_unit="working",
    )
    accepted(office, staged(office, linked(1)))
    assert here(office)[1] == {"1SS2", "1FS2"}


def test_a_link_turned_round_is_accepted_once_the_former_one_goes(office: Office) -> None:
    accepted(office, staged(office, linked(1)))
    found = staged(office, linked(1, back=True))
    assert any("only if they are taken out" in one["sentence"] for one in found.problems)
    with pytest.raises(Refused, match="wait for each other"):
        accepted(office, found)
    (project,) = found.changes["missing"]
    accepted(office, found, project["project"])
    assert here(office)[1] == {"2FS1"}


def test_undo_says_what_cannot_come_back(office: Office) -> None:
    accepted(office, staged(office, bundle()))
    found = accepted(office, staged(office, bundle(**LATER)), "NET", "APP")
    with everything(office.program):
        app = Project.objects.get(code="APP")
    commands.run(
        schedule.add_activity,
        actor=office.program_manager,
        program=office.program,
        project_id=app.pk,
        values={"code": "A1", "name": "Another", "duration_minutes": 480},
    )
    done = undone(office, found)
    assert sorted(why for _, why in done.lost.values()) == [
        "Another activity has its code by now: it does not come back",
        "One of its ends is gone: it does not come back",
    ]
    assert "N2" in here(office)[0]


def milestone_at(hours: int) -> Read:
    """The good bundle with N3 in a baseline, and so many hours of work before it."""
    header, *lines = GOOD["activities.csv"].splitlines()
    based = [header + ",baseline_start,baseline_finish"] + [
        line.replace("Lay cable,N,night,8", f"Lay cable,N,night,{hours}")
        + (",2027-01-05T16:00,2027-01-05T16:00" if ",N3," in line else ",,")
        for line in lines
    ]
    read = bundle(activities="\n".join(based))
    assert read.acceptable, read.problems
    return read


def test_an_acceptance_that_moves_a_committed_milestone_is_held_until_it_is_agreed(office: Office) -> None:
    accepted(office, staged(office, milestone_at(8)))
    found = staged(office, milestone_at(80))
    with pytest.raises(MovesCommitted) as refusal:
        accepted(office, found)
    assert "N3 Network up" in refusal.value.message
    with everything(office.program):
        assert PlanImport.objects.get(pk=found.pk).state == "read"
        assert Program.objects.get(pk=office.program.pk).plan_version == found.changes["plan_version"]
    assert accepted(office, found, agreed=refusal.value.seal).state == "accepted"


def test_undo_is_refused_while_its_project_is_closed(office: Office) -> None:
    accepted(office, staged(office, bundle()))
    found = accepted(office, staged(office, bundle(**LATER)), "APP")
    closed(office)
    with pytest.raises(Refused, match="APP Till software is closed"):
        undone(office, found)


def test_the_page_and_the_api_show_it_and_take_the_choice_by_project(office: Office) -> None:
    accepted(office, staged(office, bundle()))
    found = staged(office, bundle(**LATER))
    client = Client()
    client.force_login(office.program_manager)
    page = client.get(f"/p/ATLAS/import/{found.pk}/").content.decode()
    assert "Not in the file any more" in page
    assert 'name="take_out" value="APP" form="acceptance"' in page
    assert "Stays: N1 stays under it" in page
    answer = client.post(
        f"/api/v1/programs/ATLAS/imports/{found.pk}/accept/",
        {"take_out": ["XYZ"]},
        content_type="application/json",
    )
    assert answer.status_code == 422
    assert answer.json()["errors"] if "errors" in answer.json() else answer.json()
    assert client.post(f"/p/ATLAS/import/{found.pk}/accept/", {"take_out": ["APP"]}).status_code == 302
    assert "A1" not in here(office)[0]
    assert "N2" in here(office)[0]
    done = client.get(f"/p/ATLAS/import/{found.pk}/").content.decode()
    assert "Kept, as chosen" in done
    assert "Taken out" in done
    shown = client.get(f"/p/ATLAS/import/{found.pk}/undo/").content.decode()
    assert "Brought back" in shown
    kinds = client.get(f"/api/v1/programs/ATLAS/imports/{found.pk}/undo-preview/").json()["kinds"]
    assert {one["rows"]: one["returned"] for one in kinds if one["returned"]} == {
        "activities": 1,
        "dependencies": 1,
    }


def test_the_api_takes_out_and_answers_409_where_a_committed_milestone_moves(office: Office) -> None:
    accepted(office, staged(office, milestone_at(8)))
    found = staged(office, milestone_at(80))
    client = Client()
    client.force_login(office.program_manager)
    url = f"/api/v1/programs/ATLAS/imports/{found.pk}/accept/"
    answer = client.post(url, {}, content_type="application/json")
    assert answer.status_code == 409
    assert "N3 Network up" in answer.content.decode()
    held = client.post(f"/p/ATLAS/import/{found.pk}/accept/", {})
    assert held.status_code == 422
    assert "Accept all the same" in held.content.decode()
    answer = client.post(url, {"agreed": True}, content_type="application/json")
    assert answer.status_code == 200
    assert answer.json()["state"] == "accepted"
