"""The API of cost files: read on trial, accept as a whole, or drop."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from finance.imports import services
from finance.imports.models import ActualBatch
from finance.imports.serializers import ControlTotal, CostFileRow, Late, NewCostFile
from pmo.accounts.roles import Permission
from pmo.api import filters
from pmo.api.views import ProgramViewSet


class CostFileFilters(filters.FilterSet):
    state = filters.Choice(choices=ActualBatch.State.choices)
    source = filters.Choice(choices=ActualBatch.Source.choices)
    digest = filters.Words()


class CostFiles(ProgramViewSet):
    """Files of actual cost."""

    tag = "money"
    view_permission = Permission.VIEW_MONEY
    queryset = ActualBatch.objects.all()
    serializer_class = CostFileRow
    filterset_class = CostFileFilters

    @extend_schema(request=NewCostFile, responses={201: CostFileRow})
    def create(self, request: Request, code: str) -> Response:
        """Read a file on trial: nothing is entered yet."""
        with self.reading() as access:
            program = self.program(access, Permission.POST_ACTUALS)
            given = self.accepted(NewCostFile)
        return self.answer(
            services.read_file,
            self._shown,
            http_status=201,
            program=program,
            name=given["file_name"],
            content=given["content"].encode(),
            control_minor=given["control_minor"],
        )

    @extend_schema(request=None, responses={200: CostFileRow})
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, code: str, pk: str) -> Response:
        """Enter the file's costs; those entered before, by their reference, are left out."""
        return self.answer(services.accept, self._shown, batch=self._found(pk))

    @extend_schema(request=None, responses={200: CostFileRow})
    @action(detail=True, methods=["post"])
    def drop(self, request: Request, code: str, pk: str) -> Response:
        """Put the file aside."""
        return self.answer(services.drop, self._shown, batch=self._found(pk))

    @extend_schema(request=Late, responses={200: CostFileRow})
    @action(detail=True, methods=["post"])
    def late(self, request: Request, code: str, pk: str) -> Response:
        """Have costs of closed periods entered in today's, marked as adjustments of theirs; or not."""
        return self.answer(
            services.adjust_late, self._shown, batch=self._found(pk), late=self.accepted(Late)["late"]
        )

    @extend_schema(request=ControlTotal, responses={200: CostFileRow})
    @action(detail=True, methods=["post"])
    def total(self, request: Request, code: str, pk: str) -> Response:
        """Say what the ERP's own total of the file is."""
        found, given = self._found(pk), self.accepted(ControlTotal)
        return self.answer(
            services.state_total, self._shown, batch=found, control_minor=given["control_minor"]
        )

    def _found(self, pk: str) -> ActualBatch:
        with self.reading() as access:
            program = self.program(access, Permission.POST_ACTUALS)
            found = ActualBatch.objects.filter(program_id=program.pk, pk=pk).first()
            if found is None:
                raise Http404
            batch: ActualBatch = found
            return batch

    def _shown(self, batch: ActualBatch) -> dict[str, Any]:
        return self.one(batch.pk)
