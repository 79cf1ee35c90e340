"""What became of a row: its history in sentences, with who, when and why."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.apps import apps

from pmo import formats
from pmo.accounts.models import User

MOST_SHOWN = 100
OFFICE = "The office"


@dataclass(frozen=True, slots=True)
class Step:
    """One change: when, who, what in words, and why."""

    at: datetime
    who: str
    what: str
    why: str


def steps(
    model: str, pk: int, labels: Mapping[str, str], texts: Mapping[str, Callable[[Any], str]]
) -> list[Step]:
    """What became of a row of programs, the newest first: the columns of `labels` that changed, at most a hundred.

    `texts` says how a value of a column is written; columns that end in `_id` are people. Two statements.
    """
    history: Any = apps.get_model("programs", f"{model}Event")
    kept = history.objects.filter(pgh_obj_id=pk).order_by("-pgh_id")
    rows = list(
        kept.values("pgh_created_at", "pgh_label", "pgh_context__name", "pgh_context__why", *labels)[
            : MOST_SHOWN + 1
        ]
    )
    people = {row[name] for row in rows for name in labels if name.endswith("_id") and row[name]}
    names = dict(User.objects.filter(pk__in=people).values_list("pk", "name")) if people else {}

    def text(name: str, value: Any) -> str:
        if name.endswith("_id"):
            return names.get(value, "nobody") if value else "nobody"
        return texts[name](value) if name in texts else str(value) or "nothing"

    found = []
    for now, before in zip(rows, [*rows[1:], None], strict=True):
        if before is None:
            what = "entered" if now["pgh_label"] == "insert" else ""
        else:
            what = "; ".join(
                f"{label}: {text(name, before[name])} → {text(name, now[name])}"
                for name, label in labels.items()
                if now[name] != before[name]
            )
        if what:
            who = now["pgh_context__name"] or OFFICE
            found.append(Step(now["pgh_created_at"], who, what, now["pgh_context__why"] or ""))
    return found[:MOST_SHOWN]


def day(value: date | None) -> str:
    """A day in words, or that there is none."""
    return formats.day(value) if value else "none"
