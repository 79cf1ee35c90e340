"""The API of transfers: move budget within delegated authority, delegate it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from finance.ledger import services as ledger
from finance.ledger.books import Place
from finance.ledger.serializers import Made, NewTransfer
from finance.structure.periods import local_day
from finance.transfers import aside, services
from finance.transfers.models import TransferRule
from finance.transfers.serializers import (
    AsideLog,
    NewAside,
    NewTransferRule,
    RuleEnd,
    TransferRuleRow,
)
from pmo.accounts.roles import Permission, Role
from pmo.api import filters
from pmo.api.views import ProgramViewSet, ScopedView


def _place(given: dict[str, Any]) -> Place:
    project = given.get("project")
    return Place(project.pk if project else None, given["category"], given["nature"])


class Transfers(ScopedView):
    """Available money moved from one cost line to another."""

    tag = "money"

    @extend_schema(request=NewTransfer, responses={201: Made})
    def post(self, request: Request, code: str) -> Response:
        """Transfer; refused when it is not available, or when no rule lets your role move as much."""
        with self.reading() as access:
            program = self.program(access, Permission.EDIT_BUDGET)
            given = self.accepted(NewTransfer)
        return self.answer(
            services.transfer,
            lambda journal: {"journal": str(journal)},
            http_status=201,
            program=program,
            source=_place(given["source"]),
            target=_place(given["target"]),
            amount=given["amount_minor"],
            effective=given["effective"],
            text=given["text"],
        )


class Aside(ScopedView):
    """Money kept back from what is available, for no capital request."""

    tag = "money"

    @extend_schema(responses={200: AsideLog})
    def get(self, request: Request, code: str) -> Response:
        """What stands so, the newest thousand; reverse a journal to give it back."""
        program = self.program(self.access, Permission.VIEW_MONEY)
        rows = [
            {
                "journal": one.pk,
                "recorded_at": one.recorded_at,
                "project": leg.account.project.code if leg.account.project else None,
                "category": leg.account.category,
                "nature": leg.account.nature,
                "amount_minor": leg.amount,
                "text": one.text,
            }
            for one in aside.standing(program)[: aside.MOST_TOLD]
            for leg in one.into  # type: ignore[attr-defined]
        ]
        return Response(AsideLog({"currency": program.currency, "set_aside": rows}).data)

    @extend_schema(request=NewAside, responses={201: Made})
    def post(self, request: Request, code: str) -> Response:
        """Set money aside today; refused when it is not available."""
        with self.reading() as access:
            program = self.program(access, Permission.EDIT_BUDGET)
            given = self.accepted(NewAside)
        return self.answer(
            ledger.reserve,
            lambda journal: {"journal": str(journal)},
            http_status=201,
            program=program,
            place=_place(given["place"]),
            amount=given["amount_minor"],
            effective=local_day(program, datetime.now(UTC)),
            text=given["text"],
        )


class TransferRuleFilters(filters.FilterSet):
    role = filters.Choice(choices=Role.choices)


class TransferRules(ProgramViewSet):
    """Which roles may move how much budget without a decision."""

    tag = "money"
    view_permission = Permission.VIEW_MONEY
    queryset = TransferRule.objects.all()
    serializer_class = TransferRuleRow
    filterset_class = TransferRuleFilters

    @extend_schema(request=NewTransferRule, responses={201: TransferRuleRow})
    def create(self, request: Request, code: str) -> Response:
        """Let a role move budget."""
        with self.reading() as access:
            program = self.program(access, Permission.EDIT_PROGRAM)
            given = self.accepted(NewTransferRule)
        return self.answer(services.delegate, self._shown, http_status=201, program=program, **given)

    @extend_schema(request=RuleEnd, responses={200: TransferRuleRow})
    @action(detail=True, methods=["post"])
    def end(self, request: Request, code: str, pk: str) -> Response:
        """Let a rule end after its last day; 409 if somebody changed it meanwhile."""
        with self.reading() as access:
            program = self.program(access, Permission.EDIT_PROGRAM)
            rule = TransferRule.objects.filter(program_id=program.pk, pk=pk).first()
            if rule is None:
                raise Http404
            given = self.accepted(RuleEnd)
        return self.answer(services.end, self._shown, rule=rule, **given)

    def _shown(self, rule: TransferRule) -> dict[str, Any]:
        return self.one(rule.pk)
