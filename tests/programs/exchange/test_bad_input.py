"""Bad bundles and files: each is refused with its place and a reason, quickly, and never by another exception."""

from __future__ import annotations

import io
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from programs.exchange import sandbox
from programs.exchange.problems import ImportRefused
from programs.exchange.reading import expect_currency, parse_upload
from programs.exchange.sandbox import read_folder, read_path, read_upload
from tests.shared import shared

from .bundles import GOOD, as_bytes, errors, read, spoilt, zipped

ACT, DEP, CAL = "activities.csv", "dependencies.csv", "calendars.csv"
NS = 'xmlns="http://schemas.microsoft.com/project"'

BAD_CELLS = [
    # file, old, new, (row, column, value)
    ("activities.csv", "NET,activity,N2", "NIT,activity,N2", (4, "project_id", "NIT")),
    ("activities.csv", "Lay cable,N,", "Lay cable,M,", (4, "parent_id", "M")),
    ("activities.csv", "Lay cable,N,", "Lay cable,N1,", (4, "parent_id", "N1")),
    ("activities.csv", "N,night", "N,nights", (4, "calendar_id", "nights")),
    ("activities.csv", "NET,activity,N2", "NET,activity,n1", (4, "activity_id", "n1")),
    ("activities.csv", "night,8", "night,-8", (4, "duration_hours", "-8")),
    ("activities.csv", "night,8", "night,999999999", (4, "duration_hours", "999999999")),
    ("activities.csv", "night,8", "night,1_0", (4, "duration_hours", "1_0")),
    ("activities.csv", "night,8", "night,NaN", (4, "duration_hours", "NaN")),
    ("activities.csv", "night,8", "night,1e9", (4, "duration_hours", "1e9")),
    ("activities.csv", "night,8", "night,１２", (4, "duration_hours", "１２")),
    ("activities.csv", "night,8", "night,0x10", (4, "duration_hours", "0x10")),
    ("activities.csv", "night,8", 'night,"1,5"', (4, "duration_hours", "1,5")),
    ("activities.csv", "SNET,2027-01-05", "SNET,2027-02-30", (6, "constraint_date", "2027-02-30")),
    ("activities.csv", "SNET,2027-01-05", "SNET,05/01/2027", (6, "constraint_date", "05/01/2027")),
    ("activities.csv", "SNET,2027-01-05", "SNET,9999-01-05", (6, "constraint_date", "9999-01-05")),
    ("activities.csv", "SNET,2027-01-05", "SNET,", (6, "constraint_date", "")),
    ("activities.csv", "SNET,", "SOON,", (6, "constraint", "SOON")),
    ("activities.csv", "8,16,24", "24,16,8", (3, "dur_most_likely_h", "24 / 16 / 8")),
    ("activities.csv", "Lay cable", "x" * 251, (4, "name", "x" * 79 + "…")),
    ("activities.csv", "Lay cable", "Lay\x00cable", (4, "name", "Lay�cable")),
    ("activities.csv", "Lay cable", "Lay\x1b[31m", (4, "name", "Lay�[31m")),
    ("activities.csv", "Lay cable", "Lay‮elbac", (4, "name", "Lay�elbac")),
    ("activities.csv", "Lay cable", '"Lay\ncable"', (4, "name", "Lay�cable")),
    ("activities.csv", "Lay cable", "", (4, "name", "")),
    ("activities.csv", "N2,1.2", "N 2,1.2", (4, "activity_id", "N 2")),
    ("dependencies.csv", "N1,N2", "N1,N9", (2, "to_activity", "NET/N9")),
    ("dependencies.csv", ",NET,APP,N3", ",NUT,APP,N3", (5, "from_activity", "NUT/N3")),
    ("dependencies.csv", "FF,,", "XX,,", (3, "type", "XX")),
    ("dependencies.csv", "N1,N2,FS", "N1,N1,FS", (2, "to_activity", "N1")),
    ("dependencies.csv", "50,percent", "50.5,percent", (4, "lag_hours", "50.5")),
    ("projects.csv", "APP,Till", "NET,Till", (3, "project_id", "NET")),
    ("projects.csv", "2027-01-04T08:00\nAPP", "2027-01-04T08:00Z\nAPP", (2, "start", "2027-01-04T08:00Z")),
    ("projects.csv", "Bo,8", "Bo,25", (3, "hours_per_day", "25")),
    ("calendars.csv", "8 9 10 11 13 14 15 16", "9 8", (2, "working_hours", "9 8")),
    ("calendars.csv", "08:00-12:00 13:00-17:00", "08:00-12:00 11:00-17:00", (3, "working_hours", "…")),
    ("calendars.csv", "2027-01-06", "2027-13-06", (2, "holidays", "2027-13-06")),
    ("program.csv", "EUR", "EURO", (2, "currency", "EURO")),
    ("program.csv", "Europe/Brussels", "Europe/Brussel", (2, "time_zone", "Europe/Brussel")),
    ("program.csv", "Europe/Brussels", "../../../etc/passwd", (2, "time_zone", "../../../etc/passwd")),
    ("status_dates.csv", "2027-01-05T17:00", "2027-01-03T17:00", None),
    ("status_dates.csv", "NET,1", "NIT,1", None),
    ("progress.csv", "50.5", "101", (2, "percent_complete", "101")),
    ("progress.csv", "N1,2027-01-04T08:00", "N1,2027-01-06T08:00", (2, "actual_start", "2027-01-06T08:00")),
    ("progress.csv", "NET,1,N1", "NET,2,N1", (2, "period", "NET, 2")),
    ("progress.csv", "NET,1,N1", "NET,1,N", (2, "activity_id", "N")),
    ("assignments.csv", "N1,R1,0.5", "N1,R2,0.5", (2, "resource_id", "R2")),
    ("assignments.csv", "N1,R1,0.5", "N1,R1,0", (2, "units", "0")),
    ("assignments.csv", "N1,R1,0.5", "N8,R1,0.5", (2, "activity_id", "N8")),
    ("budget.csv", "1000.00", "1000.001", (2, "amount", "1000.001")),
    ("actuals.csv", "capex", "expense", (2, "nature", "expense")),
]


