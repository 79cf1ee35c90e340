"""A warrant for tests of those who only receive one: finance and baselines know nothing of decisions."""

from __future__ import annotations

import hashlib

from django.db import connection, transaction
from django.utils import timezone

from pmo.scope import system_scope
from pmo.warrants import Warrant
from programs.portfolio.models import Program


def write_warrant(program: Program, kind: str, number: str, digest: str = "") -> Warrant:
    """What governance leaves when a decision approves, by the tests' own door (`tests.cluster.PLAYED_GOVERNANCE`).

    One of that kind and number for each program; `digest` defaults to a digest of the number.
    """
    with transaction.atomic(), system_scope([program.pk], reason="a test plays governance"):
        found = Warrant.objects.filter(program=program, kind=kind, number=number).first()
        if found is None:
            shown = digest or hashlib.sha256(number.encode()).hexdigest()
            with connection.cursor() as cursor:
                cursor.execute(
                    "select played.warrant(%s, %s, %s, %s, %s)",
                    [program.pk, kind, number, shown, timezone.now()],
                )
            found = Warrant.objects.get(program=program, kind=kind, number=number)
        return found
