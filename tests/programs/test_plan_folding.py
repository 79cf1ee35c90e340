"""Rows fold under their summary or project, stand under heads of one's choice, or in one list of all projects."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext

from pmo import commands
from pmo.clocks import AsOf
from programs.calendars.models import Calendar
from programs.master_plan import listing
from programs.master_plan.filters import Filters
from programs.master_plan.folding import Folding, named
from programs.master_plan.frame import places, sections
from programs.master_plan.grouping import GROUPS
from programs.master_plan.saved.address import MOST_FOLDED, canonical
from programs.resources.models import Assignment, Resource
from programs.schedule import services
from programs.schedule.models import Activity, Dependency
from tests.cast import Office, everything, make_office

pytestmark = pytest.mark.django_db
ROWS = re.compile(r'<tr class="([^"]*)" data-row="([^"]+)"[^>]*><th[^>]*title="([^"]*)"')


@pytest.fixture
def office() -> Office:
    """ERP-FIN: S1 over A1 and S2, which is over A2; then A3. IAM: B1. A1 leads to B1, A2 to A3."""
    office = make_office()
    with everything(office.program):
        made: dict[str, Activity] = {}
        for n, (project, code, days, kind, level, parent) in enumerate((
            (office.erp, "S1", 0, "summary", 0, None), (office.erp, "A1", 5, "task", 1, "S1"),
            (office.erp, "S2", 0, "summary", 1, "S1"), (office.erp, "A2", 3, "task", 2, "S2"),
            (office.erp, "A3", 1, "task", 0, None), (office.iam, "B1", 2, "task", 0, None),
        )):  # fmt: skip
            made[code] = Activity.objects.create(
                program=office.program, project=project, code=code, name=f"Step {code}", position=n, kind=kind,
                duration_minutes=days * 480, level=level, parent=made.get(parent or ""),
            )  # fmt: skip
        for one, other in (("A1", "B1"), ("A2", "A3")):
            Dependency.objects.create(program=office.program, predecessor=made[one], successor=made[other])
        Activity.objects.filter(pk=made["A2"].pk).update(actual_start=office.program.starts_at)
        for name, code in (("Ann", "A1"), ("Bob", "A1"), ("Ann", "B1")):
            resource, _ = Resource.objects.get_or_create(
                program=office.program, code=name, defaults={"name": name}
            )
            Assignment.objects.create(program=office.program, activity=made[code], resource=resource)
    commands.run(services.recompute, actor=office.program_manager, program=office.program)
    return office


def ids(office: Office) -> dict[str, int]:
    with everything(office.program):
        return dict(Activity.objects.filter(program=office.program).values_list("code", "pk"))


def page(office: Office, query: str = "", role: str = "program_manager") -> str:
    client = Client()
    client.force_login(office.people[role])
    answer = client.get(f"/p/ATLAS/plan/?{query}", headers={"HX-Request": "true"})
    assert answer.status_code == 200
    return answer.content.decode()


def shown(text: str) -> list[str]:
    """The rows in order: codes of activities, names of heads."""
    return [title.removeprefix("Step ") for _, _, title in ROWS.findall(text)]


def now() -> AsOf:
    moment = datetime.now(UTC)
    return AsOf(at=moment, known=moment, is_now=True, label="", day=moment.date())


def names_of(office: Office) -> tuple[str, str]:
    return tuple(f"{one.code} {one.name}" for one in (office.erp, office.iam))  # type: ignore[return-value]


def test_one_summary_is_folded_and_the_rest_stands(office: Office) -> None:
    at, (erp, iam) = ids(office), names_of(office)
    assert shown(page(office)) == [erp, "S1", "A1", "S2", "A2", "A3", iam, "B1"]
    assert shown(page(office, f"fold={at['S2']}")) == [erp, "S1", "A1", "S2", "A3", iam, "B1"]
    text = page(office, f"fold={at['S1']}")
    assert shown(text) == [erp, "S1", "A3", iam, "B1"]
    assert f'href="?fold={at["S2"]}"' not in text  # what is hidden has no handle
    assert re.search(r'data-fold href="\?" aria-expanded="false" aria-label="Unfold Step S1"', text)


def test_a_level_folds_and_one_summary_is_opened_again(office: Office) -> None:
    at, (erp, iam) = ids(office), names_of(office)
    assert shown(page(office, "depth=1")) == [erp, "S1", "A3", iam, "B1"]
    assert shown(page(office, f"depth=1&fold={at['S1']}")) == [erp, "S1", "A1", "S2", "A3", iam, "B1"]
    assert shown(page(office, f"depth=1&fold={at['S1']},{at['S2']}")) == shown(page(office))


def test_a_project_is_folded_where_it_stands(office: Office) -> None:
    erp, iam = names_of(office)
    assert shown(page(office, f"fold=p{office.erp.pk}")) == [erp, iam, "B1"]
    assert shown(page(office, f"fold=p{office.iam.pk}")) == [erp, "S1", "A1", "S2", "A2", "A3", iam]
    assert shown(page(office, "fold=*")) == [erp, iam]
    assert shown(page(office, f"fold=*,p{office.iam.pk}")) == [erp, iam, "B1"]


def test_links_of_hidden_rows_lead_to_the_row_they_are_folded_into(office: Office) -> None:
    at = ids(office)
    with everything(office.program):

        def arrows(*fold: str) -> set[tuple[object, object]]:
            filters = Filters(fold=frozenset(fold))
            frame = listing.frame(office.program, now(), filters)
            _, bars, links, _ = listing.window(
                office.program, now(), filters, frame, begin=0, plan_url="/", query="", editable_projects=None,
                folding=Folding(filters.fold, QueryDict()),
            )  # fmt: skip
            keys = {bar.key for bar in bars}
            assert {end for link in links for end in (link.source, link.target)} <= keys
            return {(link.source, link.target) for link in links}

        assert arrows() == {(at["A1"], at["B1"]), (at["A2"], at["A3"])}
        assert arrows(str(at["S2"])) == {(at["A1"], at["B1"]), (at["S2"], at["A3"])}
        assert arrows(str(at["S1"]), str(at["S2"])) == {(at["S1"], at["B1"]), (at["S1"], at["A3"])}
        assert arrows(f"p{office.erp.pk}") == {(f"p{office.erp.pk}", at["B1"])}
        assert arrows("*") == {(f"p{office.erp.pk}", f"p{office.iam.pk}")}


def test_rows_stand_under_what_they_have_in_common(office: Office) -> None:
    assert shown(page(office, "group=state")) == ["Under way · 1", "A2", "Not started · 3", "A1", "A3", "B1"]
    assert shown(page(office, "group=resource")) == [
        "Ann · 1", "B1", "Ann, Bob · 1", "A1", "Nobody is assigned · 2", "A2", "A3",
    ]  # fmt: skip
    assert shown(page(office, "group=finish")) == ["Jan 2026 · 4", "A1", "A2", "A3", "B1"]
    assert shown(page(office, "group=critical&sort=-name"))[0] == "Critical · 2"
    for group in GROUPS:
        assert set(shown(page(office, f"group={group}"))) >= {"A1", "A2", "A3", "B1"}, group


def test_a_group_is_folded_by_its_head(office: Office) -> None:
    text = page(office, "group=state")
    name = re.search(r'data-row="(g[0-9a-f]{8})"', text)
    assert name is not None
    folded = page(office, f"group=state&fold={name[1]}")
    assert shown(folded) == ["Under way · 1", "Not started · 3", "A1", "A3", "B1"]
    assert shown(page(office, "group=state&fold=*")) == ["Under way · 1", "Not started · 3"]
    assert 'data-edits=""' not in next(row for row in folded.split("<tr") if 'data-row="g' in row)


def test_one_list_is_sorted_across_projects(office: Office) -> None:
    assert shown(page(office, "group=none&sort=-days")) == ["A1", "A2", "B1", "A3"]
    text = page(office, "group=none&sort=name")
    assert shown(text) == ["A1", "A2", "A3", "B1"] and ">IAM</td>" in text
    client = Client()
    client.force_login(office.program_manager)
    file = client.get("/p/ATLAS/plan/export.csv?group=none&sort=-days").content.decode().splitlines()
    assert [line.split(",")[1] for line in file[1:]] == ["A1", "A2", "B1", "A3"]


@pytest.mark.parametrize("group", ["", "none", *GROUPS])
@pytest.mark.parametrize("fold", ["", "one", "*"])
def test_every_window_is_its_piece_of_the_whole_and_no_head_is_lost(
    office: Office, group: str, fold: str
) -> None:
    with everything(office.program):
        frame = listing.frame(office.program, now(), Filters())
        heads = sections(office.program, now(), Filters(group=group), frame)
        names = frozenset(([heads[0].key] if heads else []) if fold == "one" else ["*"] if fold else [])
        filters = Filters(group=group, fold=names)
        heads = sections(office.program, now(), filters, frame)
        whole = places(office.program, now(), filters, frame, heads, 0, 200)

        def window(begin: int, count: int) -> list[str]:
            lines, *_ = listing.window(
                office.program, now(), filters, frame, begin=begin, count=count, plan_url="/", query="",
                editable_projects=None, folding=Folding(names, QueryDict()),
            )  # fmt: skip
            return [one.key for one in lines]

        everything_there = window(0, 200)
        assert [one for one in everything_there if one[0] in "pg"] == [one.key for one in heads]
        for count in (1, 2, 3):
            pieces = [key for begin in range(0, max(1, len(whole)), count) for key in window(begin, count)]
            assert pieces == everything_there


def test_what_is_folded_is_kept_with_a_view_by_whole_names(office: Office) -> None:
    assert canonical({"fold": "p3,120,nonsense,*", "group": "state"}) == "group=state&fold=%2A%2C120%2Cp3"
    many = ",".join(str(10**9 + n) for n in range(100))
    kept = canonical({"fold": many}).removeprefix("fold=").split("%2C")
    assert len(",".join(kept)) <= MOST_FOLDED and set(kept) <= set(many.split(","))
    assert named("1,2," + "9" * 30 + ",p0x,g1234567,g12345678") == {"1", "2", "g12345678"}


def test_a_stranger_to_the_group_changes_nothing(office: Office) -> None:
    assert shown(page(office, "group=password&fold=';drop")) == shown(page(office))


def test_folded_and_grouped_plans_cost_a_bounded_number_of_queries(office: Office) -> None:
    at, client = ids(office), Client()
    client.force_login(office.program_manager)
    client.get("/p/ATLAS/plan/")
    for query in (f"fold={at['S1']}", "fold=*", "group=resource", "group=finish&sort=start", "group=none"):
        with CaptureQueriesContext(connection) as asked:
            client.get(f"/p/ATLAS/plan/?{query}", headers={"HX-Request": "true"})
        assert len(asked) <= 17, query  # five of them are session, scope and transaction


def test_a_calendar_of_ones_own_makes_a_group(office: Office) -> None:
    with everything(office.program):
        night = Calendar.objects.create(program=office.program, code="N", name="Night", week=[[[0, 480]]] * 7)
        Activity.objects.filter(code="A3").update(calendar=night)
    found = shown(page(office, "group=calendar"))
    assert "Night · 1" in found and found[found.index("Night · 1") + 1] == "A3"