@pytest.mark.parametrize(("file", "old", "new", "place"), BAD_CELLS, ids=lambda value: str(value)[:30])
def test_a_bad_cell_is_refused_with_its_row_column_and_value(
    file: str, old: str, new: str, place: tuple[int, str, str] | None
) -> None:
    found = errors(spoilt(file, old, new))
    assert found
    if place is not None:
        row, column, value = place
        assert next((f, r, c) for f, r, c, _ in found) == (file, row, column)
        assert value == "…" or found[0][3] == value


def test_a_row_can_have_several_problems_and_all_rows_are_reported() -> None:
    broken = GOOD[ACT].replace("16,,,100.50", "x,,,y").replace("night,8", "night,z")
    assert [(row, column) for _, row, column, _ in errors(as_bytes(GOOD | {ACT: broken}))] == [
        (3, "duration_hours"),
        (3, "fixed_cost"),
        (4, "duration_hours"),
    ]


@pytest.mark.parametrize(
    ("file", "body", "row", "column"),
    [
        (ACT, None, None, ""),
        (ACT, b"", 1, ""),
        (ACT, b"project_id,kind,activity_id,name\nNET,activity,X,Y\n", 1, "duration_hours"),
        (ACT, b"project_id;kind;activity_id;name;duration_hours\n", 1, ""),
        (ACT, b"project_id,kind,activity_id,name,duration_hours,name\n", 1, "name"),
        (ACT, GOOD[ACT].encode().replace(b"Lay", b"L\xe4y"), 4, ""),
        (ACT, GOOD[ACT].encode("utf-16"), None, ""),
        (ACT, b"PK\x03\x04" + b"x" * 100, None, ""),
        (ACT, b"\xd0\xcf\x11\xe0" + b"x" * 100, None, ""),
        (ACT, b"<html></html>", None, ""),
        (ACT, GOOD[ACT].encode().replace(b"Lay cable", b'"Lay cable'), 4, ""),
        (ACT, GOOD[ACT].encode().replace(b"NET,activity,N2", b"NET"), 4, ""),
        (ACT, b"x" * 200_000 + b"\n" + b"y\n" * 3, 1, "project_id"),
    ],
)
def test_a_bad_file_is_refused_with_the_place(
    file: str, body: bytes | None, row: int | None, column: str
) -> None:
    files = as_bytes(GOOD)
    del files[file]
    if body is not None:
        files[file] = body
    found = errors(files)
    assert (file, row, column) in [(f, r, c) for f, r, c, _ in found] or (body and body[:1] == b"x" and found)


def test_one_program_has_one_currency() -> None:
    mixed = GOOD["projects.csv"].replace("start", "start,currency").replace("08:00\nAPP", "08:00,€\nAPP")
    files = as_bytes(GOOD | {"projects.csv": mixed.replace("2027-01-04T08:00\n", "2027-01-04T08:00,USD\n")})
    assert errors(files) == [("projects.csv", 3, "currency", "USD")]


def test_dates_out_of_order_are_refused() -> None:
    more = GOOD["status_dates.csv"] + "NET,2,Second,2027-01-05T16:00\n"
    found = errors(as_bytes(GOOD | {"status_dates.csv": more}))
    assert found == [("status_dates.csv", 3, "status_date", "2027-01-05T16:00")]
    with_baseline = GOOD[ACT].replace("constraint,constraint_date", "baseline_start,baseline_finish")
    found = errors(as_bytes(GOOD | {ACT: with_baseline.replace("SNET,2027-01-05", "2027-01-08,2027-01-05")}))
    assert (ACT, 6, "baseline_finish", "2027-01-06T00:00") in found


