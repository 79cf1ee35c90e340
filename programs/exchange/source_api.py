"""The API of the sources of plan tables."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from pmo.accounts.roles import Permission
from pmo.api import filters
from pmo.api.fields import Choice, Text, Whole
from pmo.api.rows import Row
from pmo.api.views import ProgramViewSet, StrictSerializer

from . import source_services
from .models import PlanSource
from .sheet_layout import DATE_ORDERS, DECIMALS, PERCENTS, UNITS, SheetLayout


class SheetLayoutFields(StrictSerializer):
    """How a source's plan tables are written."""

    project = Text(max_length=30)
    project_name = Text(max_length=200, required=False, allow_blank=True, default="")
    columns = serializers.DictField(child=Text(max_length=200), help_text="Our column -> the file's heading.")
    unit = Choice(choices=list(UNITS.items()), required=False, default="days")
    date_order = Choice(choices=list(DATE_ORDERS.items()), required=False, default="ymd")
    decimal = Choice(choices=list(DECIMALS.items()), required=False, default=".")
    percent = Choice(choices=list(PERCENTS.items()), required=False, default="hundred")
    sheet = Text(max_length=31, required=False, allow_blank=True, default="")


class PlanSourceRow(Row):
    """A source of plan tables."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    layout = serializers.DictField()
    edited_at = serializers.DateTimeField()
    edited_by = serializers.CharField(source="edited_by__name", allow_null=True)
    version = serializers.IntegerField()


class NewPlanSource(StrictSerializer):
    """A source to be described."""

    name = Text(max_length=40)
    layout = SheetLayoutFields()


class PlanSourceChanges(NewPlanSource):
    """A source described anew; `version` is the one that was read."""

    version = Whole(min_value=1, max_value=2**31 - 1)


class PlanSourceFilters(filters.FilterSet):
    name = filters.Words(lookup_expr="iexact")


class PlanSources(ProgramViewSet):
    """Where plan tables come from, and what their columns mean."""

    tag = "imports"
    view_permission = Permission.IMPORT
    queryset = PlanSource.objects.all()
    serializer_class = PlanSourceRow
    filterset_class = PlanSourceFilters

    @extend_schema(request=NewPlanSource, responses={201: PlanSourceRow})
    def create(self, request: Request, code: str) -> Response:
        """Describe a source."""
        with self.reading() as access:
            program = self.program(access, Permission.IMPORT)
            given = self.accepted(NewPlanSource)
        return self.answer(
            source_services.add_source,
            self._shown,
            http_status=201,
            program=program,
            name=given["name"],
            layout=SheetLayout.of(dict(given["layout"])),
        )

    @extend_schema(request=PlanSourceChanges, responses={200: PlanSourceRow})
    def partial_update(self, request: Request, code: str, pk: str) -> Response:
        """Describe a source anew; 409 if somebody changed it meanwhile."""
        with self.reading() as access:
            self.program(access, Permission.IMPORT)
            self.there(pk)
            given = self.accepted(PlanSourceChanges)
        return self.answer(
            source_services.edit_source,
            self._shown,
            source_id=int(pk),
            version=given["version"],
            name=given["name"],
            layout=SheetLayout.of(dict(given["layout"])),
        )

    def _shown(self, source: PlanSource) -> dict[str, Any]:
        return self.one(source.pk)
