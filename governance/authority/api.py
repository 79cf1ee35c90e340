"""The API of delegated authority. Changing it needs a person present: a token answers 403."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from governance.authority import services
from governance.authority.models import AuthorityRule, SubjectKind
from governance.authority.serializers import NewRule, RuleRow
from pmo.accounts.roles import Permission
from pmo.api import filters
from pmo.api.views import ProgramViewSet


class RuleFilters(filters.FilterSet):
    subject_kind = filters.Choice(choices=SubjectKind.choices)
    body = filters.Words(field_name="body__code", lookup_expr="iexact")
    on = filters.Day(field_name="valid", lookup_expr="contains")


class AuthorityRules(ProgramViewSet):
    """Who decides on what, up to which amount."""

    tag = "governance"
    queryset = AuthorityRule.objects.all()
    serializer_class = RuleRow
    filterset_class = RuleFilters

    @extend_schema(request=NewRule, responses={201: RuleRow})
    def create(self, request: Request, code: str) -> Response:
        """Delegate authority (needs a person present)."""
        with self.reading() as access:
            program = self.program(access, Permission.EDIT_PROGRAM)
            given = self.accepted(NewRule)
        return self.answer(
            services.delegate, lambda rule: self.one(rule.pk), http_status=201, program=program, **given
        )
