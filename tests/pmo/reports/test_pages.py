"""The pages of reports and subscriptions, as people with different roles see them."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from pmo import commands
from pmo.accounts.models import User
from pmo.outbox.models import Outbox
from pmo.reports import registry, services, tasks
from pmo.reports.models import ReportRun, Subscription
from tests.cast import Office, everything, make_office, stranger
from tests.pmo.reports.sample import document, registered

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> Office:
    return make_office()


@pytest.fixture(autouse=True)
def sample() -> Iterator[None]:
    with registered():
        yield


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def at(name: str, **where: Any) -> str:
    return reverse(name, kwargs={"code": "ATLAS", **where})


def finished(office: Office) -> ReportRun:
    """A run as the worker leaves it."""
    run: ReportRun = commands.run(
        services.request, actor=office.program_manager, program=office.program, kind="sample"
    )
    with everything(office.program):
        ReportRun.objects.filter(pk=run.pk).update(state=ReportRun.State.RUNNING)
        made = document(10, text="Careful <script>alert(1)</script>")
        files = [tasks.File(name, tasks.RENDERERS[name][1](made)) for name in registry.get("sample").formats]
        tasks.keep(run_id=run.pk, document=made, files=files, by=None, at=datetime.now(UTC))
    return run


def test_a_report_is_asked_for_once_even_with_a_double_click(office: Office) -> None:
    client = signed_in(office.program_manager)
    assert client.get(at("reports:request")).status_code == 200
    form = {"kind": "sample", "as_of": "2026-10-31", "_key": "one-and-the-same-form"}
    first = client.post(at("reports:request"), form)
    second = client.post(at("reports:request"), form)
    assert (first.status_code, second.status_code) == (302, 302)
    with everything(office.program):
        (run,) = ReportRun.objects.all()
        assert run.as_of == datetime(2026, 10, 31, 23, 59, 59, tzinfo=UTC)
    page = client.get(first["Location"]).content.decode()
    assert "Waiting for a free worker" in page
    assert at("reports:progress", pk=run.pk) in page


@pytest.mark.parametrize("form", [{"kind": "nonsense"}, {"kind": "sample", "as_of": "yesterday"}, {}])
def test_a_bad_request_is_answered_with_the_form(office: Office, form: dict[str, str]) -> None:
    assert signed_in(office.program_manager).post(at("reports:request"), form).status_code == 422


def test_progress_is_polled_until_the_run_is_over(office: Office) -> None:
    run: ReportRun = commands.run(
        services.request, actor=office.program_manager, program=office.program, kind="sample"
    )
    with everything(office.program):
        ReportRun.objects.update(state="running", step="Adding up the ledger", percent=40)
    client = signed_in(office.auditor)
    going = client.get(at("reports:progress", pk=run.pk), headers={"HX-Request": "true"})
    assert "Adding up the ledger" in going.content.decode()
    assert 'hx-trigger="every 2s"' in going.content.decode()
    assert "Cancel" not in going.content.decode(), "an auditor cancels nothing"
    with everything(office.program):
        ReportRun.objects.update(state="failed", error="No budget yet.")
    over = client.get(at("reports:progress", pk=run.pk), headers={"HX-Request": "true"})
    assert (over.status_code, over["HX-Redirect"]) == (204, at("reports:run", pk=run.pk))
    page = client.get(at("reports:run", pk=run.pk)).content.decode()
    assert "No budget yet." in page and "every 2s" not in page


def test_a_run_is_cancelled_from_its_page(office: Office) -> None:
    run: ReportRun = commands.run(
        services.request, actor=office.program_manager, program=office.program, kind="sample"
    )
    client = signed_in(office.program_manager)
    assert client.post(at("reports:cancel", pk=run.pk)).status_code == 302
    assert "cancelled" in client.get(at("reports:run", pk=run.pk)).content.decode()
    assert client.post(at("reports:cancel", pk=run.pk)).status_code == 409


def test_the_page_shows_the_figures_and_no_markup_of_others(office: Office) -> None:
    run = finished(office)
    page = signed_in(office.auditor).get(at("reports:run", pk=run.pk)).content.decode()
    for shown in ("26.2M", "0.86", "P0-0", "Ledger reconciled", "plan 12", "data:image/svg+xml;base64"):
        assert shown in page, shown
    assert "<script>alert" not in page and "&lt;script&gt;alert" in page


@pytest.mark.parametrize("format", ["pdf", "xlsx"])
def test_files_are_saved_never_shown(office: Office, format: str) -> None:
    run = finished(office)
    answer = signed_in(office.auditor).get(at("reports:download", pk=run.pk, format=format))
    assert answer.status_code == 200
    assert answer["Content-Disposition"] == f'attachment; filename="ATLAS-sample-2026-11-22.{format}"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert "no-store" in answer["Cache-Control"]
    assert signed_in(office.auditor).get(at("reports:download", pk=run.pk, format="csv")).status_code == 404


def test_who_holds_no_role_finds_nothing(office: Office) -> None:
    run = finished(office)
    outsider = signed_in(stranger())
    for address in (
        at("reports:list"),
        at("reports:run", pk=run.pk),
        at("reports:progress", pk=run.pk),
        at("reports:download", pk=run.pk, format="pdf"),
        at("reports:subscriptions"),
        at("outbox:list"),
    ):
        assert outsider.get(address).status_code == 404, address


def test_an_administrator_sees_no_report(office: Office) -> None:
    run = finished(office)
    assert signed_in(office.administrator).get(at("reports:run", pk=run.pk)).status_code == 403


def test_the_list_of_runs_costs_the_same_for_one_and_fifty(
    office: Office, django_assert_max_num_queries: Any
) -> None:
    client = signed_in(office.program_manager)
    for _ in range(50):
        commands.run(services.request, actor=office.program_manager, program=office.program, kind="sample")
    client.get(at("reports:list"))
    with django_assert_max_num_queries(16):
        page = client.get(at("reports:list"))
    assert page.content.decode().count("Sample report") >= 50


def test_a_sponsor_subscribes_changes_and_stops(office: Office) -> None:
    office.sponsor.time_zone = "America/New_York"
    office.sponsor.save()
    client = signed_in(office.sponsor)
    assert "America/New_York" in client.get(at("reports:subscribe")).content.decode()
    rule = {
        "every": "month",
        "weekday": "0",
        "monthday": "31",
        "at_time": "07:30",
        "time_zone": "Europe/Brussels",
    }
    bad = client.post(at("reports:subscribe"), {"kind": "sample"} | rule | {"time_zone": "Mars/Base"})
    assert (bad.status_code, b"not a known time zone" in bad.content) == (422, True)
    assert client.post(at("reports:subscribe"), {"kind": "sample"} | rule).status_code == 302
    assert client.post(at("reports:subscribe"), {"kind": "sample"} | rule).status_code == 422
    page = client.get(at("reports:subscriptions")).content.decode()
    assert "on its last day at 07:30 (Europe/Brussels)" in page
    assert "01:30" in page or "02:30" in page, "the next sending in her own zone"
    with everything(office.program):
        (mine,) = Subscription.objects.all()
    edit = at("reports:subscription", pk=mine.pk)
    assert client.get(edit).status_code == 200
    assert client.post(edit, rule | {"at_time": "09:00", "version": mine.version}).status_code == 302
    assert client.post(edit, rule | {"at_time": "10:00", "version": mine.version}).status_code == 409
    assert client.post(at("reports:stop-subscription", pk=mine.pk)).status_code == 302
    assert "stopped" in client.get(at("reports:subscriptions")).content.decode()
    assert signed_in(office.chair).get(edit).status_code == 404, "somebody else's"


def test_nothing_is_changed_by_reading(office: Office) -> None:
    run = finished(office)
    client = signed_in(office.program_manager)
    for name, where in (("reports:cancel", {"pk": run.pk}), ("reports:stop-subscription", {"pk": 1})):
        assert client.get(at(name, **where)).status_code == 405
    with everything(office.program):
        assert Outbox.objects.count() == 1
