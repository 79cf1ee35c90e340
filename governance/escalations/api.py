"""The API of escalations. Answering for a body needs a person present, or its secretary naming the meeting."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from governance.bodies.serializers import bodies
from governance.decisions.serializers import change_requests
from governance.escalations import services
from governance.escalations.models import Escalation
from governance.meetings.serializers import meetings
from pmo.accounts.roles import Permission
from pmo.api import filters
from pmo.api.fields import Choice, Day, Instant, Related, Text, Whole
from pmo.api.rows import Row
from pmo.api.views import ProgramViewSet, StrictSerializer
from programs.raid.issue_models import Issue
from programs.raid.models import Risk


def risks(program_id: int) -> Any:
    """The risks of one program."""
    return Risk.objects.filter(program_id=program_id)


def issues(program_id: int) -> Any:
    """The issues of one program."""
    return Issue.objects.filter(program_id=program_id)


class EscalationRow(Row):
    """What is asked of which body, by when, and the answer."""

    id = serializers.IntegerField()
    number = serializers.IntegerField()
    title = serializers.CharField()
    question = serializers.CharField()
    body_id = serializers.IntegerField()
    body = serializers.CharField(source="body__code")
    risk_id = serializers.IntegerField(allow_null=True)
    change_request_id = serializers.IntegerField(allow_null=True)
    issue_id = serializers.IntegerField(allow_null=True)
    needed_by = Day()
    state = Choice(choices=Escalation.State.choices)
    raised_by = serializers.CharField(source="raised_by__name")
    raised_at = Instant()
    answer = serializers.CharField()
    closed_at = Instant(allow_null=True)
    answered_in_id = serializers.IntegerField(allow_null=True)
    version = serializers.IntegerField()


class NewEscalation(StrictSerializer):
    """An escalation: without a body, the first rung of the ladder is asked; without a day, its days count."""

    title = Text(max_length=200)
    question = Text(max_length=4000)
    body = Related(bodies, required=False)
    risk = Related(risks, required=False)
    change_request = Related(change_requests, required=False)
    issue = Related(issues, required=False)
    needed_by = Day(required=False)


class EscalationAnswer(StrictSerializer):
    """What the body says (or why it is returned or taken back); `meeting` where its secretary writes it down."""

    text = Text(max_length=4000)
    meeting = Related(meetings, required=False)
    version = Whole()


class EscalationWithdrawal(StrictSerializer):
    """Why it is taken back."""

    text = Text(max_length=4000)
    version = Whole()


class EscalationFilters(filters.FilterSet):
    state = filters.Choice(choices=Escalation.State.choices)
    body = filters.Words(field_name="body__code", lookup_expr="iexact")
    risk = filters.Whole(field_name="risk_id")
    issue = filters.Whole(field_name="issue_id")


class Escalations(ProgramViewSet):
    """What a project cannot settle, put to a body by a day."""

    tag = "governance"
    queryset = Escalation.objects.all()
    serializer_class = EscalationRow
    filterset_class = EscalationFilters

    @extend_schema(request=NewEscalation, responses={201: EscalationRow})
    def create(self, request: Request, code: str) -> Response:
        """Escalate."""
        with self.reading() as access:
            program = self.program(access, Permission.EDIT_RISKS, somewhere=True)
            given = self.accepted(NewEscalation)
        return self.answer(
            services.raise_one, lambda made: self.one(made.pk), http_status=201, program=program, **given
        )

    @extend_schema(request=EscalationAnswer, responses={200: EscalationRow})
    @action(detail=True, methods=["post"], url_path="answer")
    def reply(self, request: Request, code: str, pk: str) -> Response:
        """Answer for the body."""
        return self._do(pk, EscalationAnswer, services.answer)

    @extend_schema(request=EscalationAnswer, responses={200: EscalationRow})
    @action(detail=True, methods=["post"], url_path="return")
    def give_back(self, request: Request, code: str, pk: str) -> Response:
        """Return it to whoever raised it, with the reason."""
        return self._do(pk, EscalationAnswer, services.give_back)

    @extend_schema(request=EscalationWithdrawal, responses={200: EscalationRow})
    @action(detail=True, methods=["post"], url_path="withdraw")
    def withdraw(self, request: Request, code: str, pk: str) -> Response:
        """Take it back, with the reason."""
        return self._do(pk, EscalationWithdrawal, services.withdraw)

    def _do(self, pk: str, shape: type[serializers.Serializer[Any]], service: Any) -> Response:
        with self.reading() as access:
            self.program(access, Permission.VIEW_PROGRAM)
            self.there(pk)
            found = Escalation.objects.get(pk=pk)
            given = self.accepted(shape)
        return self.answer(service, lambda made: self.one(made.pk), escalation=found, **given)
