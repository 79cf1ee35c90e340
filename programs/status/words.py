"""Status dates in words: how old, what was brought about, what is due, what there was."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.urls import reverse

from pmo import formats
from pmo.zones import zone
from programs.portfolio.models import Program
from programs.status.models import StatusUpdate
from programs.status.selectors import Missing

OLD_DAYS = 35
"""Days after which a status of a monthly report is called old."""


def aged(status_at: datetime | None, now: datetime) -> dict[str, Any]:
    """`12 days old`, and whether that is too old for a monthly report."""
    if status_at is None:
        return {"text": "never reported", "old": True}
    days = max(0, (now - status_at).days)
    text = "of today" if not days else f"{formats.counted(days, 'day', 'days')} old"
    return {"text": text, "old": days > OLD_DAYS}


def brought_about(made: StatusUpdate, program: Program) -> str:
    """What a new status date did, in a few sentences."""
    on = zone(program.time_zone)
    count = len(made.periods)
    said = [
        f"The status date of {formats.counted(count, 'project', 'projects')} is {formats.moment(made.at, on)}."
    ]
    if made.moved is None:
        said.append("The new dates are being computed.")
    elif made.moved:
        said.append(f"{formats.counted(made.moved, 'activity has', 'activities have')} new dates.")
    else:
        said.append("No date moved.")
    if made.finish_before and made.finish_after:
        days = (made.finish_after.astimezone(on).date() - made.finish_before.astimezone(on).date()).days
        if days:
            said.append(
                f"The program finishes on {formats.day(made.finish_after.astimezone(on))}, {formats.delta_days(days)}."
            )
    due = made.unstarted + made.unfinished
    if due:
        verb = "has" if due == 1 else "have"
        said.append(f"{formats.counted(due, 'activity', 'activities')} due by then {verb} no actual.")
    return " ".join(said)


def due_lines(due: Missing, program: Program) -> list[dict[str, Any]]:
    """What is due and has no actual, ready to be printed."""
    on = zone(program.time_zone)
    return [
        {
            "href": reverse("programs:activity", kwargs={"code": program.code, "pk": one.activity_id}),
            "name": f"{one.code} {one.name}",
            "project": one.project,
            "text": f"{'starts' if one.starts else 'finishes'} {formats.day(one.since.astimezone(on))}",
        }
        for one in due.first
    ]


def history(
    program: Program, dates: Iterable[dict[str, Any]], updates: Iterable[StatusUpdate]
) -> list[dict[str, Any]]:
    """Every status date, the newest first, with who set it and why; those taken back as well."""
    on = zone(program.time_zone)
    made = list(updates)
    told: dict[datetime, list[StatusUpdate]] = {}
    for one in made:
        if one.taken_at is None:
            told.setdefault(one.at, []).append(one)
    rows = [
        (
            row["at"],
            {
                "at": formats.moment(row["at"], on),
                "projects": ", ".join(row["projects"]),
                "who": "; ".join(dict.fromkeys(f"{one.by.name}, {formats.day(one.made_at)}" for one in acts)),
                "why": " · ".join(one.remark for one in acts),
                "moved": _moved(acts),
                "taken": "",
            },
        )
        for row in dates
        for acts in (told.get(row["at"], []),)
    ]
    rows += [
        (
            one.at,
            {
                "at": formats.moment(one.at, on),
                "projects": one.project.code
                if one.project
                else formats.counted(len(one.periods), "project", "projects"),
                "who": f"{one.by.name}, {formats.day(one.made_at)}",
                "why": one.remark,
                "moved": "",
                "taken": _taken(one),
            },
        )
        for one in made
        if one.taken_at is not None
    ]
    rows.sort(key=lambda row: row[0], reverse=True)
    return [row for _, row in rows]


def _moved(acts: list[StatusUpdate]) -> str:
    if not acts:
        return formats.UNKNOWN
    known = [one.moved for one in acts if one.moved is not None]
    return formats.number(sum(known)) if known else formats.UNKNOWN


def _taken(one: StatusUpdate) -> str:
    who = one.taken_by.name if one.taken_by else ""
    return f"taken back by {who}, {formats.day(one.taken_at)}: {one.taken_why}"
