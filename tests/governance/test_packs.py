"""The status report and the sponsor summary: the dashboard's own figures, with the end of the decision chain."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from governance.decisions.selectors import chain_head
from governance.packs import reports
from pmo.outbox.models import Outbox
from pmo.reports import registry, services, tasks
from pmo.reports.clockwork import serve_due
from pmo.reports.document import Document, KeyFigures, Section
from pmo.reports.models import Artefact, ReportRun
from tests.governance.committee import Committee, make_committee
from tests.governance.planned import planned


def built(committee: Committee, kind: str) -> Document:
    now = datetime.now(UTC)
    run = ReportRun(program=committee.program, kind=kind, as_of=now, known=now, requested_at=now)
    steps: list[int] = []
    with committee.looking():
        document = registry.get(kind).build(run, lambda step, percent: steps.append(percent))
    assert steps == sorted(steps) and steps[-1] < 100
    return document


def section(document: Document, title: str) -> Section:
    return next(one for one in document.sections if one.title == title)


@pytest.mark.parametrize("kind", ["status", "sponsor_summary"])
def test_a_report_of_a_program_without_a_plan_says_so_instead_of_green(
    committee: Committee, kind: str
) -> None:
    document = built(committee, kind)
    block = section(document, "Health").blocks[0]
    assert isinstance(block, KeyFigures)
    assert [one.rag for one in block.figures] == [""] * 6
    assert "no computed finish" in document.summary


def test_the_report_has_the_colours_and_figures_of_the_dashboard(committee: Committee) -> None:
    planned(committee)
    client = Client()
    client.force_login(committee.sponsor)
    page = client.get("/p/ATLAS/").content.decode()
    document = built(committee, "status")
    block = section(document, "Health").blocks[0]
    assert isinstance(block, KeyFigures)
    for one in block.figures:
        assert str(one.value) in page, one
    assert document.freshness in page.replace("&nbsp;", "\xa0")
    table = section(document, "Component projects").blocks[0]
    assert {row.values[0] for row in table.rows()} == {"ERP-FIN", "IAM"}  # type: ignore[union-attr]


def test_the_footer_names_the_end_of_the_chain(committee: Committee) -> None:
    client_head = committee_head(committee)
    assert (
        built(committee, "sponsor_summary").notes[-1]
        == f"Decision chain: 1\xa0sealed record, head 1:{client_head}."
    )


def committee_head(committee: Committee) -> str:
    with committee.looking():
        return chain_head(committee.program.pk)[1][:16]


def test_what_waits_for_a_decision_is_in_the_summary(committee: Committee) -> None:
    committee.opened()
    document = built(committee, "sponsor_summary")
    items = section(document, "Waiting for a decision").blocks[0].items  # type: ignore[union-attr]
    assert items[0].startswith("D-2 CR-001 Storage arrays: 640k\xa0EUR · Steering committee · vote by")


def test_the_sponsor_gets_her_mail_with_the_pdf_and_the_head(own_database: Any) -> None:
    """On her own schedule: one mail, HTML and its plain twin, the PDF attached, the chain's head at its end."""
    committee = make_committee()
    planned(committee)
    sunday = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
    committee.does(
        committee.sponsor,
        services.subscribe,
        program=committee.program,
        kind="sponsor_summary",
        every="week",
        weekday=0,
        at_time="07:30",
        time_zone="Europe/Brussels",
        at=sunday,
    )
    committee.does(None, serve_due, program_id=committee.program.pk, at=sunday + timedelta(days=1))
    with committee.looking():
        run = ReportRun.objects.get(program=committee.program)
        row = Outbox.objects.get(key=f"report:{run.pk}").pk
    tasks.build(row, committee.program.pk)
    with committee.looking():
        run.refresh_from_db()
        assert (run.state, run.error) == ("done", "")
        files = {file.format: file for file in Artefact.objects.filter(run=run)}
        mails = [one.payload for one in Outbox.objects.filter(topic="mail.send")]
        (mail,) = [one for one in mails if one.get("attachments")]  # the others tell voters of ballots
    assert bytes(files["pdf"].content)[:4] == b"%PDF" and bytes(files["xlsx"].content)[:2] == b"PK"
    assert mail["to"] == committee.sponsor.email and mail["attachments"] == [files["pdf"].pk]
    for twin in (mail["text"], mail["html"]):
        assert "Decision chain: 2" in twin and committee_head(committee) in twin
        assert "Finish" in twin and "ERP-FIN" in twin


def test_a_report_as_of_a_past_day_reads_what_was_recorded_by_then(committee: Committee) -> None:
    now = datetime.now(UTC)
    past = now - timedelta(days=400)
    run = ReportRun(program=committee.program, kind="status", as_of=past, known=past, requested_at=now)
    with transaction.atomic(), committee.looking():
        document = reports.build_status(run, lambda step, percent: None)
    assert "no status date yet" in document.freshness
