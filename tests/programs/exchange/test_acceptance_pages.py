"""The import pages: who may, what a hostile file gets, and what the dry run and the acceptance show."""

from __future__ import annotations

import io
import time
import zipfile
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from pmo.outbox.models import Outbox
from programs.exchange import msproject, sandbox
from programs.exchange.models import PlanImport
from programs.portfolio.models import Project
from programs.schedule.models import Activity, ComputedDates
from tests.cast import Office, everything, make_office, stranger
from tests.programs.exchange.bundles import GOOD, as_bytes, spoilt, zipped

pytestmark = pytest.mark.django_db
URL = "/p/ATLAS/import/"


@pytest.fixture
def office() -> Office:
    return make_office()


def signed_in(office: Office, role: str = "program_manager") -> Client:
    client = Client()
    client.force_login(office.people[role])
    return client


def upload(client: Client, data: bytes, name: str = "retail.zip", url: str = URL) -> Any:
    return client.post(url, {"file": SimpleUploadedFile(name, data)})


def stored(office: Office) -> tuple[int, int, int]:
    """Imports kept, activities, projects."""
    with everything(office.program):
        return PlanImport.objects.count(), Activity.objects.count(), Project.objects.count()


def text_of(response: Any) -> str:
    return " ".join(response.content.decode().replace("\xa0", " ").replace("\u202f", " ").split())


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("projects.csv", b"0" * (70 << 20))
    return out.getvalue()


def project_xml(inside: str) -> bytes:
    return f'<?xml version="1.0"?>{inside}'.encode()


MSP = 'xmlns="http://schemas.microsoft.com/project"'
WHOLE_FILE = {
    "zip bomb": (bomb(), "x.zip", "unpack"),
    "entities": (
        project_xml(f'<!DOCTYPE p [<!ENTITY a "b">]><Project {MSP}><Name>&a;</Name></Project>'),
        "x.xml",
        "",
    ),
    "100,000 levels": (project_xml(f"<Project {MSP}>" + "<a>" * 100_000), "x.xml", ""),
    "12 MB": (b"0" * (12 << 20), "x.zip", "too large"),
    "no plan": (b"just some words", "notes.txt", "neither MS Project XML, Primavera XER nor a zip"),
    "nothing": (b"", "x.zip", "empty"),
}
ROWS = {
    "broken encoding": (as_bytes(GOOD) | {"projects.csv": b"project_id,name\nA,\xff\xfe\xfa\n"}, "UTF-8"),
    "missing column": (spoilt("activities.csv", "duration_hours", "length"), "duration_hours"),
    "unknown reference": (
        spoilt("dependencies.csv", "NET,,,N1,N2", "NET,,,N1,N99"),
        "No activity with this code",
    ),
    "cycle": (spoilt("dependencies.csv", "NET,,,N2,N3,FF", "NET,,,N2,N1,FS"), "run in a circle"),
    "negative duration": (spoilt("activities.csv", "Build,,,40", "Build,,,-40"), "cannot be negative"),
    "wrong currency": (spoilt("program.csv", "EUR", "USD"), "The plan is in USD, this program in EUR"),
    "duplicate code": (
        spoilt("activities.csv", "APP,activity,A2", "APP,activity,A1"),
        "already used in row 6",
    ),
    "dates out of order": (
        spoilt("progress.csv", "2027-01-04T08:00,8", "2027-01-08T08:00,8"),
        "after the status date",
    ),
}


@pytest.mark.parametrize("what", list(WHOLE_FILE))
def test_a_hostile_file_is_refused_with_a_sentence_and_nothing_is_stored(office: Office, what: str) -> None:
    data, name, sentence = WHOLE_FILE[what]
    begun = time.perf_counter()
    answer = upload(signed_in(office), data, name)
    took = time.perf_counter() - begun
    page = text_of(answer)
    assert answer.status_code == 422
    assert 'role="alert"' in page
    assert sentence in page
    assert stored(office) == (0, 0, 2)
    assert took < 30, "under 2 s on a machine of one's own: this guards against a reader that does not end"


