"""The program's meetings as a calendar file: those that are called, and the days of series that are not called yet."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.urls import reverse

from governance.meetings import selectors
from governance.meetings.models import AgendaItem, Meeting
from pmo.ical import Event, calendar
from programs.portfolio.models import Program

BACK = timedelta(days=366)


def meetings_calendar(program: Program, now: datetime, site: str) -> str:
    """An event of a series keeps its name when its meeting is called, so that a calendar shows it once.

    `site` is the office's public address, for links. Three statements.
    """
    events = [
        Event(
            uid=_uid(program, f"series-{one.series.pk}-{one.day:%Y%m%d}"),
            title=f"{one.series.body.name}: {one.series.title}",
            starts=one.starts_at,
            ends=one.starts_at + timedelta(minutes=one.series.minutes),
            changed=now,
            place=one.series.place,
            text="Not called yet.",
        )
        for one in selectors.ahead(program, now)
    ]
    called = selectors.meetings(program.pk).filter(starts_at__gte=now - BACK)
    points: dict[int, list[str]] = {}
    for of, position, title in AgendaItem.objects.filter(meeting__in=called.values("pk")).values_list(
        "meeting_id", "position", "title"
    ):
        points.setdefault(of, []).append(f"{position}. {title}")
    for meeting in called.select_related("series"):
        name = f"{meeting.body.code}-{meeting.number}"
        day = meeting.series_day
        uid = f"series-{meeting.series_id}-{day:%Y%m%d}" if day else f"meeting-{meeting.pk}"
        path = reverse("governance:meeting", kwargs={"code": program.code, "pk": meeting.pk})
        events.append(
            Event(
                uid=_uid(program, uid),
                title=f"{meeting.body.name} {name}",
                starts=meeting.starts_at,
                ends=meeting.ends_at,
                changed=now,
                sequence=meeting.version,
                place=meeting.place,
                text="\n".join(points.get(meeting.pk, [])),
                url=f"{site.rstrip('/')}{path}" if site else "",
                cancelled=meeting.state == Meeting.State.CANCELLED,
            )
        )
    return calendar(f"{program.code} meetings", events)


def _uid(program: Program, name: str) -> str:
    return f"{name}-program-{program.pk}@program-office"
