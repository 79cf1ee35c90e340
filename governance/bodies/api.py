"""The API of bodies and seats. Changing them needs a person present: a token answers 403."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from governance.bodies import services
from governance.bodies.models import Body, Seat
from governance.bodies.serializers import BodyRow, BodyRules, NewBody, NewSeat, SeatRow
from pmo.accounts.roles import Permission
from pmo.api import filters
from pmo.api.views import ProgramViewSet


class BodyFilters(filters.FilterSet):
    code = filters.Words(lookup_expr="iexact")
    kind = filters.Choice(choices=Body.Kind.choices)


class Bodies(ProgramViewSet):
    """Who decides, with quorum and voting rule."""

    tag = "governance"
    queryset = Body.objects.all()
    serializer_class = BodyRow
    filterset_class = BodyFilters

    @extend_schema(request=NewBody, responses={201: BodyRow})
    def create(self, request: Request, code: str) -> Response:
        """Found a body (needs a person present)."""
        with self.reading() as access:
            program = self.program(access, Permission.EDIT_PROGRAM)
            given = self.accepted(NewBody)
        pair = (given.pop("quorum_numerator", None), given.pop("quorum_denominator", None))
        fraction: Any = pair if None not in pair else None
        return self.answer(
            services.create_body,
            lambda body: self.one(body.pk),
            http_status=201,
            program=program,
            quorum_fraction=fraction,
            **given,
        )

    @extend_schema(request=BodyRules, responses={200: BodyRow})
    @action(detail=True, methods=["post"], url_path="rules")
    def rules(self, request: Request, code: str, pk: str) -> Response:
        """Change who may act for a seat (needs a person present)."""
        with self.reading() as access:
            self.program(access, Permission.EDIT_PROGRAM)
            self.there(pk)
            found = Body.objects.get(pk=pk)
            given = self.accepted(BodyRules)
        return self.answer(services.change_rules, lambda body: self.one(body.pk), body=found, **given)


class SeatFilters(filters.FilterSet):
    body = filters.Words(field_name="body__code", lookup_expr="iexact")
    person = filters.Whole(field_name="person_id")
    on = filters.Day(field_name="term", lookup_expr="contains")


class Seats(ProgramViewSet):
    """Seats in bodies with their terms."""

    tag = "governance"
    queryset = Seat.objects.all()
    serializer_class = SeatRow
    filterset_class = SeatFilters

    @extend_schema(request=NewSeat, responses={201: SeatRow})
    def create(self, request: Request, code: str) -> Response:
        """Give a person a seat (needs a person present)."""
        with self.reading() as access:
            self.program(access, Permission.EDIT_PROGRAM)
            given = self.accepted(NewSeat)
        return self.answer(services.seat_person, lambda seat: self.one(seat.pk), http_status=201, **given)
