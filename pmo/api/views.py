"""The machine's door: deny by default, reads in the person's scope, one command per write."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, ExitStack
from functools import wraps
from typing import Any, ClassVar, TypeVar, cast

from django.db.models import QuerySet
from django.http import Http404
from rest_framework import exceptions, mixins, permissions, serializers, status, viewsets
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.encoders import JSONEncoder
from rest_framework.views import APIView

from pmo import commands
from pmo.accounts.access import Access, current_access
from pmo.accounts.models import ApiToken, User
from pmo.accounts.roles import Permission
from pmo.api.permissions import SignedIn
from pmo.api.rows import Row
from pmo.clocks import AsOf, as_of
from pmo.http import find_program
from pmo.idempotency import IdempotencyKey
from pmo.refusals import NotAllowed, Refused
from pmo.scope import read_scope

T = TypeVar("T")
KEY = re.compile(r"[!-~]{16,64}")
"""An Idempotency-Key, as the document says it."""


class StrictSerializer(serializers.Serializer[Any]):
    """An input serializer that refuses keys it does not know (mass assignment, typing errors)."""

    refuses_unknown: ClassVar[bool] = True  # for the OpenAPI document

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict) and (unknown := sorted(set(data) - set(self.fields))):
            raise serializers.ValidationError(
                {str(name)[:60]: ["This field is not known here."] for name in unknown[:20]}
            )
        return super().to_internal_value(data)


class ScopedView(APIView):
    """An API view: reads run in the read scope of the person or token, writes are one command each."""

    permission_classes = [SignedIn]
    metadata_class = None  # OPTIONS would describe what the reader may not see; the OpenAPI document is there
    tag = "office"
    query_parameters: ClassVar[frozenset[str]] = (
        frozenset()
    )  # names beyond filters and paging that a GET reads
    write_parameters: ClassVar[frozenset[str]] = frozenset()  # and those that a write reads
    _stack: ExitStack
    access: Access
    found: Any = None  # the program in the address, once it was looked up
    sees_money = False

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

    def _key(self) -> str | None:
        key = self.request.headers.get("Idempotency-Key")
        if key is not None and not KEY.fullmatch(key):
            raise Refused("Idempotency-Key: 16 to 64 printable ASCII characters, no blanks.", code="bad-key")
        return key

    def run(self, service: Callable[..., T], *, why: str = "", **arguments: Any) -> T:
        """Run one service; needs a well-formed Idempotency-Key if one is sent."""
        return commands.run(
            service,
            actor=cast(User, self.request.user),  # SignedIn lets nobody else in
            why=why,
            idempotency_key=self._key(),
            limits=self.limits(),
            **arguments,
        )

    def answer(
        self,
        service: Callable[..., T],
        shape: Callable[[T], Any],
        *,
        http_status: int = status.HTTP_200_OK,
        why: str = "",
        **arguments: Any,
    ) -> Response:
        """Run one service and answer with what `shape` makes of its result, in the same transaction.

        Under an Idempotency-Key the answer is kept with it: a repeat gets the very same answer, with
        `Idempotent-Replayed: true`, and nothing is done again.
        """
        key = self._key()
        principal = self.request.user.pk or 0

        @wraps(service)
        def with_answer(**given: Any) -> Any:
            made = shape(service(**given))
            if key:
                IdempotencyKey.objects.filter(principal=principal, key=key).update(
                    status=http_status, body=serializable(made)
                )
            return made

        try:
            body = self.run(with_answer, why=why, **arguments)
        except commands.AlreadyDone:
            kept = IdempotencyKey.objects.filter(principal=principal, key=key).first()
            if kept is None or kept.status is None:
                raise
            return Response(kept.body, status=kept.status, headers={"Idempotent-Replayed": "true"})
        return Response(body, status=http_status)

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """The read scope ends with the view, whatever happens in it."""
        with ExitStack() as stack:
            self._stack = stack
            return super().dispatch(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        reads = request.method in permissions.SAFE_METHODS
        self._refuse_unknown_of(self.known_parameters() if reads else self.write_parameters)
        if not reads and isinstance(request.auth, ApiToken) and request.auth.scope == ApiToken.Scope.READ:
            raise NotAllowed("This token reads only.", code="token-reads")
        if reads and request.user.is_authenticated:
            self.access = self._stack.enter_context(self.reading())

    def known_parameters(self) -> frozenset[str]:
        """The names that may stand in the query of a GET: a mistyped filter must not give everything."""
        return self.query_parameters

    def _refuse_unknown_of(self, known: Iterable[str]) -> None:
        given = self.request.query_params
        unknown = sorted(set(given) - set(known))
        if unknown:
            raise exceptions.ValidationError(
                {name[:60]: ["This parameter is not known here."] for name in unknown[:20]}
            )
        for name, values in given.lists():
            if len(values) > 1:
                raise exceptions.ValidationError({name: ["This parameter is given twice."]})
            if not values[0]:
                raise exceptions.ValidationError({name: ["Give a value, or leave the parameter out."]})

    def program(self, access: Access, permission: Permission, *, somewhere: bool = False) -> Any:
        """The program named in the address: 404 unless a member, NotAllowed without the right."""
        self.found = find_program(access, self.kwargs["code"])
        if not (access.may_somewhere if somewhere else access.may)(permission, self.found.pk):
            access.require(permission, self.found.pk)
        self.sees_money = access.may(Permission.VIEW_MONEY, self.found.pk)
        return self.found

    def require_any(self, access: Access, project_id: int | None, *rights: Permission) -> None:
        """NotAllowed unless one of these rights is held in the program, or in the project given."""
        if not any(access.may(one, self.found.pk, project_id) for one in rights):
            access.require(rights[0], self.found.pk, project_id)

    def scope(self) -> Access:
        """The rights that hold now: of the read, of the look-up, or of the command that runs."""
        return current_access()

    def as_of(self) -> AsOf:
        """The two clocks of the address (`at`, `known`); a text that is no date is 400."""
        try:
            return as_of(self.request, self.found)
        except Refused as refusal:
            raise exceptions.ValidationError({refusal.field or "at": [refusal.message]}) from refusal

    def whole_parameter(self, name: str) -> int | None:
        """A whole number from the query of a write, or None; anything else is 400."""
        text = self.request.query_params.get(name)
        if text is None:
            return None
        if not (text.isascii() and text.isdigit() and len(text) <= 10 and 0 < int(text) < 2**31):
            raise exceptions.ValidationError({name: ["A whole number is expected here."]})
        return int(text)

    def accepted(self, serializer: type[serializers.Serializer[Any]], **options: Any) -> dict[str, Any]:
        """The request's body, checked by an input serializer; `program` is in its context once it is known."""
        self._key()  # what only asks, and runs no command, refuses a bad key as well
        body = serializer(data=self.request.data, context={"program": self.found, "view": self}, **options)
        body.is_valid(raise_exception=True)
        return dict(body.validated_data)


