"""The P-factor activity by activity: the rows on the page and in the API are those whose sums the index divides."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from decimal import Decimal

from django.utils import timezone

from finance.control_accounts import selectors as accounts
from finance.earned_value import earning, selectors
from finance.earned_value.earning import StepValues
from finance.earned_value.models import EarnedValueRow, EarnedValueRun, EarnedValueSnapshot
from programs.schedule.models import Activity, Progress, StatusPeriod
from tests.finance.test_control_accounts import account, activity, browser, committee, computed
from tests.finance.test_procurement_pages import said, send
from tests.governance.committee import Committee

__all__ = ["committee"]  # the fixture


def test_page_file_and_api_hold_the_rows_that_the_index_divides(committee: Committee) -> None:
    computed(committee)
    auditor = browser(committee.auditor)
    base = "/p/ATLAS/earned-value/-/adherence/"
    page = said(auditor.get(f"{base}?project=ERP-FIN"))
    assert "Schedule adherence of ERP-FIN" in page and "Planned by the earned date" in page
    text = auditor.get(f"{base}?project=ERP-FIN&format=csv").content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    planned = sum(Decimal(row["Planned by the earned date"]) for row in rows)
    in_order = sum(Decimal(row["In order"]) for row in rows)
    with committee.looking():
        run = selectors.newest_run(committee.program, None)
        assert run is not None
        kept = selectors.history(run, committee.erp, run.computed_at)[-1].value("p_factor")
    assert kept is not None and planned and abs(in_order / planned - Decimal(kept)) < Decimal("0.001")
    seen = send(auditor, "GET", "adherence/?project=ERP-FIN")[1]["results"]
    assert {row["activity"] for row in rows_with_value(rows)} <= {row["activity"] for row in seen}
    assert all(row["pv_then"] is not None for row in seen)
    assert auditor.get(f"{base}?project=NOBODY").status_code == 404


def rows_with_value(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """The rows of the file by the names of the API."""
    return [{"activity": row["Activity"]} for row in rows]


def sums(snapshot: EarnedValueSnapshot) -> tuple[Decimal, Decimal]:
    """What the rows behind a snapshot add up to: planned and earned."""
    rows = selectors.rows(snapshot)
    return sum((row.pv for row in rows), Decimal(0)), sum((row.ev for row in rows), Decimal(0))


def test_the_rows_of_every_computation_stay_and_only_what_changed_is_kept_twice(committee: Committee) -> None:
    """Three computations more: nothing changes, then E1 goes from 80 to 90 %."""
    account(committee)
    computed(committee)
    computed(committee)
    with committee.looking():
        before = EarnedValueRow.objects.count()
        Progress.objects.filter(activity=activity(committee, "E1")).update(percent_complete=90)
    computed(committee)
    with committee.looking():
        runs = list(EarnedValueRun.objects.filter(program=committee.program).order_by("pk"))[-3:]
        first, same, last = (
            EarnedValueSnapshot.objects.filter(run=run, project=committee.erp).latest("at") for run in runs
        )
        assert EarnedValueRow.objects.count() == before + 1 and all(run.rows_kept for run in runs)
        for one in (first, same, last):
            assert sums(one) == (one.pv, one.ev)
        assert sums(first) == sums(same) != sums(last)
        told = [
            accounts.at_snapshots(committee.program, accounts.accounts_of(committee.program), [one])
            for one in (first, last)
        ]
        assert [sum(each.exact.ev for each in found) for found in told] == [first.ev, last.ev]
        history = selectors.of_activity(runs[0], activity(committee, "E1"))
        assert history[0].ev < selectors.of_activity(runs[2], activity(committee, "E1"))[0].ev
        EarnedValueRun.objects.filter(pk=runs[0].pk).update(rows_kept=False)
        assert selectors.rows(first) == [] and selectors.rows(same) != []
    auditor = browser(committee.auditor)
    base = "/p/ATLAS/earned-value"
    for address in (f"{base}/erp-fin/", f"{base}/-/measures/cpi/?project=erp-fin"):
        joined = "&" if "?" in address else "?"
        page = said(
            auditor.get(f"{address}{joined}known={runs[1].computed_at.isoformat().replace('+', '%2B')}")
        )
        assert "E1" in page and "not kept" not in page
    moment = runs[1].computed_at.isoformat().replace("+00:00", "Z")
    told = [
        {row["activity"]: row["ev"] for row in send(auditor, "GET", address)[1]["results"]}
        for address in ("adherence/?project=ERP-FIN", f"adherence/?project=ERP-FIN&known={moment}")
    ]
    assert Decimal(told[1]["E1"]) < Decimal(told[0]["E1"]) and told[0].keys() == told[1].keys()
    assert len(send(auditor, "GET", "adherence/?project=ERP-FIN")[1]["results"]) == len(
        {row["activity"] for row in send(auditor, "GET", "adherence/?project=ERP-FIN")[1]["results"]}
    )


def test_an_activity_that_a_computation_did_not_know_is_not_behind_it(committee: Committee) -> None:
    computed(committee)
    with committee.looking():
        run = selectors.newest_run(committee.program)
        gone = EarnedValueRow.objects.filter(snapshot__run=run, activity__code="E1")
        gone.delete()  # as if E1 had come into the baseline only afterwards
    computed(committee)
    with committee.looking():
        assert run is not None
        one = EarnedValueSnapshot.objects.filter(run=run, project=committee.erp).latest("at")
        assert "E1" not in {row.activity.code for row in selectors.rows(one)}
        assert EarnedValueRow.objects.filter(absent=True, snapshot__run=run, activity__code="E1").exists()


def test_a_status_date_that_was_gone_for_a_while_changes_nothing_behind_an_earlier_computation(
    committee: Committee,
) -> None:
    """Run 1 knows no E1, run 2 not the date, run 3 has both: behind run 1 there is no E1 still."""
    computed(committee)
    with committee.looking():
        run = selectors.newest_run(committee.program)
        assert run is not None
        EarnedValueRow.objects.filter(snapshot__run=run, activity__code="E1").delete()
        one = EarnedValueSnapshot.objects.filter(run=run, project=committee.erp).latest("at")
        before = [(row.activity.code, row.pv, row.ev) for row in selectors.rows(one)]
        dates = StatusPeriod.objects.filter(project=committee.erp, at=one.at)
        (date_of,) = dates.values_list("pk", flat=True)
        dates.update(at=one.at + timedelta(days=1))
    computed(committee)
    with committee.looking():
        StatusPeriod.objects.filter(pk=date_of).update(at=one.at)
    computed(committee)
    with committee.looking():
        newest = selectors.newest_run(committee.program)
        last = EarnedValueSnapshot.objects.get(run=newest, project=committee.erp, at=one.at)
        assert "E1" in {row.activity.code for row in selectors.rows(last)}
        assert [(row.activity.code, row.pv, row.ev) for row in selectors.rows(one)] == before


def test_steps_are_shown_as_they_were_known(committee: Committee) -> None:
    one = activity(committee, "E1")
    steps = [StepValues("Built", 3, Decimal("50.00")), StepValues("Tested", 1, Decimal("100.00"))]
    with committee.looking():
        Activity.objects.filter(pk=one.pk).update(percent_complete=0, actual_start=None)
    given = {"activity_id": one.pk, "technique": "weighted_milestones", "seen": None}
    committee.does(committee.program_manager, earning.set_earning, steps=steps, **given)
    with committee.looking():
        known = timezone.now()
        assert [step.name for step in earning.steps_of(one.pk, known)] == ["Built", "Tested"]
    committee.does(committee.program_manager, earning.set_earning, steps=steps[:1], **given)
    with committee.looking():
        Activity.objects.filter(pk=one.pk).update(percent_complete=10)
    done = [StepValues("Built", 3, Decimal("50.00"), date(2026, 2, 19))]
    committee.does(committee.program_manager, earning.set_earning, steps=done, **given)
    with committee.looking():
        assert earning.steps_of(one.pk) == done
        assert earning.steps_of(one.pk, known) == steps
    moment = known.isoformat().replace("+00:00", "Z")
    auditor = browser(committee.auditor)
    page = said(auditor.get(f"/p/ATLAS/earned-value/-/activities/{one.pk}/?known={moment}"))
    assert "as they were known on" in page and "Tested" in page
    told = send(auditor, "GET", f"activities/{one.pk}/earning/?known={moment}")[1]
    assert [step["name"] for step in told["steps"]] == ["Built", "Tested"]
