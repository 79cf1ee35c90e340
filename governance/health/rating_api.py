"""The API of stated ratings: everything that was said, and saying it in one's own voice."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from governance.health import services
from governance.health.models import StatedRating
from pmo.accounts.roles import Permission
from pmo.api import filters
from pmo.api.fields import Choice, Day, Instant, Related, Text, Whole
from pmo.api.rows import Row
from pmo.api.views import ProgramViewSet, StrictSerializer
from pmo.refusals import NotAllowed
from programs.portfolio.models import Project


def projects(program_id: int) -> Any:
    """The projects of one program."""
    return Project.objects.filter(program_id=program_id)


class StatedRatingRow(Row):
    """What somebody said of one dimension; without a project it is about the program."""

    id = serializers.IntegerField()
    project_id = serializers.IntegerField(allow_null=True)
    project = serializers.CharField(source="project__code", allow_null=True)
    dimension = Choice(choices=StatedRating.Dimension.choices)
    voice = Choice(choices=StatedRating.Voice.choices)
    colour = Choice(choices=StatedRating.Colour.choices)
    reason = serializers.CharField()
    valid_until = Day()
    person = serializers.CharField(source="person__name")
    at = Instant()


class NewStatedRating(StrictSerializer):
    """A rating; `seen` is the newest id that was said of the same program or project, 0 where nothing was."""

    project = Related(projects, required=False)
    voice = Choice(choices=StatedRating.Voice.choices)
    dimension = Choice(choices=StatedRating.Dimension.choices)
    colour = Choice(choices=StatedRating.Colour.choices)
    reason = Text(max_length=1000)
    valid_until = Day()
    seen = Whole()


class StatedRatingFilters(filters.FilterSet):
    project = filters.Words(field_name="project__code", lookup_expr="iexact")
    dimension = filters.Choice(choices=StatedRating.Dimension.choices)
    voice = filters.Choice(choices=StatedRating.Voice.choices)


class StatedRatings(ProgramViewSet):
    """Ratings that a manager or independent assurance stated, beside the computed ones of `health`."""

    tag = "governance"
    queryset = StatedRating.objects.all()
    serializer_class = StatedRatingRow
    filterset_class = StatedRatingFilters

    @extend_schema(request=NewStatedRating, responses={201: StatedRatingRow})
    def create(self, request: Request, code: str) -> Response:
        """State a rating; 409 if somebody rated the same program or project meanwhile."""
        with self.reading() as access:
            program = self.program(access, Permission.VIEW_PROGRAM)
            if not any(access.may_somewhere(right, program.pk) for right in services.RIGHTS.values()):
                raise NotAllowed("Its manager and independent assurance rate this.")
            given = self.accepted(NewStatedRating)
        given.setdefault("project", None)
        return self.answer(
            services.state, lambda made: self.one(made.pk), http_status=201, program=program, **given
        )
