"""The API of the program's health: the same ratings as the dashboard, as of both clocks."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from governance.health import selectors
from pmo.accounts.roles import Permission
from pmo.api.fields import Choice
from pmo.api.views import ScopedView
from pmo.clocks import instant

COLOURS = [("green", "Green"), ("amber", "Amber"), ("red", "Red"), ("", "Not rated")]


class RatingRow(serializers.Serializer[Any]):
    """One dimension; an empty colour is "not rated", and the sentence says why."""

    dimension = serializers.CharField()
    colour = Choice(choices=COLOURS, allow_blank=True)
    sentence = serializers.CharField()
    rule = serializers.CharField()


class HealthRow(serializers.Serializer[Any]):
    """The six dimensions of a program."""

    at = serializers.DateTimeField()
    known = serializers.DateTimeField()
    ratings = RatingRow(many=True)


class Health(ScopedView):
    """Schedule, cost, scope, risk, resources, benefits: each with its colour, figures and rule."""

    tag = "governance"
    query_parameters = frozenset({"at", "known"})

    @extend_schema(
        responses={200: HealthRow},
        parameters=[
            OpenApiParameter("at", str, description="Status date; the present without it."),
            OpenApiParameter("known", str, description="As known at this instant; the present without it."),
        ],
    )
    def get(self, request: Request, code: str) -> Response:
        """The ratings now, or as of another time."""
        program = self.program(self.access, Permission.VIEW_PROGRAM)
        now = datetime.now(UTC)
        given = {name: request.query_params.get(name, "") for name in ("at", "known")}
        at = instant(given["at"], program.time_zone) if given["at"] else now
        known = min(instant(given["known"], program.time_zone), now) if given["known"] else now
        figures = selectors.read(
            program, at=at, known=known, is_now=not any(given.values()), sees_money=self.sees_money
        )
        rated = selectors.ratings(figures)
        return Response(
            {
                "at": at,
                "known": known,
                "ratings": [
                    {
                        "dimension": one.dimension,
                        "colour": one.colour,
                        "sentence": one.sentence,
                        "rule": one.rule,
                    }
                    for one in rated
                ],
            }
        )
