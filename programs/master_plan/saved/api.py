"""The API of saved views."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.http import Http404
from django.http.request import QueryDict
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from pmo.accounts.roles import Permission
from pmo.api import filters
from pmo.api.fields import Instant
from pmo.api.rows import Row
from pmo.api.views import ProgramViewSet, StrictSerializer
from programs.master_plan.models import PlanView
from programs.master_plan.saved import services
from programs.master_plan.saved.address import canonical


class PlanViewRow(Row):
    """One saved view: `query` is the query string of the plan's page."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    query = serializers.CharField()
    shared = serializers.BooleanField()
    owner = serializers.CharField(source="owner__name")
    saved_at = Instant()


class NewPlanView(StrictSerializer):
    """A view to keep. Of the query, what the page knows is kept."""

    name = serializers.CharField(max_length=80)
    query = serializers.CharField(max_length=600, allow_blank=True)
    shared = serializers.BooleanField(default=False)


class PlanViewFilters(filters.FilterSet):
    shared = filters.YesNo()


class PlanViews(ProgramViewSet):
    """Saved views of the plan: one's own and shared ones."""

    tag = "plan"
    queryset = PlanView.objects.all()
    serializer_class = PlanViewRow
    filterset_class = PlanViewFilters

    def rows(self, rows: Any) -> Any:
        return rows.filter(Q(owner_id=self.request.user.pk) | Q(shared=True))

    @extend_schema(request=NewPlanView, responses={201: PlanViewRow})
    def create(self, request: Request, code: str) -> Response:
        """Keep a view under a name; one's own of that name is replaced."""
        with self.reading() as access:
            program = self.program(access, Permission.VIEW_PROGRAM)
            given = self.accepted(NewPlanView)
        try:
            query = canonical(QueryDict(given.pop("query").lstrip("?")).dict())
        except (ValueError, UnicodeError):
            query = ""
        return self.answer(
            services.save_view,
            lambda view: self.one(view.pk),
            http_status=201,
            program=program,
            query=query,
            **given,
        )

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, code: str, pk: str) -> Response:
        """Drop a view."""
        with self.reading() as access:
            program = self.program(access, Permission.VIEW_PROGRAM)
            view = self.rows(PlanView.objects.filter(program_id=program.pk, pk=pk)).first()
            if view is None:
                raise Http404
        return self.answer(services.drop_view, lambda _: None, http_status=204, view=view)
