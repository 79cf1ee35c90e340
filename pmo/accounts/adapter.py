"""How allauth behaves here: no self-registration."""

import logging
from smtplib import SMTPException
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest

log = logging.getLogger(__name__)


class Adapter(DefaultAccountAdapter):
    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Mail about an account. A mail server that is down changes no answer: it would tell who has an account."""
        try:
            super().send_mail(template_prefix, email, context)
        except (OSError, SMTPException) as error:
            log.error("account mail was not sent: %s", type(error).__name__)

    def get_client_ip(self, request: HttpRequest) -> str:
        """The address that limits count by: as the outermost trusted proxy saw it, else the connection's own.

        What a client writes into X-Forwarded-For stands before what the `PMO_TRUSTED_PROXIES` proxies append, so it
        is never reached. A request with fewer entries, or with nonsense in that place, did not come through them.
        """
        try:
            return str(super().get_client_ip(request))
        except (ImproperlyConfigured, PermissionDenied):
            return str(request.META.get("REMOTE_ADDR") or "unknown")

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """People are added by an administrator, who gives them a role in a program."""
        return False

    def populate_username(self, request: HttpRequest, user: Any) -> None:
        """There are no user names: the e-mail address is the login."""
