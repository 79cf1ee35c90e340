"""The links of invitations: made again whenever a mail leaves, of the signing key and a number; kept as a hash only."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings
from django.urls import reverse
from django.utils.crypto import salted_hmac

from programs.people.models import Invitation

LIVES = timedelta(days=7)
SALT = "programs.people.invitation"
LENGTH = 43  # letters of 256 bits in base 64


def _secrets(nonce: str) -> Iterator[str]:
    """What stands in the link, by the signing key of today and then by the former ones."""
    for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        made = salted_hmac(SALT, nonce, secret=key, algorithm="sha256").digest()
        yield base64.urlsafe_b64encode(made).rstrip(b"=").decode()


def new() -> tuple[str, str]:
    """A nonce, and the digest of the link that it makes."""
    nonce = secrets.token_hex(32)
    return nonce, digest_of(next(_secrets(nonce)))


def digest_of(text: str) -> str:
    """What is kept of a link. It is as random as a key, so that one plain hash is enough."""
    return hashlib.sha256(text.encode()).hexdigest()


def secret_of(invitation: Invitation) -> str | None:
    """What stands in the link of this invitation; None where no key that still counts has made it."""
    for text in _secrets(invitation.nonce):
        if secrets.compare_digest(digest_of(text), invitation.digest):
            return text
    return None


def address(text: str) -> str:
    """The whole address behind a link."""
    return settings.SITE_URL.rstrip("/") + reverse("people:invitation", kwargs={"text": text})
