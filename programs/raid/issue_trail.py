"""The record of an issue: what its history and its notes say, in order; and what it came from, by who knows it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.urls import reverse

from pmo import formats
from programs.raid.issue_models import Issue

OFFICE = "The office"
SHOWN = ("title", "kind", "priority", "project_id", "owner_id", "due_on", "description")
WORDS = {"project_id": "project", "owner_id": "owner", "due_on": "due day"}


@dataclass(frozen=True, slots=True)
class Step:
    """One line: who did what when; `note` is what was said."""

    at: datetime
    who: str
    what: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Origin:
    """What an issue came from: a label that leads there, and how that stands now."""

    label: str
    url: str
    standing: str = ""


ORIGINS: dict[str, Callable[[Issue], Origin | None]] = {}
"""Source -> where it is found; filled by the slices whose findings open issues, when the app is ready."""


def origin_of(issue: Issue) -> Origin | None:
    """Where an issue came from, as far as this person may see it."""
    if issue.risk is not None:
        here = {"code": issue.program.code, "pk": issue.risk_id}
        return Origin(
            f"{issue.risk.code} {issue.risk.title}",
            reverse("programs:risk", kwargs=here),
            issue.risk.get_state_display(),
        )
    finder = ORIGINS.get(issue.source)
    return finder(issue) if finder else None


def trail(issue: Issue) -> list[Step]:
    """Everything that happened to an issue, the first first. Two statements, whatever its length."""
    steps = [
        Step(one.at, one.by.name if one.by else OFFICE, "noted", one.text)
        for one in issue.notes.select_related("by").order_by("pk")
    ]
    history: Any = apps.get_model("programs", "IssueEvent")
    rows = history.objects.filter(pgh_obj_id=issue.pk).order_by("pgh_id")
    before: dict[str, Any] = {}
    for row in rows.values("state", "resolution", "pgh_created_at", "pgh_context__name", *SHOWN):
        who = row["pgh_context__name"] or OFFICE
        what = _said(before, row)
        if what:
            said = row["resolution"] if what == "resolved it" else ""
            steps.append(Step(row["pgh_created_at"], who, what, said))
        before = row
    return sorted(steps, key=lambda step: step.at)


def _said(before: dict[str, Any], now: dict[str, Any]) -> str:
    if not before:
        return f"entered it as {Issue.Priority(now['priority']).label.lower()}"
    if before["state"] != now["state"]:
        match now["state"]:
            case Issue.State.WORKING:
                return "took it up"
            case Issue.State.RESOLVED:
                return "resolved it"
            case Issue.State.CLOSED:
                return "closed it"
            case _:
                return "opened it again"
    changed = [name for name in SHOWN if before[name] != now[name]]
    parts = []
    for name in changed:
        if name == "due_on":
            parts.append(f"due {formats.day(now[name]) if now[name] else 'on no day'}")
        elif name == "priority":
            parts.append(f"priority {Issue.Priority(now[name]).label.lower()}")
        else:
            parts.append(WORDS.get(name, name))
    return f"changed {', '.join(parts)}" if parts else ""
