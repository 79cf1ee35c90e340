"""From the request to the files: progress seen live, one result, failures in words."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from pmo import commands
from pmo.outbox.models import Outbox
from pmo.refusals import Conflict, NotAllowed, Refused
from pmo.reports import selectors, services, tasks
from pmo.reports.document import Document, Progress
from pmo.reports.models import Artefact, ReportRun
from pmo.scope import read_scope
from tests.cast import Office, everything, make_office
from tests.pmo.reports.sample import document, registered

State = ReportRun.State


@pytest.fixture
def office(own_database: Any) -> Office:
    return make_office()


@pytest.fixture
def sample() -> Iterator[None]:
    with registered():
        yield


def ask(office: Office, **more: Any) -> ReportRun:
    actor = more.pop("actor", office.program_manager)
    run: ReportRun = commands.run(
        services.request, actor=actor, program=office.program, kind="sample", **more
    )
    return run


def row(office: Office, run: ReportRun) -> Outbox:
    with transaction.atomic(), everything(office.program):
        return Outbox.objects.get(key=f"report:{run.pk}")


def work(office: Office, run: ReportRun) -> None:
    tasks.build(row(office, run).pk, office.program.pk)


def look(office: Office, run: ReportRun) -> ReportRun:
    with transaction.atomic(), everything(office.program):
        return ReportRun.objects.get(pk=run.pk)


def files(office: Office, run: ReportRun) -> list[Artefact]:
    with transaction.atomic(), everything(office.program):
        return list(Artefact.objects.filter(run=run).order_by("format"))


def test_a_report_is_built_with_its_files_and_figures(office: Office, sample: None) -> None:
    run = ask(office)
    assert (run.state, row(office, run).topic) == (State.QUEUED, "report.build")
    work(office, run)
    done = look(office, run)
    assert (done.state, done.percent, done.inputs_version) == (State.DONE, 100, "plan 12 · ledger 884")
    assert selectors.document(done) == document()
    assert row(office, run).state == Outbox.State.SENT
    pdf, xlsx = files(office, run)
    assert (pdf.format, xlsx.format) == ("pdf", "xlsx")
    for file in (pdf, xlsx):
        content = bytes(file.content)
        assert (file.size, file.sha256) == (len(content), hashlib.sha256(content).hexdigest())
        assert file.name == f"ATLAS-sample-2026-11-22.{file.format}"


def test_each_step_is_seen_by_others_while_the_work_goes_on(office: Office) -> None:
    seen = []

    def watched(run: ReportRun, progress: Progress) -> Document:
        from threading import Thread

        def watch() -> None:
            from django.db import connection

            now = look(office, run)
            seen.append((now.state, now.step, now.percent))
            connection.close()

        for step, percent in (("Adding up", 50), ("Comparing", 100)):
            progress(step, percent)
            thread = Thread(target=watch)
            thread.start()
            thread.join()
        return document()

    with registered(watched):
        work(office, ask(office))
    assert seen == [(State.RUNNING, "Adding up", 40), (State.RUNNING, "Comparing", 80)]


def test_built_twice_is_built_once(office: Office) -> None:
    built = []

    def counted(run: ReportRun, progress: Progress) -> Document:
        built.append(run.pk)
        return document()

    with registered(counted):
        run = ask(office)
        work(office, run)
        work(office, run)
    assert len(built) == 1
    assert len(files(office, run)) == 2


def test_a_cancelled_report_stops_at_its_next_step_and_keeps_nothing(office: Office) -> None:
    def cancelled_meanwhile(run: ReportRun, progress: Progress) -> Document:
        from threading import Thread

        def stop() -> None:
            from django.db import connection

            commands.run(services.cancel, actor=office.program_manager, run=run)
            connection.close()

        thread = Thread(target=stop)
        thread.start()
        thread.join()
        progress("One step too many", 50)
        raise AssertionError("not reached")

    with registered(cancelled_meanwhile):
        run = ask(office)
        work(office, run)
    assert look(office, run).state == State.CANCELLED
    assert row(office, run).state == Outbox.State.SENT
    assert files(office, run) == []


def test_only_who_asked_or_builds_for_the_program_cancels(office: Office, sample: None) -> None:
    run = ask(office)
    with pytest.raises(NotAllowed):
        commands.run(services.cancel, actor=office.auditor, run=run)
    commands.run(services.cancel, actor=office.controller, run=run)
    with pytest.raises(Conflict):
        commands.run(services.cancel, actor=office.program_manager, run=run)
    work(office, run)
    assert look(office, run).state == State.CANCELLED


def test_a_report_that_cannot_be_built_says_why(office: Office) -> None:
    def impossible(run: ReportRun, progress: Progress) -> Document:
        raise Refused("There is no approved budget to compare with.")

    with registered(impossible):
        run = ask(office)
        work(office, run)
    failed = look(office, run)
    assert (failed.state, failed.error) == (State.FAILED, "There is no approved budget to compare with.")
    assert row(office, run).state == Outbox.State.DEAD


def test_a_defect_is_tried_three_times_and_then_said_without_its_details(office: Office) -> None:
    def broken(run: ReportRun, progress: Progress) -> Document:
        raise ZeroDivisionError("select secret from somewhere")

    with registered(broken):
        run = ask(office)
        for _ in range(3):
            with transaction.atomic(), everything(office.program):
                Outbox.objects.update(due=datetime.now(UTC) - timedelta(seconds=1))
            work(office, run)
    failed = look(office, run)
    assert failed.state == State.FAILED
    assert "ZeroDivisionError" in failed.error and "secret" not in failed.error


def test_a_builder_cannot_write(office: Office) -> None:
    def writing(run: ReportRun, progress: Progress) -> Document:
        office.program.save()
        return document()

    with registered(writing):
        run = ask(office)
        work(office, run)
    assert look(office, run).state != State.DONE


def test_the_sweep_fails_a_run_that_nobody_builds_any_more(office: Office, sample: None) -> None:
    run = ask(office, at=datetime.now(UTC) - timedelta(hours=1))
    waiting = ask(office, at=datetime.now(UTC) - timedelta(hours=1))
    with transaction.atomic(), everything(office.program):
        Outbox.objects.filter(key=f"report:{run.pk}").update(state=Outbox.State.DEAD)
    for _ in range(2):
        commands.run(
            tasks.fail_abandoned, actor=None, scope=[office.program.pk], program_id=office.program.pk
        )
    assert look(office, run).state == State.FAILED
    assert look(office, waiting).state == State.QUEUED


@pytest.mark.parametrize("who", ["auditor", "member", "administrator"])
def test_who_builds_no_reports_cannot_ask_for_one(office: Office, sample: None, who: str) -> None:
    with pytest.raises(NotAllowed):
        ask(office, actor=office.people[who])


def test_a_project_manager_may_ask(office: Office, sample: None) -> None:
    assert ask(office, actor=office.erp_manager).state == State.QUEUED


def test_nobody_asks_for_what_will_be_known_tomorrow(office: Office, sample: None) -> None:
    with pytest.raises(Refused, match="later than now"):
        ask(office, known=datetime.now(UTC) + timedelta(days=1))


def test_an_unknown_kind_is_refused(office: Office) -> None:
    with pytest.raises(Refused, match="no such report"):
        ask(office)


def test_a_stranger_to_the_program_sees_no_run(office: Office, sample: None) -> None:
    ask(office)
    other = make_office("BOREAS", suffix=" B")
    with read_scope(other.program_manager) as access:
        assert not selectors.runs(access, other.program_manager, office.program.pk).exists()
    with read_scope(office.auditor) as access:
        assert selectors.runs(access, office.auditor, office.program.pk).count() == 1
