"""The API of gates. What a reviewer says needs a person present, so it is read here and said on the page."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from pmo.accounts.roles import Permission
from pmo.api import filters
from pmo.api.views import ProgramViewSet
from programs.gates import deciding, selectors, services
from programs.gates import serializers as shapes
from programs.gates.models import Gate, GateCriterion, GateOpinion, GateReviewer
from programs.gates.readiness import chances


class GateFilters(filters.FilterSet):
    project = filters.Words(field_name="project__code", lookup_expr="iexact")
    state = filters.Choice(choices=Gate.State.choices)
    code = filters.Words(lookup_expr="iexact")


class Gates(ProgramViewSet):
    """Stage gates of the projects, in their order."""

    tag = "gates"
    queryset = Gate.objects.all()
    serializer_class = shapes.GateRow
    filterset_class = GateFilters

    def rows(self, rows: Any) -> Any:
        return selectors.counted(rows)

    @extend_schema(request=shapes.NewGate, responses={201: shapes.GateRow})
    def create(self, request: Request, code: str) -> Response:
        """Plan a gate."""
        with self.reading() as access:
            program = self.program(access, Permission.KEEP_GATES)
            given = self.accepted(shapes.NewGate)
        return self.answer(
            services.add, lambda made: self.one(made.pk), http_status=201, program=program, values=given
        )

    @extend_schema(request=shapes.GateChanges, responses={200: shapes.GateRow})
    def partial_update(self, request: Request, code: str, pk: str) -> Response:
        """Change a gate in preparation; 409 if somebody changed it meanwhile."""
        with self.reading() as access:
            self.program(access, Permission.KEEP_GATES)
            self.there(pk)
            found = Gate.objects.get(pk=pk)
            given = self.accepted(shapes.GateChanges)
        version = given.pop("version")
        return self.answer(
            services.edit, lambda made: self.one(made.pk), gate=found, version=version, changes=given
        )

    @extend_schema(request=shapes.GateSubmission, responses={200: shapes.GateRow})
    @action(detail=True, methods=["post"])
    def submit(self, request: Request, code: str, pk: str) -> Response:
        """Put it forward with the outcome that is asked for; people decide, elsewhere."""
        return self._do(pk, shapes.GateSubmission, deciding.submit)

    @extend_schema(request=shapes.GateTakenBack, responses={200: shapes.GateRow})
    @action(detail=True, methods=["post"], url_path="take-back")
    def take_back(self, request: Request, code: str, pk: str) -> Response:
        """Prepare it further; a ballot that is open on it is void."""
        return self._do(pk, shapes.GateTakenBack, deciding.take_back)

    @extend_schema(responses={200: shapes.GateReadiness}, filters=False)
    @action(detail=True, pagination_class=None)
    def readiness(self, request: Request, code: str, pk: str) -> Response:
        """How likely its milestone is reached by its day, by the latest simulation; nulls without one."""
        program = self.program(self.access, self.view_permission)
        self.there(pk)
        found = selectors.gates(program.pk).get(pk=pk)
        chance = chances(program, [found]).get(found.pk)
        return Response(
            {
                "low_percent": chance.low if chance else None,
                "high_percent": chance.high if chance else None,
                "simulation": chance.run_id if chance else None,
                "plan_moved_since": chance.moved_on if chance else None,
            }
        )

    def _do(self, pk: str, shape: Any, service: Any) -> Response:
        with self.reading() as access:
            self.program(access, Permission.EDIT_PLAN, somewhere=True)
            self.require_any(access, self.there(pk, "project_id"), Permission.EDIT_PLAN)
            found = Gate.objects.get(pk=pk)
            given = self.accepted(shape)
        return self.answer(service, lambda made: self.one(made.pk), gate=found, **given)


class GateCriterionFilters(filters.FilterSet):
    gate = filters.Whole(field_name="gate_id")
    project = filters.Words(field_name="gate__project__code", lookup_expr="iexact")
    state = filters.Choice(choices=GateCriterion.State.choices)


class GateCriteria(ProgramViewSet):
    """What must be true for each gate, and what shows it."""

    tag = "gates"
    queryset = GateCriterion.objects.all()
    serializer_class = shapes.GateCriterionRow
    filterset_class = GateCriterionFilters

    @extend_schema(request=shapes.NewGateCriterion, responses={201: shapes.GateCriterionRow})
    def create(self, request: Request, code: str) -> Response:
        """Say what must be true."""
        with self.reading() as access:
            self.program(access, Permission.KEEP_GATES)
            given = self.accepted(shapes.NewGateCriterion)
        return self.answer(services.add_criterion, lambda made: self.one(made.pk), http_status=201, **given)

    @extend_schema(request=shapes.GateCriterionChanges, responses={200: shapes.GateCriterionRow})
    def partial_update(self, request: Request, code: str, pk: str) -> Response:
        """Change its words; other words are to be shown anew."""
        found = self._found(pk, Permission.KEEP_GATES)
        given = self.accepted(shapes.GateCriterionChanges)
        version = given.pop("version")
        return self.answer(
            services.edit_criterion,
            lambda made: self.one(made.pk),
            criterion=found,
            version=version,
            changes=given,
        )

    @extend_schema(request=shapes.GateEvidence, responses={200: shapes.GateCriterionRow})
    @action(detail=True, methods=["post"])
    def assess(self, request: Request, code: str, pk: str) -> Response:
        """Say whether it is met, and what shows it."""
        found = self._found(pk, Permission.EDIT_PLAN)
        given = self.accepted(shapes.GateEvidence)
        return self.answer(services.assess, lambda made: self.one(made.pk), criterion=found, **given)

    def _found(self, pk: str, right: Permission) -> GateCriterion:
        with self.reading() as access:
            self.program(access, right, somewhere=True)
            self.require_any(access, self.there(pk, "gate__project_id"), right)
            found: GateCriterion = GateCriterion.objects.select_related("gate").get(pk=pk)
            return found


class OfGate(filters.FilterSet):
    gate = filters.Whole(field_name="gate_id")


class GateReviewers(ProgramViewSet):
    """Who looks at each gate."""

    tag = "gates"
    queryset = GateReviewer.objects.all()
    serializer_class = shapes.GateReviewerRow
    filterset_class = OfGate

    @extend_schema(request=shapes.NewGateReviewer, responses={201: shapes.GateReviewerRow})
    def create(self, request: Request, code: str) -> Response:
        """Ask somebody to look at a gate."""
        with self.reading() as access:
            self.program(access, Permission.KEEP_GATES)
            given = self.accepted(shapes.NewGateReviewer)
        return self.answer(services.name_reviewer, lambda made: self.one(made.pk), http_status=201, **given)


class GateOpinions(ProgramViewSet):
    """What reviewers said, each about one revision of a gate."""

    tag = "gates"
    queryset = GateOpinion.objects.all()
    serializer_class = shapes.GateOpinionRow
    filterset_class = OfGate
