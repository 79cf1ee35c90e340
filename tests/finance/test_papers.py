"""Papers of capital requests: what may come in, what voters are shown, and that nothing is taken away."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.db.utils import DatabaseError

from finance.capex import papers, revisions
from finance.capex import services as capex
from finance.capex.models import CapitalRequest
from pmo.attachments import files
from pmo.attachments.files import Upload, examined
from pmo.attachments.models import Attachment, AttachmentWithdrawal
from pmo.attachments.services import Paper
from pmo.refusals import Conflict, NotAllowed, Refused
from tests.finance.office import Office
from tests.finance.test_budget_policy import clause, findings
from tests.finance.test_capex import ask, digest, submitted
from tests.finance.test_pages import browser
from tests.finance.test_procurement_pages import said

DAY = date(2026, 11, 10)
PDF = b"%PDF-1.7\n1 0 obj"


def package(*names: str, **bodies: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name in names:
            made.writestr(name, bodies.get(name, "<x/>"))
    return out.getvalue()


def damaged(ending: str, method: int) -> bytes:
    """An open document whose type is packed, and the packed bytes turned."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as made:
        made.writestr("mimetype", files.TYPES[ending] * 5)
    content = out.getvalue()
    at = 30 + len("mimetype")
    return content[:at] + b"\xff" * 12 + content[at + 12 :]


def with_bad_extra(ending: str) -> bytes:
    """A directory that tells a size of a part in a field too short for it."""
    content = bytearray(package("mimetype", mimetype=files.TYPES[ending]))
    at = content.index(b"PK\x01\x02")
    content[at + 30 : at + 32] = (6).to_bytes(2, "little")
    content[at + 20 : at + 24] = content[at + 24 : at + 28] = b"\xff" * 4
    extra = b"\x01\x00\x02\x00ab"
    place = at + 46 + len("mimetype")
    end = content.index(b"PK\x05\x06")
    size = int.from_bytes(content[end + 12 : end + 16], "little") + 6
    content[end + 12 : end + 16] = size.to_bytes(4, "little")
    content[place:place] = extra
    return bytes(content)


DAMAGED = [
    ("odt", damaged("odt", zipfile.ZIP_DEFLATED)),
    ("ods", damaged("ods", zipfile.ZIP_LZMA)),
    ("ods", damaged("ods", zipfile.ZIP_BZIP2)),
    ("odt", with_bad_extra("odt")),
]


def quote(vendor: str = "Acme", amount: int | None = 60_000, day: date | None = DAY) -> Paper:
    return Paper("quote", vendor, amount, day)


