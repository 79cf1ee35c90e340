"""Browsers of people who have just signed in, without the price of a password's hash."""

from __future__ import annotations

import time

from django.test import Client

from pmo.accounts.models import User


def sign_in(client: Client, who: User, *, ago: float = 0) -> Client:
    """Sign the person in as allauth would have done `ago` seconds before now."""
    client.force_login(who)
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time() - ago}]
    session["account_authentication_methods_user"] = str(who.pk)
    session.save()
    return client
