"""The example's meetings: the committee's series, one that was held with its minutes, and the next with its agenda."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from django.db import transaction

from governance.bodies.models import Body
from governance.escalations import services as escalations
from governance.example.people import Cast
from governance.meetings import actions, minutes, services
from governance.meetings.models import AgendaItem, Meeting, MeetingSeries
from governance.meetings.recurrence import days, instant
from governance.meetings.selectors import rule_of
from pmo import commands
from pmo.scope import system_scope
from pmo.zones import zone
from programs.portfolio.models import Program
from programs.raid.models import Risk

ROOM = "Room 4.12, or the committee's call"


def hold(*, program: Program, cast: Cast, committee: Body) -> MeetingSeries:
    """Every second Friday; the last one was held on its day, with minutes and two promises."""
    now = datetime.now(UTC)
    local = zone(program.time_zone)
    today = now.astimezone(local).date()
    last_friday = today - timedelta(days=(today.weekday() - 4) % 7 or 7)
    series: MeetingSeries = commands.run(
        services.create_series,
        actor=cast["manager"],
        program=program,
        body=committee,
        title="Regular meeting",
        every="fortnight",
        weekday=4,
        at_time="10:00",
        minutes=90,
        place=ROOM,
        starts_on=last_friday,
    )

    first, second = list(days(rule_of(series), last_friday, last_friday + timedelta(days=14)))[:2]
    held = _call(series, first, program=program, cast=cast)
    for title in ("Outlook for the quarter", "Second consultant of the ERP vendor"):
        commands.run(
            minutes.add_item, actor=cast["staff"], meeting=held, title=title, presenter=cast["manager"]
        )
    commands.run(services.open_meeting, actor=cast["chair"], meeting=held)
    said = {
        "Outlook for the quarter": "The manager presented the status. The committee asked for the finish of the "
        "cut-over with and without a third rehearsal before it decides.",
        "Second consultant of the ERP vendor": "Lena Okafor explained why four weeks are needed. To be offered by "
        "the vendor at the price of the frame contract.",
    }
    with transaction.atomic(), system_scope([program.pk], reason="the example writes minutes"):
        points = list(AgendaItem.objects.filter(meeting=held, title__in=said).select_related("meeting"))
    for point in points:
        commands.run(
            minutes.write_minutes,
            actor=cast["staff"],
            item=point,
            text=said[point.title],
            version=point.version,
        )
    for key, presence in (("chair", "present"), ("member", "present"), ("member2", "remote")):
        commands.run(minutes.mark, actor=cast["staff"], meeting=held, person=cast[key], presence=presence)
    for title, owner, due in (
        ("Offer of the vendor for four weeks of a second consultant", "erp", second - timedelta(days=3)),
        ("Exit costs of the old data centre, confirmed by the lessor", "dc", second),
    ):
        commands.run(
            actions.add, actor=cast["staff"], program=program, title=title, owner=cast[owner], due_on=due,
            meeting=held,
        )  # fmt: skip
    commands.run(services.close_meeting, actor=cast["chair"], meeting=held)
    return series


def escalate(*, program: Program, cast: Cast, bodies: dict[str, Body]) -> None:
    """The sponsor answers within five days, then the committee within fourteen; one question is on its way."""
    commands.run(
        escalations.set_ladder,
        actor=cast["manager"],
        program=program,
        steps=[(bodies["sponsor"], 5), (bodies["committee"], 14)],
    )
    with transaction.atomic(), system_scope([program.pk], reason="the example names a risk"):
        risk = Risk.objects.filter(program=program, code="RSK-01").first()
    commands.run(
        escalations.raise_one,
        actor=cast["manager"],
        program=program,
        title="Second consultant of the ERP vendor",
        question="The vendor offers four weeks from January on. The contingency does not cover them: who pays?",
        body=bodies["committee"],
        risk=risk,
    )


def call_next(series: MeetingSeries, *, program: Program, cast: Cast) -> Meeting:
    """The next one, with everything on its agenda that waits by now."""
    day = next(
        days(rule_of(series), series.starts_on + timedelta(days=1), series.starts_on + timedelta(days=30))
    )
    return _call(series, day, program=program, cast=cast)


def _call(series: MeetingSeries, day: date, *, program: Program, cast: Cast) -> Meeting:
    made: Meeting = commands.run(
        services.call_meeting,
        actor=cast["staff"],
        program=program,
        body=series.body,
        series=series,
        series_day=day,
        starts_at=instant(day, series.at_time, zone(program.time_zone)),
        minutes=series.minutes,
        place=series.place,
    )
    return made
