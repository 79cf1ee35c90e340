"""The API of a program's people: roles and invitations. Writes need a person present; an API token reads."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from pmo.accounts.models import Membership
from pmo.accounts.roles import Permission, Role
from pmo.api import filters
from pmo.api.views import ProgramViewSet
from programs.people import services
from programs.people.models import Invitation, InvitedRole
from programs.people.serializers import (
    Because,
    InvitationRow,
    InvitedRoleRow,
    MadeInvitations,
    MemberEdit,
    MemberRow,
    NewInvitations,
)
from programs.people.services import Invited
from programs.people.wishes import Wanted, Wish
from programs.portfolio import services as portfolio

KEEPS = Permission.MANAGE_MEMBERS


class MemberFilters(filters.FilterSet):
    role = filters.Choice(choices=Role.choices)
    project = filters.Words(field_name="project__code", lookup_expr="iexact")


class Members(ProgramViewSet):
    """Who holds which role, ended ones too."""

    tag = "people"
    view_permission = KEEPS
    queryset = Membership.objects.all()
    serializer_class = MemberRow
    filterset_class = MemberFilters

    @extend_schema(request=MemberEdit, responses={200: MemberRow})
    def partial_update(self, request: Request, code: str, pk: str) -> Response:
        """Say another last day."""
        with self.reading() as access:
            program = self.program(access, KEEPS)
            found = get_object_or_404(Membership, program=program, pk=pk)
            given = self.accepted(MemberEdit)
        return self.answer(
            portfolio.change_membership,
            lambda done: self.one(done.pk),
            why=given["why"],
            membership=found,
            until=given["valid_to"],
        )

    @extend_schema(request=Because, responses={200: MemberRow})
    @action(detail=True, methods=["post"])
    def end(self, request: Request, code: str, pk: str) -> Response:
        """End a role now."""
        with self.reading() as access:
            program = self.program(access, KEEPS)
            found = get_object_or_404(Membership, program=program, pk=pk)
            given = self.accepted(Because)
        return self.answer(
            portfolio.end_membership, lambda done: self.one(done.pk), why=given["why"], membership=found
        )


class Invitations(ProgramViewSet):
    """Who is invited, with what became of it. The link is in the mail only."""

    tag = "people"
    view_permission = KEEPS
    queryset = Invitation.objects.all()
    serializer_class = InvitationRow

    @extend_schema(request=NewInvitations, responses={201: MadeInvitations})
    def create(self, request: Request, code: str) -> Response:
        """Invite people: all of them or nobody."""
        with self.reading() as access:
            program = self.program(access, KEEPS)
            given = self.accepted(NewInvitations)
        wishes = [
            Wish(
                one["email"],
                one["name"],
                [Wanted(wanted["role"], wanted.get("project")) for wanted in one["roles"]],
                one.get("until"),
                line=n if len(given["people"]) > 1 else 0,
            )
            for n, one in enumerate(given["people"], 1)
        ]

        def shown(made: Invited) -> dict[str, Any]:
            return {
                "invitations": [one.pk for one in made.invitations],
                "memberships": [one.pk for one in made.memberships],
            }

        return self.answer(
            services.invite,
            shown,
            http_status=201,
            why=given.get("why", ""),
            program=program,
            wishes=wishes,
            reason=given.get("why", ""),
            agreed=given.get("agreed", ""),
        )

    @extend_schema(request=None, responses={200: InvitationRow})
    @action(detail=True, methods=["post"])
    def send(self, request: Request, code: str, pk: str) -> Response:
        """Send another link; the former one works no more."""
        return self._deed(services.send_again, pk)

    @extend_schema(request=None, responses={200: InvitationRow})
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, code: str, pk: str) -> Response:
        """The link works no more."""
        return self._deed(services.withdraw, pk)

    def _deed(self, service: Any, pk: str) -> Response:
        with self.reading() as access:
            program = self.program(access, KEEPS)
            self._key()
            found = get_object_or_404(Invitation, program=program, pk=pk)
        return self.answer(service, lambda done: self.one(done.pk), invitation=found)


class InvitedRoles(ProgramViewSet):
    """The roles that wait in invitations."""

    tag = "people"
    view_permission = KEEPS
    queryset = InvitedRole.objects.all()
    serializer_class = InvitedRoleRow
