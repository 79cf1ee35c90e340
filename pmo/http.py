"""The browser's door: request ids, sessions, headers, read scopes, and the shape of every page view."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, TypeVar

from django.apps import apps
from django.conf import settings
from django.contrib.auth import logout
from django.core.exceptions import PermissionDenied
from django.core.files.uploadhandler import FileUploadHandler
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_http_methods

from pmo import commands, request_id
from pmo.accounts.access import Access
from pmo.accounts.roles import Permission
from pmo.errors import bad_request
from pmo.refusals import NotAllowed, Refused
from pmo.scope import read_scope
from pmo.zones import zone

SAFE = {"GET", "HEAD", "OPTIONS"}
Get = Callable[[HttpRequest], HttpResponse]
T = TypeVar("T")
View = TypeVar("View", bound=Callable[..., HttpResponse])


class RequestIdMiddleware:
    """Give each request an id, in its logs, history rows, error page and answer."""

    def __init__(self, get_response: Get) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        identity = request_id.begin(request.headers.get("X-Request-Id", ""))
        timezone.deactivate()  # threads are reused: the last request's zone is not this one's
        if "\x00" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
            response = bad_request(request)  # no address and no filter has one, and Postgres stores none
        else:
            response = self.get_response(request)
        response["X-Request-Id"] = identity
        return response


class SessionAgeMiddleware:
    """End a session that was idle for half an hour (its absolute end is the cookie's age)."""

    def __init__(self, get_response: Get) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        session = getattr(request, "session", None)
        if (
            session is not None
            and settings.SESSION_COOKIE_NAME in request.COOKIES
            and session.get("_auth_user_id")
        ):
            now = int(timezone.now().timestamp())
            seen = session.get("seen", now)
            if now - seen > settings.SESSION_IDLE_SECONDS:
                logout(request)
            elif "seen" not in session or now - seen > 60:
                session["seen"] = now
        return self.get_response(request)


class HtmxLoginMiddleware:
    """An expired session answers a fragment with 401 and the way to the login, never a login form in a cell."""

    def __init__(self, get_response: Get) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.headers.get("HX-Request") and response.status_code == 302:
            login = reverse(settings.LOGIN_URL)
            if response.get("Location", "").startswith(login) and not request.user.is_authenticated:
                refused = HttpResponse("Please sign in again.", status=401, content_type="text/plain")
                refused["HX-Redirect"] = login
                return refused
        return response


class PrivateResponsesMiddleware:
    """What a signed-in person sees is not stored anywhere, and a fragment is never taken for its page."""

    def __init__(self, get_response: Get) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.setdefault(
            "Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
        )
        response.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if request.user.is_authenticated:
            response["Cache-Control"] = "no-store"
        patch_vary_headers(response, ["HX-Request"])
        return response


class ReadScopeMiddleware:
    """A page is read in one transaction that sees this person's programs only; foreseen refusals become pages."""

    def __init__(self, get_response: Get) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        scoped = (
            request.method in SAFE and request.user.is_authenticated and not request.path.startswith("/api/")
        )
        if not scoped:
            return self.get_response(request)
        with read_scope(request.user) as access:
            request.access = access  # type: ignore[attr-defined]
            return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, Refused) or request.path.startswith("/api/"):
            return None
        with reading(request):
            return refusal(request, error)


def refusal(request: HttpRequest, error: Refused) -> HttpResponse:
    """A foreseen refusal that no form shows: its sentence, as a fragment for htmx or a page."""
    template = "errors/refused.html"
    if request.headers.get("HX-Request"):
        template += "#sentence"
    return render(request, template, {"refused": error}, status=error.status)


@contextmanager
def reading(request: HttpRequest) -> Iterator[Access]:
    """The read scope of this request: the one its middleware opened, or (after a POST) a new one."""
    known = getattr(request, "access", None)
    if known is not None:
        yield known
        return
    with read_scope(request.user) as access:
        request.access = access  # type: ignore[attr-defined]
        try:
            yield access
        finally:
            del request.access  # type: ignore[attr-defined]


