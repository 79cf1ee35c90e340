"""The API of the papers of capital requests: added as a form of parts, saved as they came, withdrawn with a reason."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from finance.capex import papers
from finance.capex.models import CapitalRequest
from finance.capex.paper_serializers import NewPaper, PaperRow, PaperWithdrawal
from pmo.accounts.roles import Permission
from pmo.api import filters
from pmo.api.renderers import AnyFile
from pmo.api.views import ProgramViewSet
from pmo.attachments import selectors
from pmo.attachments.files import TOO_LARGE, TYPES, examined
from pmo.attachments.models import Attachment
from pmo.attachments.services import Paper
from pmo.refusals import Refused


class PaperFilters(filters.FilterSet):
    capital_request = filters.Whole(field_name="subject_id")
    kind = filters.Choice(choices=Attachment.Kind.choices)
    sha256 = filters.Words()


class Papers(ProgramViewSet):
    """Papers of capital requests."""

    tag = "money"
    view_permission = Permission.VIEW_MONEY
    queryset = Attachment.objects.filter(subject_kind="capital_request")
    serializer_class = PaperRow
    filterset_class = PaperFilters

    def get_parsers(self) -> list[Any]:
        wanted = (
            getattr(self, "action_map", {}).get((self.request.method or "").lower()) if self.request else None
        )
        return [MultiPartParser()] if wanted == "create" else super().get_parsers()

    @extend_schema(request={"multipart/form-data": NewPaper}, responses={201: PaperRow})
    def create(self, request: Request, code: str) -> Response:
        """Add a paper to a draft or a submitted request: a new revision, and a submitted one is a draft again."""
        with self.reading() as access:
            program = self.program(access, Permission.REQUEST_CAPITAL, somewhere=True)
            if getattr(request._request, "too_large", False):
                raise Refused(TOO_LARGE, field="file")
            given = self.accepted(NewPaper)
            found = CapitalRequest.objects.filter(program_id=program.pk, pk=given["capital_request"]).first()
        if found is None:
            raise Refused("There is no such capital request.", field="capital_request")
        return self.answer(
            papers.add,
            self._shown,
            http_status=201,
            capital_request=found,
            version=given["version"],
            upload=examined(given["file"].name or "", given["file"].read()),
            paper=Paper(given["kind"], given["vendor"], given["amount_minor"], given["quoted_on"]),
        )

    @extend_schema(
        responses={(200, one.split(";")[0]): OpenApiTypes.BINARY for one in TYPES.values()}, filters=False
    )
    @action(detail=True, renderer_classes=[AnyFile], pagination_class=None)
    def file(self, request: Request, code: str, pk: str) -> HttpResponse:
        """The paper itself, to be saved."""
        program = self.program(self.access, self.view_permission)
        found = self.of_all().filter(program_id=program.pk, pk=pk).first()
        if found is None:
            raise Http404
        return selectors.download(found)

    @extend_schema(request=PaperWithdrawal, responses={200: PaperRow})
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, code: str, pk: str) -> Response:
        """Say that a paper no longer counts: a new revision of its request. It stays readable."""
        with self.reading() as access:
            program = self.program(access, Permission.REQUEST_CAPITAL, somewhere=True)
            paper = self.of_all().filter(program_id=program.pk, pk=pk).defer("content").first()
            if paper is None:
                raise Http404
            found = CapitalRequest.objects.get(program_id=program.pk, pk=paper.subject_id)
            given = self.accepted(PaperWithdrawal)
        return self.answer(papers.withdraw, self._shown, capital_request=found, paper=paper, **given)

    def _shown(self, paper: Attachment) -> dict[str, Any]:
        return self.one(paper.pk)
