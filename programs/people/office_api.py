"""The API of the office's accounts: what waits for a person, deactivate, reactivate. An administrator, present."""

from __future__ import annotations

from typing import Any, cast

from django.db import transaction
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from pmo import commands
from pmo.accounts.models import ApiToken, User
from pmo.api.fields import Text, Whole
from pmo.api.views import ScopedView, StrictSerializer
from pmo.scope import system_scope
from programs.people import duties, leaving
from programs.portfolio.models import Program


class DutyRow(serializers.Serializer[Any]):
    """What waits for the person in one program: how many of a kind, with the codes of the first twenty."""

    program = serializers.CharField()
    what = serializers.CharField()
    count = serializers.IntegerField()
    codes = serializers.ListField(child=serializers.CharField())
    handed_over = serializers.BooleanField(help_text="Whether a successor takes it over.")


class PersonRow(serializers.Serializer[Any]):
    """An account of the office."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    email = serializers.EmailField()
    active = serializers.BooleanField()
    duties = DutyRow(many=True)


class Successor(StrictSerializer):
    """Who takes over in a program."""

    program = Text(max_length=30, help_text="Its code.")
    person_id = Whole()


class Leaving(StrictSerializer):
    """Why, and who takes over what can be taken over."""

    reason = Text(max_length=400)
    successors = serializers.ListField(child=Successor(), required=False, max_length=200)


class Returning(StrictSerializer):
    """Why."""

    reason = Text(max_length=400)


class OfficeView(ScopedView):
    """One account, for an administrator of the office."""

    tag = "people"

    def person(self, pk: int) -> User:
        """The account: NotAllowed for whoever is no administrator of the office, 404 where there is none."""
        user, token = cast(User, self.request.user), isinstance(self.request.auth, ApiToken)
        leaving.require_office(user, by_token=token)
        return get_object_or_404(User, pk=pk)

    def shown(self, person: User) -> dict[str, Any]:
        """The account with what waits; read as the office."""
        ids = leaving.programs_of(person)
        with (
            transaction.atomic(),
            system_scope(ids, reason="an administrator reads what a person leaves behind"),
        ):
            found = duties.open_duties(person, ids)
            codes = dict(Program.objects.filter(pk__in=found).values_list("pk", "code"))
        return {
            "id": person.pk,
            "name": person.name,
            "email": person.email,
            "active": person.is_active,
            "duties": [
                {
                    "program": codes[pk],
                    "what": one.label,
                    "count": one.count,
                    "codes": one.codes,
                    "handed_over": one.handed,
                }
                for pk, listed in found.items()
                for one in listed
            ],
        }

    def deed(self, service: Any, person: User, reason: str, **more: Any) -> Response:
        """Run it as the office, in the programs of the person."""
        commands.run(
            service,
            actor=cast(User, self.request.user),
            scope=leaving.programs_of(person),
            why=reason,
            person=person,
            reason=reason,
            **more,
        )
        person.refresh_from_db()
        return Response(self.shown(person))


class PersonView(OfficeView):
    """What waits for a person."""

    @extend_schema(responses=PersonRow)
    def get(self, request: Request, pk: int) -> Response:
        """An account with its duties in all programs, by codes."""
        return Response(self.shown(self.person(pk)))


class DeactivateView(OfficeView):
    """Somebody leaves."""

    @extend_schema(request=Leaving, responses={200: PersonRow})
    def post(self, request: Request, pk: int) -> Response:
        """The person signs in no more, sessions and API tokens end. Not repeated by a key: 409 the second time."""
        person = self.person(pk)
        given = self.accepted(Leaving)
        ids = leaving.programs_of(person)
        with transaction.atomic(), system_scope(ids, reason="successors are named by program"):
            known = dict(Program.objects.filter(pk__in=ids).values_list("code", "pk"))
        successors: dict[int, User] = {}
        for one in given.get("successors", []):
            successor = User.objects.filter(pk=one["person_id"]).first()
            if one["program"] not in known or successor is None:
                raise exceptions.ValidationError({"successors": ["There is no such person or program here."]})
            successors[known[one["program"]]] = successor
        return self.deed(leaving.deactivate, person, given["reason"], successors=successors)


class ReactivateView(OfficeView):
    """Somebody comes back."""

    @extend_schema(request=Returning, responses={200: PersonRow})
    def post(self, request: Request, pk: int) -> Response:
        """The person signs in again. Not repeated by a key: 409 the second time."""
        person = self.person(pk)
        return self.deed(leaving.reactivate, person, self.accepted(Returning)["reason"])
