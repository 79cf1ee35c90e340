"""Plan tables (CSV, XLSX): read by what is saved of their source, the same dry run, the same limits."""

from __future__ import annotations

import io
from typing import Any

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from pmo import commands
from pmo.refusals import Conflict, NotAllowed, Refused
from programs.exchange import sandbox, source_services
from programs.exchange.draft import from_wall
from programs.exchange.models import PlanImport, PlanSource
from programs.exchange.problems import ImportRefused
from programs.exchange.reading import Read, parse_sheet
from programs.exchange.sheet_layout import SheetLayout
from programs.schedule.models import Activity, ComputedDates, Dependency
from tests.cast import Office, everything, make_office

COLUMNS = {
    "code": "Nr",
    "name": "Vorgang",
    "wbs": "PSP",
    "duration": "Dauer",
    "start": "Anfang",
    "finish": "Ende",
    "predecessors": "Vorgänger",
    "resources": "Wer",
    "percent": "Fertig",
    "cost": "Kosten",
}
LAYOUT = SheetLayout("NORTH", "North region", COLUMNS, date_order="dmy", decimal=",")
TABLE = """Rollout of the north region;;;;;;;;;;
Printed;04.01.2027;;;;;;;;;
Nr;PSP;Vorgang;Dauer;Anfang;Ende;Vorgänger;Wer;Fertig;Kosten;Ampel
10;1;Vorbereitung;;;;;;;;rot
11;1.1;Kabel bestellen;4;04.01.2027;07.01.2027;;Jo [50%];100;1.200,50;
12;1.2;Kabel legen;2,0 d;08.01.2027;11.01.2027;11;Jo; 0;;
13;1.3;Abnahme;0;13.01.2027;13.01.2027;12FS+1d;;;;
20;2;Schulung;1w;08.01.2027;14.01.2027;11SS+4d;Kim, Ute & Co [200];;;
21;3;Bericht;16h;18.01.2027;19.01.2027;20FF-50%;;;;
"""


def read(text: str = TABLE, layout: SheetLayout = LAYOUT) -> Read:
    return parse_sheet(text.encode(), "north.csv", layout)


def workbook(rows: list[list[Any]], sheet: str = "Plan") -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    page = book.add_worksheet(sheet)
    for at, row in enumerate(rows):
        page.write_row(at, 0, row)
    book.close()
    return out.getvalue()


def test_columns_units_groups_links_and_people_are_read_as_the_source_writes_them() -> None:
    found = read()
    assert [one for one in found.problems if one.severity == "error"] == []
    draft = found.draft
    ones = {one.code: one for one in draft.activities}
    assert {one.code: (one.kind, one.parent, one.duration) for one in draft.activities} == {
        "10": ("summary", "", 0),
        "11": ("task", "10", 4 * 480),
        "12": ("task", "10", 960),
        "13": ("start_milestone", "10", 0),
        "20": ("task", "", 5 * 480),
        "21": ("task", "", 960),
    }
    assert [(d.from_activity, d.to_activity, d.type, d.lag, d.lag_unit) for d in draft.dependencies] == [
        ("11", "12", "FS", 0, "working"),
        ("12", "13", "FS", 480, "working"),
        ("11", "20", "SS", 1920, "working"),
        ("20", "21", "FF", -50, "percent"),
    ]
    assert {one.code: one.name for one in draft.resources} == {"Jo": "Jo", "Kim-Ute-Co": "Kim, Ute & Co"}
    assert [(a.activity, a.resource, str(a.units)) for a in draft.assignments] == [
        ("11", "Jo", "0.5"),
        ("12", "Jo", "1"),
        ("20", "Kim-Ute-Co", "2"),
    ]
    assert str(ones["11"].fixed_cost) == "1200.50"
    assert str(from_wall(ones["11"].actual_finish or 0)) == "2027-01-07 17:00:00"
    assert draft.dropped == ["the column “Ampel”"]
    dates = found.totals.dates
    assert (dates["activities"], dates["agree"]) == (5, 4), "the report stands later than its link asks for"


