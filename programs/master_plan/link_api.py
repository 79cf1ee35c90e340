"""The API of links between activities: read, made, changed and taken out; and asked what one would move."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from pmo.accounts.roles import Permission
from pmo.api import filters
from pmo.api.views import ProgramViewSet
from programs.master_plan import services as mindful
from programs.master_plan.answers import WouldMoveRow, would_move_row
from programs.master_plan.would_move import Tried, trial
from programs.portfolio.models import Program
from programs.schedule import services
from programs.schedule.models import Dependency
from programs.schedule.serializers import DependencyChanges, DependencyRow, NewDependency

AGREED = OpenApiParameter(
    "agreed",
    {"type": "string", "enum": ["1"]},
    description="1: do it although committed milestones move later; without it that is 409, with the list.",
)


def agreed_in(request: Request) -> bool:
    """Does the query agree to what moves committed milestones?"""
    text = request.query_params.get("agreed")
    if text not in (None, "1"):
        raise ValidationError({"agreed": ["1, or nothing."]})
    return text == "1"


def would_answer(view: ProgramViewSet, command: Callable[..., Any], of: Program, **given: Any) -> Response:
    """What a command would move, without carrying it out; refused as the command itself is."""
    try:
        view.run(trial, command=command, of=of, **given)
    except Tried as tried:
        return Response(would_move_row(tried.known()))
    raise AssertionError("a trial ends in its answer")


class DependencyFilters(filters.FilterSet):
    predecessor = filters.Whole(field_name="predecessor_id")
    successor = filters.Whole(field_name="successor_id")
    project = filters.Words(field_name="successor__project__code", lookup_expr="iexact")
    kind = filters.Choice(choices=Dependency.Kind.choices)


class Dependencies(ProgramViewSet):
    """Links between activities, in one project or across."""

    tag = "plan"
    queryset = Dependency.objects.all()
    serializer_class = DependencyRow
    filterset_class = DependencyFilters
    write_parameters = frozenset({"agreed"})

    @extend_schema(request=NewDependency, responses={201: DependencyRow})
    def create(self, request: Request, code: str) -> Response:
        """Link two activities; the new dates are computed at once. A cycle is refused with its path."""
        with self.reading() as access:
            program = self.program(access, Permission.EDIT_PLAN, somewhere=True)
            given = self.accepted(NewDependency)
        ends = {f"{end}_id": given.pop(end).pk for end in ("predecessor", "successor")}
        return self.answer(
            mindful.add_dependency, self._shown, http_status=201, program=program, **ends, **given
        )

    @extend_schema(request=DependencyChanges, responses={200: DependencyRow})
    def partial_update(self, request: Request, code: str, pk: str) -> Response:
        """Change kind or lag of a link; 409 if it changed meanwhile."""
        with self.reading() as access:
            self.program(access, Permission.EDIT_PLAN, somewhere=True)
            self.require_any(access, self.there(pk, "successor__project_id"), Permission.EDIT_PLAN)
            given = self.accepted(DependencyChanges)
        version, agreed = given.pop("version"), given.pop("agreed")
        return self.answer(
            mindful.edit_dependency,
            self._shown,
            dependency_id=int(pk),
            changes=given,
            version=version,
            agreed=agreed,
        )

    @extend_schema(parameters=[AGREED], responses={204: None})
    def destroy(self, request: Request, code: str, pk: str) -> Response:
        """Take a link out of the plan."""
        agreed = agreed_in(request)
        with self.reading() as access:
            self.program(access, Permission.EDIT_PLAN, somewhere=True)
            self.there(pk)
        return self.answer(
            mindful.remove_dependency, lambda _: None, http_status=204, dependency_id=int(pk), agreed=agreed
        )

    @extend_schema(request=NewDependency, responses={200: WouldMoveRow}, filters=False)
    @action(detail=False, methods=["post"], url_path="what-if", pagination_class=None)
    def what_if(self, request: Request, code: str) -> Response:
        """What the same link would move, without making it; ends may be summaries."""
        with self.reading() as access:
            program = self.program(access, Permission.EDIT_PLAN, somewhere=True)
            given = self.accepted(NewDependency)
        given.pop("agreed")
        ends = {f"{end}_id": given.pop(end).pk for end in ("predecessor", "successor")}
        return would_answer(self, services.add_dependency, program, program=program, **ends, **given)

    def _shown(self, outcome: services.Outcome) -> dict[str, Any]:
        return self.one(outcome.dependency.pk if outcome.dependency else 0)
