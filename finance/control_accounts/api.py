"""The API of control accounts and their variances."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from finance.control_accounts import selectors, services
from finance.control_accounts.models import ControlAccount, VarianceFinding
from finance.control_accounts.serializers import (
    AccountsAnswer,
    ControlAccountChanges,
    ControlAccountRow,
    NewControlAccount,
    SeenVersion,
    VarianceAnswer,
    VarianceRow,
)
from finance.earned_value import selectors as earned
from finance.earned_value.api import CLOCKS
from finance.engine.explained import decimals
from pmo.accounts.roles import Permission
from pmo.api import filters
from pmo.api.views import ProgramViewSet


class ControlAccountFilters(filters.FilterSet):
    project = filters.Words(field_name="project__code", lookup_expr="iexact")
    code = filters.Words(lookup_expr="iexact")


class ControlAccounts(ProgramViewSet):
    """Control accounts: elements of the plan with a manager who answers for them."""

    tag = "money"
    view_permission = Permission.VIEW_MONEY
    queryset = ControlAccount.objects.all()
    serializer_class = ControlAccountRow
    filterset_class = ControlAccountFilters

    @extend_schema(request=NewControlAccount, responses={201: ControlAccountRow})
    def create(self, request: Request, code: str) -> Response:
        """Make a summary of the plan a control account."""
        with self.reading() as access:
            program = self.program(access, Permission.EDIT_PLAN, somewhere=True)
            given = self.accepted(NewControlAccount)
        given.setdefault("manager", None)
        return self.answer(services.create, self._shown, http_status=201, program=program, **given)

    @extend_schema(request=ControlAccountChanges, responses={200: ControlAccountRow})
    def partial_update(self, request: Request, code: str, pk: str) -> Response:
        """Change code or manager; 409 if somebody changed it meanwhile."""
        found = self._found(pk)
        given = self.accepted(ControlAccountChanges)
        version = given.pop("version")
        return self.answer(services.edit, self._shown, account=found, changes=given, version=version)

    @extend_schema(responses={200: AccountsAnswer}, parameters=CLOCKS, filters=False)
    @action(detail=False, url_path="earned-value", pagination_class=None)
    def earned_value(self, request: Request, code: str) -> Response:
        """What each account earned, and what lies outside all, as of a status date."""
        program = self.program(self.access, self.view_permission)
        when = self.as_of()
        run = earned.newest_run(program, None if when.is_now else when.known)
        values = selectors.latest(program, run, when.at) if run else []
        return Response(
            {
                "at": when.at,
                "currency": program.currency,
                "accounts": [_figures(one, program.currency) for one in values],
            }
        )

    def known_parameters(self) -> frozenset[str]:
        return super().known_parameters() | ({"at", "known"} if self.action == "earned_value" else set())

    def _found(self, pk: str) -> ControlAccount:
        with self.reading() as access:
            program = self.program(access, Permission.EDIT_PLAN, somewhere=True)
            found = ControlAccount.objects.filter(program_id=program.pk, pk=pk).first()
            if found is None:
                raise Http404
            self.require_any(access, found.project_id, Permission.EDIT_PLAN)
            account: ControlAccount = found
            return account

    def _shown(self, account: ControlAccount) -> dict[str, Any]:
        return self.one(account.pk)


def _figures(one: selectors.AccountValue, currency: str) -> dict[str, Any]:
    found = one.measures(currency)

    def index(name: str) -> str | None:
        value = found[name].value
        return None if value is None else decimals(value, 8)

    return {
        "control_account": one.account.pk if one.account else None,
        "code": one.account.code if one.account else None,
        "project": one.project.code,
        "status_at": one.snapshot.at,
        "bac_minor": one.minor.bac,
        "pv_minor": one.minor.pv,
        "ev_minor": one.minor.ev,
        "ac_minor": one.minor.ac,
        "eac_minor": found["eac_cpi"].minor,
        "vac_minor": found["vac"].minor,
        "cpi": index("cpi"),
        "spi": index("spi"),
    }


class VarianceFilters(filters.FilterSet):
    project = filters.Words(field_name="account__project__code", lookup_expr="iexact")
    account = filters.Whole(field_name="account_id")
    state = filters.Choice(choices=VarianceFinding.State.choices)


class Variances(ProgramViewSet):
    """Variances that were asked about, with their answers."""

    tag = "money"
    view_permission = Permission.VIEW_MONEY
    queryset = VarianceFinding.objects.all()
    serializer_class = VarianceRow
    filterset_class = VarianceFilters

    @extend_schema(request=VarianceAnswer, responses={200: VarianceRow})
    @action(detail=True, methods=["put"], url_path="answer", url_name="answer")
    def reply(self, request: Request, code: str, pk: str) -> Response:
        """Answer it: by the manager of the account, or who edits the project's plan."""
        found = self._found(pk, Permission.VIEW_MONEY)
        given = self.accepted(VarianceAnswer)
        version = given.pop("version")
        return self.answer(services.answer, self._shown, finding=found, values=given, version=version)

    @extend_schema(request=SeenVersion, responses={200: VarianceRow})
    @action(detail=True, methods=["post"])
    def close(self, request: Request, code: str, pk: str) -> Response:
        """Accept an answer: never one's own."""
        found = self._found(pk, Permission.EDIT_BUDGET)
        given = self.accepted(SeenVersion)
        return self.answer(services.close, self._shown, finding=found, version=given["version"])

    def _found(self, pk: str, right: Permission) -> VarianceFinding:
        with self.reading() as access:
            program = self.program(access, right)
            found = (
                VarianceFinding.objects.filter(program_id=program.pk, pk=pk).select_related("account").first()
            )
            if found is None:
                raise Http404
            if right == Permission.VIEW_MONEY and not services.may_answer(found, access.user):
                access.require(Permission.EDIT_PLAN, program.pk, found.account.project_id)
            finding: VarianceFinding = found
            return finding

    def _shown(self, finding: VarianceFinding) -> dict[str, Any]:
        return self.one(finding.pk)