def act(request: HttpRequest, service: Callable[..., T], *, why: str = "", **arguments: Any) -> T:
    """Run one service for the person of this request; the form's hidden key makes a double click harmless."""
    return commands.run(
        service,
        actor=request.user,  # type: ignore[arg-type]
        why=(why or request.POST.get("why", "")).replace("\x00", ""),  # not form fields, which refuse one
        idempotency_key=request.POST.get("_key", "").replace("\x00", "") or None,
        **arguments,
    )


def find_program(access: Access, code: str) -> Any:
    """The program of that code, or 404: for who holds no role in it, it does not exist."""
    program_model: Any = apps.get_model("programs", "Program")  # a name: pmo stands to the left of programs
    program = (
        program_model.objects.filter(pk__in=access.program_ids, code__iexact=code)
        .select_related("sponsor", "manager", "calendar")
        .first()
    )
    if program is None:
        raise Http404("No such program.")
    return program


def page(
    permission: Permission, *, methods: tuple[str, ...] = ("GET",), somewhere: bool = False
) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """A view of one program: find it (404), allow (403), then `view(request, program, ...)`.

    GET runs wholly inside the read scope; other methods run outside any transaction, so that `act` can open
    the one durable transaction. `somewhere`: holding the right in one project of the program is enough here.
    """

    def wrap(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @require_http_methods([*methods, *(["HEAD"] if "GET" in methods else [])])
        @wraps(view)
        def inner(request: HttpRequest, code: str, **rest: Any) -> HttpResponse:
            with reading(request) as access:
                program = find_program(access, code)
                request.program = program  # type: ignore[attr-defined]
                timezone.activate(zone(program.time_zone))  # dates are shown on the program's clock
                allowed = access.may_somewhere if somewhere else access.may
                if not allowed(permission, program.pk):
                    raise PermissionDenied(str(NotAllowed()))
                if request.method in SAFE:
                    return view(request, program, **rest)
            return view(request, program, **rest)

        inner.permission = permission  # type: ignore[attr-defined]
        return inner

    return wrap


def is_fragment(request: HttpRequest) -> bool:
    """Did htmx ask for a part of the page (and not follow a link as a whole page)?"""
    return bool(request.headers.get("HX-Request")) and not request.headers.get("HX-Boosted")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form was too old or came from elsewhere: say so, keep nothing."""
    return render(request, "errors/csrf.html", status=403)


def takes_files_of(most_bytes: int) -> Callable[[View], View]:
    """A page that takes larger files than others do."""

    def marked(view: View) -> View:
        view.upload_limit = most_bytes  # type: ignore[attr-defined]
        return view

    return marked


def _most_bytes(request: HttpRequest | None) -> int:
    """How large a file this address takes (`upload_limit` of its view), of people who are signed in.

    A stranger's larger file is not even kept for the moment until the door turns it away. The API knows who asks
    before it reads a body.
    """
    view = getattr(getattr(request, "resolver_match", None), "func", None)
    of_api = getattr(getattr(view, "cls", None), "upload_limit", 0)
    signed_in = getattr(getattr(request, "user", None), "is_authenticated", False)
    return int(of_api or (signed_in and getattr(view, "upload_limit", 0)) or settings.UPLOAD_LIMIT_BYTES)


class BoundedUploadHandler(FileUploadHandler):
    """Stop an upload at the limit while it comes in, so that a 200 MB file costs neither memory nor disk."""

    def handle_raw_input(
        self,
        input_data: Any,
        META: dict[str, Any],
        content_length: int,
        boundary: Any,  # bytes in Django, str in its stubs
        encoding: Any = None,
    ) -> None:
        self.received, self.most = 0, _most_bytes(self.request)
        if content_length > self.most + 65_536 and self.request is not None:
            self.request.too_large = True  # type: ignore[attr-defined]

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        self.received += len(raw_data)
        if self.received > self.most or getattr(self.request, "too_large", False):
            if self.request is not None:
                self.request.too_large = True  # type: ignore[attr-defined]
            # Read on and forget: StopUpload would have Django drain the rest by lines, a line of 200 MB in memory.
            return None
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None
