"""Baselines side by side: who approved which, what moved since, and what only some may see."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from pmo import commands
from programs.baselines import comparing, services
from programs.baselines.models import Baseline
from programs.schedule import services as plans
from programs.schedule.models import Activity, Dependency
from tests.cast import PASSWORD, Office, everything, make_office
from tests.sheets import read

pytestmark = pytest.mark.django_db
DAY = 480


@pytest.fixture
def office() -> Office:
    return make_office()


def planned(office: Office) -> dict[str, Activity]:
    made = {}
    with everything(office.program):
        for place, (code, days) in enumerate([("DESIGN", 5), ("BUILD", 5), ("LIVE", 0)]):
            made[code] = Activity.objects.create(
                program=office.program, project=office.erp, code=code, name=code.title(), position=place,
                duration_minutes=days * DAY, cost_per_hour=Decimal(10_000),
                kind=Activity.Kind.TASK if days else Activity.Kind.FINISH_MILESTONE,
            )  # fmt: skip
        for one, other in (("DESIGN", "BUILD"), ("BUILD", "LIVE")):
            Dependency.objects.create(program=office.program, predecessor=made[one], successor=made[other])
    commands.run(plans.recompute, actor=office.program_manager, program=office.program)
    return made


def freeze(office: Office, name: str, *leave_out: int) -> Baseline:
    """A baseline of the plan as it is, as an import would record it."""
    with everything(office.program):
        lines = {pk: one for pk, one in services.lines_of_plan(office.program).items() if pk not in leave_out}
    return commands.run(
        services.record_imported, actor=office.program_manager, program=office.program, name=name, lines=lines
    )


def lengthen(office: Office, activity: Activity, days: int) -> None:
    commands.run(
        plans.edit_activity, actor=office.staff, activity_id=activity.pk,
        changes={"duration_minutes": days * DAY}, version=None,
    )  # fmt: skip


def page(office: Office, role: str, query: str = "", name: str = "baselines-compare") -> str:
    client = Client()
    assert client.login(username=office.people[role].email, password=PASSWORD)
    answer = client.get(reverse(f"programs:{name}", kwargs={"code": "ATLAS"}) + query)
    assert answer.status_code == 200, answer.status_code
    return str(answer.content.decode()).replace("\u202f", " ").replace("\xa0", " ")


def test_now_against_the_baseline_names_what_moved_became_longer_and_costlier(office: Office) -> None:
    made = planned(office)
    freeze(office, "As imported")
    assert "Nothing differs" in page(office, "member")
    lengthen(office, made["DESIGN"], 7)
    shown = page(office, "member")
    assert "0 added · 0 deleted · 3 moved · 1 longer · 0 shorter · 1 costlier" in shown
    assert "Later, longer, costlier" in shown
    # Design ends on Fri 9 Jan, then on Tue 13 Jan: two working days, four calendar days, 16 hours at 100 EUR.
    row = shown[shown.index("What differs") :]
    row = row[: row.index("</tr>", row.index("DESIGN"))]
    for figure in ("9 Jan 2026", "13 Jan 2026", "+2 d", "+4 d", "+1.6k"):
        assert figure in row, figure


def test_filters_are_in_the_address_and_the_file_holds_exactly_what_is_shown(office: Office) -> None:
    made = planned(office)
    freeze(office, "As imported")
    lengthen(office, made["BUILD"], 6)
    assert "DESIGN Design" not in page(office, "member")
    assert "LIVE Live" not in page(office, "member", "?show=longer").split("What differs")[1]
    assert "Nothing matches" in page(office, "member", "?show=shorter")
    assert "Nothing matches" in page(office, "member", "?project=IAM")
    rows = list(csv.DictReader(io.StringIO(page(office, "member", "?show=milestone&format=csv"))))
    assert [(row["activity"], row["finish_minutes"], row["finish_after"]) for row in rows] == [
        ("LIVE", "480", "2026-01-19T17:00")
    ]
    client = Client()
    client.force_login(office.member)
    where = reverse("programs:baselines-compare", kwargs={"code": "ATLAS"})
    book = client.get(f"{where}?show=milestone&format=xlsx")
    heads, *there = read(book.content)
    assert heads == list(rows[0])
    [live] = [dict(zip(heads, row, strict=True)) for row in there]
    assert (live["activity"], live["finish_minutes"], live["finish_after"]) == (
        "LIVE", 480, datetime(2026, 1, 19, 17),
    )  # fmt: skip


def test_two_baselines_are_compared_with_what_was_added_and_taken_out(office: Office) -> None:
    made = planned(office)
    freeze(office, "First", made["LIVE"].pk)
    freeze(office, "Second", made["DESIGN"].pk)
    there = page(office, "auditor", "?a=B1&b=B2")
    assert "1 added · 1 deleted · 0 moved" in there
    assert "Live (added)" in there
    assert "Design (deleted)" in there
    assert "1 added · 1 deleted" in page(office, "auditor", "?a=2&b=b1")


def test_costs_are_for_who_sees_money_only(office: Office) -> None:
    made = planned(office)
    freeze(office, "As imported")
    lengthen(office, made["DESIGN"], 7)
    with everything(office.program):
        baseline = Baseline.objects.get()
        without = comparing.compared(office.program, baseline, None, money=False)
        rows = comparing.rows(without, list(without.result.differences))
    assert without.result.counts["dearer"] == 0
    assert {row["dearer_minor"] for row in rows} == {row["cost_minor_before"] for row in rows} == {None}


def test_the_list_says_who_approved_and_leads_to_both_comparisons(office: Office) -> None:
    assert "No baseline yet" in page(office, "member", name="baselines")
    planned(office)
    freeze(office, "As imported")
    freeze(office, "Imported again")
    shown = page(office, "member", name="baselines")
    assert "Imported, approved elsewhere" in shown
    assert "a=B1&amp;b=now" in shown or "a=B1&b=now" in shown
    assert "with the current one" in shown


@pytest.mark.parametrize("query", ["?a=B9", "?b=B9", "?a=x", "?a=B99999999999"])
def test_a_baseline_that_is_not_there_is_not_found(office: Office, query: str) -> None:
    planned(office)
    client = Client()
    assert client.login(username=office.member.email, password=PASSWORD)
    assert (
        client.get(reverse("programs:baselines-compare", kwargs={"code": "ATLAS"}) + query).status_code == 404
    )


def test_without_a_baseline_the_page_says_so_and_compares_nothing(office: Office) -> None:
    planned(office)
    shown = page(office, "member")
    assert "No baseline yet" in shown and reverse("programs:baselines", kwargs={"code": "ATLAS"}) in shown
    assert "now and now" not in shown and "Finish moved by" not in shown


def test_the_head_of_the_gantt_stands_over_bars_as_wide_as_its_names(office: Office) -> None:
    made = planned(office)
    freeze(office, "First")
    lengthen(office, made["BUILD"], 8)
    shown = page(office, "member")
    assert shown.count('<col class="c-name"><col class="c-slip">') == 2  # head and rows: one width, one axis
    assert "No baseline yet" not in shown


def test_the_api_gives_counts_finishes_and_each_difference(office: Office) -> None:
    made = planned(office)
    first = freeze(office, "As imported")
    lengthen(office, made["BUILD"], 6)
    client = Client()
    assert client.login(username=office.member.email, password=PASSWORD)
    base = f"/api/v1/programs/ATLAS/baselines/{first.pk}/compare/"
    body: dict[str, Any] = client.get(base).json()
    assert body["counts"]["later"] == 2
    assert [(one["project"], one["working_minutes"], one["calendar_days"]) for one in body["finishes"]] == [
        (None, DAY, 3), ("ERP-FIN", DAY, 3),
    ]  # fmt: skip
    assert {one["activity"]: one["longer_minutes"] for one in body["differences"]} == {
        "BUILD": DAY,
        "LIVE": 0,
    }
    assert client.get(base + "?to=B1").json()["differences"] == []
    assert body["stale"] is None
    assert client.get(base + "?to=B7").status_code == 400


def test_the_api_gives_differences_in_pages_and_the_sums_on_each(office: Office) -> None:
    made = planned(office)
    first = freeze(office, "As imported")
    lengthen(office, made["DESIGN"], 7)
    client = Client()
    client.force_login(office.member)
    base = f"/api/v1/programs/ATLAS/baselines/{first.pk}/compare/"
    seen, where = [], f"{base}?page_size=2"
    for _ in range(2):
        body = client.get(where).json()
        seen.append([one["activity_id"] for one in body["differences"]])
        assert body["counts"]["moved"] == 3 and body["finishes"][0]["working_minutes"] == 2 * DAY
        where = body["next"] or where
    assert seen == [sorted(one.pk for one in made.values())[:2], sorted(one.pk for one in made.values())[2:]]
    assert body["next"] is None
    back = client.get(body["previous"]).json()
    assert [one["activity_id"] for one in back["differences"]] == seen[0] and back["previous"] is None
    for wrong in ("page_size=0", "page_size=201", "cursor=abc", "to=B7"):
        assert client.get(f"{base}?{wrong}").status_code == 400, wrong


def test_a_comparison_with_dates_that_a_worker_still_computes_says_so(office: Office, settings: Any) -> None:
    made = planned(office)
    first = freeze(office, "As imported")
    assert "notice warn" not in page(office, "member")
    settings.COMPUTE_IN_REQUEST_UP_TO = 1
    lengthen(office, made["BUILD"], 6)
    words = "dates are of version 1 of the plan, which is at 2"
    assert f"{words.capitalize()}: of now, durations and costs are newer" in page(office, "member")
    client = Client()
    client.force_login(office.member)
    base = f"/api/v1/programs/ATLAS/baselines/{first.pk}/compare/"
    assert client.get(base).json()["stale"] == words
    assert client.get(f"{base}?to=B1").json()["stale"] is None
    where = reverse("programs:baselines-compare", kwargs={"code": "ATLAS"}) + "?format=csv"
    assert "B1-now-older-dates.csv" in client.get(where)["Content-Disposition"]
