"""The API of a person's own things: who I am, what I may do, my tokens."""

from __future__ import annotations

from typing import cast

from django.apps import apps
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response

from pmo.accounts.access import Access
from pmo.accounts.models import ApiToken, User
from pmo.accounts.roles import Permission
from pmo.api.views import ScopedView
from pmo.home import services
from pmo.home.serializers import MadeToken, Me, NewToken, TokenRow


def _programs(access: Access) -> dict[int, tuple[str, str]]:
    rows = apps.get_model("programs", "Program").objects.filter(pk__in=access.program_ids).order_by("code")
    return {pk: (code, name) for pk, code, name in rows.values_list("pk", "code", "name")}


def _projects(access: Access) -> list[tuple[int, int, str]]:
    model = apps.get_model("programs", "Project")
    return list(
        model.objects.filter(program_id__in=access.program_ids).values_list("pk", "program_id", "code")
    )


class MeView(ScopedView):
    """Who I am, and what I may do where."""

    tag = "me"

    @extend_schema(responses=Me)
    def get(self, request: Request) -> Response:
        """Me, my programs and my rights in them."""
        access, user = self.access, cast(User, request.user)  # SignedIn lets nobody else in
        projects = _projects(access)
        held = []
        for pk, (code, name) in _programs(access).items():
            in_projects = {
                project_code: sorted(
                    one for one in Permission if access.may(one, pk, project) and not access.may(one, pk)
                )
                for project, program, project_code in projects
                if program == pk
            }
            held.append(
                {
                    "program": code,
                    "name": name,
                    "roles": access.roles_in(pk),
                    "permissions": sorted(one for one in Permission if access.may(one, pk)),
                    "project_permissions": {key: value for key, value in in_projects.items() if value},
                }
            )
        return Response(
            {
                "id": user.pk,
                "name": user.name,
                "email": user.email,
                "time_zone": user.time_zone,
                "by_token": access.by_token,
                "programs": held,
            }
        )


class TokensView(ScopedView):
    """My API tokens."""

    tag = "me"

    @extend_schema(responses=TokenRow(many=True))
    def get(self, request: Request) -> Response:
        """My tokens, newest first, without their text."""
        rows = ApiToken.objects.filter(user=request.user).order_by("-created").prefetch_related("programs")
        return Response(
            [
                {
                    "key": one.token_key,
                    "digest": one.digest,
                    "name": one.name,
                    "scope": one.scope,
                    "programs": sorted(program.code for program in one.programs.all()),
                    "created": one.created,
                    "expiry": one.expiry,
                    "last_used_at": one.last_used_at,
                }
                for one in rows[:100]
            ]
        )

    @extend_schema(request=NewToken, responses={201: MadeToken})
    def post(self, request: Request) -> Response:
        """Make a token. A token cannot make tokens: a person must be present. Not repeated by a key: shown once."""
        given = self.accepted(NewToken)
        with self.reading() as access:
            known = {code: pk for pk, (code, _) in _programs(access).items()}
        codes = given.get("programs", [])
        if missing := sorted(set(codes) - set(known)):
            raise exceptions.ValidationError({"programs": [f"You hold no role in {missing[0]}."]})
        _, text = self.run(
            services.make_token,
            name=given["name"],
            allows=given["scope"],
            days=given["days"],
            program_ids=sorted({known[code] for code in codes}),
        )
        return Response({"token": text}, status=201)


class TokenView(ScopedView):
    """One of my tokens."""

    tag = "me"

    @extend_schema(responses={204: None})
    def delete(self, request: Request, digest: str) -> Response:
        """End a token at once; a person must be present."""
        return self.answer(services.revoke_token, lambda _: None, http_status=204, digest=digest)
