"""The API of the budget policy: its clauses, and what each comes to now."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from finance.conformity import certificate, checking, services, waivers
from finance.conformity.serializers import (
    ClauseChange,
    ClauseEnd,
    ClauseRow,
    ConformityOut,
    NewClause,
    NewWaiver,
    WaiverRow,
)
from finance.earned_value.api import CLOCKS
from finance.engine.conformity import Result
from finance.policy.models import PolicyClause, PolicyWaiver
from pmo.accounts.roles import Permission
from pmo.api import filters
from pmo.api.views import ProgramViewSet, ScopedView


class ClauseFilters(filters.FilterSet):
    code = filters.Words(lookup_expr="iexact")
    kind = filters.Choice(choices=PolicyClause.Kind.choices)
    action = filters.Choice(choices=PolicyClause.Action.choices)


class Clauses(ProgramViewSet):
    """Clauses of the budget policy."""

    tag = "money"
    view_permission = Permission.VIEW_MONEY
    queryset = PolicyClause.objects.all()
    serializer_class = ClauseRow
    filterset_class = ClauseFilters

    @extend_schema(request=NewClause, responses={201: ClauseRow})
    def create(self, request: Request, code: str) -> Response:
        """Put a clause into the policy."""
        with self.reading() as access:
            program = self.program(access, Permission.EDIT_POLICY)
            given = self.accepted(NewClause)
        return self.answer(services.add, self._shown, http_status=201, program=program, **given)

    @extend_schema(request=ClauseChange, responses={200: ClauseRow})
    def partial_update(self, request: Request, code: str, pk: str) -> Response:
        """Change what a clause asks for from now on; 409 if somebody changed it meanwhile."""
        found = self._found(pk)
        given = self.accepted(ClauseChange)
        given.setdefault("issue_days", found.issue_days)  # left out: as it is
        return self.answer(services.change, self._shown, why=given["reason"], clause=found, **given)

    @extend_schema(request=ClauseEnd, responses={200: ClauseRow})
    @action(detail=True, methods=["post"])
    def end(self, request: Request, code: str, pk: str) -> Response:
        """Take a clause out of the policy from today on."""
        found = self._found(pk)
        given = self.accepted(ClauseEnd)
        return self.answer(services.end, self._shown, why=given["reason"], clause=found, **given)

    def _found(self, pk: str) -> PolicyClause:
        with self.reading() as access:
            program = self.program(access, Permission.EDIT_POLICY)
            found = PolicyClause.objects.filter(program_id=program.pk, pk=pk).first()
            if found is None:
                raise Http404
            one: PolicyClause = found
            return one

    def _shown(self, clause: PolicyClause) -> dict[str, Any]:
        return self.one(clause.pk)


class WaiverFilters(filters.FilterSet):
    clause = filters.Words(field_name="clause__code", lookup_expr="iexact")
    state = filters.Choice(choices=PolicyWaiver.State.choices)


class Waivers(ProgramViewSet):
    """Waivers of the budget policy: asked for here, decided by people elsewhere."""

    tag = "money"
    view_permission = Permission.VIEW_MONEY
    queryset = PolicyWaiver.objects.all()
    serializer_class = WaiverRow
    filterset_class = WaiverFilters

    @extend_schema(request=NewWaiver, responses={201: WaiverRow})
    def create(self, request: Request, code: str) -> Response:
        """Ask for a waiver."""
        with self.reading() as access:
            program = self.program(access, Permission.PROPOSE_DECISION)
            given = self.accepted(NewWaiver)
        return self.answer(
            waivers.ask, lambda made: self.one(made.pk), http_status=201, program=program, **given
        )

    @extend_schema(request=None, responses={200: WaiverRow})
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, code: str, pk: str) -> Response:
        """Take back what was asked for, while it is not decided."""
        with self.reading() as access:
            program = self.program(access, Permission.PROPOSE_DECISION)
            found = PolicyWaiver.objects.filter(program_id=program.pk, pk=pk).first()
            if found is None:
                raise Http404
        return self.answer(waivers.withdraw, lambda made: self.one(made.pk), waiver=found)


def shown(one: Result, granted: list[PolicyWaiver]) -> dict[str, Any]:
    """A result as it is sent."""
    under = [checking.waiver_of(one, each, granted) for each in one.breaches]
    return {
        "clause": one.clause.code,
        "kind": one.clause.kind.value,
        "blocks": one.clause.blocks,
        "state": checking.standing(one, granted),
        "sentence": one.sentence,
        "evidence": [{"what": each.what, "value": each.value} for each in one.evidence],
        "breaches": [
            {
                "key": each.key,
                "sentence": each.sentence,
                "waiver": waiver.code if waiver else "",
                "amount_minor": each.amount,
                "project": each.place.project,
                "category": each.place.category,
                "nature": each.place.nature,
                "subject_kind": each.subject.kind,
                "subject_id": each.subject.id,
            }
            for each, waiver in zip(one.breaches, under, strict=True)
        ],
    }


class Conformity(ScopedView):
    """The program against its budget policy."""

    tag = "money"
    query_parameters: ClassVar[frozenset[str]] = frozenset({"at", "known"})

    @extend_schema(responses={200: ConformityOut}, parameters=CLOCKS)
    def get(self, request: Request, code: str) -> Response:
        """Every clause in force: kept, waived, breached or not applicable, with sentence, evidence and breaches."""
        program = self.program(self.access, Permission.VIEW_MONEY)
        held = certificate.held(program, self.as_of())
        return Response(
            {
                "at": held.at,
                "known": held.known,
                "not_kept": held.not_kept,
                "digest": certificate.digest(held.found, held.granted),
                "results": [shown(one, held.granted) for one in held.found],
            }
        )
