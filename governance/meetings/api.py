"""The API of meetings, agendas and action items."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action as deed
from rest_framework.request import Request
from rest_framework.response import Response

from governance.meetings import actions, services
from governance.meetings.models import ActionItem, AgendaItem, Meeting, MeetingSeries
from governance.meetings.serializers import (
    ActionChanges,
    ActionClosing,
    ActionItemRow,
    AgendaItemRow,
    MeetingRow,
    NewAction,
    NewMeeting,
    SeriesRow,
)
from pmo.accounts.roles import Permission
from pmo.api import filters
from pmo.api.views import ProgramViewSet


class SeriesFilters(filters.FilterSet):
    body = filters.Words(field_name="body__code", lookup_expr="iexact")


class Series(ProgramViewSet):
    """When bodies meet."""

    tag = "governance"
    queryset = MeetingSeries.objects.all()
    serializer_class = SeriesRow
    filterset_class = SeriesFilters


class MeetingFilters(filters.FilterSet):
    body = filters.Words(field_name="body__code", lookup_expr="iexact")
    state = filters.Choice(choices=Meeting.State.choices)


class Meetings(ProgramViewSet):
    """Meetings that were called."""

    tag = "governance"
    queryset = Meeting.objects.all()
    serializer_class = MeetingRow
    filterset_class = MeetingFilters

    @extend_schema(request=NewMeeting, responses={201: MeetingRow})
    def create(self, request: Request, code: str) -> Response:
        """Call a meeting; its agenda is assembled from what waits."""
        with self.reading() as access:
            program = self.program(access, Permission.KEEP_MEETINGS)
            given = self.accepted(NewMeeting)
        return self.answer(
            services.call_meeting, lambda made: self.one(made.pk), http_status=201, program=program, **given
        )


class AgendaFilters(filters.FilterSet):
    meeting = filters.Whole(field_name="meeting_id")
    kind = filters.Choice(choices=AgendaItem.Kind.choices)


class AgendaItems(ProgramViewSet):
    """Points of agendas with their minutes."""

    tag = "governance"
    queryset = AgendaItem.objects.all()
    serializer_class = AgendaItemRow
    filterset_class = AgendaFilters


class ActionFilters(filters.FilterSet):
    state = filters.Choice(choices=ActionItem.State.choices)
    owner = filters.Whole(field_name="owner_id")
    meeting = filters.Whole(field_name="meeting_id")


class Actions(ProgramViewSet):
    """Who does what by when."""

    tag = "governance"
    queryset = ActionItem.objects.all()
    serializer_class = ActionItemRow
    filterset_class = ActionFilters

    @extend_schema(request=NewAction, responses={201: ActionItemRow})
    def create(self, request: Request, code: str) -> Response:
        """Record an action item."""
        with self.reading() as access:
            program = self.program(access, Permission.KEEP_MEETINGS)
            given = self.accepted(NewAction)
        return self.answer(actions.add, self._shown, http_status=201, program=program, **given)

    @extend_schema(request=ActionChanges, responses={200: ActionItemRow})
    def partial_update(self, request: Request, code: str, pk: str) -> Response:
        """Change an open one; 409 if somebody changed it meanwhile."""
        with self.reading() as access:
            self.program(access, Permission.KEEP_MEETINGS)
            found = self._found(pk)
            given = self.accepted(ActionChanges)
        return self.answer(actions.change, self._shown, action=found, **given)

    @extend_schema(request=ActionClosing, responses={200: ActionItemRow})
    @deed(detail=True, methods=["post"], url_path="close")
    def close(self, request: Request, code: str, pk: str) -> Response:
        """Done (also by its owner), or dropped."""
        with self.reading() as access:
            self.program(access, Permission.VIEW_PROGRAM)
            found = self._found(pk)
            given = self.accepted(ActionClosing)
        return self.answer(actions.close, self._shown, action=found, **given)

    def _found(self, pk: str) -> ActionItem:
        self.there(pk)
        found: ActionItem = ActionItem.objects.get(pk=pk)
        return found

    def _shown(self, made: ActionItem) -> dict[str, Any]:
        return self.one(made.pk)
