"""The API twin of the plan's sheet: batches of edits as they are typed into cells, undo, redo."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from pmo.accounts.models import ApiToken
from pmo.accounts.roles import Permission
from pmo.api import filters
from pmo.api.views import ProgramViewSet
from programs.master_plan.answers import WouldMoveRow, would_move_row
from programs.master_plan.models import PlanEdit
from programs.master_plan.sheet import services, undoing
from programs.master_plan.sheet.operations import checked
from programs.master_plan.sheet.outcome import Saved
from programs.master_plan.sheet.serializers import Agreed, NewPlanEdit, PlanEditRow, SavedEdit
from programs.master_plan.would_move import Tried


class PlanEditFilters(filters.FilterSet):
    state = filters.Choice(choices=PlanEdit.State.choices)


class PlanEdits(ProgramViewSet):
    """Batches of edits of the plan's table. Undo and redo go through those of the same person and token."""

    tag = "plan"
    queryset = PlanEdit.objects.defer("rows")
    serializer_class = PlanEditRow
    filterset_class = PlanEditFilters

    @extend_schema(request=NewPlanEdit, responses={201: SavedEdit})
    def create(self, request: Request, code: str) -> Response:
        """Carry out edits, all or none, as if typed into the table; the new dates are computed once."""
        given, program = self._given(NewPlanEdit)
        given["ops"] = checked([dict(op) for op in given["ops"]])
        return self._saved(services.edit_plan, 201, program=program, **given)

    @extend_schema(request=Agreed, responses={200: SavedEdit}, filters=False)
    @action(detail=False, methods=["post"], pagination_class=None)
    def undo(self, request: Request, code: str) -> Response:
        """Put back this person's last batch. 409, with the difference, where somebody edited since."""
        given, program = self._given(Agreed)
        return self._saved(undoing.undo, 200, program=program, **given)

    @extend_schema(request=Agreed, responses={200: SavedEdit}, filters=False)
    @action(detail=False, methods=["post"], pagination_class=None)
    def redo(self, request: Request, code: str) -> Response:
        """Do again what was undone last."""
        given, program = self._given(Agreed)
        return self._saved(undoing.undo, 200, program=program, redo=True, **given)

    @extend_schema(request=NewPlanEdit, responses={200: WouldMoveRow}, filters=False)
    @action(detail=False, methods=["post"], url_path="what-if", pagination_class=None)
    def what_if(self, request: Request, code: str) -> Response:
        """What the same edits would move, added and removed work and links of summaries among them; saves nothing."""
        given, program = self._given(NewPlanEdit)
        given["ops"] = checked([dict(op) for op in given["ops"]])
        try:
            self.run(services.edit_plan, program=program, session="", dry=True, **given)
        except Tried as tried:
            return Response(would_move_row(tried.known()))
        raise AssertionError("a trial ends in its answer")

    def _given(self, serializer: Any) -> tuple[dict[str, Any], Any]:
        with self.reading() as access:
            program = self.program(access, Permission.EDIT_PLAN, somewhere=True)
            return self.accepted(serializer), program

    def _saved(self, service: Callable[..., Saved], status: int, **given: Any) -> Response:
        token = self.request.auth
        session = undoing.session_of(f"token {token.pk}" if isinstance(token, ApiToken) else "api")
        return self.answer(service, _body, http_status=status, session=session, **given)


def _body(saved: Saved) -> dict[str, Any]:
    return {
        "edit": saved.edit.pk if saved.edit else None,
        "words": saved.words,
        "rows": saved.changed,
        "moved": len(saved.moved),
        "made": saved.made,
    }
