"""Fresh authentication: who does something weighty proves, not longer than ten minutes ago, to be the person."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.reauthentication import reauthenticate_by_password
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone

from pmo.refusals import NotAllowed, Refused

ASKED = "You signed in a while ago. Enter your password once more, and it is done as you meant it."


class NotFresh(Refused):
    """The password is needed again (or was wrong); what was typed is kept by whoever catches this."""

    status = 422

    def __init__(self, sentence: str = ASKED) -> None:
        super().__init__(sentence, code="not-fresh")


def authenticated_at(request: HttpRequest) -> datetime | None:
    """When this session's person last proved who he or she is (aware UTC), or None where no record says so."""
    records = get_authentication_records(request, request.user)
    return datetime.fromtimestamp(records[-1]["at"], UTC) if records else None


def is_fresh(request: HttpRequest) -> bool:
    """Was that within `ACCOUNT_REAUTHENTICATION_TIMEOUT` seconds?"""
    at = authenticated_at(request)
    return at is not None and timezone.now() - at < timedelta(
        seconds=settings.ACCOUNT_REAUTHENTICATION_TIMEOUT
    )


def confirm(request: HttpRequest) -> datetime:
    """The instant of a fresh authentication; with `password` in the form the person authenticates now.

    Wrong passwords count as failed sign-ins do and lock as they do. Raises NotFresh, in words.
    """
    if not is_fresh(request):
        password = request.POST.get("password", "")
        if not password:
            raise NotFresh
        try:
            right = get_adapter().reauthenticate(request.user, password)
        except ValidationError as error:  # too many failed
            raise NotFresh(" ".join(error.messages)) from error
        if not right:
            raise NotFresh("This is not your password. Nothing was recorded.")
        reauthenticate_by_password(request)
    return require(request)


def require(request: HttpRequest) -> datetime:
    """The instant of a fresh authentication, for doors that ask for no password. Raises NotAllowed, in words."""
    at = authenticated_at(request)
    if at is None or not is_fresh(request):
        raise NotAllowed("You signed in more than ten minutes ago. Sign in again for this.", code="not-fresh")
    return at
