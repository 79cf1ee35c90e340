"""The API of what project managers say about a period."""

from __future__ import annotations

from pmo.api import filters
from pmo.api.views import ProgramViewSet
from programs.status.models import Narrative
from programs.status.serializers import NarrativeRow


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
