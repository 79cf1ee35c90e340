"""The API of reports: ask for one, see how far it is, read its figures, fetch its files."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from pmo.accounts.roles import Permission
from pmo.api import filters
from pmo.api.renderers import AnyFile
from pmo.api.views import ProgramViewSet
from pmo.outbox.mails import MEDIA
from pmo.reports import long_files, selectors, services
from pmo.reports.models import Artefact, ReportRun
from pmo.reports.serializers import NewRun, RunDetail, RunRow


class RunFilters(filters.FilterSet):
    kind = filters.Words()
    state = filters.Choice(choices=ReportRun.State.choices)


@extend_schema_view(retrieve=extend_schema(responses={200: RunDetail}))
class Reports(ProgramViewSet):
    """Runs of reports whose figures may be seen."""

    tag = "reports"
    queryset = ReportRun.objects.all()
    serializer_class = RunRow
    filterset_class = RunFilters

    def get_serializer_class(self) -> Any:
        return RunRow if self.action == "list" else RunDetail

    def rows(self, rows: Any) -> Any:
        """Only kinds that this person may see: of any other the run does not exist."""
        access = self.scope()
        return rows.filter(selectors.shown(access, self.request.user, self.found.pk))

    def one(self, pk: Any) -> dict[str, Any]:
        files = Artefact.objects.filter(run_id=pk, program_id=self.found.pk).order_by("format")
        return super().one(pk) | {"files": list(files.values("format", "name", "size", "sha256"))}

    def retrieve(self, request: Request, code: str, pk: str) -> Response:
        """One run with its figures and the list of its files."""
        self.program(self.access, self.view_permission)
        return Response(self.one(int(pk)))

    @extend_schema(request=NewRun, responses={201: RunDetail})
    def create(self, request: Request, code: str) -> Response:
        """Ask for a report; a worker builds it, and this run's `state` says when."""
        with self.reading() as access:
            program = self.program(access, Permission.BUILD_REPORTS, somewhere=True)
            given = self.accepted(NewRun)
        return self.answer(
            services.request, lambda run: self.one(run.pk), http_status=201, program=program, **given
        )

    @extend_schema(request=None, responses={200: RunDetail})
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, code: str, pk: str) -> Response:
        """Stop a run that is not over."""
        with self.reading() as access:
            program = self.program(access, Permission.VIEW_PROGRAM)
            run = selectors.runs(access, request.user, program.pk).filter(pk=pk).first()
            if run is None:
                raise Http404
        return self.answer(services.cancel, lambda done: self.one(done.pk), run=run)

    @extend_schema(
        responses={(200, "/".join(MEDIA[one])): OpenApiTypes.BINARY for one in Artefact.Format.values},
        filters=False,
    )
    @action(
        detail=True,
        url_path=r"files/(?P<kind>pdf|xlsx|csv)",
        url_name="file",
        renderer_classes=[AnyFile],
        pagination_class=None,
    )
    def file(self, request: Request, code: str, pk: str, kind: str) -> HttpResponse:
        """A file of the run, to be saved."""
        program = self.program(self.access, self.view_permission)
        run = selectors.runs(self.access, request.user, program.pk).filter(pk=pk).first()
        found = Artefact.objects.filter(run=run, format=kind).first() if run else None
        if found is None:
            raise Http404
        return long_files.answer(request.user, found)