def serializable(body: Any) -> Any:
    """The body as the JSON that is sent, to keep it."""
    return json.loads(json.dumps(body, cls=JSONEncoder))


class ProgramViewSet(
    ScopedView, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Any]
):
    """List and detail of one kind of row of the program in the address (`/api/v1/programs/<code>/...`).

    Subclasses give `queryset`, `serializer_class` (a `rows.Row`: its values come in one query), `view_permission`
    and `filterset_class` (of `pmo.api.filters`); writes are added by hand, each calling one service through
    `answer` or `run`.
    """

    view_permission: ClassVar[Permission] = Permission.VIEW_PROGRAM
    lookup_value_regex = r"[0-9]{1,18}"

    def known_parameters(self) -> frozenset[str]:
        if self.action != "list":
            return self.query_parameters
        filters = getattr(self, "filterset_class", None)
        names = filters.base_filters if filters else getattr(self, "filterset_fields", ())
        return self.query_parameters | set(names) | {"cursor", "page_size"}

    def of_all(self) -> QuerySet[Any]:
        """The view's own queryset, fresh."""
        declared: Any = getattr(self, "queryset", None)
        rows: QuerySet[Any] = declared.all()
        return rows

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return self.of_all().none()
        program = self.program(self.access, self.view_permission)
        rows = self.rows(self.of_all().filter(program_id=program.pk))
        shape = self.get_serializer_class()
        return shape.of(rows) if issubclass(shape, Row) else rows

    def rows(self, rows: Any) -> Any:
        """The rows of this program, joined and annotated as the serializer needs: override where needed."""
        return rows

    def there(self, pk: Any, path: str = "id") -> Any:
        """A value of the row of this id (such as its project's id): 404 unless it is one of the program's."""
        rows = self.of_all().filter(program_id=self.found.pk, pk=pk)
        found: list[Any] = list(rows.values_list(path, flat=True)[:1])
        if not found:
            raise Http404
        return found[0]

    def one(self, pk: Any) -> dict[str, Any]:
        """One row by its id as it is sent, inside any scope: the answer to a write."""
        shape: Any = self.get_serializer_class()
        rows = self.rows(self.of_all().filter(program_id=self.found.pk, pk=pk))
        found = shape.of(rows).first()
        if found is None:
            raise Http404
        return dict(shape(context=self.get_serializer_context()).to_representation(found))

    def created(self, body: Any) -> Response:
        return Response(body, status=status.HTTP_201_CREATED)
