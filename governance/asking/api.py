"""The API of free questions."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from governance.asking import services
from governance.authority.models import AuthorityRule, SubjectKind
from governance.decisions.models import Decision
from governance.questions.models import FEWEST, MOST, FreeQuestion
from pmo.accounts.roles import Permission
from pmo.api import filters
from pmo.api.fields import Instant, Related, Text
from pmo.api.rows import Row
from pmo.api.views import ProgramViewSet, StrictSerializer


def question_rules(program_id: int) -> Any:
    """The rules that say which bodies answer questions in one program."""
    return AuthorityRule.objects.filter(program_id=program_id, subject_kind=SubjectKind.QUESTION)


class FreeQuestionRow(Row):
    """A question as it was asked; its decision is found at `decisions` by `subject_id`."""

    id = serializers.IntegerField()
    code = serializers.CharField()
    title = serializers.CharField()
    options = serializers.ListField(child=serializers.CharField())
    papers = serializers.CharField()
    asked_by = serializers.CharField(source="asked_by__name", allow_null=True)
    asked_at = Instant()


class NewQuestion(StrictSerializer):
    """A question to ask; `rule` is the id of the rule of authority that names the body."""

    title = Text(max_length=200)
    question = Text(max_length=2000)
    options = serializers.ListField(child=Text(max_length=200), min_length=FEWEST, max_length=MOST)
    papers = Text(max_length=40_000, allow_blank=True, default="")
    recommendation = Text(max_length=8000, allow_blank=True, default="")
    rule = Related(question_rules, required=False)


class QuestionFilters(filters.FilterSet):
    code = filters.Words(lookup_expr="iexact")


class FreeQuestions(ProgramViewSet):
    """Questions that are about no other record, with their options."""

    tag = "governance"
    queryset = FreeQuestion.objects.all()
    serializer_class = FreeQuestionRow
    filterset_class = QuestionFilters

    @extend_schema(request=NewQuestion, responses={201: FreeQuestionRow})
    def create(self, request: Request, code: str) -> Response:
        """Ask a body a question: it is proposed as a decision in the same command."""
        with self.reading() as access:
            program = self.program(access, Permission.PROPOSE_DECISION)
            given = self.accepted(NewQuestion)
        return self.answer(services.ask, self._shown, http_status=201, program=program, **given)

    def _shown(self, made: Decision) -> dict[str, Any]:
        return self.one(made.subject_id)
