"""Links to set a forgotten password."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import EmailAwarePasswordResetTokenGenerator

from pmo.accounts.models import AccountMove, User


class ResetTokens(EmailAwarePasswordResetTokenGenerator):
    """A link ends with the next password and sign-in, and when its account is deactivated or reactivated."""

    def _make_hash_value(self, user: User, timestamp: int) -> Any:
        moves = AccountMove.objects.filter(person=user).count()
        return f"{super()._make_hash_value(user, timestamp)}{moves}"
