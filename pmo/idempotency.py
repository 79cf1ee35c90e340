"""A key per deed: a double click or a retried request does one thing once."""

from __future__ import annotations

from enum import Enum
from typing import ClassVar

from django.db import connection, models
from django.db.models.functions import Now


class Taken(Enum):
    NEW = "new"
    SEEN = "seen"
    OTHER = "other"


class IdempotencyKey(models.Model):
    """Key row and effect commit together: a crash leaves neither, a repeat finds the key."""

    NEW: ClassVar[Taken] = Taken.NEW
    SEEN: ClassVar[Taken] = Taken.SEEN
    OTHER: ClassVar[Taken] = Taken.OTHER

    principal = models.BigIntegerField()
    key = models.CharField(max_length=80)
    fingerprint = models.CharField(max_length=64)
    status = models.SmallIntegerField(null=True)
    body = models.JSONField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["principal", "key"], name="pmo_idempotency_once")]

    def __str__(self) -> str:
        return self.key

    @classmethod
    def take(cls, *, principal: int, key: str, fingerprint: str) -> Taken:
        """Claim the key in the running transaction; waits for a first run that is still under way."""
        with connection.cursor() as cursor:
            cursor.execute(
                """insert into pmo_idempotencykey (principal, key, fingerprint) values (%s, %s, %s)
                   on conflict (principal, key) do nothing returning id""",
                [principal, key[:80], fingerprint],
            )
            if cursor.fetchone():
                return Taken.NEW
        known = cls.objects.values_list("fingerprint", flat=True).get(principal=principal, key=key[:80])
        return Taken.SEEN if known == fingerprint else Taken.OTHER
