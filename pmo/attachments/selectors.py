"""Reading papers: those of a subject without their bytes, one with them, and who offers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.http import HttpResponse
from django.utils.http import content_disposition_header

from pmo.attachments.models import Attachment


class Subject(NamedTuple):
    """What papers belong to: a kind of thing and its id."""

    kind: str
    id: int


def papers(program_id: int, subject: Subject) -> Any:
    """The papers of a subject in the order in which they came, without their bytes. One query."""
    rows = Attachment.objects.filter(program_id=program_id, subject_kind=subject.kind, subject_id=subject.id)
    return rows.defer("content").select_related("added_by", "withdrawal__withdrawn_by").order_by("pk")


def counts(one: Attachment) -> bool:
    """Is it not withdrawn? (`one` came from `papers`: no query.)"""
    return getattr(one, "withdrawal", None) is None


def vendor_key(name: str) -> str:
    """A vendor's name as it is compared: letter case and blanks do not make two vendors out of one."""
    return " ".join(name.split()).casefold()


def quoted_by(subject_kind: str) -> ArraySubquery:
    """As an annotation of the subjects' own query: the vendors of the quotes that are not withdrawn, as written."""
    quotes = Attachment.objects.filter(
        program_id=OuterRef("program_id"),
        subject_kind=subject_kind,
        subject_id=OuterRef("pk"),
        kind=Attachment.Kind.QUOTE,
        withdrawal__isnull=True,
    )
    return ArraySubquery(quotes.order_by("pk").values("vendor"))


def quoted_then(program_id: int, subject_kind: str, known: datetime) -> dict[int, list[str]]:
    """Id of the subject -> the different vendors whose quotes counted at an instant. One query."""
    rows = Attachment.objects.filter(
        program_id=program_id, subject_kind=subject_kind, kind=Attachment.Kind.QUOTE, added_at__lte=known
    ).exclude(withdrawal__withdrawn_at__lte=known)
    found: dict[int, list[str]] = {}
    for subject_id, vendor in rows.order_by("pk").values_list("subject_id", "vendor"):
        found.setdefault(subject_id, []).append(vendor)
    return {pk: different(vendors) for pk, vendors in found.items()}


def different(vendors: Iterable[str]) -> list[str]:
    """The names that name different vendors, each as first written."""
    found: dict[str, str] = {}
    for one in vendors:
        found.setdefault(vendor_key(one), one)
    return list(found.values())


def download(found: Attachment) -> HttpResponse:
    """The paper to be saved, never shown by the browser itself: the type is ours, and nothing in it may run."""
    response = HttpResponse(bytes(found.content), content_type=found.content_type)
    response["Content-Disposition"] = content_disposition_header(True, found.name) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response