@pytest.mark.parametrize(
    ("old", "new", "column"),
    [
        ("12;1.2;", "11;1.2;", "Nr"),
        ("12;1.2;", "=1+1;1.2;", "Nr"),
        ("20;2;", "20;2.7.1;", "PSP"),
        ("2,0 d;", "2.5.x;", "Dauer"),
        ("2,0 d;", "2 moons;", "Dauer"),
        ("2,0 d;", "-2;", "Dauer"),
        (";08.01.2027;", ";2027-01-08;", "Anfang"),
        (";08.01.2027;", ";31.02.2027;", "Anfang"),
        (";11.01.2027;", ";02.01.2027;", "Ende"),
        ("12FS+1d", "99FS+1d", "Vorgänger"),
        ("12FS+1d", "12XX+1d", "Vorgänger"),
        ("12FS+1d", "12FS+999999w", "Vorgänger"),
        (";11;Jo;", ";11;Jo [0];", "Wer"),
        (";100;1.200,50", ";101;1.200,50", "Fertig"),
        (";100;1.200,50", ";100;-5", "Kosten"),
        ("07.01.2027;;Jo", "07.01.2027;13;Jo", "to_activity"),
    ],
)
def test_what_does_not_fit_is_named_by_row_and_the_files_own_heading(old: str, new: str, column: str) -> None:
    assert old in TABLE
    found = [one for one in read(TABLE.replace(old, new, 1)).problems if one.severity == "error"]
    assert found
    assert found[0].column == column, found[0]
    assert found[0].row


def test_faults_are_told_once_in_the_order_of_rows_and_a_bad_duration_makes_no_milestone() -> None:
    bad = "Nr;PSP;Vorgang;Dauer;Anfang;Ende;Vorgänger;Wer;Fertig;Kosten\n"
    bad += "1;;One;2;;;99;;;\n2;;Two;soon;;;;;;\n"
    found = read(bad)
    errors = [(one.row, one.column) for one in found.problems if one.severity == "error"]
    assert errors == [(None, "start"), (2, "Vorgänger"), (3, "Dauer")]
    assert [(one.tasks, one.milestones) for one in found.totals.projects] == [(2, 0)]


def test_a_table_cut_off_flipped_or_without_its_headings_is_refused_or_its_faults_are_listed() -> None:
    data = TABLE.encode()
    book = workbook([["Nr", "Vorgang", "Dauer", "Anfang"], [1, "A", 5, "04.01.2027"]])
    small = SheetLayout(
        "N", "", {"code": "Nr", "name": "Vorgang", "duration": "Dauer", "start": "Anfang"}, date_order="dmy"
    )
    for content, layout in ((data, LAYOUT), (book, small)):
        for at in range(0, len(content), max(len(content) // 60, 1)):
            flipped = bytearray(content)
            flipped[at] ^= 0x35
            for broken in (content[:at], bytes(flipped)):
                try:
                    parse_sheet(broken, "north.csv", layout)
                except ImportRefused as refusal:
                    assert refusal.message
    with pytest.raises(ImportRefused, match="no row with the headings"):
        read(TABLE.replace("Vorgang;", "Aufgabe;"))
    with pytest.raises(ImportRefused, match="not in UTF-8"):
        parse_sheet(TABLE.encode("latin-1"), "north.csv", LAYOUT)


def test_a_workbook_is_read_by_levels_with_starts_alone() -> None:
    layout = SheetLayout(
        "N",
        "",
        {"name": "Task", "level": "L", "start": "From", "finish": "To", "milestone": "M", "percent": "Done"},
        percent="one",
        sheet="Plan",
    )
    found = parse_sheet(
        workbook(
            [
                ["L", "Task", "From", "To", "M", "Done"],
                [1, "Phase", "", "", "", ""],
                [2, "'=Dig", "2027-01-04", "2027-01-12", "", 0.5],
                [2, "Done", "2027-01-13", "2027-01-13", "x", ""],
            ]
        ),
        "north.xlsx",
        layout,
    )
    assert found.errors == 0, found.problems
    ones = found.draft.activities
    assert [(one.code, one.kind, one.parent, one.duration) for one in ones] == [
        ("2", "summary", "", 0),
        ("3", "task", "2", 7 * 480),
        ("4", "start_milestone", "2", 0),
    ]
    assert (ones[1].name, ones[1].percent_complete) == ("=Dig", 50)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"project": "no code"}, "project"),
        ({"columns": {"name": "A"}}, "columns"),
        ({"columns": {"duration": "A"}}, "columns"),
        ({"columns": {"name": "A", "duration": "A"}}, "columns"),
        ({"columns": {"name": "A", "duration": "B", "colour": "C"}}, "columns"),
        ({"columns": {"name": "A", "duration": "B", "wbs": "C", "level": "D"}}, "columns"),
        ({"unit": "moons"}, "unit"),
        ({"percent": "x"}, "percent"),
    ],
)
def test_a_layout_by_which_nothing_could_be_read_is_refused_at_its_field(
    change: dict[str, Any], field: str
) -> None:
    with pytest.raises(Refused) as refusal:
        SheetLayout.of(LAYOUT.kept() | change).check()
    assert refusal.value.field == field


