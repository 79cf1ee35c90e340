"""The API of capitalisation: policies and marks as recorded, and the spend under them."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from finance.capitalisation import selectors, services
from finance.capitalisation.models import CapitalisationMark, CapitalisationPolicy
from finance.capitalisation.serializers import CapitalisationOut, MarkRow, NewMark, NewPolicy, PolicyRow
from pmo.accounts.roles import Permission
from pmo.api import filters
from pmo.api.views import ProgramViewSet, ScopedView


class PolicyFilters(filters.FilterSet):
    project = filters.Words(field_name="project__code", lookup_expr="iexact")
    standard = filters.Choice(choices=CapitalisationPolicy.Standard.choices)


class CapitalisationPolicies(ProgramViewSet):
    """Which standard holds for which project from which day on, with the evidence."""

    tag = "money"
    view_permission = Permission.VIEW_MONEY
    queryset = CapitalisationPolicy.objects.all()
    serializer_class = PolicyRow
    filterset_class = PolicyFilters

    @extend_schema(request=NewPolicy, responses={201: PolicyRow})
    def create(self, request: Request, code: str) -> Response:
        """Record the policy of a project; the newest record says it all."""
        with self.reading() as access:
            self.program(access, Permission.EDIT_POLICY)
            given = self.accepted(NewPolicy)
        return self.answer(services.record_policy, lambda made: self.one(made.pk), http_status=201, **given)


class MarkFilters(filters.FilterSet):
    project = filters.Words(field_name="activity__project__code", lookup_expr="iexact")
    activity = filters.Words(field_name="activity__code", lookup_expr="iexact")


class CapitalisationMarks(ProgramViewSet):
    """What the cost of an activity is; of several marks the newest holds."""

    tag = "money"
    view_permission = Permission.VIEW_MONEY
    queryset = CapitalisationMark.objects.all()
    serializer_class = MarkRow
    filterset_class = MarkFilters

    @extend_schema(request=NewMark, responses={201: MarkRow})
    def create(self, request: Request, code: str) -> Response:
        """Say what the cost of an activity and of all below it is."""
        with self.reading() as access:
            self.program(access, Permission.EDIT_POLICY)
            given = self.accepted(NewMark)
        return self.answer(services.mark_activity, lambda made: self.one(made.pk), http_status=201, **given)


class Capitalisation(ScopedView):
    """The program's spend under its capitalisation policies."""

    tag = "money"
    query_parameters: ClassVar[frozenset[str]] = frozenset({"project"})

    @extend_schema(
        responses={200: CapitalisationOut},
        parameters=[OpenApiParameter("project", str, description="The code of one project.")],
    )
    def get(self, request: Request, code: str) -> Response:
        """Spend as posted, as the policy in force proposes, and restated under each standard."""
        program = self.program(self.access, Permission.VIEW_MONEY)
        found = selectors.capitalisation(program, request.query_params.get("project", "")[:30])
        return Response(
            {
                "currency": program.currency,
                "projects": [_project(one) for one in found.projects],
                "groups": [_group(one) for one in found.groups],
            }
        )


def _project(one: selectors.ProjectSums) -> dict[str, Any]:
    return {
        "project": one.code,
        "standard": one.policy.standard if one.policy else None,
        "spent_minor": one.spent,
        "posted_capital_minor": one.posted_capital,
        "proposed_capital_minor": one.proposed_capital,
        "restated": [
            {"standard": standard.value, "capital_minor": amount} for standard, amount in one.restated.items()
        ],
    }


def _group(one: selectors.Group) -> dict[str, Any]:
    treatment = one.treatment
    return {
        "project": one.project,
        "activity": one.activity,
        "category": one.category,
        "cost_kind": one.kind.value,
        "stage": one.stage.value,
        "first_day": one.first,
        "last_day": one.last,
        "lines": one.lines,
        "amount_minor": one.amount,
        "posted": one.posted,
        "proposed": treatment.nature if treatment else None,
        "paragraph": treatment.clause if treatment else "",
        "why": treatment.why if treatment else "",
        "evidence": list(treatment.evidence) if treatment else [],
    }
