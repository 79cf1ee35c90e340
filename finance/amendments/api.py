"""The API of the money of change requests: its lines, written through the request, and what they do."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from finance.amendments import impact, services
from finance.amendments.models import AmendmentLine
from finance.amendments.selectors import lines_of
from finance.amendments.serializers import AmendmentLineRow, MoneyOfChange, NewAmendment
from finance.structure.models import Category, Nature
from pmo.accounts.roles import Permission
from pmo.api import filters
from pmo.api.views import ProgramViewSet, ScopedView
from programs.changes import revisions
from programs.changes.models import ChangeRequest


class AmendmentLineFilters(filters.FilterSet):
    change_request = filters.Words(field_name="change_request__code", lookup_expr="iexact")
    project = filters.Words(field_name="project__code", lookup_expr="iexact")
    category = filters.Choice(choices=Category.choices)
    nature = filters.Choice(choices=Nature.choices)
    period = filters.Words(field_name="period__code")


class AmendmentLines(ProgramViewSet):
    """Amounts that change requests add to the active budgets, or take from them."""

    tag = "changes"
    view_permission = Permission.VIEW_MONEY
    queryset = AmendmentLine.objects.all()
    serializer_class = AmendmentLineRow
    filterset_class = AmendmentLineFilters


def _found(view: ScopedView, pk: int) -> ChangeRequest:
    found = ChangeRequest.objects.filter(program_id=view.found.pk, pk=pk).first()
    if found is None:
        raise Http404
    one: ChangeRequest = found
    return one


class ChangeMoney(ScopedView):
    """The money of one change request."""

    tag = "changes"

    @extend_schema(responses={200: MoneyOfChange})
    def get(self, request: Request, code: str, pk: int) -> Response:
        """What its money does; 404 where it asks for none."""
        self.program(self.access, Permission.VIEW_MONEY)
        shown = revisions.impact(_found(self, pk))
        figures = shown.result.get(impact.NAME) if shown else None
        if shown is None or figures is None:
            raise Http404
        return Response(MoneyOfChange(_flat(figures) | {"sha256": shown.sha256}).data)

    @extend_schema(request=NewAmendment, responses={200: AmendmentLineRow(many=True)})
    def put(self, request: Request, code: str, pk: int) -> Response:
        """Write one amount and compute what the request does; 409 if somebody changed it meanwhile. Its lines then."""
        with self.reading() as access:
            self.program(access, Permission.VIEW_MONEY)
            found = _found(self, pk)
            self.require_any(access, found.project_id, Permission.EDIT_PLAN, Permission.EDIT_BUDGET)
            given = self.accepted(NewAmendment)
        given["period_code"] = given.pop("period")
        given.setdefault("project", None)
        return self.answer(services.set_line, _rows, change_request=found, **given)


def _rows(request: ChangeRequest) -> list[dict[str, Any]]:
    return [
        {
            "id": line.pk,
            "change_request_id": request.pk,
            "change_request": request.code,
            "project": line.project.code if line.project else None,
            "category": line.category,
            "nature": line.nature,
            "period": line.period.code,
            "amount_minor": line.amount_minor,
        }
        for line in lines_of(request)
    ]


def _flat(found: dict[str, Any]) -> dict[str, Any]:
    def pair(name: str, values: list[int]) -> dict[str, int]:
        prefix = f"{name}_" if name else ""
        return {f"{prefix}before_minor": values[0], f"{prefix}after_minor": values[1]}

    return {
        **{name: found[name] for name in ("currency", "ledger_version", "exposure_minor")},
        **{name: found[name] for name in ("policy_new", "policy_gone", "problems")},
        **pair("budget", found["budget"]),
        **{key: value for name, both in found["reserves"].items() for key, value in pair(name, both).items()},
        "estimates": [{"project": one["project"], **pair("", one["eac"])} for one in found["eac"]],
        "places": [
            {**{name: one[name] for name in ("project", "category", "nature")}, **pair("", one["left"])}
            for one in found["places"]
        ],
    }
