"""The honesty report: the dates that a file holds against those of our engine, with the rule where they differ."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.core.management import call_command

from programs.exchange.codec import digest
from programs.exchange.sandbox import read_path, read_upload
from tests.cast import make_office
from tests.programs.exchange.test_acceptance_pages import signed_in, text_of, upload
from tests.shared import shared

from . import xers


def dated(number: int, code: str, day: int, *, start: str = "08:00", **more: str) -> dict[str, str]:
    """An activity of a day that Primavera put on this day of January 2027."""
    dates = {"early_start_date": f"2027-01-{day:02} {start}", "early_end_date": f"2027-01-{day:02} 17:00"}
    return xers.task(number, code) | dates | more


AGREES = xers.xer([dated(1, "A", 4), dated(2, "B", 5)], [xers.link(1, 2)])
DIFFERS = xers.xer(
    [dated(1, "A", 6, suspend_date="2027-01-04 08:00"), dated(2, "B", 7), dated(3, "C", 4)],
    [xers.link(1, 2)],
)


def test_a_file_whose_dates_are_ours_says_so() -> None:
    dates = read_upload(AGREES, "plan.xer").totals.dates
    assert (dates["activities"], dates["agree"], dates["rules"]) == (2, 2, [])
    assert dates["compared"] == dates["equal"] == {"early dates": 2}


def test_a_difference_is_named_with_its_rule_and_with_what_follows_from_it() -> None:
    dates = read_upload(DIFFERS, "plan.xer").totals.dates
    assert (dates["activities"], dates["agree"], dates["values"]) == (3, 1, 4)
    assert [(one["activity"], one["value"], one["file"], one["ours"]) for one in dates["listed"][:1]] == [
        ("A", "early start", "2027-01-06T08:00", "2027-01-04T08:00")
    ]
    assert {(one["rule"], one["activities"], one["hours"]) for one in dates["rules"]} == {
        ("the work was suspended for a while, which was not read", 1, "16"),
        ("follows from an activity before it that differs", 1, "16"),
    }


def test_the_same_moment_said_otherwise_is_no_difference_and_stored_dates_are_no_content() -> None:
    evening = xers.xer(
        [dated(1, "A", 4), dated(2, "B", 4, start="17:00") | {"early_end_date": ""}], [xers.link(1, 2)]
    )
    read = read_upload(evening, "plan.xer")
    assert read.totals.dates["agree"] == 2
    assert digest(read.draft) == digest(read_upload(AGREES, "plan.xer").draft)


@pytest.mark.django_db
def test_the_dry_run_shows_the_report() -> None:
    client = signed_in(make_office())
    answer = upload(client, DIFFERS, "plan.xer")
    page = text_of(client.get(answer["Location"]))
    assert "1 of 3 activities agree" in page
    assert "The work was suspended for a while, which was not read" in page
    assert "All 2 activities that the file dates agree" in text_of(
        client.get(upload(client, AGREES, "other.xer")["Location"])
    )


def test_the_table_of_the_docs_is_written_by_a_command(tmp_path: Path) -> None:
    (tmp_path / "plan.xer").write_bytes(DIFFERS)
    (tmp_path / "broken.xml").write_bytes(b"<Project")
    (tmp_path / "table.csv").write_text("code,name,duration,start\n1,Dig,2d,2027-01-04\n")
    said = io.StringIO()
    call_command("exchange_table", str(tmp_path), stdout=said)
    _, _, broken, plan, table, _, state = said.getvalue().splitlines()
    assert "| refused: is not well-formed XML" in broken
    assert plan.startswith("| plan.xer | 3 | 1 | 0 | 1 | 1/3 | 1/3 | – | – | 1 ")
    assert table.startswith("| table.csv | 1 | 0 | 0 | 0 | 1/1 |")
    assert state.startswith("3 files, read one after the other on ")
    assert {line.count("|") for line in (broken, plan, table)} == {13}


GOLD = {
    "p6_hotel_project.xer": (4217, 4209),
    "p6_progress_override_test.xer": (621, 615),
    "p6_terminal_building.xer": (66, 66),
    "p6_task_se_sample.xer": (42, 42),
    "mspc_mp_j120_a2_nr5_AgentCopp3.xml": (244, 244),
    "mspc_mp_j90_a2_nr5.xml": (184, 184),
    "msp_task_links_2013.xml": (16, 16),
}
"""Activities compared, and those of which every stored value is ours."""


@pytest.mark.proof
@pytest.mark.parametrize("name", GOLD)
def test_the_files_that_may_be_trusted_agree(name: str) -> None:
    dates = read_path(shared(f"plans/{name}")).totals.dates
    assert (dates["activities"], dates["agree"]) == GOLD[name]
