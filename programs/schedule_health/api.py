"""The API of schedule health. Assessments are computed, never written."""

from __future__ import annotations

from pmo.api import filters
from pmo.api.views import ProgramViewSet
from programs.schedule_health.models import HealthAssessment
from programs.schedule_health.serializers import HealthPoint


class HealthFilters(filters.FilterSet):
    project = filters.Words(field_name="project__code", lookup_expr="iexact")


class ScheduleHealth(ProgramViewSet):
    """Assessments of the plan by day: DCMA 14 points, repair order, GAO practices."""

    tag = "plan"
    queryset = HealthAssessment.objects.all()
    serializer_class = HealthPoint
    filterset_class = HealthFilters
