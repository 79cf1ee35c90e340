"""Whose address an account has: proven by whoever read a mail that went there."""

from __future__ import annotations

from typing import Any

from allauth.account.signals import password_reset
from django.conf import settings
from django.dispatch import receiver

from pmo.accounts.models import User


@receiver(password_reset)
def reset_by_mail(user: User, **_: Any) -> None:
    """Who set a password by a mailed link reads the mails of this address; other sessions have ended with it."""
    if settings.EMAIL_HOST:
        User.objects.filter(pk=user.pk, address_proven=False).update(address_proven=True)