def add(
    office: Office,
    request: CapitalRequest,
    paper: Paper | None = None,
    who: str = "paul",
    version: int | None = None,
    content: bytes | None = None,
) -> Attachment:
    paper = paper or quote()
    with office.looking():
        now = CapitalRequest.objects.get(pk=request.pk).version
    upload = examined("paper.txt", content or f"From {paper}".encode())
    return office.does(
        who, papers.add, capital_request=request, version=version or now, upload=upload, paper=paper
    )


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("offer.pdf", PDF),
        ("plan.png", b"\x89PNG\r\n\x1a\n rest"),
        ("plan.JPG", b"\xff\xd8\xff rest"),
        ("case.docx", package("[Content_Types].xml", "word/document.xml")),
        ("case.ods", package("mimetype", mimetype="application/vnd.oasis.opendocument.spreadsheet")),
        ("list.csv", "é;1".encode()),
    ],
)
def test_a_paper_is_what_its_first_bytes_say(name: str, content: bytes) -> None:
    found = examined(f"C:\\tmp\\..\\{name}", content)
    assert found.name == name and "/" in found.content_type


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("offer.pdf", b"", "empty"),
        ("offer.pdf", b"MZ program", "This is no pdf file"),
        ("offer.exe", b"MZ program", "A paper is one of these"),
        ("page.html", b"<script>", "A paper is one of these"),
        ("offer", PDF, "A paper is one of these"),
        ("case.docx", package("[Content_Types].xml", "xl/workbook.xml"), "This is no docx"),
        ("case.xlsx", package("[Content_Types].xml", "xl/workbook.xml", "xl/vbaProject.bin"), "no xlsx"),
        ("case.odt", b"PK\x03\x04 broken", "This is no odt"),
        *((f"case.{ending}", damaged, f"This is no {ending}") for ending, damaged in DAMAGED),
        ("list.csv", b"a\x00b", "This is no csv"),
        ("list.txt", b"\xff\xfe", "This is no txt"),
        ("big.pdf", PDF + b" " * (10 << 20), "at most 10 MB"),
    ],
)
def test_what_is_no_paper_is_refused(name: str, content: bytes, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        examined(name, content)


def test_a_name_loses_what_is_not_printable_and_keeps_its_ending() -> None:
    assert examined("in\u202evoice\r\n\x00.pdf", PDF).name == "invoice.pdf"
    assert len(examined(f"{'a' * 400}.pdf", PDF).name) == 120


def test_a_paper_is_part_of_the_revision_that_is_voted_on(office: Office) -> None:
    request = submitted(office)
    before = digest(office, request)
    paper = add(office, request)
    with office.looking():
        now = CapitalRequest.objects.get(pk=request.pk)
        shown = revisions.current(now)
        assert shown is not None
        content = json.loads(bytes(shown.canonical))
    assert (now.state, now.submitted_at) == ("draft", None)  # it is submitted anew
    assert [one["sha256"] for one in content["papers"]] == [paper.sha256] and digest(
        office, request
    ) != before
    office.does(
        "paul", papers.withdraw, capital_request=now, paper=paper, version=now.version, reason="Too old"
    )
    assert digest(office, request) == before  # the very words of before the paper
    with office.looking():
        assert bytes(Attachment.objects.get().content).startswith(b"From Paper")
    with pytest.raises(Conflict, match="withdrawn already"):
        office.does(
            "paul", papers.withdraw, capital_request=now, paper=paper, version=now.version + 1, reason="Again"
        )


def test_while_a_body_has_it_no_paper_comes_or_goes(office: Office) -> None:
    request = ask(office)
    paper = add(office, request)
    request = office.does("paul", capex.submit, capital_request=request)
    request = office.does(None, capex.mark_in_review, capital_request=request)
    with pytest.raises(Refused, match="in review keeps the papers"):
        add(office, request, quote("Other"))
    with pytest.raises(Refused, match="in review keeps the papers"):
        office.does(
            "paul",
            papers.withdraw,
            capital_request=request,
            paper=paper,
            version=request.version,
            reason="Old",
        )


@pytest.mark.parametrize(
    ("paper", "field"),
    [
        (quote(vendor=" "), "vendor"),
        (quote(amount=0), "amount_minor"),
        (quote(amount=None), "amount_minor"),
        (quote(day=None), "quoted_on"),
        (quote(day=date(2026, 11, 17)), "quoted_on"),
        (Paper("drawing", "Acme"), "kind"),
        (Paper("novel"), "kind"),
    ],
)
def test_a_paper_that_does_not_fit_is_refused_at_its_field(office: Office, paper: Paper, field: str) -> None:
    with pytest.raises(Refused) as refused:
        add(office, ask(office), paper)
    assert refused.value.field == field


def test_two_people_at_once_and_others_are_told(office: Office) -> None:
    request = ask(office)
    add(office, request)
    with pytest.raises(Conflict, match="after you opened it"):
        add(office, request, quote("Other"), version=request.version)
    with pytest.raises(NotAllowed):
        add(office, request, quote("Other"), who="ada")
    with pytest.raises(Refused, match="here already"):
        add(office, request)
    other = ask(office)
    with office.looking():
        paper = Attachment.objects.get()
    with pytest.raises(Refused, match="belongs to something else"):
        office.does(
            "paul",
            papers.withdraw,
            capital_request=other,
            paper=paper,
            version=other.version,
            reason="Not mine",
        )


def test_the_database_keeps_the_bytes_as_they_came(office: Office) -> None:
    request = ask(office)
    paper = add(office, request)
    for change in ({"name": "other.txt"}, {"content": b"other"}):
        with pytest.raises(DatabaseError), office.looking(), transaction.atomic():
            Attachment.objects.filter(pk=paper.pk).update(**change)
    with pytest.raises(DatabaseError), office.looking(), transaction.atomic():
        Attachment.objects.filter(pk=paper.pk).delete()

    def forged(upload: Upload, size: int) -> Attachment:
        return Attachment(
            program=office.program, subject_kind="capital_request", subject_id=request.pk, kind="other",
            name="x.txt", content_type="text/plain", content=upload.content, size=size, sha256=upload.sha256,
            added_by=office.person("paul"), added_at=office.at,
        )  # fmt: skip

    good = examined("x.txt", b"words")
    for wrong in (forged(Upload("x.txt", "text/plain", "0" * 64, b"words"), 5), forged(good, 6)):
        with (
            pytest.raises(DatabaseError, match="pmo_attachment_bytes"),
            office.looking(),
            transaction.atomic(),
        ):
            wrong.save(force_insert=True)


def test_papers_on_the_page_come_as_files_and_are_withdrawn_with_a_reason(office: Office) -> None:
    request = ask(office)
    client = browser(office, "paul")
    page = f"/p/ATLAS/capital-requests/{request.pk}/"
    form = said(client.get(f"{page}papers/add/"))
    assert 'enctype="multipart/form-data"' in form and "Amount (EUR)" in form
    typed = {"kind": "quote", "vendor": "<b>Acme", "amount": "600", "quoted_on": "2026-11-10", "version": "1"}
    wrong = client.post(f"{page}papers/add/", {**typed, "file": SimpleUploadedFile("a.pdf", b"MZ")})
    assert (
        wrong.status_code == 422 and "This is no pdf file" in said(wrong) and "&lt;b&gt;Acme" in said(wrong)
    )
    assert client.post(f"{page}papers/add/", typed).status_code == 422
    stale = client.post(
        f"{page}papers/add/", {**typed, "version": "7", "file": SimpleUploadedFile("a.pdf", PDF)}
    )
    assert stale.status_code == 409
    done = client.post(
        f"{page}papers/add/", {**typed, "file": SimpleUploadedFile("=a.pdf", PDF)}, follow=True
    )
    text = said(done)
    assert "&lt;b&gt;Acme, 600.00 EUR, 10 Nov 2026" in text and "added quote" in text
    with office.looking():
        paper = Attachment.objects.get()
    file = browser(office, "ada").get(f"{page}papers/{paper.pk}/")
    assert file.content == PDF and file["Content-Type"] == "application/pdf"
    assert (
        file["Content-Disposition"].startswith("attachment") and file["X-Content-Type-Options"] == "nosniff"
    )
    other = ask(office)
    assert client.get(f"/p/ATLAS/capital-requests/{other.pk}/papers/{paper.pk}/").status_code == 404
    away = f"{page}papers/{paper.pk}/withdraw/"
    assert client.post(away, {"version": "2", "why": " "}).status_code == 422
    gone = said(client.post(away, {"version": "2", "why": "<i>Too old"}, follow=True))
    assert "withdrawn" in gone and "&lt;i&gt;Too old" in gone and "Add a paper" in gone
    assert "Add a paper" not in said(browser(office, "ada").get(page))


def test_the_api_takes_papers_as_parts_and_gives_them_back(office: Office) -> None:
    request = ask(office)
    client = browser(office, "paul")
    base = "/api/v1/programs/ATLAS/capital-request-papers/"

    def send(**more: Any) -> Any:
        body = {"capital_request": request.pk, "version": 1, "kind": "quote", "vendor": "Acme",
                "amount_minor": 60_000, "quoted_on": "2026-11-10"}  # fmt: skip
        return client.post(base, {**body, "file": SimpleUploadedFile("offer.pdf", PDF), **more})

    assert send(version="x").status_code == 400 and send(amount_minor="-1").status_code == 400
    assert send(size=3).status_code == 400 and send(file="words").status_code == 400
    assert send(capital_request=10**9).status_code == 422
    made = send()
    assert (made.status_code, made.json()["vendor"], made.json()["size"]) == (201, "Acme", len(PDF))
    assert send().status_code == 409
    pk = made.json()["id"]
    file = client.get(f"{base}{pk}/file/")
    assert file.content == PDF and file["Content-Disposition"] == 'attachment; filename="offer.pdf"'
    assert (
        client.get(f"{base}?capital_request={request.pk}").json()["results"][0]["sha256"]
        == made.json()["sha256"]
    )
    gone = client.post(f"{base}{pk}/withdraw/", {"version": 2, "reason": "Too old"}, "application/json")
    assert (gone.status_code, gone.json()["withdrawn_why"]) == (200, "Too old")
    with office.looking():
        assert AttachmentWithdrawal.objects.get().withdrawn_by == office.person("paul")


def test_above_an_amount_a_request_needs_quotes_of_different_vendors(office: Office) -> None:
    clause(office, "B-8", "quotes_above", "block", above_minor=59_999, quotes=2)
    small = ask(office, amount_minor=59_999)
    request = ask(office)
    assert findings(office) == [("B-8", "CR-002")]  # the draft itself stands, with its finding beside it
    add(office, request, quote("Acme"))
    add(office, request, quote(" ACME  ", amount=61_000))
    client = browser(office, "paul")
    page = f"/p/ATLAS/capital-requests/{request.pk}/"
    text = said(client.post(f"{page}submit/"))
    assert "Budget policy, clause B-8: CR-002 asks for 600.00 EUR; above 599.99 EUR quotes of 2" in text
    borealis = add(office, request, quote("Borealis"))
    assert findings(office) == []
    assert "is submitted for decision" in said(client.post(f"{page}submit/", follow=True))
    with office.looking():
        now = CapitalRequest.objects.get(pk=request.pk)
    office.does(
        "paul", papers.withdraw, capital_request=now, paper=borealis, version=now.version, reason="Void"
    )
    assert findings(office) == [("B-8", "CR-002")]
    with pytest.raises(Refused, match="2 different vendors are needed, and 1 are attached"):
        office.does("paul", capex.submit, capital_request=now)
    office.does("paul", capex.submit, capital_request=small)


def test_a_warning_about_quotes_lets_the_request_pass_and_the_policy_page_says_so(office: Office) -> None:
    clause(office, "B-8", "quotes_above", above_minor=50_000, quotes=1)
    submitted(office)
    assert findings(office) == [("B-8", "CR-001")]
    page = said(browser(office, "ada").get("/p/ATLAS/policy/"))
    assert "Above: 500.00 EUR; Quotes: 1" in page and "quoted by no vendor" not in page
    client = browser(office, "fiona")
    form = {"code": "B-9", "action": "warn", "from_day": "2026-11-01", "above_minor": "1000", "quotes": "0"}
    assert client.post("/p/ATLAS/policy/add/?kind=quotes_above", form).status_code == 422
    done = client.post("/p/ATLAS/policy/add/?kind=quotes_above", form | {"quotes": "3"}, follow=True)
    assert "Above: 1,000.00 EUR; Quotes: 3" in said(done)
