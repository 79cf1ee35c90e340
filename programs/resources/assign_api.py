"""The API of who works on what."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from pmo.accounts.roles import Permission
from pmo.api import filters
from pmo.api.views import ProgramViewSet
from programs.resources import assigning
from programs.resources.assign_serializers import (
    AssignedRow,
    AssignmentChanges,
    AssignmentRow,
    NewAssignment,
)
from programs.resources.models import Assignment

VERSION = OpenApiParameter(
    "version",
    {"type": "integer", "minimum": 1, "maximum": 2**31 - 1},
    description="The version that was seen: 409 if it changed meanwhile.",
)


class AssignmentFilters(filters.FilterSet):
    activity = filters.Whole(field_name="activity_id")
    resource = filters.Whole(field_name="resource_id")
    project = filters.Words(field_name="activity__project__code", lookup_expr="iexact")


class Assignments(ProgramViewSet):
    """Resources on activities. Nobody is refused for being asked for too much: the answer says it."""

    tag = "resources"
    queryset = Assignment.objects.all()
    serializer_class = AssignmentRow
    filterset_class = AssignmentFilters
    write_parameters = frozenset({"version"})

    @extend_schema(request=NewAssignment, responses={201: AssignedRow})
    def create(self, request: Request, code: str) -> Response:
        """Put units of a resource on an activity."""
        with self.reading() as access:
            program = self.program(access, Permission.EDIT_PLAN, somewhere=True)
            given = self.accepted(NewAssignment)
        return self.answer(
            assigning.assign,
            self._shown,
            http_status=201,
            program=program,
            activity_id=given["activity"].pk,
            wanted=[(given["resource"].pk, given["units"])],
        )

    @extend_schema(request=AssignmentChanges, responses={200: AssignedRow})
    def partial_update(self, request: Request, code: str, pk: str) -> Response:
        """Give other units; 409 if somebody changed them meanwhile."""
        with self.reading() as access:
            self.program(access, Permission.EDIT_PLAN, somewhere=True)
            self.require_any(access, self.there(pk, "activity__project_id"), Permission.EDIT_PLAN)
            given = self.accepted(AssignmentChanges)
        return self.answer(assigning.change, self._shown, assignment_id=int(pk), **given)

    @extend_schema(parameters=[VERSION], responses={204: None})
    def destroy(self, request: Request, code: str, pk: str) -> Response:
        """Take a resource off an activity."""
        version = self.whole_parameter("version")
        with self.reading() as access:
            self.program(access, Permission.EDIT_PLAN, somewhere=True)
            self.require_any(access, self.there(pk, "activity__project_id"), Permission.EDIT_PLAN)
        return self.answer(
            assigning.release, lambda _: None, http_status=204, assignment_id=int(pk), version=version
        )

    def _shown(self, done: assigning.Assigned) -> dict[str, Any]:
        return self.one(done.assignment.pk if done.assignment else 0) | {"overload": done.says}
