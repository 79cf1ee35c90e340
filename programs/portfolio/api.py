"""The API of programs, projects and benefits."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from rest_framework import mixins, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from pmo.accounts.roles import Permission
from pmo.api import filters
from pmo.api.views import ProgramViewSet, ScopedView
from programs.portfolio.models import Objective, Program, Project, Reading
from programs.portfolio.serializers import ObjectiveRow, ProgramRow, ProjectRow, ReadingRow


class Programs(ScopedView, mixins.ListModelMixin, viewsets.GenericViewSet[Any]):
    """The programs in which the plan may be seen."""

    tag = "programs"
    queryset = Program.objects.all()
    serializer_class = ProgramRow
    lookup_field = "code"
    lookup_value_regex = r"[A-Za-z0-9][A-Za-z0-9._-]{0,29}"
    filter_backends = ()
    query_parameters = frozenset({"cursor", "page_size"})

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return self.queryset.none()
        return ProgramRow.of(self.queryset.all().visible_to(self.request.user))

    def retrieve(self, request: Request, code: str) -> Response:
        """One program by its code."""
        self.program(self.access, Permission.VIEW_PROGRAM)
        row = self.get_queryset().filter(pk=self.found.pk).first()
        if row is None:
            raise Http404
        return Response(self.get_serializer(row).data)


class ProjectFilters(filters.FilterSet):
    code = filters.Words(lookup_expr="iexact")
    state = filters.Choice(choices=Project.State.choices)
    kind = filters.Choice(choices=Project.Kind.choices)


class Projects(ProgramViewSet):
    """The component projects of the program."""

    tag = "programs"
    queryset = Project.objects.all()
    serializer_class = ProjectRow
    filterset_class = ProjectFilters


class ObjectiveFilters(filters.FilterSet):
    code = filters.Words(lookup_expr="iexact")
    retired = filters.YesNo(field_name="retired_at", lookup_expr="isnull", exclude=True)


class Objectives(ProgramViewSet):
    """What the program is for: measured benefits."""

    tag = "benefits"
    queryset = Objective.objects.all()
    serializer_class = ObjectiveRow
    filterset_class = ObjectiveFilters


class ReadingFilters(filters.FilterSet):
    objective = filters.Whole(field_name="objective_id")


class Readings(ProgramViewSet):
    """Readings of the benefits' measures."""

    tag = "benefits"
    queryset = Reading.objects.all()
    serializer_class = ReadingRow
    filterset_class = ReadingFilters
