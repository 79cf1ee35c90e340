"""Whether the activities of a project say another thing than its last status date."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from .draft import SUMMARY, ActivityDraft, Draft, ProgressDraft, ProgressNowDraft
from .rows import Key


def progress_now(draft: Draft) -> list[ProgressNowDraft]:
    """The projects with status dates whose activities do not repeat their newest progress records."""
    at = {(one.project, one.period): one.at for one in draft.status_dates}
    reported = {one.project for one in draft.status_dates}
    newest: dict[Key, tuple[int, ProgressDraft]] = {}
    for record in draft.progress:
        key, when = (record.project, record.activity), at[record.project, record.period]
        if key not in newest or newest[key][0] < when:
            newest[key] = (when, record)
    moved = set()
    for one in draft.activities:
        silent = one.percent_complete is None and one.actual_start is None
        if one.project in reported and one.kind != SUMMARY and not silent:
            last = newest.get((one.project, one.code))
            if _said(one) != (_said(last[1]) if last else _NOTHING):
                moved.add(one.project)
    return [ProgressNowDraft(one.code) for one in draft.projects if one.code in moved]


_NOTHING = (None, None, None, Decimal(0))


def _said(one: ActivityDraft | ProgressDraft) -> tuple[Any, ...]:
    """Remaining work is noted only for what has begun."""
    remaining = one.remaining if one.actual_start is not None else None
    return one.actual_start, one.actual_finish, remaining, one.percent_complete or Decimal(0)