@pytest.mark.parametrize("what", list(ROWS))
def test_what_does_not_fit_is_told_row_by_row_and_no_part_of_the_plan_is_stored(
    office: Office, what: str
) -> None:
    files, sentence = ROWS[what]
    client = signed_in(office)
    answer = upload(client, zipped(files))
    page = text_of(client.get(answer["Location"]))
    assert sentence in page
    assert "cannot be accepted" in page
    assert "import-accept" not in page and "/accept/" not in page
    with everything(office.program):
        kept = PlanImport.objects.get()
    assert (kept.state, kept.draft) == (PlanImport.State.REFUSED, {})
    assert stored(office)[1:] == (0, 2)
    listed = client.get(f"{answer['Location']}problems.csv").content.decode()
    assert listed.startswith("severity,file,row,column,value,sentence")
    assert sentence.split(",")[0] in listed
    forced = client.post(f"{answer['Location']}accept/")
    assert forced.status_code == 422
    assert "has errors" in text_of(forced)
    assert stored(office)[1:] == (0, 2)


def test_two_hundred_megabytes_are_refused_quickly(office: Office) -> None:
    class Zeros(io.RawIOBase):
        """200 MB that nobody holds in memory, ended as a browser ends them."""

        TAIL = b"\r\n--b--\r\n"

        def __init__(self) -> None:
            head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="big.zip"\r\n\r\nPK\x03\x04'
            self.parts = [head]
            self.left = (200 << 20) - len(head) - len(self.TAIL)

        def readable(self) -> bool:
            return True

        def read(self, size: int = -1) -> bytes:
            if self.parts:
                return self.parts.pop()
            if not self.left:
                return self.TAIL
            size = min(size if size > 0 else 65_536, self.left)
            self.left -= size
            return b"\0" * size

    environment: dict[str, Any] = {"wsgi.input": Zeros(), "CONTENT_LENGTH": str(200 << 20)}
    begun = time.perf_counter()
    answer = signed_in(office).generic(
        "POST",
        URL,
        b"",
        CONTENT_TYPE="multipart/form-data; boundary=b",
        **environment,
    )
    assert answer.status_code == 422
    assert "too large" in text_of(answer)
    assert time.perf_counter() - begun < 30, "under 1 s on a machine of one's own"
    assert stored(office) == (0, 0, 2)


def test_a_dry_run_shows_what_would_happen_and_accepting_does_it_once(office: Office) -> None:
    client = signed_in(office)
    answer = upload(client, zipped(as_bytes(GOOD)))
    where = answer["Location"]
    page = text_of(client.get(where))
    assert "This is a dry run: nothing is stored yet" in page
    assert "create 3 calendars" in page, "the confirmation names the numbers"
    assert "2,180.75" in page or "2100.50" in page, "control totals"
    assert stored(office) == (1, 0, 2)
    done = client.post(f"{where}accept/", {"_key": "k1"})
    assert done.status_code == 302
    assert stored(office)[1:] == (6, 4)
    assert client.post(f"{where}accept/", {"_key": "k1"}).status_code == 302, "a double click"
    assert client.post(f"{where}accept/", {"_key": "k2"}).status_code == 302
    with everything(office.program):
        assert ComputedDates.objects.filter(superseded_by=None).count() == 6
        assert office.program.__class__.objects.get(pk=office.program.pk).plan_version == 1
    page = text_of(client.get(where))
    assert "What was done" in page
    assert "/p/ATLAS/plan/" in page
    again = upload(client, zipped(as_bytes(GOOD), zipfile.ZIP_STORED), "the same, zipped otherwise.zip")
    assert again["Location"] == where
    assert "Nothing to do: this plan was accepted on" in text_of(client.get(where))
    assert stored(office)[0] == 1


def test_dropping_keeps_nothing_of_what_was_read(office: Office) -> None:
    client = signed_in(office, "staff")
    where = upload(client, zipped(as_bytes(GOOD)))["Location"]
    assert client.post(f"{where}drop/").status_code == 302
    with everything(office.program):
        kept = PlanImport.objects.get()
    assert (kept.state, kept.draft) == (PlanImport.State.DROPPED, {})
    assert "was dropped" in text_of(client.get(where))
    assert client.post(f"{where}accept/").status_code == 422


def test_roles_without_the_right_get_403_and_others_imports_do_not_exist(office: Office) -> None:
    where = upload(signed_in(office), zipped(as_bytes(GOOD)))["Location"]
    pages = [URL, where, f"{where}problems.csv", f"{URL}sample.zip"]
    deeds = [URL, f"{where}accept/", f"{where}drop/", f"{where}again/", f"{URL}sample/"]
    for role in ("erp_manager", "chair", "member", "sponsor", "auditor", "administrator"):
        client = signed_in(office, role)
        assert [client.get(one).status_code for one in pages] == [403] * 4, role
        assert [client.post(one).status_code for one in deeds] == [403] * 5, role
    client = Client()
    client.force_login(stranger())
    assert [client.get(one).status_code for one in pages] == [404] * 4
    other = make_office("OTHER", " Two")
    pk = where.rstrip("/").rsplit("/", 1)[-1]
    client = signed_in(other)
    for path in (pk, f"{pk}/problems.csv"):
        assert (
            client.get(f"/p/OTHER/import/{path.rstrip('/')}{'' if '.' in path else '/'}").status_code == 404
        )
    for deed in ("accept", "drop", "again"):
        assert client.post(f"/p/OTHER/import/{pk}/{deed}/").status_code == 404
    assert stored(office) == (1, 0, 2)


