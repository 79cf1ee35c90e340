"""The API of baselines. They are frozen by decisions and imports only."""

from __future__ import annotations

from pmo.api import filters
from pmo.api.views import ProgramViewSet
from programs.baselines.models import Baseline, BaselineActivity
from programs.baselines.serializers import BaselineLineRow, BaselineRow


class BaselineFilters(filters.FilterSet):
    current = filters.YesNo(field_name="is_current")
    origin = filters.Choice(choices=Baseline.Origin.choices)


class Baselines(ProgramViewSet):
    """Baselines of the plan."""

    tag = "plan"
    queryset = Baseline.objects.all()
    serializer_class = BaselineRow
    filterset_class = BaselineFilters


class BaselineLineFilters(filters.FilterSet):
    baseline = filters.Whole(field_name="baseline_id")
    activity = filters.Whole(field_name="activity_id")
    project = filters.Words(field_name="activity__project__code", lookup_expr="iexact")


class BaselineLines(ProgramViewSet):
    """Activities as baselines froze them."""

    tag = "plan"
    queryset = BaselineActivity.objects.all()
    serializer_class = BaselineLineRow
    filterset_class = BaselineLineFilters
