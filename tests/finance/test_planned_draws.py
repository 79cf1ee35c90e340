"""Planned draws on the reserves stay on record; what was expected is kept as it was, and scored by what was drawn."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError
from django.test import Client
from django.utils import timezone

from finance import verify
from finance.engine.burn_down import Planned, as_planned
from finance.reserves import burn_down, course, jobs, plans, scoring, services
from finance.reserves.models import OutlookMonth, PlannedDraw, ReserveOutlook
from finance.structure.periods import code_of
from finance.transfers import selectors
from pmo.refusals import Conflict, NotAllowed, Refused
from programs.raid.models import Risk
from programs.schedule.models import StatusPeriod
from programs.status import selectors as status
from programs.status import services as updates
from programs.status.models import StatusUpdate
from tests.finance.office import Office
from tests.finance.test_budgets import activated, drafted, line
from tests.finance.test_procurement_pages import said, send

C, M = "contingency", "management_reserve"


def month(ahead: int = 0) -> str:
    """So many months from now."""
    now = timezone.now().date()
    years, at = divmod(now.year * 12 + now.month - 1 + ahead, 12)
    return f"{years:04d}-{at + 1:02d}"


def plan(
    office: Office, amount: int, at: str, *, category: str = C, seen: int = 0, who: str = "fiona", **more: Any
) -> PlannedDraw:
    given = {"reason": "The move is late", "at": timezone.now()} | more
    office.at = given.pop("at")
    return office.does(
        who, services.plan_draw, program=office.program, category=category, month=at, amount_minor=amount,
        seen=seen, **given,
    )  # fmt: skip


def granted(office: Office) -> None:
    """300.00 of contingency and 500.00 of management reserve; 120.00 of the first are drawn."""
    first = drafted(office, {"2026-11": 100_000, "2027-02": 1})
    line(office, first, "2026-11", 30_000, category=C, nature="operating")
    activated(office, first)
    second = drafted(office, {"2026-11": 112_000, "2027-02": 1})
    line(office, second, "2026-11", 18_000, category=C, nature="operating")
    activated(office, second, "B-2")


def risk(office: Office, code: str, exposure: int, due: date | None) -> None:
    with office.looking():
        Risk.objects.create(
            program=office.program, code=code, title=code, impact=3, probability=5, exposure_minor=exposure,
            raised_on=office.at.date(), due_on=due,
        )  # fmt: skip


def test_only_the_rest_of_this_months_plan_is_ahead_and_nothing_planned_is_lost() -> None:
    draws = {"2026-10": 900, "2026-11": 500, "2026-12": 70, "2027-09": 30}
    assert as_planned(600, draws, drawn=200, months=["2026-11", "2026-12", "2027-01"]) == [
        Planned("2026-11", 300, 300),
        Planned("2026-12", 70, 230),
        Planned("2027-01", 30, 200),
    ]
    assert as_planned(600, draws, drawn=800, months=["2026-11", "2026-12"])[0] == Planned("2026-11", 0, 600)


def test_a_draw_is_planned_with_a_reason_by_who_keeps_budgets(office: Office) -> None:
    made = plan(office, 5_000, month(1))
    assert (made.n, made.amount_minor) == (1, 5_000)
    for amount, at, more, words in (
        (-1, month(1), {}, "zero or more"),
        (5_000, month(1), {"seen": 1}, "planned already"),
        (1, month(1), {"seen": 1, "reason": "  "}, "Say why"),
        (1, month(-1), {}, "is over"),
        (1, month(121), {}, "ten years"),
        (1, "2027-13", {}, "not a period"),
        (1, month(1), {"category": "labour"}, "Choose contingency"),
    ):
        with pytest.raises(Refused, match=words):
            plan(office, amount, at, **more)
    with pytest.raises(Conflict, match="after you opened it"):
        plan(office, 1, month(1))
    with pytest.raises(NotAllowed):
        plan(office, 1, month(1), seen=1, who="paul")
    again = plan(office, 0, month(1), seen=1, reason="It came in time")
    with office.looking():
        held = plans.in_force(office.program.pk)
        assert (
            held[C][month(1)] == again and plans.amounts(held, C) == {} and list(plans.ahead(held, "")) == []
        )
        assert PlannedDraw.objects.count() == 2


def test_the_database_keeps_every_setting_and_every_expectation(office: Office) -> None:
    one = plan(office, 5_000, month(1))
    kept = office.does("fiona", services.keep, program=office.program, note="")
    again = PlannedDraw(program=office.program, category=C, month=month(1), n=1, amount_minor=1, reason="x",
                        set_by=office.person("fiona"), set_at=office.at)  # fmt: skip
    for deed, words in (
        (lambda: again.save(), "after you opened it"),
        (lambda: PlannedDraw.objects.filter(pk=one.pk).update(amount_minor=1), "permission denied"),
        (lambda: PlannedDraw.objects.filter(pk=one.pk)._raw_delete("default"), "permission denied"),
        (lambda: ReserveOutlook.objects.filter(pk=kept.pk).update(expected_minor=1), "permission denied"),
        (lambda: OutlookMonth.objects.filter(outlook=kept).update(expected_minor=1), "permission denied"),
    ):
        with pytest.raises(DatabaseError, match=words), office.looking(), transaction.atomic():
            deed()


def test_planned_draws_stand_beside_the_risks_and_the_management_reserve_beside_its_own(
    office: Office,
) -> None:
    granted(office)
    risk(office, "R1", 10_000, None)
    plan(office, 15_000, month(2))
    plan(office, 4_000, month(4))
    plan(office, 700, month(1), category=M)
    today = timezone.now().date()
    with office.looking():
        moved, planned = selectors.movements(office.program.pk), plans.in_force(office.program.pk)
        found = burn_down.read(office.program, moved, today, planned)
        own = course.course_of(office.program, moved, planned, today)
    assert (found.left, found.expected, found.planned) == (18_000, 9_000, 19_000)
    assert [one.month for one in found.plan] == [one.month for one in found.ahead]
    assert {one.month: one.draw for one in found.plan if one.draw} == {month(2): 15_000, month(4): 4_000}
    assert found.plan[-1].left == -1_000 and found.ahead[-1].left == 9_000
    assert (own.left, own.planned, own.plan[-1].left) == (0, 700, -700)
    client = Client()
    client.force_login(office.person("sam"))
    page = said(client.get("/p/ATLAS/reserves/"))
    for words in (
        "planned to be drawn: ▲",
        "more than there is",
        "Left as planned",
        "The move is late",
        "Management reserve",
    ):
        assert words in page, words
    assert "Plan a draw" not in page
    told = client.get("/api/v1/programs/ATLAS/reserves/").json()
    assert told["burn_down"]["planned_minor"] == 19_000 and told["management_reserve"]["planned_minor"] == 700


def test_what_is_planned_after_a_draw_of_this_month_is_ahead_in_full(office: Office) -> None:
    """120.00 are drawn, then 50.00 are planned for the same month: all of it is still ahead, and kept so."""
    granted(office)
    plan(office, 5_000, month())
    plan(office, 700, month(), category=M)
    today = timezone.now().date()
    with office.looking():
        moved, planned = selectors.movements(office.program.pk), plans.in_force(office.program.pk)
        found = burn_down.read(office.program, moved, today, planned)
        own = course.course_of(office.program, moved, planned, today)
    assert (found.planned, found.plan[0].draw, own.planned) == (5_000, 5_000, 700)
    office.at = timezone.now()
    kept = office.does("fiona", services.keep, program=office.program, note="")
    assert (kept.planned_minor, kept.reserve_planned_minor) == (5_000, 700)


def test_of_what_was_planned_before_a_draw_only_the_rest_is_ahead(office: Office) -> None:
    plan(office, 15_000, month())
    office.at = timezone.now()
    granted(office)
    with office.looking():
        found = burn_down.read(office.program, selectors.movements(office.program.pk), timezone.now().date())
    assert found.planned == 3_000


def test_what_was_expected_stays_and_is_scored_by_what_was_drawn_after_it(office: Office) -> None:
    """Kept a month ago: 90.00 expected for that month, 150.00 planned; 120.00 are drawn after it."""
    long_ago = timezone.now() - timedelta(days=70)
    with office.looking():
        assert scoring.scores(office.program, [], long_ago.date()) == ([], [])
    with pytest.raises(Refused, match="nothing to keep"):
        office.does("fiona", services.keep, program=office.program, note="")
    risk(office, "R1", 10_000, timezone.now().date())
    plan(office, 15_000, month())
    office.at = timezone.now()
    kept = office.does("fiona", services.keep, program=office.program, note="Before the move")
    assert (kept.number, kept.expected_minor, kept.planned_minor, kept.risks) == (1, 9_000, 15_000, 1)
    granted(office)
    with office.looking():
        Risk.objects.update(exposure_minor=1, version=2)
        moved = selectors.movements(office.program.pk)
        # the books date what is entered by their own clock: the month ends when the reader's day is in the next one
        later = (timezone.now() + timedelta(days=32)).date()
        each, leads = scoring.scores(office.program, moved, later)
        now = scoring.scores(office.program, moved, timezone.now().date())[0][0]
    assert (now.expected.periods, each[0].outlook) == (0, kept)
    assert (each[0].expected.forecast, each[0].expected.actual, each[0].planned.error) == (
        9_000,
        12_000,
        3_000,
    )
    assert each[0].expected.error == -3_000 and leads[0].lead == 0
    assert kept.expected_minor == 9_000
    office.at = timezone.now()
    second = office.does("fiona", services.keep, program=office.program, note="")
    assert (second.number, second.expected_minor, second.left_minor) == (2, 1, 18_000)
    with office.looking():
        unscored = scoring.scores(office.program, moved, later)[0]
    assert [one.expected.actual for one in unscored] == [
        0,
        12_000,
    ]  # drawn before it was kept: not counted again
    with connection.cursor() as cursor:
        assert verify.check(cursor) == []


def test_the_clock_keeps_each_month_and_each_status_date_once(office: Office) -> None:
    def due(at: datetime) -> int:
        office.at = at
        return office.does(None, jobs.keep_due, program_id=office.program.pk)

    now = timezone.now()
    assert due(now) == 0  # nothing to keep
    risk(office, "R1", 10_000, None)
    assert (due(now), due(now)) == (1, 0)
    with office.looking():
        StatusPeriod.objects.create(
            program=office.program, project=office.projects["CRM"], number=1, at=now - timedelta(days=1)
        )
    assert (due(now), due(now), due(now + timedelta(days=32))) == (1, 0, 1)
    with office.looking():
        rows = list(ReserveOutlook.objects.order_by("number").values_list("occasion", "month", "kept_by"))
    assert [one[0] for one in rows] == ["month", "status", "month"] and {one[2] for one in rows} == {None}
    assert rows[0][1] == code_of(now.date())


def test_an_expectation_of_a_status_date_that_was_taken_back_says_so_and_the_next_is_kept(
    office: Office,
) -> None:
    def due() -> int:
        office.at = timezone.now()
        return office.does(None, jobs.keep_due, program_id=office.program.pk)

    def told_at(days: int) -> StatusUpdate:
        office.at = timezone.now()
        with office.looking():
            seen = status.newest(office.program)
        return office.does(
            "paul", updates.set_status_date, program=office.program, project=office.projects["CRM"],
            status_at=office.at - timedelta(days=days), remark="Month end.", seen=seen,
        )  # fmt: skip

    risk(office, "R1", 10_000, None)
    late = told_at(1)
    assert due() == 2  # the month and the date
    office.does("paul", updates.take_back, update=late, reason="Wrong week.")
    told_at(8)
    assert (due(), due()) == (1, 0)
    client = Client()
    client.force_login(office.person("ada"))
    page = said(client.get("/p/ATLAS/reserves/expected/"))
    assert page.count("Status date") == 2 and page.count("taken back since") == 1
    told = send(client, "GET", "reserve-expectations/")[1]["results"]
    assert {one["number"]: one["status_taken_back"] for one in told} == {1: False, 2: True, 3: False}
    marked = next(one["id"] for one in told if one["number"] == 2)
    assert "taken back since" in said(client.get(f"/p/ATLAS/reserves/expected/{marked}/"))
    text = client.get("/p/ATLAS/reserves/expected/?format=csv").content.decode()
    assert text.count("status, taken back") == 1


def test_planned_draws_and_expectations_on_pages_and_in_the_api(office: Office) -> None:
    fiona, ada = Client(), Client()
    fiona.force_login(office.person("fiona"))
    ada.force_login(office.person("ada"))
    base = "/p/ATLAS/reserves/"
    assert (
        "No draw is planned" in said(ada.get(f"{base}planned/"))
        and ada.get(f"{base}planned/set/").status_code == 403
    )
    assert "Nothing is kept yet" in said(ada.get(f"{base}expected/"))
    assert "Reserve and month" in said(fiona.get(f"{base}planned/set/"))
    for bad in ("labour.2026-12", "contingency.2026-13", "contingency"):
        assert fiona.get(f"{base}planned/set/?of={bad}").status_code == 404
    address = f"{base}planned/set/?of=contingency.{month(1)}"
    refused = fiona.post(address, {"amount": "1.234,56", "why": "", "seen": "0"})
    assert refused.status_code == 422 and "This field is required" in said(refused)
    typed = {"amount": "120.00", "why": "<b>Move</b>", "seen": "0"}
    assert fiona.post(address, typed).status_code == 302
    assert fiona.post(address, typed | {"amount": "1"}).status_code == 409
    page = said(fiona.get(address))
    assert "&lt;b&gt;Move&lt;/b&gt;" in page and "120.00" in page
    assert "120.00" in fiona.get(f"{base}planned/?format=csv").content.decode()
    made = fiona.post(f"{base}expected/", {"note": "Before the audit"})
    assert made.status_code == 302 and "Before the audit" in said(fiona.get(made["Location"]))
    assert "No month has ended since" in said(ada.get(f"{base}expected/"))
    assert (
        "Before" not in said(ada.get(f"{base}expected/"))
        and "person" in ada.get(f"{base}expected/?format=csv").content.decode()
    )
    assert ada.get(f"{base}expected/999999/").status_code == 404
    body = {"category": M, "month": month(2), "amount_minor": 900, "reason": "Flood", "seen": 0}
    status, row = send(fiona, "POST", "planned-draws/", body)
    assert (status, row["n"], row["set_by"]) == (201, 1, "Fiona Castle")
    assert send(fiona, "POST", "planned-draws/", body)[0] == 409
    assert send(ada, "POST", "planned-draws/", body)[0] == 403
    assert send(fiona, "POST", "planned-draws/", body | {"amount_minor": "9"})[0] in (400, 422)
    status, kept = send(fiona, "POST", "reserve-expectations/", {})
    assert (status, kept["number"], kept["management_planned_minor"]) == (201, 2, 900)
    months = send(ada, "GET", f"reserve-expectation-months/?expectation={kept['id']}&category={M}")[1][
        "results"
    ]
    assert sum(one["planned_minor"] for one in months) == 900
    assert [one["months"] for one in send(ada, "GET", "reserve-expectations/scores/")[1]["expectations"]] == [
        0,
        0,
    ]
