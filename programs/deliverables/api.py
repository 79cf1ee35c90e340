"""The API of what the program hands over."""

from __future__ import annotations

from pmo.api import filters
from pmo.api.views import ProgramViewSet
from programs.deliverables.models import Deliverable, Requirement
from programs.deliverables.serializers import DeliverableRow, RequirementRow


class DeliverableFilters(filters.FilterSet):
    project = filters.Words(field_name="project__code", lookup_expr="iexact")
    due_until = filters.Day(field_name="due_on", lookup_expr="lte")


class Deliverables(ProgramViewSet):
    """Things to be handed over."""

    tag = "deliverables"
    queryset = Deliverable.objects.all()
    serializer_class = DeliverableRow
    filterset_class = DeliverableFilters


class RequirementFilters(filters.FilterSet):
    deliverable = filters.Whole(field_name="deliverable_id")
    due_until = filters.Day(field_name="due_on", lookup_expr="lte")


class Requirements(ProgramViewSet):
    """What deliverables must satisfy, and who accepted it."""

    tag = "deliverables"
    queryset = Requirement.objects.all()
    serializer_class = RequirementRow
    filterset_class = RequirementFilters
