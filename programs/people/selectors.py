"""Who holds what in a program, since when, given by whom and why; who is invited."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.apps import apps

from pmo import formats
from pmo.accounts.models import Membership
from pmo.accounts.roles import Role
from programs.people.models import Invitation
from programs.portfolio.trail import OFFICE, Step, day

STATES = {"open": "waits", "expired": "expired", "taken": "taken", "withdrawn": "withdrawn"}
MOST_ENDED = 100


def _beginnings(program_id: int) -> dict[int, tuple[str, str]]:
    """Membership -> who gave it and why, as its history tells."""
    history: Any = apps.get_model("pmo", "MembershipEvent")
    rows = history.objects.filter(program_id=program_id, pgh_label="insert").order_by("pgh_id")
    return {
        pk: (who or OFFICE, why or "")
        for pk, who, why in rows.values_list("pgh_obj_id", "pgh_context__name", "pgh_context__why")
    }


def roles(program_id: int, today: date, givable: frozenset[str]) -> list[dict[str, Any]]:
    """Every role held or ended in the program, those in force first, then by role and name."""
    given = _beginnings(program_id)
    places = {role.value: place for place, role in enumerate(Role)}
    held = list(Membership.objects.filter(program_id=program_id).select_related("user", "project"))

    def ended(one: Membership) -> bool:
        return one.valid_to is not None and one.valid_to < today

    held.sort(key=lambda one: (ended(one), places[one.role], one.user.name, one.pk))
    rows = []
    for one in held:
        who, why = given.get(one.pk, (OFFICE, ""))
        state = "ended" if ended(one) else "away" if not one.user.is_active else ""
        state = state or ("later" if one.valid_from > today else "")
        rows.append(
            {
                "pk": one.pk,
                "name": one.user.name,
                "email": one.user.email,
                "role": one.get_role_display(),
                "project": one.project.code if one.project else "",
                "since": formats.day(one.valid_from),
                "until": last_day(one),
                "who": who,
                "why": why,
                "state": state,
                "mine": one.role in givable,
            }
        )
    in_force = [row for row in rows if row["state"] != "ended"]
    return in_force + [row for row in rows if row["state"] == "ended"][:MOST_ENDED]


def last_day(held: Membership) -> str:
    """The last day of a role in words; nothing where it has none."""
    if held.valid_to is None:
        return ""
    return (
        formats.day(held.valid_to) if held.valid_to >= held.valid_from else "none: ended on the day it began"
    )


def invitations(program_id: int, now: datetime, givable: frozenset[str]) -> list[dict[str, Any]]:
    """Invitations that wait or have expired, then the latest others."""
    found = (
        Invitation.objects.filter(program_id=program_id)
        .select_related("by")
        .prefetch_related("roles__project")
    ).order_by("-sent_at", "-pk")[:200]
    rows = []
    for one in found:
        wanted = list(one.roles.all())
        state = one.state(now)
        rows.append(
            {
                "pk": one.pk,
                "name": one.name,
                "email": one.email,
                "roles": ", ".join(
                    str(Role(role.role).label) + (f" of {role.project.code}" if role.project else "")
                    for role in wanted
                ),
                "by": one.by.name,
                "sent": one.sent_at,
                "times": one.sent,
                "expires": one.expires_at,
                "state": STATES[state],
                "open": state in ("open", "expired"),
                "expired": state == "expired",
                "mine": {role.role for role in wanted} <= givable,
            }
        )
    rows.sort(key=lambda row: not row["open"])
    return rows


def trail(membership: Membership) -> list[Step]:
    """What became of one role, the newest first."""
    history: Any = apps.get_model("pmo", "MembershipEvent")
    rows = list(
        history.objects.filter(pgh_obj_id=membership.pk)
        .order_by("-pgh_id")
        .values(
            "pgh_created_at", "pgh_label", "pgh_context__name", "pgh_context__why", "valid_from", "valid_to"
        )[:100]
    )
    found = []
    for now, before in zip(rows, [*rows[1:], None], strict=True):
        if before is None:
            what = f"given from {day(now['valid_from'])}, last day {day(now['valid_to'])}"
        elif now["valid_to"] is not None and now["valid_to"] < now["valid_from"]:
            what = "ended on the day it began"
        else:
            what = f"last day: {day(before['valid_to'])} → {day(now['valid_to'])}"
        who = now["pgh_context__name"] or OFFICE
        found.append(Step(now["pgh_created_at"], who, what, now["pgh_context__why"] or ""))
    return found
