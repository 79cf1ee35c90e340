"""The machine's door: deny by default, reads in the person's scope, one command per write."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from typing import Any, ClassVar, TypeVar

from rest_framework import mixins, permissions, serializers, status, viewsets
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from pmo import commands
from pmo.accounts.access import Access
from pmo.accounts.models import ApiToken
from pmo.accounts.roles import Permission
from pmo.api.permissions import SignedIn
from pmo.http import find_program
from pmo.refusals import Refused
from pmo.scope import read_scope

T = TypeVar("T")


class StrictSerializer(serializers.Serializer[Any]):
    """An input serializer that refuses keys it does not know (mass assignment, typing errors)."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict) and (unknown := sorted(set(data) - set(self.fields))):
            raise serializers.ValidationError(
                {str(name)[:60]: ["This field is not known here."] for name in unknown[:20]}
            )
        return super().to_internal_value(data)


class ScopedView(APIView):
    """An API view: reads run in the read scope of the person or token, writes are one command each."""

    permission_classes: ClassVar[Any] = [SignedIn]
    tag = "office"
    _stack: ExitStack | None = None
    access: Access

    def limits(self) -> dict[str, Any]:
        """What the token narrows: its programs and whether it may write. Nothing for a session."""
        token = self.request.auth
        if not isinstance(token, ApiToken):
            return {}
        only = list(
            token.programs.through.objects.filter(apitoken_id=token.pk).values_list("program_id", flat=True)
        )
        return {"only": only or None, "read_only": token.scope == ApiToken.Scope.READ, "by_token": True}

    def reading(self) -> AbstractContextManager[Access]:
        """A read scope for look-ups before a write."""
        return read_scope(self.request.user, **self.limits())

    def run(self, service: Callable[..., T], *, why: str = "", **arguments: Any) -> T:
        """Run one service; needs a well-formed Idempotency-Key if one is sent."""
        key = self.request.headers.get("Idempotency-Key")
        if key is not None and not (16 <= len(key) <= 64 and key.isascii() and key.isprintable()):
            raise Refused("Idempotency-Key: 16 to 64 printable ASCII characters.", code="bad-key")
        return commands.run(
            service, actor=self.request.user, why=why, idempotency_key=key, limits=self.limits(), **arguments
        )

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if request.method in permissions.SAFE_METHODS and request.user.is_authenticated:
            self._stack = ExitStack()
            self.access = self._stack.enter_context(self.reading())

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        if self._stack is not None:
            self._stack.close()
            self._stack = None
        return super().finalize_response(request, response, *args, **kwargs)

    def program(self, access: Access, permission: Permission, *, somewhere: bool = False) -> Any:
        """The program named in the address: 404 unless a member, NotAllowed without the right."""
        found = find_program(access, self.kwargs["code"])
        if not (access.may_somewhere if somewhere else access.may)(permission, found.pk):
            access.require(permission, found.pk)
        return found


class ProgramViewSet(
    ScopedView, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Any]
):
    """List and detail of one kind of row of the program in the address (`/api/v1/programs/<code>/...`).

    Subclasses give `queryset`, `serializer_class`, `view_permission`, `filterset_fields`; writes are added by
    hand, each calling one service through `run`.
    """

    view_permission: ClassVar[Permission] = Permission.VIEW_PROGRAM
    lookup_value_regex = r"\d{1,18}"

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return self.queryset.none()
        program = self.program(self.access, self.view_permission)
        return self.queryset.all().filter(program_id=program.pk)

    def created(self, body: Any) -> Response:
        return Response(body, status=status.HTTP_201_CREATED)
