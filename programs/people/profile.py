"""What everybody says of oneself: name and clock. The address stays: it is what one signs in with."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.core.exceptions import ValidationError

from pmo.accounts.access import current_access
from pmo.accounts.models import User
from pmo.refusals import NotAllowed, Refused
from pmo.zones import validate_zone
from programs.people.wishes import alike, clean_name


def refuse_taken(name: str, program_ids: Iterable[int], own: int = 0) -> None:
    """Raise Refused where an active person of these programs is called so: a name says who did something."""
    others = User.objects.filter(is_active=True, memberships__program_id__in=list(program_ids))
    if own is not None:
        others = others.exclude(pk=own)
    if alike(name) in {alike(one) for one in others.values_list("name", flat=True).distinct()}:
        raise Refused("Somebody you work with has this name: add what tells you apart.", field="name")


def change(*, name: str, time_zone: str, by: User | None, at: datetime) -> User:
    """Another name or clock of one's own; a person must be present. Former names stay on record (`NameChange`)."""
    if by is None or current_access().by_token:
        raise NotAllowed("This needs a person present.", code="person-needed")
    try:
        validate_zone(time_zone)
    except ValidationError as error:
        raise Refused(error.messages[0], field="time_zone") from error
    live = User.objects.select_for_update().get(pk=by.pk)
    wanted = clean_name(name)
    if alike(wanted) != alike(live.name):
        refuse_taken(wanted, current_access().program_ids, live.pk)
    live.name, live.time_zone = wanted, time_zone
    live.save(update_fields=["name", "time_zone"])
    return live
