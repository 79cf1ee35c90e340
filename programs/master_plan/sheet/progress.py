"""Progress typed into cells: what it sets besides the cell, so that actual dates, remaining work and percent agree.

Percent complete is that of the duration: of ten days at 40, six remain. What has an actual start has begun.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from pmo import formats
from pmo.refusals import Refused
from programs.master_plan.sheet import shown, typed
from programs.master_plan.sheet.reading import Reading
from programs.schedule.models import Activity

TYPED = ("percent", "actual_start", "actual_finish", "remaining")
"""Columns that say what happened. `finish` does too once the work has started."""


class Progressing:
    """Reads what is typed about progress in a program, and completes it as of the status date."""

    def __init__(self, reading: Reading, now: datetime) -> None:
        self.reading, self.now = reading, now

    def changes(self, activity: Activity, field: str, text: str) -> tuple[dict[str, Any], str]:
        """What is to be set, and what of it nobody typed, in words that go on after those of the cell (`; ...`).

        Raises Refused at the field.
        """
        if activity.kind == Activity.Kind.SUMMARY:
            raise Refused("A summary is as far as the activities under it.", field=field)
        set_to = {
            "percent": self._percent,
            "actual_start": self._started,
            "actual_finish": self._finished,
            "remaining": self._remaining,
            "finish": self._expected,
        }[field](activity, text)
        own = {"percent": "percent_complete", "remaining": "remaining_minutes", "finish": "remaining_minutes"}
        return set_to, self._besides(activity, set_to, own.get(field, field))

    # ---- what is typed
    def _percent(self, activity: Activity, text: str) -> dict[str, Any]:
        percent = typed.percent(text)
        if activity.kind == Activity.Kind.LEVEL_OF_EFFORT:  # its dates are those of the work it supports
            return {"percent_complete": percent}
        if activity.is_milestone and 0 < percent < 100:
            raise Refused("A milestone is reached or not: type 100 or 0.", field="percent")
        if percent == 100:
            return self._done(activity, activity.actual_finish or self._until(activity))
        if not percent:
            return self._not_begun()
        whole = activity.duration_minutes
        left = max(1, int((whole * (100 - percent) / 100).to_integral_value())) if whole else 0
        return {
            "percent_complete": percent,
            "actual_start": activity.actual_start
            or self._began(activity, whole - left, self._until(activity)),
            "actual_finish": None,
            "remaining_minutes": left,
        }

    def _started(self, activity: Activity, text: str) -> dict[str, Any]:
        if not text.strip():
            return self._not_begun()
        start = self._at(activity, text, field="actual_start", finish=False)
        if activity.is_milestone:
            return self._done(activity, start) | {"actual_start": start}
        if activity.actual_start is not None:
            return {"actual_start": start}
        return {"actual_start": start, "remaining_minutes": activity.duration_minutes}

    def _finished(self, activity: Activity, text: str) -> dict[str, Any]:
        if not text.strip():
            if activity.actual_finish is None:
                return {}
            raise Refused("It was finished: type the percent that is done instead.", field="actual_finish")
        return self._done(activity, self._at(activity, text, field="actual_finish", finish=True))

    def _remaining(self, activity: Activity, text: str) -> dict[str, Any]:
        if not text.strip():
            raise Refused("Type what is left, such as 3d; 0 finishes it.", field="remaining")
        try:
            left = typed.minutes(text, self.reading.worktime(activity))
        except Refused as refusal:
            raise Refused(refusal.message, field="remaining") from refusal
        return self._left(activity, left, "remaining")

    def _expected(self, activity: Activity, text: str) -> dict[str, Any]:
        """The remaining work that ends on the day typed, from the status date on."""
        if activity.actual_finish is not None:
            raise Refused("It has finished: type its actual finish, a column of its own.", field="finish")
        day, at = typed.day(text, self.reading.today, field="finish")
        clock, since = self.reading.clock, self._until(activity)
        try:
            moment = typed.edge(day, at, [], finish=True).replace(tzinfo=self.reading.zone)
            left = self.reading.works(activity).between(clock.wall(since), clock.wall(moment))
        except (OverflowError, ValueError):
            raise Refused("This date lies beyond what calendars know.", field="finish") from None
        if left <= 0:
            said = shown.moment(since, self.reading.zone)
            raise Refused(
                f"There is no working time between the status date, {said}, and this day: "
                "type the actual finish if it is done.",
                field="finish",
            )
        if left > typed.MOST_MINUTES:
            raise Refused("No activity lasts longer than thirty years.", field="finish")
        return self._left(activity, left, "finish")

    # ---- what follows
    def _left(self, activity: Activity, left: int, field: str) -> dict[str, Any]:
        if activity.is_milestone:
            raise Refused("A milestone is reached or not: type its actual finish.", field=field)
        if not left:
            return self._done(activity, activity.actual_finish or self._until(activity))
        if activity.actual_start is None:
            raise Refused("It has not started: type its actual start first.", field=field)
        found: dict[str, Any] = {"remaining_minutes": left}
        if activity.actual_finish is not None or activity.percent_complete == 100:
            whole = max(activity.duration_minutes, left)
            share = (
                typed.percent(shown.amount(100 * (whole - left) / whole))
                if whole
                else activity.percent_complete
            )
            found |= {"actual_finish": None, "percent_complete": share}
        return found

    def _done(self, activity: Activity, finish: datetime) -> dict[str, Any]:
        start = activity.actual_start or self._began(activity, activity.duration_minutes, finish)
        return {
            "percent_complete": typed.percent("100"),
            "actual_start": min(start, finish),
            "actual_finish": finish,
            "remaining_minutes": 0,
        }

    @staticmethod
    def _not_begun() -> dict[str, Any]:
        nothing = typed.percent("0")
        return {
            "percent_complete": nothing,
            "actual_start": None,
            "actual_finish": None,
            "remaining_minutes": None,
        }

    # ---- instants
    def _status(self, activity: Activity) -> datetime:
        return activity.project.status_at or self.reading.program.status_at or self.now

    def _until(self, activity: Activity) -> datetime:
        """The last working moment by the status date (without one: by now)."""
        works, clock = self.reading.works(activity), self.reading.clock
        status = self._status(activity)
        return min(clock.instant(works.finish_time(works.work_at(clock.wall(status)))), status)

    def _began(self, activity: Activity, worked: int, until: datetime) -> datetime:
        """When it began, nobody having said so: as computed if that is past, else so much working time before."""
        computed = self.reading.begins(activity)
        if computed is not None and computed < until:
            return computed
        works, clock = self.reading.works(activity), self.reading.clock
        if not worked:
            return until
        return min(clock.instant(works.start_time(works.work_at(clock.wall(until)) - worked)), until)

    def _at(self, activity: Activity, text: str, *, field: str, finish: bool) -> datetime:
        """The instant typed; of a day without a time that is the status date's own, not after the status date."""
        moment = self.reading.moment(activity, text, field=field, finish=finish)
        status, zone = self._status(activity), self.reading.zone
        _, at = typed.day(text, self.reading.today, field=field)
        if (
            at is None
            and moment > status
            and moment.astimezone(zone).date() == status.astimezone(zone).date()
        ):
            return status.astimezone(UTC)
        return moment

    def _besides(self, activity: Activity, changes: dict[str, Any], own: str) -> str:
        """What is set and was not typed, in words."""
        zone, day = self.reading.zone, self.reading.worktime(activity).day
        said = []
        for name, value in changes.items():
            if name == own or value == getattr(activity, name):
                continue
            if name == "percent_complete":
                said.append(f"{shown.percent(value)} % complete")
            elif name == "remaining_minutes":
                said.append("no remaining work" if not value else f"{shown.days(value, day)} d remain")
            else:
                label = {"actual_start": "actual start", "actual_finish": "actual finish"}[name]
                said.append(
                    f"no {label}" if value is None else f"{label} {formats.day(value.astimezone(zone))}"
                )
        return f"; set with it: {', '.join(said)}" if said else ""
