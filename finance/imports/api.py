"""The API of cost files: read on trial, accept as a whole, or drop."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from finance.imports import large, mending, services, source_services
from finance.imports.layout import Layout
from finance.imports.models import ActualBatch, CostSource
from finance.imports.serializers import (
    ControlTotal,
    CorrectedRows,
    CostFileRow,
    CostSourceChanges,
    CostSourceEnd,
    CostSourceReopening,
    CostSourceRow,
    CostUpload,
    Late,
    LeaveOut,
    NewCostFile,
    NewCostSource,
)
from pmo.accounts.roles import Permission
from pmo.api import filters
from pmo.api.views import ProgramViewSet
from pmo.refusals import Refused
from programs.portfolio.models import Program


class CostFileFilters(filters.FilterSet):
    state = filters.Choice(choices=ActualBatch.State.choices)
    source = filters.Choice(choices=ActualBatch.Source.choices)
    digest = filters.Words()


class CostFiles(ProgramViewSet):
    """Files of actual cost."""

    tag = "money"
    upload_limit = large.MOST_BYTES
    view_permission = Permission.VIEW_MONEY
    queryset = ActualBatch.objects.all()
    serializer_class = CostFileRow
    filterset_class = CostFileFilters

    @extend_schema(request=NewCostFile, responses={201: CostFileRow})
    def create(self, request: Request, code: str) -> Response:
        """Read a file on trial: nothing is entered yet."""
        given, program, source = self._given(NewCostFile)
        return self.answer(
            services.read_file,
            self._shown,
            http_status=201,
            program=program,
            name=given["file_name"],
            content=given["content"].encode(),
            control_minor=given["control_minor"],
            source=source,
        )

    @extend_schema(request={"multipart/form-data": CostUpload}, responses={201: CostFileRow})
    @action(detail=False, methods=["post"], parser_classes=[MultiPartParser])
    def file(self, request: Request, code: str) -> Response:
        """Read a CSV file or workbook on trial: nothing is entered yet. A larger one waits for a worker (`waiting`)."""
        given, program, source = self._given(CostUpload)
        file = given["file"]
        how: dict[str, Any] = {"program": program, "name": file.name or "costs", "source": source}
        how |= {"control_minor": given["control_minor"], "sheet": given["sheet"]}
        if large.is_large(file):
            how |= {"stream": file, "digest": large.digest_of(file)}
            return self.answer(large.receive, self._shown, http_status=201, **how)
        return self.answer(services.read_file, self._shown, http_status=201, content=file.read(), **how)

    def _given(
        self, serializer: type[NewCostFile | CostUpload]
    ) -> tuple[dict[str, Any], Program, CostSource | None]:
        """What was sent, its program, and the source that it names. Raises Refused for one that is not there."""
        with self.reading() as access:
            program = self.program(access, Permission.POST_ACTUALS)
            files = self.request.FILES if serializer is CostUpload else None
            if files is not None and getattr(self.request._request, "too_large", False):
                raise Refused(f"A file can have at most {large.MOST_BYTES >> 20} MB.", field="file")
            if files is not None and len(files.getlist("file")) != 1:
                raise exceptions.ValidationError({"file": ["Send exactly one file, under the name file."]})
            given = self.accepted(serializer)
            source = CostSource.objects.filter(program_id=program.pk, name=given["source"]).first()
        if given["source"] and source is None:
            raise Refused("There is no such source.", field="source")
        return given, program, source

    @extend_schema(request=None, responses={200: CostFileRow})
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, code: str, pk: str) -> Response:
        """Enter the file's costs; those entered before, by their reference, are left out.

        A file of many rows is entered by a worker (`entering`).
        """
        found = self._found(pk)
        many = (found.totals.get("new") or 0) > large.ENTER_AT_ONCE
        return self.answer(large.ask_entering if many else services.accept, self._shown, batch=found)

    @extend_schema(request=None, responses={200: CostFileRow})
    @action(detail=True, methods=["post"])
    def stop(self, request: Request, code: str, pk: str) -> Response:
        """Stop the worker that reads (the file is dropped) or enters it (it waits again for acceptance)."""
        return self.answer(large.stop, self._shown, batch=self._found(pk))

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

    @extend_schema(request=CorrectedRows, responses={200: CostFileRow})
    @action(detail=True, methods=["post"])
    def corrected(self, request: Request, code: str, pk: str) -> Response:
        """Read corrected rows in the place of the faulty ones of the same numbers."""
        found, given = self._found(pk), self.accepted(CorrectedRows)
        content = given["content"].encode()
        return self.answer(mending.replace_rows, self._shown, batch=found, content=content)

    @extend_schema(request=LeaveOut, responses={200: CostFileRow})
    @action(detail=True, methods=["post"], url_path="leave-out")
    def leave_out(self, request: Request, code: str, pk: str) -> Response:
        """Leave rows out, with a reason; they stay on record."""
        found, given = self._found(pk), self.accepted(LeaveOut)
        return self.answer(mending.leave_out, self._shown, batch=found, **given)

    @extend_schema(request=None, responses={200: CostFileRow})
    @action(detail=True, methods=["post"])
    def again(self, request: Request, code: str, pk: str) -> Response:
        """Read the faulty rows once more: a rate, a project or a period may be there now."""
        return self.answer(mending.check_again, self._shown, batch=self._found(pk))

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


class CostSourceFilters(filters.FilterSet):
    name = filters.Words(lookup_expr="iexact")


class CostSources(ProgramViewSet):
    """Where files of cost come from, and how they are written."""

    tag = "money"
    view_permission = Permission.VIEW_MONEY
    queryset = CostSource.objects.all()
    serializer_class = CostSourceRow
    filterset_class = CostSourceFilters

    @extend_schema(request=NewCostSource, responses={201: CostSourceRow})
    def create(self, request: Request, code: str) -> Response:
        """Describe a source."""
        with self.reading() as access:
            program = self.program(access, Permission.POST_ACTUALS)
            given = self.accepted(NewCostSource)
        return self.answer(
            source_services.add_source,
            self._shown,
            http_status=201,
            program=program,
            name=given["name"],
            layout=_layout(given["layout"]),
        )

    @extend_schema(request=CostSourceChanges, responses={200: CostSourceRow})
    def partial_update(self, request: Request, code: str, pk: str) -> Response:
        """Describe a source anew; 409 if somebody changed it meanwhile."""
        with self.reading() as access:
            self.program(access, Permission.POST_ACTUALS)
            self.there(pk)
            given = self.accepted(CostSourceChanges)
        return self.answer(
            source_services.edit_source,
            self._shown,
            source_id=int(pk),
            version=given["version"],
            name=given["name"],
            layout=_layout(given["layout"]),
        )

    @extend_schema(request=CostSourceEnd, responses={200: CostSourceRow})
    @action(detail=True, methods=["post"])
    def end(self, request: Request, code: str, pk: str) -> Response:
        """It ended with a period: its total is asked for up to that one, and rows of later days have a fault."""
        given = self._asked(pk, CostSourceEnd)
        return self.answer(source_services.end_source, self._shown, source_id=int(pk), **given)

    @extend_schema(request=CostSourceReopening, responses={200: CostSourceRow})
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, code: str, pk: str) -> Response:
        """It goes on."""
        given = self._asked(pk, CostSourceReopening)
        return self.answer(source_services.reopen_source, self._shown, source_id=int(pk), **given)

    def _asked(self, pk: str, shape: Any) -> dict[str, Any]:
        """The body, once it is clear that its sender may and the source is there."""
        with self.reading() as access:
            self.program(access, Permission.POST_ACTUALS)
            self.there(pk)
            given: dict[str, Any] = self.accepted(shape)
            return given

    def _shown(self, source: CostSource) -> dict[str, Any]:
        return self.one(source.pk)


def _layout(given: dict[str, Any]) -> Layout:
    words = {
        column: {word.lower(): ours for word, ours in values.items()}
        for column, values in given.get("values", {}).items()
    }
    return Layout.of(dict(given) | {"values": words})
