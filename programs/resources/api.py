"""The API of resources and what they are assigned to."""

from __future__ import annotations

from pmo.api import filters
from pmo.api.views import ProgramViewSet
from programs.resources.models import Assignment, Resource
from programs.resources.serializers import AssignmentRow, ResourceRow


class ResourceFilters(filters.FilterSet):
    project = filters.Words(field_name="project__code", lookup_expr="iexact")
    kind = filters.Choice(choices=Resource.Kind.choices)
    code = filters.Words(lookup_expr="iexact")


class Resources(ProgramViewSet):
    """Who and what does the work."""

    tag = "resources"
    queryset = Resource.objects.all()
    serializer_class = ResourceRow
    filterset_class = ResourceFilters


class AssignmentFilters(filters.FilterSet):
    activity = filters.Whole(field_name="activity_id")
    resource = filters.Whole(field_name="resource_id")
    project = filters.Words(field_name="activity__project__code", lookup_expr="iexact")


class Assignments(ProgramViewSet):
    """Resources on activities."""

    tag = "resources"
    queryset = Assignment.objects.all()
    serializer_class = AssignmentRow
    filterset_class = AssignmentFilters