def test_a_parent_chain_that_comes_round_is_refused() -> None:
    groups = GOOD[ACT].replace("Cabling,,", "Cabling,M,") + "NET,group,M,2,Mains,N,,,,,,,,,\n"
    assert [(c, v) for _, _, c, v in errors(as_bytes(GOOD | {ACT: groups}))] == [("parent_id", "M")]


def _bomb(size: int) -> bytes:
    return zipped({"projects.csv": b"0" * size})


def _zip_named(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, b"x")
    return out.getvalue()


def _encrypted() -> bytes:
    data = bytearray(_zip_named("projects.csv"))
    for magic, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(magic) + offset] |= 1
    return bytes(data)


def _lying_size() -> bytes:
    """A member that declares 10 bytes and unpacks to 50 MB."""
    data = bytearray(_bomb(50 << 20))
    for magic, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = data.index(magic) + offset
        data[at : at + 4] = (10).to_bytes(4, "little")
    return bytes(data)


def _many_rows() -> bytes:
    header = GOOD[ACT].splitlines()[0]
    rows = "\n".join(f"NET,activity,X{i},,n,,,1,,,,,,," for i in range(100_002))
    return zipped(as_bytes(GOOD) | {ACT: f"{header}\n{rows}\n".encode()}, zipfile.ZIP_STORED)


WHOLE_FILES: dict[str, Callable[[], bytes]] = {
    "empty": lambda: b"",
    "blank": lambda: b" \n",
    "plain text": lambda: b"hello",
    "200 MB": lambda: b"x" * (200 << 20),
    "zip bomb": lambda: _bomb(55 << 20),
    "zip bomb that lies about its size": _lying_size,
    "zip bomb of many members": lambda: zipped({f"{i}.csv": b"0" * (2 << 20) for i in range(40)}),
    "too many members": lambda: _zip_named(*(f"{i}.csv" for i in range(300))),
    "zip leading outside": lambda: _zip_named("../projects.csv"),
    "zip leading to the root": lambda: _zip_named("/etc/passwd"),
    "zip with a drive letter": lambda: _zip_named("c:projects.csv"),
    "zip with a member twice": lambda: _zip_named("projects.csv", "PROJECTS.csv"),
    "encrypted zip": _encrypted,
    "bzip2 in a zip": lambda: zipped(as_bytes(GOOD), zipfile.ZIP_BZIP2),
    "workbook": lambda: _zip_named("[Content_Types].xml", "xl/workbook.xml"),
    "old Office file": lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500,
    "XML of 100,000 levels": lambda: (
        f"<Project {NS}>".encode() + b"<a>" * 100_000 + b"</a>" * 100_000 + b"</Project>"
    ),
    "XML with a document type": lambda: f"<!DOCTYPE Project><Project {NS}/>".encode(),
    "XML with entities": lambda: (
        b'<!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>' + f"<Project {NS}>&b;</Project>".encode()
    ),
    "XML with an outside entity": lambda: (
        b'<!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + f"<Project {NS}>&a;</Project>".encode()
    ),
    "XML with a parameter entity": lambda: b'<!DOCTYPE a [<!ENTITY % p SYSTEM "http://x/"> %p;]><a/>',
    "XML with a stylesheet": lambda: f'<?xml-stylesheet href="x"?><Project {NS}/>'.encode(),
    "XML in UTF-16": lambda: f'<?xml version="1.0"?><Project {NS}/>'.encode("utf-16"),
    "XML in Latin-1": lambda: f'<?xml version="1.0" encoding="latin-1"?><Project {NS}><Title>\xe9'.encode(
        "latin-1"
    ),
    "XML of another kind": lambda: b"<html/>",
    "XML of another namespace": lambda: b'<Project xmlns="http://example.org/"/>',
    "XML without tasks": lambda: f"<Project {NS}><Tasks/></Project>".encode(),
    "XML with a huge value": lambda: f"<Project {NS}><Title>{'x' * 100_000}</Title></Project>".encode(),
    "XML that breaks off": lambda: f"<Project {NS}><Tasks><Task>".encode(),
}


@pytest.mark.parametrize("name", WHOLE_FILES)
def test_a_file_that_cannot_be_read_is_refused_within_two_seconds(name: str) -> None:
    data = WHOLE_FILES[name]()
    started = time.process_time()
    with pytest.raises(ImportRefused) as refusal:
        parse_upload(data, f"dir/{name}")
    assert time.process_time() - started < 2
    assert refusal.value.file == name
    assert len(refusal.value.reason) >= len("is empty")


