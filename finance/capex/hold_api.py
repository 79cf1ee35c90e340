"""The API of money that waits for gates."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from finance.capex import holding, holds
from finance.capex.hold_models import GateHold
from finance.capex.models import CapitalRequest
from finance.capex.serializers import CapitalRequestRow
from pmo.accounts.roles import Permission
from pmo.api import filters
from pmo.api.fields import SMALL, Choice, Instant, Minor, Related, Text, Whole
from pmo.api.rows import OWN, Row
from pmo.api.views import ProgramViewSet, StrictSerializer
from programs.gates.models import Gate


def requests(program_id: int) -> Any:
    """The capital requests of one program."""
    return CapitalRequest.objects.filter(program_id=program_id)


def gates(program_id: int) -> Any:
    """The gates of one program."""
    return Gate.objects.filter(program_id=program_id)


class GateHoldRow(Row):
    """So much of a request waits for a gate: `amount_minor` = released + moved on + held, in minor units."""

    id = serializers.IntegerField()
    capital_request_id = serializers.IntegerField(source="request_id")
    capital_request = serializers.CharField(source="request__code")
    gate_id = serializers.IntegerField()
    gate = serializers.CharField(source="gate__code")
    gate_state = Choice(source="gate__state", choices=Gate.State.choices)
    gate_outcome = serializers.CharField(source="gate__outcome")
    amount_minor = serializers.IntegerField()
    if_conditions_minor = serializers.IntegerField(allow_null=True)
    taken_minor = serializers.IntegerField()
    released_minor = serializers.IntegerField(source=OWN)
    held_minor = serializers.IntegerField(source=OWN)
    moved_from_id = serializers.IntegerField(allow_null=True)
    why = serializers.CharField()
    person = serializers.CharField(source="set_by__name")
    set_at = Instant()
    version = serializers.IntegerField()

    def complete(self, row: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
        hold = GateHold(
            amount_minor=row["amount_minor"],
            if_conditions_minor=row["if_conditions_minor"],
            taken_minor=row["taken_minor"],
            gate=Gate(state=row["gate_state"], outcome=row["gate_outcome"]),
        )
        line = holds.line_of(hold)
        return row | {"released_minor": line.released, "held_minor": line.held}


class NewGateHold(StrictSerializer):
    """A part that is to wait; `version` is the request's as it was seen."""

    capital_request = Related(requests)
    gate = Related(gates)
    amount_minor = Minor(min_value=1)
    if_conditions_minor = Minor(required=False)
    version = Whole(max_value=SMALL)


class GateHoldRemoval(StrictSerializer):
    """`version` is the request's as it was seen."""

    version = Whole(max_value=SMALL)


class GateHoldMove(StrictSerializer):
    """To which gate, and why; `version` is the hold's as it was seen."""

    gate = Related(gates)
    reason = Text(max_length=400)
    version = Whole(max_value=SMALL)


class GateHoldFilters(filters.FilterSet):
    capital_request = filters.Whole(field_name="request_id")
    gate = filters.Whole(field_name="gate_id")


class GateHolds(ProgramViewSet):
    """What of capital requests waits, or waited, for gates."""

    tag = "money"
    view_permission = Permission.VIEW_MONEY
    queryset = GateHold.objects.all()
    serializer_class = GateHoldRow
    filterset_class = GateHoldFilters

    @extend_schema(request=NewGateHold, responses={201: GateHoldRow})
    def create(self, request: Request, code: str) -> Response:
        """Have a part of a draft or submitted request wait: a new revision of it."""
        with self.reading() as access:
            self.program(access, Permission.REQUEST_CAPITAL, somewhere=True)
            given = self.accepted(NewGateHold)
        return self.answer(holding.add, lambda made: self.one(made.pk), http_status=201, **given)

    @extend_schema(request=GateHoldRemoval, responses={200: CapitalRequestRow})
    @action(detail=True, methods=["post"])
    def remove(self, request: Request, code: str, pk: str) -> Response:
        """Let it wait for nothing: a new revision of the request, which is answered."""
        found = self._found(pk, Permission.REQUEST_CAPITAL)
        given = self.accepted(GateHoldRemoval)

        def shown(made: CapitalRequest) -> dict[str, Any]:
            row = CapitalRequestRow.of(CapitalRequest.objects.filter(pk=made.pk)).get()
            return dict(CapitalRequestRow(row, context=self.get_serializer_context()).data)

        return self.answer(holding.remove, shown, hold=found, **given)

    @extend_schema(request=GateHoldMove, responses={200: GateHoldRow})
    @action(detail=True, methods=["post"])
    def move(self, request: Request, code: str, pk: str) -> Response:
        """What a stopped gate holds, or a gate left over, waits for another gate; the new row is answered."""
        found = self._found(pk, Permission.EDIT_BUDGET)
        given = self.accepted(GateHoldMove)
        return self.answer(holding.move, lambda made: self.one(made.pk), hold=found, **given)

    def _found(self, pk: str, right: Permission) -> GateHold:
        with self.reading() as access:
            self.program(access, right, somewhere=True)
            self.require_any(access, self.there(pk, "request__project_id"), right)
            found: GateHold = GateHold.objects.select_related("request").get(pk=pk)
            return found
