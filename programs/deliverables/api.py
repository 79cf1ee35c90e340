"""The API of what the program hands over."""

from __future__ import annotations

from typing import Any

from pmo.api import filters
from pmo.api.views import ProgramViewSet
from programs.deliverables.models import Deliverable, Requirement
from programs.deliverables.serializers import DeliverableRow, RequirementRow


class Withdrawn(filters.YesNo):
    """`true`: those withdrawn; `false`: those that count. Without it, those that count, as in the register."""

    def filter(self, qs: Any, value: Any) -> Any:
        return qs.filter(**{f"{self.field_name}__isnull": value != "true"})


class DeliverableFilters(filters.FilterSet):
    project = filters.Words(field_name="project__code", lookup_expr="iexact")
    due_until = filters.Day(field_name="due_on", lookup_expr="lte")
    withdrawn = Withdrawn(field_name="withdrawn_at")


class Deliverables(ProgramViewSet):
    """Things to be handed over."""

    tag = "deliverables"
    queryset = Deliverable.objects.all()
    serializer_class = DeliverableRow
    filterset_class = DeliverableFilters


class RequirementFilters(filters.FilterSet):
    deliverable = filters.Whole(field_name="deliverable_id")
    due_until = filters.Day(field_name="due_on", lookup_expr="lte")
    withdrawn = Withdrawn(field_name="deliverable__withdrawn_at")


class Requirements(ProgramViewSet):
    """What deliverables must satisfy, and who accepted it."""

    tag = "deliverables"
    queryset = Requirement.objects.all()
    serializer_class = RequirementRow
    filterset_class = RequirementFilters
