"""Who may be named as sponsor, manager or owner: people with a role in the program."""

from __future__ import annotations

from datetime import date

from django.db.models import Q, QuerySet
from django.utils import timezone

from pmo.accounts.models import User
from pmo.zones import zone
from programs.portfolio.models import Program


def today(program: Program) -> date:
    """The day it is on the program's clock."""
    return timezone.now().astimezone(zone(program.time_zone)).date()


def members(program_id: int, day: date) -> QuerySet[User]:
    """Who holds a role in the program on a day."""
    term = Q(memberships__valid_to=None) | Q(memberships__valid_to__gte=day)
    return (
        User.objects.filter(
            term, memberships__program_id=program_id, memberships__valid_from__lte=day, is_active=True
        )
        .distinct()
        .order_by("name", "pk")
    )


def choosable(program: Program, *now: int | None) -> QuerySet[User]:
    """Who may be named: who holds a role today, and (`now`) who is named already."""
    holding = members(program.pk, today(program)).order_by().values("pk")
    return User.objects.filter(Q(pk__in=holding) | Q(pk__in=[pk for pk in now if pk])).order_by("name", "pk")
