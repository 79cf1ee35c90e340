"""What calendar feeds read: a person's addresses, and the milestones behind one of them."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import FilteredRelation, Q, QuerySet
from django.urls import reverse

from pmo import formats
from pmo.ical import Event, calendar
from programs.baselines.models import Baseline
from programs.portfolio.models import Program
from programs.schedule.clock import ProgramClock
from programs.schedule.models import Activity

from .models import CalendarFeed

MOST_EVENTS = 5_000
KINDS = (Activity.Kind.START_MILESTONE, Activity.Kind.FINISH_MILESTONE)


def feeds(program: Program, user: Any) -> QuerySet[CalendarFeed]:
    """A person's own addresses in a program, the newest first; nobody else's."""
    return CalendarFeed.objects.filter(program_id=program.pk, user=user).order_by("-pk")


def address_of(text: str) -> str:
    """The whole address to put into a calendar program."""
    return settings.SITE_URL.rstrip("/") + reverse("feeds:milestones", kwargs={"text": text})


def milestones_calendar(program: Program) -> str:
    """The program's milestones as an iCalendar file: days of the program's clock, as computed now.

    A milestone keeps its UID for ever. Its SEQUENCE is the computation that its dates are of plus the version of its
    words: both only grow, and either does whenever the event is another one.
    """
    zone = ProgramClock(program.time_zone).zone
    baseline = (
        Baseline.objects.filter(program_id=program.pk, is_current=True).values_list("pk", flat=True).first()
    )
    rows = (
        Activity.objects.filter(program_id=program.pk, kind__in=KINDS)
        .annotate(
            now=FilteredRelation("dates", condition=Q(dates__superseded_by=None)),
            base=FilteredRelation("baselines", condition=Q(baselines__baseline_id=baseline)),
        )
        .filter(now__isnull=False)
        .order_by("now__early_finish", "pk")
        .values_list(
            "pk",
            "code",
            "name",
            "version",
            "project__code",
            "actual_finish",
            "now__early_finish",
            "now__critical",
            "now__computation_id",
            "now__computation__computed_at",
            "base__finishes_at",
        )[:MOST_EVENTS]
    )
    events = []
    for pk, code, name, version, project, done, finish, critical, computation, at, base in rows:
        day = (done or finish).astimezone(zone).date()
        said = ["Reached" if done else f"Expected {formats.moment(finish.astimezone(zone))}"]
        if critical and not done:
            said.append("critical")
        if base is not None:
            moved = (day - base.astimezone(zone).date()).days
            said.append(
                f"baseline {formats.day(base.astimezone(zone))}, {moved:+d} days"
                if moved
                else "as in the baseline"
            )
        address = reverse("programs:activity", kwargs={"code": program.code, "pk": pk})
        events.append(
            Event(
                uid=f"activity-{pk}@{program.code.lower()}.program-office",
                title=f"◆ {name} ({project}/{code})",
                starts=day,
                ends=day,
                changed=at,
                sequence=(computation + version) % 2**31,
                text=" · ".join(said),
                url=f"{settings.SITE_URL.rstrip('/')}{address}",
            )
        )
    return calendar(f"{program.code} milestones", events)
