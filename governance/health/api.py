"""The API of the program's health: the same ratings as the dashboard, as of both clocks."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from governance.health import selectors, stated
from pmo.accounts.roles import Permission
from pmo.api.fields import Choice, Day
from pmo.api.views import ScopedView

COLOURS = [("green", "Green"), ("amber", "Amber"), ("red", "Red"), ("", "Not rated")]


class StatedIn(serializers.Serializer[Any]):
    """What somebody said last: it counts up to and with `valid_until`."""

    colour = Choice(choices=COLOURS[:3])
    reason = serializers.CharField()
    person = serializers.CharField()
    age_days = serializers.IntegerField()
    valid_until = Day()
    expired = serializers.BooleanField()


class RatingRow(serializers.Serializer[Any]):
    """One dimension; an empty colour is "not rated", and the sentence says why."""

    dimension = serializers.CharField()
    colour = Choice(choices=COLOURS, allow_blank=True)
    sentence = serializers.CharField()
    rule = serializers.CharField()
    manager = StatedIn(allow_null=True)
    assurance = StatedIn(allow_null=True)


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
        when = self.as_of()
        figures = selectors.read(
            program, at=when.at, known=when.known, is_now=when.is_now, sees_money=self.sees_money
        )
        rated = stated.sides(figures, stated.of(figures))[1:]  # the overall one is not computed from figures
        return Response(
            {
                "at": when.at,
                "known": when.known,
                "ratings": [
                    {
                        "dimension": one.dimension,
                        "colour": one.computed.colour,
                        "sentence": one.computed.sentence,
                        "rule": one.computed.rule,
                        "manager": _word(one.manager),
                        "assurance": _word(one.assurance),
                    }
                    for one in rated
                ],
            }
        )


def _word(word: stated.Word | None) -> dict[str, Any] | None:
    if word is None:
        return None
    return {
        "colour": word.colour,
        "reason": word.reason,
        "person": word.person,
        "age_days": word.age,
        "valid_until": word.valid_until,
        "expired": word.expired,
    }
