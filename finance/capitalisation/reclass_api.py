"""The API of reclassified cost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from finance.capitalisation import reclassifying
from finance.capitalisation.reclass_models import Reclassification, ReclassifiedLine
from finance.structure.choices import projects
from finance.structure.models import Nature
from pmo.accounts.roles import Permission
from pmo.api import filters
from pmo.api.fields import Choice, Instant, Related, Text, Whole
from pmo.api.rows import Row
from pmo.api.views import ProgramViewSet, StrictSerializer


class ReclassificationRow(Row):
    """Cost lines put forward to be posted as the policy proposes; minor units of the program's currency."""

    id = serializers.IntegerField()
    code = serializers.CharField()
    project = serializers.CharField(source="project__code")
    policy_id = serializers.IntegerField()
    month = serializers.CharField()
    reason = serializers.CharField()
    lines = serializers.IntegerField()
    to_capital_minor = serializers.IntegerField()
    to_expense_minor = serializers.IntegerField()
    state = Choice(choices=Reclassification.State.choices)
    asked_by = serializers.CharField(source="asked_by__name")
    asked_at = Instant()
    decided_by = serializers.CharField(source="decided_by__name", allow_null=True)
    decided_at = Instant(allow_null=True)
    words = serializers.CharField()
    version = serializers.IntegerField()


class ReclassifiedLineRow(Row):
    """One cost line of a reclassification; `live`: its nature now is `to_nature`."""

    id = serializers.IntegerField()
    reclassification_id = serializers.IntegerField()
    actual_line_id = serializers.IntegerField(source="line_id")
    source_reference = serializers.CharField(source="line__source_reference")
    from_nature = Choice(choices=Nature.choices)
    to_nature = Choice(choices=Nature.choices)
    amount_minor = serializers.IntegerField()
    paragraph = serializers.CharField(source="clause")
    live = serializers.BooleanField()


class NewReclassification(StrictSerializer):
    """What the policy proposes of a project's costs; `seen_lines`: how many were shown."""

    project = Related(projects)
    month = Text(max_length=7, required=False)
    reason = Text(max_length=400)
    seen_lines = Whole(required=False)


class ReclassificationSeen(StrictSerializer):
    """The version that was seen."""

    version = Whole()


class ReclassificationWords(StrictSerializer):
    """Why, and the version that was seen."""

    version = Whole()
    text = Text(max_length=400)


class ReclassificationFilters(filters.FilterSet):
    project = filters.Words(field_name="project__code", lookup_expr="iexact")
    state = filters.Choice(choices=Reclassification.State.choices)


class Reclassifications(ProgramViewSet):
    """Cost moved between capital and expense: asked for by one person, posted by another."""

    tag = "money"
    view_permission = Permission.VIEW_MONEY
    queryset = Reclassification.objects.all()
    serializer_class = ReclassificationRow
    filterset_class = ReclassificationFilters

    @extend_schema(request=NewReclassification, responses={201: ReclassificationRow})
    def create(self, request: Request, code: str) -> Response:
        """Ask for what the policy in force proposes."""
        with self.reading() as access:
            self.program(access, Permission.EDIT_BUDGET)
            given = self.accepted(NewReclassification)
        return self.answer(reclassifying.ask, self._shown, http_status=201, **given)

    @extend_schema(request=ReclassificationSeen, responses={200: ReclassificationRow})
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, code: str, pk: str) -> Response:
        """Post it today: never by who asked."""
        return self._do(pk, ReclassificationSeen, reclassifying.accept, Permission.POST_ACTUALS)

    @extend_schema(request=ReclassificationWords, responses={200: ReclassificationRow})
    @action(detail=True, methods=["post"])
    def reject(self, request: Request, code: str, pk: str) -> Response:
        """Not posted, and why."""
        return self._do(pk, ReclassificationWords, reclassifying.reject, Permission.VIEW_MONEY)

    @extend_schema(request=ReclassificationWords, responses={200: ReclassificationRow})
    @action(detail=True, methods=["post"], url_path="take-back")
    def take_back(self, request: Request, code: str, pk: str) -> Response:
        """Undo what was posted, as a whole."""
        return self._do(pk, ReclassificationWords, reclassifying.take_back, Permission.POST_ACTUALS)

    def _do(
        self,
        pk: str,
        shape: type[serializers.Serializer[Any]],
        service: Callable[..., Reclassification],
        right: Permission,
    ) -> Response:
        with self.reading() as access:
            self.program(access, right)
            self.there(pk)
            found = Reclassification.objects.get(pk=pk)
            given = self.accepted(shape)
        return self.answer(service, self._shown, reclassification=found, **given)

    def _shown(self, one: Reclassification) -> dict[str, Any]:
        return self.one(one.pk)


class ReclassifiedLineFilters(filters.FilterSet):
    reclassification = filters.Whole(field_name="reclassification_id")


class ReclassifiedLines(ProgramViewSet):
    """The cost lines of reclassifications."""

    tag = "money"
    view_permission = Permission.VIEW_MONEY
    queryset = ReclassifiedLine.objects.all()
    serializer_class = ReclassifiedLineRow
    filterset_class = ReclassifiedLineFilters
