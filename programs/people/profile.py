"""What everybody says of oneself: name and clock. The address stays: it is what one signs in with."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import ValidationError

from pmo.accounts.access import current_access
from pmo.accounts.models import User
from pmo.refusals import NotAllowed, Refused
from pmo.zones import validate_zone
from programs.people.wishes import clean_name


def change(*, name: str, time_zone: str, by: User | None, at: datetime) -> User:
    """Another name or clock of one's own; a person must be present."""
    if by is None or current_access().by_token:
        raise NotAllowed("This needs a person present.", code="person-needed")
    try:
        validate_zone(time_zone)
    except ValidationError as error:
        raise Refused(error.messages[0], field="time_zone") from error
    live = User.objects.select_for_update().get(pk=by.pk)
    live.name, live.time_zone = clean_name(name), time_zone
    live.save(update_fields=["name", "time_zone"])
    return live
