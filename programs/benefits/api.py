"""The API of what contributes to benefits."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from pmo.accounts.roles import Permission
from pmo.api import filters
from pmo.api.fields import SMALL, Related, Text, Whole
from pmo.api.rows import Row
from pmo.api.views import ProgramViewSet, StrictSerializer
from programs.benefits import services
from programs.benefits.models import Contribution
from programs.deliverables.models import Deliverable
from programs.portfolio.models import Objective, Project


def objectives(program_id: int) -> Any:
    """The benefits of one program."""
    return Objective.objects.filter(program_id=program_id)


def projects(program_id: int) -> Any:
    """The projects of one program."""
    return Project.objects.filter(program_id=program_id)


def deliverables(program_id: int) -> Any:
    """The deliverables of one program."""
    return Deliverable.objects.filter(program_id=program_id)


class ContributionRow(Row):
    """A project, or one deliverable, contributes to a benefit."""

    id = serializers.IntegerField()
    objective_id = serializers.IntegerField()
    objective = serializers.CharField(source="objective__code")
    project_id = serializers.IntegerField(allow_null=True)
    project = serializers.CharField(source="project__code", allow_null=True)
    deliverable_id = serializers.IntegerField(allow_null=True)
    deliverable = serializers.CharField(source="deliverable__code", allow_null=True)
    how = serializers.CharField()


class NewContribution(StrictSerializer):
    """A project or a deliverable, one of them; `version` is the benefit's as it was seen."""

    objective = Related(objectives)
    project = Related(projects, required=False)
    deliverable = Related(deliverables, required=False)
    how = Text(max_length=400)
    version = Whole(max_value=SMALL)


class ContributionChanges(StrictSerializer):
    """How it contributes, said otherwise; `version` is the benefit's as it was seen."""

    how = Text(max_length=400)
    version = Whole(max_value=SMALL)


class ContributionEnd(StrictSerializer):
    """Who ends a contribution names the benefits that lose their last contributor by it."""

    lost = Text(
        max_length=2000,
        allow_blank=True,
        help_text="Their ids, with commas, ascending; empty where none does. Another loss is 409, which names it.",
    )


class ContributionFilters(filters.FilterSet):
    objective = filters.Whole(field_name="objective_id")
    project = filters.Words(field_name="project__code", lookup_expr="iexact")


class Contributions(ProgramViewSet):
    """What contributes to which benefit."""

    tag = "benefits"
    queryset = Contribution.objects.all()
    serializer_class = ContributionRow
    filterset_class = ContributionFilters

    @extend_schema(request=NewContribution, responses={201: ContributionRow})
    def create(self, request: Request, code: str) -> Response:
        """Say what contributes; 409 if somebody changed the benefit meanwhile."""
        with self.reading() as access:
            self.program(access, Permission.EDIT_PROGRAM)
            given = self.accepted(NewContribution)
        return self.answer(services.link, lambda made: self.one(made.pk), http_status=201, **given)

    @extend_schema(request=ContributionChanges, responses={200: ContributionRow})
    def partial_update(self, request: Request, code: str, pk: str) -> Response:
        """Say otherwise how it contributes; 409 if somebody changed the benefit meanwhile."""
        found, given = self._asked(pk, ContributionChanges)
        return self.answer(services.reword, lambda made: self.one(made.pk), contribution=found, **given)

    @extend_schema(request=ContributionEnd, responses={204: None})
    @action(detail=True, methods=["post"])
    def end(self, request: Request, code: str, pk: str) -> Response:
        """Take it away; 409 unless its sender names the benefits that lose their last contributor."""
        found, given = self._asked(pk, ContributionEnd)
        return self.answer(services.unlink, lambda _: None, http_status=204, contribution=found, **given)

    def _asked(self, pk: str, shape: Any) -> tuple[Contribution, dict[str, Any]]:
        """The contribution, and the body once it is clear that its sender may."""
        with self.reading() as access:
            self.program(access, Permission.EDIT_PROGRAM)
            self.there(pk)
            found = Contribution.objects.select_related("objective__program").get(pk=pk)
            return found, self.accepted(shape)
