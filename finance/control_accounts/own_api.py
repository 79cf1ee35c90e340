"""The API of limits of single projects and accounts."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from finance.control_accounts import own_limits
from finance.control_accounts.limits import Limits
from finance.control_accounts.models import ControlAccount, OwnLimits
from pmo.accounts.roles import Permission
from pmo.api import filters
from pmo.api.fields import SMALL, Exact, Minor, Related, Text, Whole
from pmo.api.rows import Row
from pmo.api.views import ProgramViewSet, StrictSerializer
from programs.portfolio.models import Project


def projects(program_id: int) -> Any:
    """The program's projects."""
    return Project.objects.filter(program_id=program_id)


def accounts(program_id: int) -> Any:
    """The program's control accounts."""
    return ControlAccount.objects.filter(program_id=program_id)


class OwnLimitsRow(Row):
    """One setting of limits of a project or a control account; `ends`: those of above hold again. Minor units."""

    id = serializers.IntegerField()
    project = serializers.IntegerField(source="project_id", allow_null=True)
    control_account = serializers.IntegerField(source="account_id", allow_null=True)
    n = serializers.IntegerField()
    ends = serializers.BooleanField()
    cpi_low = serializers.DecimalField(max_digits=5, decimal_places=3, allow_null=True)
    cpi_high = serializers.DecimalField(max_digits=5, decimal_places=3, allow_null=True)
    spi_low = serializers.DecimalField(max_digits=5, decimal_places=3, allow_null=True)
    vac_percent = serializers.DecimalField(max_digits=6, decimal_places=2, allow_null=True)
    smallest_minor = serializers.IntegerField()
    answer_days = serializers.IntegerField()
    reason = serializers.CharField()
    set_by = serializers.CharField(source="set_by__name")
    set_at = serializers.DateTimeField()


class OwnLimitsEnd(StrictSerializer):
    """Why they end; `seen` is the number (`n`) of the newest setting that was seen."""

    seen = Whole(min_value=0, max_value=SMALL)
    reason = Text(max_length=400)


class NewOwnLimits(OwnLimitsEnd):
    """Limits of one project or one control account; what is left out is not looked at."""

    project = Related(projects, required=False)
    control_account = Related(accounts, required=False)
    cpi_low = Exact(max_digits=5, decimal_places=3, required=False, allow_null=True)
    cpi_high = Exact(max_digits=5, decimal_places=3, required=False, allow_null=True)
    spi_low = Exact(max_digits=5, decimal_places=3, required=False, allow_null=True)
    vac_percent = Exact(max_digits=6, decimal_places=2, required=False, allow_null=True)
    smallest_minor = Minor(required=False)
    answer_days = Whole(min_value=1, max_value=90, required=False)


class OwnLimitsFilters(filters.FilterSet):
    project = filters.Whole(field_name="project_id")
    control_account = filters.Whole(field_name="account_id")


class OwnLimitsViews(ProgramViewSet):
    """Limits of variances of single projects and control accounts."""

    tag = "money"
    view_permission = Permission.VIEW_MONEY
    queryset = OwnLimits.objects.all()
    serializer_class = OwnLimitsRow
    filterset_class = OwnLimitsFilters

    @extend_schema(request=NewOwnLimits, responses={201: OwnLimitsRow})
    def create(self, request: Request, code: str) -> Response:
        """Set limits of one project or account."""
        with self.reading() as access:
            program = self.program(access, Permission.EDIT_POLICY)
            given = self.accepted(NewOwnLimits)
        wanted = Limits(
            cpi_low=given.get("cpi_low"),
            cpi_high=given.get("cpi_high"),
            spi_low=given.get("spi_low"),
            vac_percent=given.get("vac_percent"),
            smallest_minor=given.get("smallest_minor", 0),
            answer_days=given.get("answer_days", 10),
        )
        return self.answer(
            own_limits.set_own,
            self._shown,
            http_status=201,
            program=program,
            project=given.get("project"),
            account=given.get("control_account"),
            wanted=wanted,
            reason=given["reason"],
            seen=given["seen"],
        )

    @extend_schema(request=OwnLimitsEnd, responses={200: OwnLimitsRow})
    @action(detail=True, methods=["post"])
    def end(self, request: Request, code: str, pk: str) -> Response:
        """Have the limits of above hold again; the answer is the setting that says so."""
        with self.reading() as access:
            program = self.program(access, Permission.EDIT_POLICY)
            rows = OwnLimits.objects.filter(program_id=program.pk, pk=pk)
            found = rows.select_related("program", "project", "account").first()
            if found is None:
                raise Http404
            given = self.accepted(OwnLimitsEnd)
        return self.answer(own_limits.end_own, self._shown, setting=found, **given)

    def _shown(self, made: OwnLimits) -> dict[str, Any]:
        return self.one(made.pk)
