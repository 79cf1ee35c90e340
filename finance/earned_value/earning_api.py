"""The API of how activities earn: their steps as a list, and the technique and steps of one activity."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from finance.earned_value import earning
from finance.earned_value.earning import StepValues
from finance.earned_value.models import EarningStep
from finance.earned_value.serializers import EarningIn, EarningOut, EarningStepRow
from pmo.accounts.roles import Permission
from pmo.api import filters
from pmo.api.rows import plain
from pmo.api.views import ProgramViewSet, ScopedView
from programs.schedule.models import Activity


class EarningStepFilters(filters.FilterSet):
    activity = filters.Whole(field_name="activity_id")
    project = filters.Words(field_name="activity__project__code", lookup_expr="iexact")


class EarningSteps(ProgramViewSet):
    """Steps of weighted milestones; written through their activity's `earning`."""

    tag = "money"
    view_permission = Permission.VIEW_MONEY
    queryset = EarningStep.objects.all()
    serializer_class = EarningStepRow
    filterset_class = EarningStepFilters


class ActivityEarning(ScopedView):
    """How an activity earns its budget."""

    tag = "money"
    query_parameters = frozenset({"known"})

    @extend_schema(
        parameters=[
            OpenApiParameter("known", str, description="Instant of knowledge: the steps as of then.")
        ],
        responses={200: EarningOut},
    )
    def get(self, request: Request, code: str, pk: int) -> Response:
        """Technique (of now) and steps; `seen` goes back with a change."""
        self.program(self.access, Permission.VIEW_MONEY)
        when = self.as_of()
        return Response(self._shown(self._activity(pk), None if when.is_now else when.known))

    @extend_schema(request=EarningIn, responses={200: EarningOut})
    def put(self, request: Request, code: str, pk: int) -> Response:
        """Replace technique and steps; 409 if somebody changed them meanwhile, 422 once work has started."""
        with self.reading() as access:
            self.program(access, Permission.REPORT_PROGRESS, somewhere=True)
            found = self._activity(pk)
            self.require_any(access, found.project_id, Permission.EDIT_PLAN, Permission.REPORT_PROGRESS)
            given = self.accepted(EarningIn)
        steps = [
            StepValues(one["name"], one["weight"], one["due_percent"], one.get("done_on"))
            for one in given["steps"]
        ]
        return self.answer(
            earning.set_earning,
            lambda _: self._shown(self._activity(pk)),
            activity_id=pk,
            technique=given["technique"],
            steps=steps,
            seen=given.get("seen"),
        )

    def _activity(self, pk: int) -> Activity:
        found = (
            Activity.objects.filter(program_id=self.found.pk, pk=pk)
            .exclude(kind=Activity.Kind.SUMMARY)
            .first()
        )
        if found is None:
            raise Http404
        one: Activity = found
        return one

    def _shown(self, activity: Activity, known: datetime | None = None) -> dict[str, Any]:
        steps = earning.steps_of(activity.pk, known)
        return {
            "activity_id": activity.pk,
            "technique": activity.technique,
            "started": earning.has_started(activity),
            "seen": earning.seal(activity.technique, steps),
            "steps": [
                {
                    "name": step.name,
                    "weight": step.weight,
                    "due_percent": plain(step.due_percent),
                    "done_on": step.done_on,
                }
                for step in steps
            ],
        }
