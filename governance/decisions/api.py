"""The API of decisions. Voting, opening, closing and withdrawing need a person present: a token answers 403."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from governance.authority.models import SubjectKind
from governance.decisions import conditions, selectors, services
from governance.decisions.condition_models import Condition
from governance.decisions.models import Decision, DecisionRecord, Elector
from governance.decisions.opening import silence_for
from governance.decisions.serializers import (
    Closing,
    ConditionMet,
    ConditionReport,
    ConditionRow,
    DecisionRow,
    ElectorRow,
    ExportedChain,
    NewDecision,
    NewVote,
    OpenBallot,
    RecordRow,
    Withdrawing,
)
from pmo.accounts.fresh import require
from pmo.accounts.roles import Permission
from pmo.api import filters
from pmo.api.views import ProgramViewSet


class DecisionFilters(filters.FilterSet):
    number = filters.Whole()
    state = filters.Choice(choices=Decision.State.choices)
    outcome = filters.Choice(choices=Decision.Outcome.choices)
    subject_kind = filters.Choice(choices=SubjectKind.choices)
    proposed_from = filters.Day(field_name="proposed_at", lookup_expr="date__gte")
    proposed_to = filters.Day(field_name="proposed_at", lookup_expr="date__lte")
    body = filters.Words(field_name="body__code", lookup_expr="iexact")
    capital_request = filters.Whole(field_name="capital_request_id")


class Decisions(ProgramViewSet):
    """Decisions: proposed, put to the vote, closed; what the voters were shown and what came out."""

    tag = "governance"
    queryset = Decision.objects.all()
    serializer_class = DecisionRow
    filterset_class = DecisionFilters

    @extend_schema(request=NewDecision, responses={201: DecisionRow})
    def create(self, request: Request, code: str) -> Response:
        """Propose a decision: the body is found by delegated authority."""
        with self.reading() as access:
            program = self.program(access, Permission.PROPOSE_DECISION)
            given = self.accepted(NewDecision)
        subject = {"baseline_of": program} if given.pop("baseline") else {}
        return self.answer(services.propose, self._shown, http_status=201, **given, **subject)

    @extend_schema(request=OpenBallot, responses={200: DecisionRow})
    @action(detail=True, methods=["post"], url_path="open")
    def open(self, request: Request, code: str, pk: str) -> Response:
        """Freeze figures and electorate, and open the vote (a person present; just signed in where silence counts)."""
        return self._do(pk, Permission.OPEN_BALLOT, OpenBallot, services.open_ballot, fresh=silence_for)

    @extend_schema(request=NewVote, responses={200: DecisionRow})
    @action(detail=True, methods=["post"], url_path="votes")
    def votes(self, request: Request, code: str, pk: str) -> Response:
        """Cast one's own vote (needs a person present, signed in within ten minutes)."""
        return self._do(pk, Permission.VOTE, NewVote, services.cast, fresh=True)

    @extend_schema(request=Closing, responses={200: DecisionRow})
    @action(detail=True, methods=["post"], url_path="close")
    def close(self, request: Request, code: str, pk: str) -> Response:
        """Count, decide, seal; an approval takes effect in the same transaction (needs a person present)."""
        return self._do(pk, Permission.OPEN_BALLOT, Closing, services.close, fresh=True)

    @extend_schema(request=Withdrawing, responses={200: DecisionRow})
    @action(detail=True, methods=["post"], url_path="withdraw")
    def withdraw(self, request: Request, code: str, pk: str) -> Response:
        """Take it back, with the reason (needs a person present)."""
        return self._do(pk, Permission.OPEN_BALLOT, Withdrawing, services.withdraw)

    def _do(
        self,
        pk: str,
        permission: Permission,
        shape: type[serializers.Serializer[Any]],
        service: Any,
        *,
        fresh: bool | Callable[[Decision], object] = False,
    ) -> Response:
        with self.reading() as access:
            program = self.program(access, permission)
            found = Decision.objects.filter(program_id=program.pk, pk=pk).first()
            if found is None:
                raise Http404
            given = self.accepted(shape)
            wants = fresh(found) if callable(fresh) else fresh
        if wants:
            given["auth_at"] = require(self.request)
        return self.answer(service, lambda _: self.one(found.pk), decision=found, **given)

    def _shown(self, made: Decision) -> dict[str, Any]:
        return self.one(made.pk)


class ConditionFilters(filters.FilterSet):
    decision = filters.Whole(field_name="decision_id")
    owner = filters.Whole(field_name="owner_id")
    state = filters.Choice(choices=Condition.State.choices)


class Conditions(ProgramViewSet):
    """Conditions of approvals: who sees to what by when, and whether it was met."""

    tag = "governance"
    queryset = Condition.objects.all()
    serializer_class = ConditionRow
    filterset_class = ConditionFilters

    @extend_schema(request=ConditionReport, responses={200: ConditionRow})
    @action(detail=True, methods=["post"], url_path="report")
    def report(self, request: Request, code: str, pk: str) -> Response:
        """Say what was done about one's own condition."""
        return self._change(pk, Permission.VIEW_PROGRAM, ConditionReport, conditions.tell)

    @extend_schema(request=ConditionMet, responses={200: ConditionRow})
    @action(detail=True, methods=["post"], url_path="met")
    def met(self, request: Request, code: str, pk: str) -> Response:
        """Say that a condition is met, by what that is seen; never its owner (needs a person present)."""
        return self._change(pk, Permission.OPEN_BALLOT, ConditionMet, conditions.settle)

    def _change(
        self, pk: str, permission: Permission, shape: type[serializers.Serializer[Any]], service: Any
    ) -> Response:
        with self.reading() as access:
            program = self.program(access, permission)
            found = Condition.objects.filter(program_id=program.pk, pk=pk).first()
            if found is None:
                raise Http404
            given = self.accepted(shape)
        return self.answer(service, lambda _: self.one(found.pk), condition=found, **given)


class ElectorFilters(filters.FilterSet):
    decision = filters.Whole(field_name="decision_id")
    person = filters.Whole(field_name="person_id")


class Electors(ProgramViewSet):
    """The frozen electorates of ballots with their votes."""

    tag = "governance"
    queryset = Elector.objects.all()
    serializer_class = ElectorRow
    filterset_class = ElectorFilters


class RecordFilters(filters.FilterSet):
    seq = filters.Whole()


class Records(ProgramViewSet):
    """The sealed records of the program's chain."""

    tag = "governance"
    view_permission = Permission.VIEW_HISTORY
    queryset = DecisionRecord.objects.all()
    serializer_class = RecordRow
    filterset_class = RecordFilters

    @extend_schema(responses={200: ExportedChain()}, filters=False)
    @action(detail=False, url_path="chain", pagination_class=None)
    def chain(self, request: Request, code: str) -> Response:
        """The whole chain with its head, as `governance/decisions/verify_chain.py` reads it."""
        program = self.program(self.access, self.view_permission)
        return Response(selectors.exported_chain(program.pk))
