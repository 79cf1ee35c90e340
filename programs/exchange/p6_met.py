"""Where Primavera's task numbers went, and what was met on the way; what of it dates depend on is told at the end."""

from __future__ import annotations

from dataclasses import dataclass, field

from .draft import ActivityDraft
from .p6_values import Fields


@dataclass(slots=True)
class Work:
    """Where Primavera's task numbers went, and how much was met that dates depend on and that is not read."""

    calendars: set[str]
    activities: dict[str, ActivityDraft] = field(default_factory=dict)
    groups: dict[str, ActivityDraft] = field(default_factory=dict)
    """By the number of the WBS element."""
    left_out: set[str] = field(default_factory=set)
    resource_dependent: int = 0
    suspended: int = 0
    expected: int = 0
    outside: int = 0
    external: int = 0


def tell(work: Work, fields: Fields) -> None:
    for count, column, sentence in (
        (
            work.resource_dependent,
            "TT_Rsrc",
            "Activities that Primavera schedules on their resources' calendars are scheduled on their own.",
        ),
        (
            work.suspended,
            "suspend_date",
            "Activities were suspended for a while; the interruption was not read.",
        ),
        (
            work.expected,
            "expect_end_date",
            "Expected finish dates, to which Primavera stretches remaining work, were not read.",
        ),
        (
            work.outside,
            "external_early_start_date",
            "Dates that projects outside of the file impose were not read.",
        ),
        (work.external, "TASKPRED", "Links to activities of projects outside of the file were left out."),
    ):
        if count:
            fields.warn(None, column, count, sentence)
