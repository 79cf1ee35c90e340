"""What a change request would bring about, as the voters see it: taken from the figures whose digest they vote on."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from finance.amendments import impact as money
from finance.amendments import present as money_present
from governance.consequences.measures import measure, stamp
from pmo.zones import zone
from programs.calendars.models import Calendar
from programs.changes import present
from programs.changes import revisions as change_revisions
from programs.changes.edits import in_words
from programs.changes.models import ChangeRequest
from programs.portfolio.models import Program
from programs.schedule.usual import day_minutes


def money_of(found: dict[str, Any]) -> int:
    """By how much money (minor units) the figures of a change request are: what its decision is routed by."""
    return int(found[money.NAME]["exposure_minor"]) if money.NAME in found else 0


def change_figures(request: ChangeRequest, program: Program) -> dict[str, Any]:
    """Rows before and after, the edits in words, and what they were computed on."""
    shown = change_revisions.impact(request)
    assert shown is not None  # noqa: S101 - the subject's facts ask for it
    found = shown.result
    day = found["day_minutes"]

    def dates(key: str, label: str, before: str, after: str, minutes: int) -> dict[str, Any]:
        return measure(
            key,
            label,
            stamp(datetime.fromisoformat(before)),
            stamp(datetime.fromisoformat(after)),
            unit="date",
            state=present.slip_state(minutes, day),
            said=present.signed_days(minutes, day),
        )

    dated = [("finish", "Program finish", *found["finish"], found["finish_minutes"])]
    dated += [
        (f"finish-{one['project']}", f"{one['project']} finish", one["before"], one["after"], one["minutes"])
        for one in found["projects"]
    ]
    dated += [
        (f"milestone-{n}", one["label"], one["before"], one["after"], one["minutes"])
        for n, one in enumerate(found["milestones"][: present.MILESTONES])
    ]
    others = present.measures(found, zone(program.time_zone))[len(dated) :]
    asked = found.get(money.NAME)
    calendars = dict(Calendar.objects.filter(program_id=program.pk).values_list("pk", "name"))
    return {
        "change": {
            "code": request.code,
            "title": request.title,
            "project": request.project.code,
            "reason": request.reason,
            "alternatives": request.alternatives,
            "offered": request.offered,
            "tolerated_until": request.tolerated_until.isoformat() if request.tolerated_until else None,
            "computed_on": shown.plan_version,
            "revision_sha256": shown.revision_sha256,
            "slip_days": found["slip_days"],
            "edits": request.edits,
            "edits_in_words": [
                in_words(one, day_minutes(program), program.time_zone, calendars) for one in request.edits
            ],
            "critical_joined": found["critical_joined"],
            "critical_left": found["critical_left"],
            "simulation": found.get("simulation"),
            "bars": found["bars"],
            "bars_left_out": found["bars_left_out"],
            "money": asked,
            "money_in_words": [money_present.in_words(line, asked["currency"]) for line in asked["lines"]]
            if asked
            else [],
        },
        "measures": [
            *(dates(*row) for row in dated),
            *(
                measure(
                    f"other-{n}",
                    one.label,
                    one.before,
                    one.after,
                    unit="text",
                    state=one.state,
                    said=one.difference,
                )
                for n, one in enumerate(others)
            ),
            *(
                measure(one.key, one.label, one.before, one.after, state=one.state)
                for one in (money_present.rows(asked) if asked else [])
            ),
        ],
        "findings": [
            *(f"New in the plan: {one}." for one in found["findings_new"]),
            *(
                f"Benefit {one} loses its last contributor."
                for one in found.get("scope", {}).get("benefits", [])
            ),
            *(f"Budget policy would find: {one}" for one in (asked["policy_new"] if asked else [])),
        ],
    }