def test_a_controller_may_look_and_is_told_what_accepting_needs(office: Office) -> None:
    client = signed_in(office, "controller")
    where = upload(client, zipped(as_bytes(GOOD)))["Location"]
    page = text_of(client.get(where))
    assert "accepting one needs the right to edit the plan" in page
    assert "/accept/" not in page
    assert client.post(f"{where}accept/").status_code == 403


def test_the_sample_can_be_tried_and_downloaded(office: Office) -> None:
    client = signed_in(office)
    assert "Fedora 20" in text_of(client.get(URL))
    packed = client.get(f"{URL}sample.zip")
    with zipfile.ZipFile(io.BytesIO(packed.content)) as archive:
        assert {"projects.csv", "activities.csv", "NOTICE"} <= set(archive.namelist())
    where = client.post(f"{URL}sample/")["Location"]
    page = text_of(client.get(where))
    assert "414" in page
    assert "the time zone America/New_York" in page
    assert client.post(f"{where}accept/").status_code == 302
    assert stored(office)[1:] == (414, 3)


def test_names_from_a_file_cannot_become_markup_or_formulas(office: Office) -> None:
    nasty = spoilt("activities.csv", "Build", "<img src=x onerror=alert(1)>")
    client = signed_in(office)
    where = upload(client, zipped(nasty), '"><script>alert(2)</script>.zip')["Location"]
    for url in (URL, where):
        page = client.get(url).content.decode()
        assert "<img src=x" not in page
        assert "<script>alert" not in page
    bad = spoilt("activities.csv", "APP,activity,A2", "APP,=cmd|' /C calc'!A0,A2")
    refused = upload(client, zipped(bad))["Location"]
    for line in client.get(f"{refused}problems.csv").content.decode().splitlines()[1:]:
        assert ",=cmd" not in line


def test_the_page_costs_the_same_queries_for_few_rows_and_many(office: Office) -> None:
    client = signed_in(office)
    where = upload(client, zipped(as_bytes(GOOD)))["Location"]
    sample = client.post(f"{URL}sample/")["Location"]
    client.get(where)
    spent = []
    for url in (where, sample, URL):
        with CaptureQueriesContext(connection) as captured:
            client.get(url)
        spent.append(len(captured))
    assert spent[0] == spent[1]
    assert max(spent) <= 12 + 6, spent  # and savepoints, session, user, scope


def test_a_larger_file_waits_for_a_worker_and_the_page_says_so(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox, "READ_AT_ONCE", 100)
    client = signed_in(office)
    data = zipped(as_bytes(GOOD))
    where = upload(client, data)["Location"]
    assert upload(client, data)["Location"] == where, "the same bytes are not kept twice"
    page = text_of(client.get(where))
    assert "Waiting for a worker" in page
    with everything(office.program):
        row = Outbox.objects.get(topic="import.read")
    assert row.payload == {"plan_import": int(where.rstrip("/").rsplit("/", 1)[-1])}
    refused = client.post(f"{where}accept/")
    assert "still being read" in text_of(refused)


def test_a_small_file_that_java_reads_first_waits_for_a_worker_too(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(msproject, "missing", lambda: "")
    really = msproject.as_xml
    monkeypatch.setattr(msproject, "as_xml", lambda *_: pytest.fail("Java was started inside the request"))
    client = signed_in(office)
    where = upload(client, msproject.MPX + b"Microsoft Project", "plan.mpx")["Location"]
    assert "Waiting for a worker" in text_of(client.get(where))
    data = msproject.MPP + bytes(600)
    made = client.post("/api/v1/programs/ATLAS/imports/", {"file": SimpleUploadedFile("plan.mpp", data)})
    assert (made.status_code, made.json()["state"]) == (201, "waiting")
    monkeypatch.setattr(msproject, "as_xml", really)
    monkeypatch.setattr(msproject, "missing", lambda: "no Java runtime is installed here")
    said = text_of(upload(client, data + b"2", "plan.mpp"))
    assert "no Java runtime" in said and "Nothing was stored" in said