@pytest.fixture
def office(db: None) -> Office:
    return make_office()


def described(office: Office, name: str = "North sheet") -> PlanSource:
    return commands.run(
        source_services.add_source, actor=office.staff, program=office.program, name=name, layout=LAYOUT
    )


def test_a_table_comes_in_through_the_page_by_its_saved_source_and_is_accepted(office: Office) -> None:
    source = described(office)
    client = Client()
    client.force_login(office.staff)
    url = "/p/ATLAS/import/"
    assert "North sheet" in client.get(url).content.decode()
    refused = client.post(url, {"file": SimpleUploadedFile("north.csv", TABLE.encode())})
    assert refused.status_code == 422
    assert "choose the source" in refused.content.decode()
    wrong = client.post(url, {"file": SimpleUploadedFile("n.csv", TABLE.encode()), "source": source.pk + 99})
    assert wrong.status_code == 422
    answer = client.post(url, {"file": SimpleUploadedFile("north.csv", TABLE.encode()), "source": source.pk})
    assert answer.status_code == 302, answer.content.decode()
    page = client.get(answer["Location"]).content.decode()
    assert "Table (CSV, XLSX) of North sheet" in page
    assert "the column “Ampel”" in page
    assert "4 Jan 2027" in page and "2027-01-04" not in page
    pk = answer["Location"].rstrip("/").rpartition("/")[2]
    client.post(f"{url}{pk}/accept/")
    with everything(office.program):
        assert PlanImport.objects.get(pk=pk).state == PlanImport.State.ACCEPTED
        assert Activity.objects.filter(project__code="NORTH").count() == 6
        assert Dependency.objects.count() == 4
        assert ComputedDates.objects.filter(superseded_by=None).count() == 6
    again = client.post(url, {"file": SimpleUploadedFile("north.csv", TABLE.encode()), "source": source.pk})
    assert again["Location"] == answer["Location"], "the same content is known again"


def test_the_api_takes_a_table_with_its_source_of_this_program_only(office: Office) -> None:
    source, other = described(office), make_office("OTHER", " Two")
    theirs = described(other)
    client = Client()
    client.force_login(office.staff)
    url = "/api/v1/programs/ATLAS/imports/"
    for foreign in (theirs.pk, 0, "x", "²", ""):
        answer = client.post(
            url, {"file": SimpleUploadedFile("n.csv", TABLE.encode()), "plan_source": foreign}
        )
        assert answer.status_code == 400, foreign
    answer = client.post(url, {"file": SimpleUploadedFile("n.csv", TABLE.encode()), "plan_source": source.pk})
    assert answer.status_code == 201, answer.content
    assert (answer.json()["format"], answer.json()["source_name"]) == ("sheet", "North sheet")


def test_sources_are_changed_by_who_imports_and_never_over_somebody_elses_change(office: Office) -> None:
    source = described(office)
    with pytest.raises(Refused, match="of this name"):
        described(office, "north SHEET")
    with pytest.raises(NotAllowed):
        commands.run(
            source_services.add_source,
            actor=office.erp_manager,
            program=office.program,
            name="Mine",
            layout=LAYOUT,
        )
    given = {"source_id": source.pk, "name": "North", "layout": LAYOUT}
    commands.run(source_services.edit_source, actor=office.staff, version=1, **given)
    with pytest.raises(Conflict):
        commands.run(source_services.edit_source, actor=office.staff, version=1, **given)


def test_a_table_is_read_in_the_confined_child() -> None:
    assert sandbox.read_table(TABLE.encode(), "north.csv", LAYOUT).totals.activities == 5
    with pytest.raises(ImportRefused, match="damaged"):
        sandbox.read_table(b"PK\x03\x04nonsense", "north.xlsx", LAYOUT)
