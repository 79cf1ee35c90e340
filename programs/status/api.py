"""The API of status dates and of what project managers say about a period."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from pmo.accounts.roles import Permission
from pmo.api import filters
from pmo.api.views import ProgramViewSet
from programs.status import services
from programs.status.models import Narrative, StatusUpdate
from programs.status.serializers import NarrativeRow, NewStatusUpdate, StatusUpdateRow, TakeBack


class NarrativeFilters(filters.FilterSet):
    project = filters.Words(field_name="project__code", lookup_expr="iexact")
    since = filters.Day(field_name="as_of", lookup_expr="gte")
    until = filters.Day(field_name="as_of", lookup_expr="lte")


class Narratives(ProgramViewSet):
    """Words of the project managers, by status date."""

    tag = "progress"
    queryset = Narrative.objects.all()
    serializer_class = NarrativeRow
    filterset_class = NarrativeFilters


class StatusUpdateFilters(filters.FilterSet):
    project = filters.Words(field_name="project__code", lookup_expr="iexact")


class StatusUpdates(ProgramViewSet):
    """Status dates that people set, those taken back as well. (`status-periods` has every one there is.)"""

    tag = "progress"
    queryset = StatusUpdate.objects.defer("facts", "periods")
    serializer_class = StatusUpdateRow
    filterset_class = StatusUpdateFilters

    @extend_schema(request=NewStatusUpdate, responses={201: StatusUpdateRow})
    def create(self, request: Request, code: str) -> Response:
        """Set a new status date; work that is left is planned from it. 409 if somebody set another meanwhile."""
        with self.reading() as access:
            program = self.program(access, Permission.REPORT_PROGRESS, somewhere=True)
            given = self.accepted(NewStatusUpdate)
        return self.answer(
            services.set_status_date,
            self._shown,
            http_status=201,
            why=given["remark"],
            program=program,
            project=given.pop("project", None),
            status_at=given.pop("at"),
            **given,
        )

    @extend_schema(request=TakeBack, responses={200: StatusUpdateRow})
    @action(detail=True, methods=["post"], url_path="take-back")
    def take_back(self, request: Request, code: str, pk: str) -> Response:
        """Take the newest one back: its status dates go and progress stands as before."""
        with self.reading() as access:
            self.program(access, Permission.REPORT_PROGRESS, somewhere=True)
            self.require_any(access, self.there(pk, "project_id"), Permission.REPORT_PROGRESS)
            given = self.accepted(TakeBack)
            update = StatusUpdate.objects.get(pk=pk)
        return self.answer(
            services.take_back, lambda _: self.one(pk), why=given["reason"], update=update, **given
        )

    def _shown(self, made: StatusUpdate) -> dict[str, Any]:
        return self.one(made.pk)
