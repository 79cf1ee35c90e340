"""The API of calendar feeds: my addresses in a program."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from pmo.accounts.roles import Permission
from pmo.api.views import ProgramViewSet

from . import selectors, services
from .models import CalendarFeed
from .serializers import FeedRow, MadeFeed, NewFeed


@extend_schema_view(retrieve=extend_schema(responses={200: FeedRow}))
class CalendarFeeds(ProgramViewSet):
    """My private addresses under which a calendar program reads the milestones; nobody sees another's."""

    tag = "plan"
    queryset = CalendarFeed.objects.all()
    serializer_class = FeedRow

    def rows(self, rows: Any) -> Any:
        return rows.filter(user=self.request.user)

    @extend_schema(request=NewFeed, responses={201: MadeFeed})
    def create(self, request: Request, code: str) -> Response:
        """Make an address. A person must be present. Not repeated by a key: it is shown once."""
        with self.reading() as access:
            program = self.program(access, Permission.VIEW_PROGRAM)
            given = self.accepted(NewFeed)
        feed, text = self.run(services.make, program=program, name=given["name"])
        return self.created({"id": feed.pk, "address": selectors.address_of(text)})

    @extend_schema(request=None, responses={200: FeedRow})
    @action(detail=True, methods=["post"])
    def end(self, request: Request, code: str, pk: str) -> Response:
        """End an address at once; a person must be present."""
        with self.reading() as access:
            program = self.program(access, Permission.VIEW_PROGRAM)
            feed = selectors.feeds(program, request.user).filter(pk=pk).first()
            if feed is None:
                raise Http404
        return self.answer(services.end, lambda done: self.one(done.pk), feed=feed)