def test_a_hundred_thousand_rows_too_many_are_counted_not_parsed() -> None:
    started = time.process_time()
    read_result = parse_upload(_many_rows(), "many.zip")
    assert time.process_time() - started < 2
    assert next((p.file, p.row) for p in read_result.problems if p.severity == "error") == (ACT, 100_002)


def test_the_child_gives_the_same_answer_and_the_same_refusals() -> None:
    data = zipped(as_bytes(GOOD))
    inside, outside = parse_upload(data, "a.zip"), read_upload(data, "a.zip")
    assert (outside.draft, outside.totals, outside.problems) == (inside.draft, inside.totals, inside.problems)
    assert outside.acceptable
    for name in ("zip bomb", "XML of 100,000 levels", "XML with entities", "plain text", "200 MB"):
        with pytest.raises(ImportRefused):
            read_upload(WHOLE_FILES[name](), name)


def test_the_childs_limits_hold() -> None:
    root = str(Path(__file__).resolve().parents[3])
    script = (
        "import sys; sys.path.insert(0, sys.argv[1]); from programs.exchange import sandbox; "
        "sandbox.limit(sandbox.MEMORY, sandbox.CPU_SECONDS)\n"
        "try:\n    bytearray(800 << 20)\nexcept MemoryError:\n    print('memory')\n"
        "try:\n    open(sys.argv[2], 'wb', 0).write(b'x')\nexcept OSError:\n    print('file')\n"
        "import resource; print(resource.getrlimit(resource.RLIMIT_CPU))"
    )
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-I", "-c", script, root, f"{folder}/x"]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\n")
    assert said[:3] == ["memory", "file", "(20, 21)"]


def test_a_child_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "WALL_SECONDS", 0.01)
    with pytest.raises(ImportRefused, match="took longer"):
        read_upload(zipped(as_bytes(GOOD)), "a.zip")


def test_a_plan_in_another_currency_than_its_program_is_refused() -> None:
    result = parse_upload(zipped(as_bytes(GOOD)), "a.zip")
    expect_currency(result, "EUR")
    assert result.acceptable
    expect_currency(result, "USD")
    assert (result.acceptable, result.problems[0].value) == (False, "EUR")


def test_nothing_has_happened_after_the_status_date() -> None:
    later = GOOD[ACT].replace("constraint,constraint_date", "actual_start,actual_finish")
    later = later.replace("16,,,100.50", "16,2027-01-04,2027-01-09,100.50")
    later = later.replace("SNET,2027-01-05", ",").replace("FNLT,2027-01-29", ",")
    assert errors(as_bytes(GOOD | {ACT: later})) == [(ACT, 3, "actual_finish", "2027-01-10T00:00")]


def test_with_problems_the_draft_stays_empty_but_is_counted() -> None:
    result = read_upload(zipped(spoilt(ACT, "night,8", "night,-8")), "a.zip")
    assert (result.acceptable, result.errors, result.draft.activities) == (False, 1, [])
    assert result.totals.activities == 5
    assert result.totals.digest == ""


def test_a_name_that_looks_like_an_option_is_only_a_name() -> None:
    with pytest.raises(ImportRefused, match="neither MS Project"):
        read_upload(b"hello", "--help\n\x00")


def test_a_path_that_is_not_there_or_not_a_file_is_refused(tmp_path: Path) -> None:
    folder = tmp_path
    with pytest.raises(ImportRefused, match="cannot be read"):
        read_path(folder / "none.zip")
    (folder / "projects.csv").mkdir()
    with pytest.raises(ImportRefused, match="not a regular file"):
        read_folder(folder)


@pytest.mark.parametrize("name", ["06_us_it_dashboard", "04_uk_major_projects_gmpp", "08_spend_ledgers"])
def test_other_peoples_tables_are_refused_not_misread(name: str) -> None:
    result = read_path(shared(name))
    assert not result.acceptable
    for raw in sorted(shared(name).glob("*.csv"))[:3]:
        body = raw.read_bytes()[: 2 << 20]
        _, problems = read({"projects.csv": body, "activities.csv": body})
        assert any(p.severity == "error" for p in problems)


@pytest.mark.parametrize("hidden", ["\x00", "\x1b", "\u202e", "\ufeff"])
def test_a_header_with_a_hidden_character_is_refused_with_its_place(hidden: str) -> None:
    spoilt_header = spoilt(ACT, "dur_pessimistic_h\n", f"dur_pessimistic_h,ex{hidden}tra\n")
    found = [p for p in read(spoilt_header)[1] if p.severity == "error" and p.file == ACT]
    assert [(p.row, p.sentence) for p in found] == [
        (1, f"The header holds the unprintable character U+{ord(hidden):04X}.")
    ]
