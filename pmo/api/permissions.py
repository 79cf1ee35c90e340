"""Who may knock at the machine's door."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rest_framework import permissions
from rest_framework.request import Request

if TYPE_CHECKING:
    from rest_framework.views import APIView


class DenyAll(permissions.BasePermission):
    """What declares nothing is closed."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return False


class SignedIn(permissions.BasePermission):
    """A person or a person's token; what they may do in a program is checked in its scope."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return bool(request.user and request.user.is_authenticated)
