"""The API of projects' lives: what happened to their state, and the next step."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from pmo.accounts.roles import Permission
from pmo.api import filters
from pmo.api.fields import SMALL, Choice, Instant, Related, Text, Whole
from pmo.api.rows import Row
from pmo.api.views import ProgramViewSet, StrictSerializer
from programs.lives import services as lives
from programs.lives.models import ProjectMove
from programs.portfolio.models import Project


def projects(program_id: int) -> Any:
    """The projects of one program."""
    return Project.objects.filter(program_id=program_id)


class ProjectMoveRow(Row):
    """A step of a project from one state to the next."""

    id = serializers.IntegerField()
    project_id = serializers.IntegerField()
    project = serializers.CharField(source="project__code")
    was = Choice(choices=Project.State.choices)
    became = Choice(choices=Project.State.choices)
    reason = serializers.CharField()
    decision = serializers.CharField(source="warrant__number", allow_null=True)
    person = serializers.CharField(source="by__name")
    at = Instant()


class NewProjectMove(StrictSerializer):
    """The next step; `version` is the project's as it was seen, `decision` the number of what allowed it.

    `lost`: the ids (with commas, ascending) of the benefits that a cancellation may take the last contributor from.
    """

    project = Related(projects)
    deed = Choice(choices=[(name, deed.label) for name, deed in lives.DEEDS.items()])
    reason = Text(max_length=1000)
    decision = Text(max_length=40, allow_blank=True, required=False)
    version = Whole(max_value=SMALL)
    lost = Text(max_length=2000, allow_blank=True, required=False)


class ProjectMoveFilters(filters.FilterSet):
    project = filters.Words(field_name="project__code", lookup_expr="iexact")
    became = filters.Choice(choices=Project.State.choices)


class ProjectMoves(ProgramViewSet):
    """Projects authorised, paused, resumed, closed and reopened, each with its reason."""

    tag = "programs"
    queryset = ProjectMove.objects.all()
    serializer_class = ProjectMoveRow
    filterset_class = ProjectMoveFilters

    @extend_schema(request=NewProjectMove, responses={201: ProjectMoveRow})
    def create(self, request: Request, code: str) -> Response:
        """Take the next step; 409 if somebody changed the project meanwhile."""
        with self.reading() as access:
            self.program(access, Permission.EDIT_PROGRAM)
            given = self.accepted(NewProjectMove)

        def shown(project: Project) -> dict[str, Any]:
            return self.one(lives.moves(project).values_list("pk", flat=True)[0])

        return self.answer(lives.move, shown, http_status=201, **given)
