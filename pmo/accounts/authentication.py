"""API tokens: hashed at rest, expiring, noted when last used (at most once a minute)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from knox.auth import TokenAuthentication as KnoxTokenAuthentication
from rest_framework.request import Request

from pmo.accounts.models import ApiToken


class TokenAuthentication(KnoxTokenAuthentication):
    """`Authorization: Token pmo_...`; notes the use of the token."""

    def authenticate(self, request: Request) -> Any:
        found = super().authenticate(request)
        if found is not None:
            now = datetime.now(UTC)
            token: ApiToken = found[1]
            if token.last_used_at is None or now - token.last_used_at > timedelta(minutes=1):
                ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
        return found
