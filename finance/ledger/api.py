"""The API of the books: read them, move available money, accrue, take a journal back."""

from __future__ import annotations

import uuid
from types import SimpleNamespace
from typing import Any, Final
from urllib.parse import urlencode

from django.http import Http404
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response

from finance.ledger import journal_file, registers, services
from finance.ledger.books import Place
from finance.ledger.choice import chosen
from finance.ledger.models import Account, ActualLine, Journal, Kind, Posting
from finance.ledger.serializers import (
    AccountRow,
    ActualLineRow,
    FindingRow,
    Made,
    NewAccrual,
    NewRegisterFile,
    PostingRow,
    Reason,
    RegisterRun,
)
from finance.policy.models import PolicyFinding
from finance.structure.models import Category, Nature
from pmo.accounts.roles import Permission
from pmo.api import filters
from pmo.api.views import ProgramViewSet, ScopedView
from pmo.clocks import AsOf, as_of
from pmo.refusals import Refused
from pmo.reports import services as reports
from programs.portfolio.models import Program


class AccountFilters(filters.FilterSet):
    project = filters.Words(field_name="project__code", lookup_expr="iexact")
    category = filters.Choice(choices=Category.choices)
    nature = filters.Choice(choices=Nature.choices)
    kind = filters.Choice(choices=Kind.choices)


class Accounts(ProgramViewSet):
    """Accounts with what stands in them."""

    tag = "money"
    view_permission = Permission.VIEW_MONEY
    queryset = Account.objects.all()
    serializer_class = AccountRow
    filterset_class = AccountFilters


class PostingFilters(filters.FilterSet):
    project = filters.Words(field_name="account__project__code", lookup_expr="iexact")
    category = filters.Choice(field_name="account__category", choices=Category.choices)
    nature = filters.Choice(field_name="account__nature", choices=Nature.choices)
    account = filters.Choice(field_name="account__kind", choices=Kind.choices)
    kind = filters.Choice(field_name="journal__kind", choices=Journal.Kind.choices)
    period = filters.Words(field_name="journal__period__code")


class Postings(ProgramViewSet):
    """Every posting of every journal, in the order in which they were entered."""

    tag = "money"
    view_permission = Permission.VIEW_MONEY
    queryset = Posting.objects.all()
    serializer_class = PostingRow
    filterset_class = PostingFilters


class ActualLineFilters(filters.FilterSet):
    project = filters.Words(field_name="project__code", lookup_expr="iexact")
    category = filters.Choice(choices=Category.choices)
    nature = filters.Choice(choices=Nature.choices)
    period = filters.Words(field_name="period__code")
    source_reference = filters.Words()


class ActualLines(ProgramViewSet):
    """Costs that were incurred, one by one: what the journals of actual cost sum."""

    tag = "money"
    view_permission = Permission.VIEW_MONEY
    queryset = ActualLine.objects.all()
    serializer_class = ActualLineRow
    filterset_class = ActualLineFilters


class FindingFilters(filters.FilterSet):
    project = filters.Words(field_name="project__code", lookup_expr="iexact")
    kind = filters.Choice(choices=PolicyFinding.Kind.choices)
    clause = filters.Words(field_name="clause__code", lookup_expr="iexact")
    open = filters.YesNo(field_name="cleared_at", lookup_expr="isnull")


class Findings(ProgramViewSet):
    """What budget policy found."""

    tag = "money"
    view_permission = Permission.VIEW_MONEY
    queryset = PolicyFinding.objects.all()
    serializer_class = FindingRow
    filterset_class = FindingFilters


def _place(given: dict[str, Any]) -> Place:
    project = given.get("project")
    return Place(project.pk if project else None, given["category"], given["nature"])


def _made(journal: uuid.UUID) -> dict[str, Any]:
    return {"journal": str(journal)}


class Accruals(ScopedView):
    """Cost incurred and not yet invoiced."""

    tag = "money"

    @extend_schema(request=NewAccrual, responses={201: Made})
    def post(self, request: Request, code: str) -> Response:
        """Accrue; reverse it when the invoice is entered."""
        with self.reading() as access:
            program = self.program(access, Permission.POST_ACTUALS)
            given = self.accepted(NewAccrual)
        return self.answer(
            services.accrue,
            _made,
            http_status=201,
            program=program,
            place=_place(given["place"]),
            amount=given["amount_minor"],
            effective=given["effective"],
            text=given["text"],
        )


_REGISTERS: Final = {
    registers.ENTRIES: ("finance:entries-file", ("account",)),
    registers.LINES: ("finance:cost-lines-file", ("vendor",)),
    journal_file.JOURNALS: ("finance:ledger-file", ("kind", "period")),
}
"""Register -> the route of its form, and what is asked of it alone: the first of them is the run's `of`."""


class RegisterFiles(ScopedView):
    """Whole registers as files, written by a worker."""

    tag = "money"

    @extend_schema(request=NewRegisterFile, responses={201: RegisterRun})
    def post(self, request: Request, code: str) -> Response:
        """Have a register of any length written to a file, for yourself; the run says when it is there."""
        with self.reading() as access:
            program = self.program(access, Permission.VIEW_MONEY)
            given = self.accepted(NewRegisterFile)
            route, of_what = _REGISTERS[given["register"]]
            for name in ("account", "vendor", "kind", "period"):
                if given.get(name) and name not in of_what:
                    raise exceptions.ValidationError({name: ["That is of another register."]})
            words = {"from": given.get("first", ""), "to": given.get("last", "")}
            words |= {
                name: given.get(name) or "" for name in ("project", "category", "nature", "at", "known")
            }
            asking = SimpleNamespace(GET=words)
            filters = chosen(asking, program)
            if filters.problems:
                fields = {"from": "first", "to": "last"}
                raise exceptions.ValidationError(
                    {fields.get(name, name): [text] for name, text in filters.problems.items()}
                )
            when = self.moment(asking, program)
            asked = registers.asked(
                filters, when, of=given.get(of_what[0]) or "", period=given.get("period") or ""
            )
            where = reverse(route, kwargs={"code": program.code})
            words |= {name: given.get(name) or "" for name in of_what}
        return self.answer(
            reports.request_file,
            lambda run: {"run": run.pk},
            http_status=201,
            program=program,
            kind=given["register"],
            asked=asked
            | {
                "format": given["format"],
                "page": f"{where}?{urlencode({k: v for k, v in words.items() if v})}",
            },
            wants_mail=given["mail"],
            as_of=None if when.is_now else when.at,
            known=None if when.is_now else when.known,
        )

    def moment(self, asking: Any, program: Program) -> AsOf:
        """The two clocks of the body; a text that is no date is 400."""
        try:
            return as_of(asking, program)
        except Refused as refusal:
            raise exceptions.ValidationError({refusal.field or "at": [refusal.message]}) from refusal


class Reversals(ScopedView):
    """Journals taken back."""

    tag = "money"

    @extend_schema(request=Reason, responses={201: Made})
    def post(self, request: Request, code: str, pk: uuid.UUID) -> Response:
        """Enter the mirror image of a journal, once, with today's date."""
        with self.reading() as access:
            program = self.program(access, Permission.POST_ACTUALS)
            found = Journal.objects.filter(program_id=program.pk, pk=pk).select_related("program").first()
            if found is None:
                raise Http404
            given = self.accepted(Reason)
        return self.answer(services.reverse, _made, http_status=201, journal=found, text=given["text"])
