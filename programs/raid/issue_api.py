"""The API of the issue register."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from pmo.accounts.roles import Permission
from pmo.api import filters
from pmo.api.views import ProgramViewSet
from programs.raid import issues
from programs.raid.issue_models import Issue
from programs.raid.issue_serializers import IssueChanges, IssueClosing, IssueRow, IssueWords, NewIssue


class IssueFilters(filters.FilterSet):
    project = filters.Words(field_name="project__code", lookup_expr="iexact")
    state = filters.Choice(choices=Issue.State.choices)
    kind = filters.Choice(choices=Issue.Kind.choices)
    came_from = filters.Choice(field_name="source", choices=Issue.Source.choices)
    code = filters.Words(lookup_expr="iexact")
    risk = filters.Whole(field_name="risk_id")


class Issues(ProgramViewSet):
    """The issue register."""

    tag = "risks"
    queryset = Issue.objects.all()
    serializer_class = IssueRow
    filterset_class = IssueFilters

    @extend_schema(request=NewIssue, responses={201: IssueRow})
    def create(self, request: Request, code: str) -> Response:
        """Enter an issue."""
        with self.reading() as access:
            program = self.program(access, Permission.EDIT_RISKS, somewhere=True)
            given = self.accepted(NewIssue)
        about = given.pop("activities", [])
        return self.answer(
            issues.add, self._shown, http_status=201, program=program, values=given, activities=about
        )

    @extend_schema(request=IssueChanges, responses={200: IssueRow})
    def partial_update(self, request: Request, code: str, pk: str) -> Response:
        """Change an issue; 409 if somebody changed it meanwhile."""
        with self.reading() as access:
            self.program(access, Permission.EDIT_RISKS, somewhere=True)
            self.require_any(access, self.there(pk, "project_id"), Permission.EDIT_RISKS)
            given = self.accepted(IssueChanges)
            found = Issue.objects.get(pk=pk)
        version, about = given.pop("version"), given.pop("activities", None)
        return self.answer(
            issues.edit, self._shown, issue=found, changes=given, version=version, activities=about
        )

    @extend_schema(request=IssueWords, responses={200: IssueRow})
    @action(detail=True, methods=["post"])
    def note(self, request: Request, code: str, pk: str) -> Response:
        """Say how it goes: its owner, or who keeps issues there."""
        return self._do(pk, IssueWords, issues.note)

    @extend_schema(request=IssueWords, responses={200: IssueRow})
    @action(detail=True, methods=["post"])
    def resolve(self, request: Request, code: str, pk: str) -> Response:
        """Say that it is mended, and how."""
        return self._do(pk, IssueWords, issues.resolve)

    @extend_schema(request=IssueClosing, responses={200: IssueRow})
    @action(detail=True, methods=["post"])
    def close(self, request: Request, code: str, pk: str) -> Response:
        """Confirm that it is over: never by who resolved it."""
        return self._do(pk, IssueClosing, issues.close)

    @extend_schema(request=IssueWords, responses={200: IssueRow})
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, code: str, pk: str) -> Response:
        """It is not over after all, and why."""
        return self._do(pk, IssueWords, issues.reopen)

    def _do(
        self, pk: str, shape: type[serializers.Serializer[Any]], service: Callable[..., Issue]
    ) -> Response:
        with self.reading() as access:
            self.program(access, Permission.VIEW_PROGRAM)
            self.there(pk)
            found = Issue.objects.get(pk=pk)
            given = self.accepted(shape)
        return self.answer(service, self._shown, issue=found, **given)

    def _shown(self, issue: Issue) -> dict[str, Any]:
        return self.one(issue.pk)
