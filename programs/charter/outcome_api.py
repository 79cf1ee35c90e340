"""The API of planned outcomes."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from pmo.accounts.roles import Permission
from pmo.api import filters
from pmo.api.fields import SMALL, Choice, Day, Related, Text, Whole
from pmo.api.rows import Row
from pmo.api.views import ProgramViewSet, StrictSerializer
from programs.charter import outcomes
from programs.portfolio.models import PlannedOutcome, Project

VERSION = OpenApiParameter(
    "version",
    {"type": "integer", "minimum": 1, "maximum": 2**31 - 1},
    required=True,
    description="The version that was seen: 409 if it changed meanwhile.",
)


def projects(program_id: int) -> Any:
    """The projects of one program."""
    return Project.objects.filter(program_id=program_id)


class PlannedOutcomeRow(Row):
    """What a project shall bring about, and what was seen of it."""

    id = serializers.IntegerField()
    project_id = serializers.IntegerField()
    project = serializers.CharField(source="project__code")
    position = serializers.IntegerField()
    outcome = serializers.CharField()
    measure = serializers.CharField()
    target = serializers.CharField()
    due_on = Day()
    state = Choice(choices=PlannedOutcome.State.choices)
    result = serializers.CharField()
    seen_on = Day(allow_null=True)
    version = serializers.IntegerField()


class NewPlannedOutcome(StrictSerializer):
    """What will be otherwise, how one sees it, how much, by when."""

    project = Related(projects)
    outcome = Text(max_length=300)
    measure = Text(max_length=200)
    target = Text(max_length=100)
    due_on = Day()


class PlannedOutcomeChanges(StrictSerializer):
    """What of it changes; `version` is the one that was seen."""

    version = Whole(min_value=1, max_value=SMALL)
    outcome = Text(max_length=300, required=False)
    measure = Text(max_length=200, required=False)
    target = Text(max_length=100, required=False)
    due_on = Day(required=False)
    reason = Text(
        max_length=400, required=False, default="", allow_blank=True,
        help_text="Why: asked for once something was seen of it.",
    )  # fmt: skip


class OutcomeSeen(StrictSerializer):
    """Whether it was reached, what was seen, and when; `open` takes that back."""

    version = Whole(min_value=1, max_value=SMALL)
    state = Choice(choices=PlannedOutcome.State.choices)
    result = Text(max_length=300, required=False, allow_blank=True, default="")
    seen_on = Day(required=False, allow_null=True, default=None)


class PlannedOutcomeFilters(filters.FilterSet):
    project = filters.Words(field_name="project__code", lookup_expr="iexact")
    state = filters.Choice(choices=PlannedOutcome.State.choices)


class PlannedOutcomes(ProgramViewSet):
    """The planned outcomes of the component projects."""

    tag = "programs"
    queryset = PlannedOutcome.objects.all()
    serializer_class = PlannedOutcomeRow
    filterset_class = PlannedOutcomeFilters
    write_parameters = frozenset({"version"})

    @extend_schema(request=NewPlannedOutcome, responses={201: PlannedOutcomeRow})
    def create(self, request: Request, code: str) -> Response:
        """Plan a further outcome of a project."""
        with self.reading() as access:
            self.program(access, Permission.EDIT_PROGRAM)
            given = self.accepted(NewPlannedOutcome)
        return self.answer(
            outcomes.add,
            lambda made: self.one(made.pk),
            http_status=201,
            project=given.pop("project"),
            values=given,
        )

    @extend_schema(request=PlannedOutcomeChanges, responses={200: PlannedOutcomeRow})
    def partial_update(self, request: Request, code: str, pk: str) -> Response:
        """Say otherwise what is planned; 409 if somebody did meanwhile."""
        with self.reading() as access:
            self.program(access, Permission.EDIT_PROGRAM)
            found = self._found(pk)
            given = self.accepted(PlannedOutcomeChanges)
        version, reason = given.pop("version"), given.pop("reason")
        return self.answer(
            outcomes.edit, lambda made: self.one(made.pk), why=reason, outcome=found, version=version,
            changes=given, reason=reason,
        )  # fmt: skip

    @extend_schema(parameters=[VERSION], responses={204: None})
    def destroy(self, request: Request, code: str, pk: str) -> Response:
        """Take it off the list, unless something was seen of it."""
        with self.reading() as access:
            self.program(access, Permission.EDIT_PROGRAM)
            found = self._found(pk)
            version = self.whole_parameter("version") or 0
        return self.answer(outcomes.remove, lambda _: None, http_status=204, outcome=found, version=version)

    @extend_schema(request=OutcomeSeen, responses={200: PlannedOutcomeRow})
    @action(detail=True, methods=["post"])
    def seen(self, request: Request, code: str, pk: str) -> Response:
        """Say whether it was reached: who reports the project's progress."""
        with self.reading() as access:
            program = self.program(access, Permission.VIEW_PROGRAM)
            found = self._found(pk)
            access.require(Permission.REPORT_PROGRESS, program.pk, found.project_id)
            given = self.accepted(OutcomeSeen)
        return self.answer(outcomes.see, lambda made: self.one(made.pk), outcome=found, **given)

    def _found(self, pk: str) -> PlannedOutcome:
        self.there(pk)
        found: PlannedOutcome = PlannedOutcome.objects.select_related("program", "project").get(pk=pk)
        return found
