"""Saying how a program or project stands, beside what is computed. The database holds who may, by a trigger."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import connection, transaction

from governance.health import stated
from governance.health.models import StatedRating
from pmo.accounts.access import current_access
from pmo.accounts.models import User
from pmo.accounts.roles import Permission
from pmo.refusals import Conflict, Refused
from pmo.zones import zone
from programs.portfolio.models import Program, Project

Voice = StatedRating.Voice
MOST_DAYS = 183
"""Days for which a word counts; whoever thinks the same in half a year says it again."""
RIGHTS = {Voice.MANAGER: Permission.RATE_HEALTH, Voice.ASSURANCE: Permission.ASSURE}


def state(
    *,
    program: Program,
    project: Project | None,
    voice: str,
    dimension: str,
    colour: str,
    reason: str,
    valid_until: date,
    seen: int,
    by: User,
    at: datetime,
) -> StatedRating:
    """State a colour for one dimension of the program (`project` None) or of a project, up to and with a day.

    `seen` is the newest word on that program or project that was shown (`stated.seen`). Raises Conflict where
    somebody spoke since, Refused at the field, and NotAllowed unless `voice` is one's own: a manager's by its manager,
    an independent assurance's by who holds that role and manages nothing of it.
    """
    if voice not in RIGHTS:
        raise Refused("Say in whose voice.", field="voice")
    project_id = None if project is None else project.pk
    if project is not None and project.program_id != program.pk:
        raise Refused("This belongs to another program.", field="project")
    current_access().require(RIGHTS[Voice(voice)], program.pk, project_id)
    today = at.astimezone(zone(program.time_zone)).date()
    words = reason.strip()
    if dimension not in StatedRating.Dimension.values:
        raise Refused("Say which dimension.", field="dimension")
    if colour not in StatedRating.Colour.values:
        raise Refused("Green, amber or red.", field="colour")
    if not words:
        raise Refused("Say why.", field="reason")
    if len(words) > 1000:
        raise Refused("Say why in up to 1,000 characters.", field="reason")
    if not today <= valid_until <= today + timedelta(days=MOST_DAYS):
        raise Refused(
            f"A rating counts from today to a day within {MOST_DAYS} days.", field="valid_until"
        )  # fmt: skip
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "select pg_advisory_xact_lock(hashtext(%s), %s::int)",
                ["governance.rating", program.pk % 2**31],
            )
        if seen != stated.seen(StatedRating.objects.filter(program=program, project=project)):
            raise Conflict(
                "Somebody rated this after you opened it: look at what was said, then say it again.",
                code="changed",
            )
        made = StatedRating(
            program=program,
            project=project,
            dimension=dimension,
            voice=voice,
            colour=colour,
            reason=words,
            valid_until=valid_until,
            person=by,
            at=at,
        )
        made.save(force_insert=True)
        return made
