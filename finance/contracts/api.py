"""The API of contracts, their milestones and what they retain."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from finance.capex.models import CapitalRequest
from finance.contracts import handing_over, milestones, retention, selectors, services
from finance.contracts.models import Contract, ContractHandover, ContractMilestone, RetentionRelease
from finance.contracts.serializers import (
    ContractChanges,
    ContractClosing,
    ContractHandingOver,
    ContractHandoverRow,
    ContractMilestoneRow,
    ContractRow,
    ContractSeen,
    ContractStandingOut,
    ContractValue,
    MilestoneAcceptance,
    NewContract,
    NewContractMilestone,
    NewRetentionRelease,
    RetentionPayment,
    RetentionReleaseRow,
)
from pmo.accounts.roles import Permission
from pmo.api import filters
from pmo.api.views import ProgramViewSet
from pmo.refusals import Refused


class ContractFilters(filters.FilterSet):
    state = filters.Choice(choices=Contract.State.choices)
    code = filters.Words(lookup_expr="iexact")
    vendor = filters.Whole(field_name="vendor_id")
    capital_request = filters.Whole(field_name="request_id")


class Contracts(ProgramViewSet):
    """Contracts with vendors."""

    tag = "money"
    view_permission = Permission.VIEW_MONEY
    queryset = Contract.objects.all()
    serializer_class = ContractRow
    filterset_class = ContractFilters

    @extend_schema(responses={200: ContractStandingOut}, filters=False)
    @action(detail=True, pagination_class=None)
    def standing(self, request: Request, code: str, pk: str) -> Response:
        """How much of it is ordered, invoiced, retained, released, agreed as milestones and accepted."""
        self.program(self.access, self.view_permission)
        found = Contract.objects.get(pk=self.there(pk))
        return Response({f"{name}_minor": minor for name, minor in asdict(selectors.standing(found)).items()})

    @extend_schema(request=NewContract, responses={201: ContractRow})
    def create(self, request: Request, code: str) -> Response:
        """Draft a contract on an approved request."""
        with self.reading() as access:
            program = self.program(access, Permission.PLACE_ORDER, somewhere=True)
            given = self.accepted(NewContract)
            on = CapitalRequest.objects.filter(program_id=program.pk, pk=given.pop("capital_request")).first()
        if on is None:
            raise Refused("There is no such capital request.", field="capital_request")
        vendor = given.pop("vendor")
        return self.answer(
            services.draft, self._shown, http_status=201, capital_request=on, vendor=vendor, values=given
        )

    @extend_schema(request=ContractChanges, responses={200: ContractRow})
    def partial_update(self, request: Request, code: str, pk: str) -> Response:
        """Change a draft."""
        found, given = self._found(pk, ContractChanges)
        return self.answer(
            services.edit, self._shown, contract=found, version=given.pop("version"), values=given
        )

    @extend_schema(request=ContractSeen, responses={200: ContractRow})
    @action(detail=True, methods=["post"])
    def activate(self, request: Request, code: str, pk: str) -> Response:
        """Put a draft in force: its value is held for it."""
        found, given = self._found(pk, ContractSeen)
        return self.answer(services.activate, self._shown, contract=found, **given)

    @extend_schema(request=ContractValue, responses={200: ContractRow})
    @action(detail=True, methods=["post"])
    def value(self, request: Request, code: str, pk: str) -> Response:
        """Change the value of a contract in force, with a reason."""
        found, given = self._found(pk, ContractValue)
        return self.answer(services.change_value, self._shown, contract=found, **given)

    @extend_schema(request=ContractHandingOver, responses={200: ContractRow})
    @action(detail=True, methods=["post"], url_path="hand-over")
    def hand_over(self, request: Request, code: str, pk: str) -> Response:
        """Have somebody else manage a contract in force. Not by who takes it."""
        found, given = self._found(pk, ContractHandingOver)
        return self.answer(handing_over.hand_over, self._shown, contract=found, **given)

    @extend_schema(request=ContractClosing, responses={200: ContractRow})
    @action(detail=True, methods=["post"])
    def close(self, request: Request, code: str, pk: str) -> Response:
        """Nothing more is ordered under it."""
        found, given = self._found(pk, ContractClosing)
        return self.answer(services.close, self._shown, contract=found, **given)

    @extend_schema(request=NewRetentionRelease, responses={201: RetentionReleaseRow})
    @action(detail=True, methods=["post"])
    def release(self, request: Request, code: str, pk: str) -> Response:
        """Let a part of what is retained be paid."""
        found, given = self._found(pk, NewRetentionRelease, Permission.RELEASE_PAYMENT)
        return self.answer(retention.release, _release, http_status=201, contract=found, **given)

    def _found(
        self, pk: str, body: Any, right: Permission = Permission.PLACE_ORDER
    ) -> tuple[Contract, dict[str, Any]]:
        with self.reading() as access:
            program = self.program(access, right, somewhere=True)
            found = Contract.objects.filter(program_id=program.pk, pk=pk).select_related("request").first()
            if found is None:
                raise Http404
            return found, self.accepted(body)

    def _shown(self, contract: Contract) -> dict[str, Any]:
        return self.one(contract.pk)


def _release(made: RetentionRelease) -> dict[str, Any]:
    rows = RetentionReleaseRow.of(RetentionRelease.objects.filter(pk=made.pk))
    return dict(RetentionReleaseRow().to_representation(rows.get()))


class MilestoneFilters(filters.FilterSet):
    contract = filters.Whole(field_name="contract_id")


class ContractMilestones(ProgramViewSet):
    """Milestones of contracts."""

    tag = "money"
    view_permission = Permission.VIEW_MONEY
    queryset = ContractMilestone.objects.all()
    serializer_class = ContractMilestoneRow
    filterset_class = MilestoneFilters

    @extend_schema(request=NewContractMilestone, responses={201: ContractMilestoneRow})
    def create(self, request: Request, code: str) -> Response:
        """Agree a milestone."""
        with self.reading() as access:
            self.program(access, Permission.PLACE_ORDER, somewhere=True)
            given = self.accepted(NewContractMilestone)
        return self.answer(milestones.agree, self._shown, http_status=201, **given)

    @extend_schema(request=MilestoneAcceptance, responses={200: ContractMilestoneRow})
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, code: str, pk: str) -> Response:
        """Accept a milestone: its amount may be invoiced."""
        found, given = self._found(pk, MilestoneAcceptance, Permission.RECEIVE_GOODS)
        return self.answer(milestones.accept, self._shown, milestone=found, **given)

    @extend_schema(request=ContractClosing, responses={200: ContractMilestoneRow})
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, code: str, pk: str) -> Response:
        """Say that nobody wants it any more: what it came to may be agreed anew, or the value lowered."""
        found, given = self._found(pk, ContractClosing, Permission.PLACE_ORDER)
        return self.answer(milestones.withdraw, self._shown, milestone=found, **given)

    @extend_schema(request=ContractSeen, responses={200: ContractRow})
    @action(detail=True, methods=["post"])
    def drop(self, request: Request, code: str, pk: str) -> Response:
        """Take out a milestone that was not accepted; the answer is its contract."""
        found, given = self._found(pk, ContractSeen, Permission.PLACE_ORDER)
        return self.answer(milestones.drop, _contract, milestone=found, **given)

    def _found(self, pk: str, body: Any, right: Permission) -> tuple[ContractMilestone, dict[str, Any]]:
        with self.reading() as access:
            program = self.program(access, right, somewhere=True)
            rows = ContractMilestone.objects.filter(program_id=program.pk, pk=pk)
            found = rows.select_related("contract__request").first()
            if found is None:
                raise Http404
            return found, self.accepted(body)

    def _shown(self, milestone: ContractMilestone) -> dict[str, Any]:
        return self.one(milestone.pk)


def _contract(found: Contract) -> dict[str, Any]:
    rows = ContractRow.of(Contract.objects.filter(pk=found.pk))
    return dict(ContractRow().to_representation(rows.get()))


class RetentionReleases(ProgramViewSet):
    """What was released of what contracts retain."""

    tag = "money"
    view_permission = Permission.VIEW_MONEY
    queryset = RetentionRelease.objects.all()
    serializer_class = RetentionReleaseRow
    filterset_class = MilestoneFilters

    @extend_schema(request=RetentionPayment, responses={200: RetentionReleaseRow})
    @action(detail=True, methods=["post"])
    def pay(self, request: Request, code: str, pk: str) -> Response:
        """Note that it was paid. Not by who released it."""
        with self.reading() as access:
            program = self.program(access, Permission.POST_ACTUALS)
            found = RetentionRelease.objects.filter(program_id=program.pk, pk=pk).first()
            if found is None:
                raise Http404
            given = self.accepted(RetentionPayment)
        return self.answer(retention.pay, lambda done: self.one(done.pk), release=found, **given)


class ContractHandovers(ProgramViewSet):
    """Who handed contracts in force over to whom, and why."""

    tag = "money"
    view_permission = Permission.VIEW_MONEY
    queryset = ContractHandover.objects.all()
    serializer_class = ContractHandoverRow
    filterset_class = MilestoneFilters
