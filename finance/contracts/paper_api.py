"""The API of the papers of contracts: added as a form of parts, saved as they came, withdrawn with a reason."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from finance.capex.paper_forms import kinds
from finance.capex.paper_serializers import Digits, KeptPaper, SentFile
from finance.contracts import papers
from finance.contracts.models import Contract
from finance.contracts.serializers import ContractClosing
from pmo.accounts.roles import Permission
from pmo.api import filters
from pmo.api.fields import Choice
from pmo.api.renderers import AnyFile
from pmo.api.views import ProgramViewSet
from pmo.attachments import selectors
from pmo.attachments.files import TOO_LARGE, TYPES, examined
from pmo.attachments.models import Attachment
from pmo.attachments.services import Paper
from pmo.refusals import Refused


class ContractPaperRow(KeptPaper):
    """A paper of a contract."""

    contract = serializers.IntegerField(source="subject_id")


class NewContractPaper(SentFile):
    """A file with what it is; `version` is the contract's as it was seen."""

    contract = Digits()
    kind = Choice(choices=kinds(*papers.OF_CONTRACTS))


class ContractPaperFilters(filters.FilterSet):
    contract = filters.Whole(field_name="subject_id")
    kind = filters.Choice(choices=kinds(*papers.OF_CONTRACTS))
    sha256 = filters.Words()


class ContractPapers(ProgramViewSet):
    """Papers of contracts."""

    tag = "money"
    view_permission = Permission.VIEW_MONEY
    queryset = Attachment.objects.filter(subject_kind="contract")
    serializer_class = ContractPaperRow
    filterset_class = ContractPaperFilters

    def get_parsers(self) -> list[Any]:
        wanted = (
            getattr(self, "action_map", {}).get((self.request.method or "").lower()) if self.request else None
        )
        return [MultiPartParser()] if wanted == "create" else super().get_parsers()

    @extend_schema(request={"multipart/form-data": NewContractPaper}, responses={201: ContractPaperRow})
    def create(self, request: Request, code: str) -> Response:
        """Add a paper to a contract."""
        with self.reading() as access:
            program = self.program(access, Permission.PLACE_ORDER, somewhere=True)
            if getattr(request._request, "too_large", False):
                raise Refused(TOO_LARGE, field="file")
            given = self.accepted(NewContractPaper)
            found = self._contract(program.pk, given["contract"])
        if found is None:
            raise Refused("There is no such contract.", field="contract")
        return self.answer(
            papers.add,
            self._shown,
            http_status=201,
            contract=found,
            version=given["version"],
            upload=examined(given["file"].name or "", given["file"].read()),
            paper=Paper(given["kind"]),
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

    @extend_schema(request=ContractClosing, responses={200: ContractPaperRow})
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, code: str, pk: str) -> Response:
        """Say that a paper no longer counts; `version` is its contract's as it was seen. It stays readable."""
        with self.reading() as access:
            program = self.program(access, Permission.PLACE_ORDER, somewhere=True)
            paper = self.of_all().filter(program_id=program.pk, pk=pk).defer("content").first()
            found = self._contract(program.pk, paper.subject_id) if paper else None
            if found is None:
                raise Http404
            given = self.accepted(ContractClosing)
        return self.answer(papers.withdraw, self._shown, contract=found, paper=paper, **given)

    def _contract(self, program_id: int, pk: int) -> Contract | None:
        rows = Contract.objects.filter(program_id=program_id, pk=pk).select_related("request")
        found: Contract | None = rows.first()
        return found

    def _shown(self, paper: Attachment) -> dict[str, Any]:
        return self.one(paper.pk)
