"""Time zones by their IANA name."""

from zoneinfo import ZoneInfo, available_timezones

from django.core.exceptions import ValidationError


def validate_zone(name: str) -> None:
    """A model validator: the name is one of the IANA time zones."""
    if name not in available_timezones():
        raise ValidationError(f"{name[:40]} is not a known time zone, such as Europe/Brussels.")


def zone(name: str) -> ZoneInfo:
    """The zone of that name (cached by zoneinfo)."""
    return ZoneInfo(name)
