"""The API of plan imports: a dry run first, then acceptance of exactly that."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import exceptions
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from pmo.accounts.roles import Permission
from pmo.api import filters
from pmo.api.views import ProgramViewSet
from pmo.refusals import Refused

from . import sandbox, services, undo_words, undoing
from .container import MAX_FILE
from .forms import TOO_LARGE
from .models import PlanImport, PlanSource
from .problems import ImportRefused
from .serializers import PlanAcceptance, PlanImportDetail, PlanImportRow, UndoOrder, UndoPreview, Upload
from .undo_look import look


class PlanImportFilters(filters.FilterSet):
    state = filters.Choice(choices=PlanImport.State.choices)


@extend_schema_view(retrieve=extend_schema(responses={200: PlanImportDetail}))
class PlanImports(ProgramViewSet):
    """Files that came in."""

    tag = "imports"
    queryset = PlanImport.objects.all()
    serializer_class = PlanImportRow
    filterset_class = PlanImportFilters
    view_permission = Permission.IMPORT

    def get_serializer_class(self) -> Any:
        return PlanImportRow if self.action == "list" else PlanImportDetail

    def get_parsers(self) -> list[Any]:
        wanted = (
            getattr(self, "action_map", {}).get((self.request.method or "").lower()) if self.request else None
        )
        return [MultiPartParser()] if wanted == "create" else super().get_parsers()

    @extend_schema(
        request={"multipart/form-data": Upload}, responses={200: PlanImportDetail, 201: PlanImportDetail}
    )
    def create(self, request: Request, code: str) -> Response:
        """Read a file and keep its dry run. 200 with the earlier import where this very plan was accepted before."""
        with self.reading() as access:
            program = self.program(access, Permission.IMPORT)
        upload = self._upload(request)
        name, data = upload.name or "upload", upload.read()
        source = self._source(request)
        if sandbox.for_a_worker(data):
            return self.answer(
                services.receive,
                lambda kept: self.one(kept.pk),
                http_status=201,
                program=program,
                file_name=name,
                data=data,
                source=source,
            )
        try:
            read = sandbox.read_by(data, name, source.layout if source else None)
        except ImportRefused as refusal:
            raise Refused(f"{refusal.message}. Nothing was stored.", field="file") from refusal
        staged = self.run(
            services.stage,
            program=program,
            file_name=name,
            read=read,
            source=source.name if source else "",
        )
        with self.reading():
            body = self.one(staged.plan_import.pk)
        return Response(body, status=200 if staged.already else 201)

    def _upload(self, request: Request) -> Any:
        """The one file of the request, within the limit."""
        if getattr(request._request, "too_large", False):
            raise Refused(TOO_LARGE, field="file")
        unknown = sorted((set(request.data) | set(request.FILES)) - {"file", "plan_source"})
        files = request.FILES.getlist("file")
        if unknown or len(files) != 1:
            raise exceptions.ValidationError({"file": ["Send exactly one file, under the name file."]})
        if (files[0].size or 0) > MAX_FILE:
            raise Refused(TOO_LARGE, field="file")
        return files[0]

    def _source(self, request: Request) -> PlanSource | None:
        """The source named beside the file, of this program."""
        given: Any = request.data
        text = given.get("plan_source")
        if text is None:
            return None
        found = None
        if isinstance(text, str) and text.isascii() and text.isdigit() and len(text) < 19:
            with self.reading():
                found = PlanSource.objects.filter(program_id=self.found.pk, pk=int(text)).first()
        if found is None:
            raise exceptions.ValidationError({"plan_source": ["There is no such source."]})
        return found

    @extend_schema(request=PlanAcceptance, responses={200: PlanImportDetail})
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, code: str, pk: str) -> Response:
        """Accept a dry run: the plan, its baseline and its money in one transaction, or nothing."""
        with self.reading() as access:
            self.program(access, Permission.IMPORT)
            self.there(pk)
        given = self.accepted(PlanAcceptance)
        bundles = import_module("finance.imports.bundles")
        with self.reading():
            named = PlanImport.objects.defer("draft").get(program_id=self.found.pk, pk=pk)
        why = bundles.why(named, given.get("take_out", ()))
        return self._deed(bundles.accept, pk, why=why, **given)

    @extend_schema(request=None, responses={200: PlanImportDetail})
    @action(detail=True, methods=["post"], url_path="compare")
    def compare_again(self, request: Request, code: str, pk: str) -> Response:
        """Work out anew what acceptance would do, after the plan was edited."""
        return self._deed(services.compare_again, pk)

    @extend_schema(request=None, responses={200: PlanImportDetail})
    @action(detail=True, methods=["post"])
    def drop(self, request: Request, code: str, pk: str) -> Response:
        """Put a dry run aside."""
        return self._deed(services.drop, pk)

    @extend_schema(responses={200: UndoPreview}, filters=False)
    @action(detail=True, url_path="undo-preview", pagination_class=None)
    def undo_preview(self, request: Request, code: str, pk: str) -> Response:
        """What undoing it would do now: rows that go, get their former value back, or stay; and why it cannot be."""
        program = self.program(self.access, self.view_permission)
        self.there(pk)
        found = PlanImport.objects.defer("draft").get(pk=pk)
        would = look(program, found) if found.state == PlanImport.State.ACCEPTED else None
        if would is None:
            nothing = {"kinds": [], "kept": [], "gone": 0, "notes": [], "refusals": [undoing.why_not(found)]}
            return Response({"plan_version": program.plan_version, **nothing})
        return Response(undo_words.described(would))

    @extend_schema(request=UndoOrder, responses={200: PlanImportDetail})
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, code: str, pk: str) -> Response:
        """Undo an accepted import as one act; what people changed since stays."""
        with self.reading() as access:
            self.program(access, Permission.EDIT_PLAN)
            self.there(pk)
        given = self.accepted(UndoOrder)
        return self._deed(undoing.undo, pk, why=given["reason"], **given)

    def _deed(self, service: Any, pk: str, **given: Any) -> Response:
        with self.reading() as access:
            program = self.program(access, Permission.IMPORT)
            found = PlanImport.objects.defer("draft").filter(program_id=program.pk, pk=pk).first()
            if found is None:
                raise Http404
        return self.answer(service, lambda _: self.one(pk), plan_import=found, **given)
