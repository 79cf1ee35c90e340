"""Rows with a fault: they go out as they stand, come back corrected, or are left out with a reason."""

from __future__ import annotations

import csv
import io
import re
from datetime import date
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from finance.imports import mending
from finance.imports.layout import Layout
from finance.imports.models import ActualBatch, LeftOutRow
from finance.ledger.models import ActualLine
from finance.rates import services as rates
from pmo.refusals import Conflict, Refused
from tests.finance.office import Office
from tests.finance.sourcing import FIXED, PLAIN, accept, described, faults_of, problems, read
from tests.finance.test_late_costs import closed, sound
from tests.finance.test_pages import browser


def spoilt(office: Office) -> ActualBatch:
    source = described(office, PLAIN)
    return read(
        office, "Doc,Day,Sum,Note\n1,2026-11-01,5,a\n2,2026-11-31,-6,b\n3,2026-11-02,x,=c\n4\n", source
    )


def test_faulty_rows_go_out_as_they_stand_are_corrected_and_come_back_in_their_place(office: Office) -> None:
    batch = spoilt(office)
    out = list(csv.reader(io.StringIO(faults_of(office, batch, "ada"))))
    assert out[0] == ["row", "problem", "Doc", "Day", "Sum", "Note", "more"]
    assert out[1] == [
        "3",
        "“2026-11-31” is not a date such as 2026-11-30.",
        "2",
        "2026-11-31",
        "'-6",
        "b",
        "",
    ]
    assert out[3][:3] == ["5", "The row has 1 cells; the heading has 4.", "4"]
    out[1][3], out[2][4], out[3][3:6] = "2026-11-30", "7", ["2026-11-03", "8", ""]
    file = io.StringIO()
    csv.writer(file).writerows(out)
    fiona = browser(office, "fiona")
    sent = fiona.post(
        f"/p/ATLAS/costs/{batch.pk}/corrected/",
        {"file": SimpleUploadedFile("c.csv", file.getvalue().encode())},
    )
    assert sent.status_code == 302
    with office.looking():
        batch = ActualBatch.objects.select_related("program").get(pk=batch.pk)
    assert (batch.totals["faults"], batch.totals["new"], batch.totals["new_minor"]) == (
        0,
        4,
        500 - 600 + 700 + 800,
    )
    accept(office, batch)
    sound(office)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("row,Doc,Day,Sum,Note\n2,1,2026-11-01,5,a\n", "no fault to be corrected: 2"),
        ("row,Doc,Day,Sum,Note\n3,1,2026-11-01,5,a\n3,1,2026-11-01,5,a\n", "row 3 stands here twice"),
        ("row,Doc,Day,Sum,Note\nx,1,2026-11-01,5,a\n", "“x” is not the number of a row"),
        ("row,Doc,Day,Sum\n3,1,2026-11-01,5\n", "Note is missing"),
        ("row,Doc,Day,Sum,Note,more\n3,1,2026-11-01,5,a,b\n", "not as many cells"),
        ("row,Doc,Day,Sum,Note\n3,1\n", "not as many cells"),
        ("row,Doc,Day,Sum,Note\n", "no row in this file"),
        ('row,Doc,Day,Sum,Note\n3,"1\n', "not a table"),
    ],
)
def test_a_file_of_corrections_that_does_not_fit_changes_nothing(
    office: Office, text: str, sentence: str
) -> None:
    batch = spoilt(office)
    with pytest.raises(Refused, match=re.escape(sentence)):
        office.does("fiona", mending.replace_rows, batch=batch, content=text.encode())
    assert faults_of(office, batch).count("\n") == 4


def test_a_row_is_left_out_with_a_reason_and_stays_on_record(office: Office) -> None:
    batch = spoilt(office)
    fiona, address = browser(office, "fiona"), f"/p/ATLAS/costs/{batch.pk}/leave-out/"
    assert browser(office, "mira").post(address, {"rows": "3-5", "reason": "x"}).status_code == 403
    for rows, reason, sentence in (
        ("3-5", " ", "why they are left out"),
        ("99", "x", "has no row 99"),
        ("a", "x", "is not the number of a row"),
    ):
        answer = fiona.post(address, {"rows": rows, "reason": reason})
        assert answer.status_code == 422 and sentence in answer.content.decode()
    assert fiona.post(address, {"rows": "3-5", "reason": "Booked by hand"}).status_code == 302
    page = browser(office, "ada").get(f"/p/ATLAS/costs/{batch.pk}/").content.decode()
    assert page.count("Booked by hand") == 3
    accept(office, batch)
    with office.looking():
        assert LeftOutRow.objects.filter(left_by=office.person("fiona")).count() == 3
        assert ActualLine.objects.count() == 1
    with pytest.raises(Conflict):
        office.does("fiona", mending.leave_out, batch=batch, rows=[2], reason="Late")


def test_what_was_missing_is_there_now_and_the_rows_are_read_again(office: Office) -> None:
    layout = Layout(columns=PLAIN.columns | {"currency": "Cur"}, defaults=FIXED)
    batch = read(office, "Doc,Day,Sum,Cur\n1,2026-11-01,5,USD\n", described(office, layout))
    assert problems(batch) == {2: "There is no exchange rate of USD on or before 2026-11-01."}
    office.does(
        "fiona", rates.add, program=office.program,
        values={"currency": "USD", "from_day": date(2026, 1, 1), "rate": Decimal(2), "note": ""},
    )  # fmt: skip
    assert browser(office, "fiona").post(f"/p/ATLAS/costs/{batch.pk}/again/").status_code == 302
    with office.looking():
        assert ActualBatch.objects.get(pk=batch.pk).totals["new_minor"] == 1_000


def test_a_row_of_a_closed_period_can_be_corrected_too(office: Office) -> None:
    closed(office, "2026-10")
    batch = read(office, "Doc,Day,Sum\n1,2026-10-01,5\n", described(office, PLAIN))
    assert problems(batch) == {2: "Period 2026-10 is closed."}
    text = faults_of(office, batch).replace("2026-10-01", "2026-11-01")
    batch = office.does("fiona", mending.replace_rows, batch=batch, content=text.encode())
    assert batch.totals["faults"] == 0
