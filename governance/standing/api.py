"""The API of alternates and absences. Changing them needs a person present: a token answers 403."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from governance.bodies.standing_models import Absence, Alternate, Proxy
from governance.standing import proxies, services
from governance.standing.serializers import (
    AbsenceEnd,
    AbsenceRow,
    AlternateEnd,
    AlternateRow,
    NewAbsence,
    NewAlternate,
    NewProxy,
    ProxyRow,
    ProxyWithdrawal,
)
from pmo.accounts.roles import Permission
from pmo.api import filters
from pmo.api.views import ProgramViewSet


class AlternateFilters(filters.FilterSet):
    seat = filters.Whole(field_name="seat_id")
    body = filters.Words(field_name="body__code", lookup_expr="iexact")
    person = filters.Whole(field_name="person_id")
    on = filters.Day(field_name="term", lookup_expr="contains")


class Alternates(ProgramViewSet):
    """Who votes for which seat while its holder is absent."""

    tag = "governance"
    queryset = Alternate.objects.all()
    serializer_class = AlternateRow
    filterset_class = AlternateFilters

    @extend_schema(request=NewAlternate, responses={201: AlternateRow})
    def create(self, request: Request, code: str) -> Response:
        """Name an alternate (needs a person present)."""
        with self.reading() as access:
            self.program(access, Permission.EDIT_PROGRAM)
            given = self.accepted(NewAlternate)
        return self.answer(services.name_alternate, self._shown, http_status=201, **given)

    @extend_schema(request=AlternateEnd, responses={200: AlternateRow})
    @action(detail=True, methods=["post"], url_path="end")
    def end(self, request: Request, code: str, pk: str) -> Response:
        """End the term after a day (needs a person present)."""
        with self.reading() as access:
            self.program(access, Permission.EDIT_PROGRAM)
            self.there(pk)
            found = Alternate.objects.get(pk=pk)
            given = self.accepted(AlternateEnd)
        return self.answer(services.end_alternate, self._shown, alternate=found, **given)

    def _shown(self, made: Any) -> dict[str, Any]:
        return self.one(made.pk)


class AbsenceFilters(filters.FilterSet):
    seat = filters.Whole(field_name="seat_id")
    body = filters.Words(field_name="seat__body__code", lookup_expr="iexact")
    on = filters.Day(field_name="term", lookup_expr="contains")


class Absences(ProgramViewSet):
    """When holders of seats are away."""

    tag = "governance"
    queryset = Absence.objects.all()
    serializer_class = AbsenceRow
    filterset_class = AbsenceFilters

    @extend_schema(request=NewAbsence, responses={201: AbsenceRow})
    def create(self, request: Request, code: str) -> Response:
        """Declare an absence: the holder, or the secretary of the body (needs a person present)."""
        with self.reading() as access:
            self.program(access, Permission.VIEW_PROGRAM)
            given = self.accepted(NewAbsence)
        return self.answer(services.declare_absence, self._shown, http_status=201, **given)

    @extend_schema(request=AbsenceEnd, responses={200: AbsenceRow})
    @action(detail=True, methods=["post"], url_path="end")
    def end(self, request: Request, code: str, pk: str) -> Response:
        """End it now: the holder, who declared it, or the secretary (needs a person present)."""
        with self.reading() as access:
            self.program(access, Permission.VIEW_PROGRAM)
            self.there(pk)
            found = Absence.objects.select_related("seat").get(pk=pk)
            given = self.accepted(AbsenceEnd)
        return self.answer(services.end_absence, self._shown, absence=found, **given)

    def _shown(self, made: Any) -> dict[str, Any]:
        return self.one(made.pk)


class ProxyFilters(filters.FilterSet):
    seat = filters.Whole(field_name="seat_id")
    person = filters.Whole(field_name="person_id")
    decision = filters.Whole(field_name="decision_id")


class Proxies(ProgramViewSet):
    """Who may vote by proxy for whose seat."""

    tag = "governance"
    queryset = Proxy.objects.all()
    serializer_class = ProxyRow
    filterset_class = ProxyFilters

    @extend_schema(request=NewProxy, responses={201: ProxyRow})
    def create(self, request: Request, code: str) -> Response:
        """Give a proxy for one's own seat (needs a person present)."""
        with self.reading() as access:
            self.program(access, Permission.VOTE)
            given = self.accepted(NewProxy)
        return self.answer(proxies.give, self._shown, http_status=201, **given)

    @extend_schema(request=ProxyWithdrawal, responses={200: ProxyRow})
    @action(detail=True, methods=["post"], url_path="withdraw")
    def withdraw(self, request: Request, code: str, pk: str) -> Response:
        """Take one's own proxy back until it was used (needs a person present)."""
        with self.reading() as access:
            self.program(access, Permission.VIEW_PROGRAM)
            self.there(pk)
            found = Proxy.objects.get(pk=pk)
            given = self.accepted(ProxyWithdrawal)
        return self.answer(proxies.withdraw, self._shown, proxy=found, **given)

    def _shown(self, made: Any) -> dict[str, Any]:
        return self.one(made.pk)
