"""Between the database's instants (UTC) and the engine's wall minutes on the program's local clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from math import floor
from zoneinfo import ZoneInfo

_EPOCH = datetime(1970, 1, 1)
_EPOCH_UTC = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = 1440


class _Remembered(dict[int, int]):
    """Numbers converted once each: a plan names the same few instants again and again."""

    def __init__(self, convert: Callable[[int], int]) -> None:
        super().__init__()
        self._convert = convert

    def __missing__(self, number: int) -> int:
        found = self[number] = self._convert(number)
        return found


class ProgramClock:
    """Conversions of one program's time zone, remembering the offset of days on which the clock is not changed.

    A wall minute that a change of clocks skips becomes the instant an hour later; of one that occurs twice
    the first is meant (PEP 495, fold 0).
    """

    def __init__(self, time_zone: str) -> None:
        self.zone = ZoneInfo(time_zone)
        self._offsets: dict[int, int | None] = {}
        self.wall_of_second: Mapping[int, int] = _Remembered(self._wall_of_second)
        """Wall minutes of instants given as whole seconds since 1970-01-01T00:00 UTC."""
        self.second_of_wall: Mapping[int, int] = _Remembered(self._second_of_wall)
        """Instants, as whole seconds since 1970-01-01T00:00 UTC, of wall minutes."""

    def wall(self, instant: datetime) -> int:
        """Wall minutes since 1970-01-01T00:00 local of an aware instant; seconds are dropped."""
        local = instant.astimezone(self.zone).replace(tzinfo=None)
        return (local - _EPOCH) // timedelta(minutes=1)

    def wall_or_none(self, instant: datetime | None) -> int | None:
        """The same, converted once for all that happens at one second."""
        return None if instant is None else self.wall_of_second[floor(instant.timestamp())]

    def instant(self, wall: int) -> datetime:
        """The aware UTC instant of a wall minute."""
        day = wall // _DAY
        offset = self._offsets.get(day, -1)
        if offset == -1:
            offset = self._offset_of(day)
            self._offsets[day] = offset
        if offset is None:
            return (_EPOCH + timedelta(minutes=wall)).replace(tzinfo=self.zone).astimezone(UTC)
        return (_EPOCH + timedelta(minutes=wall - offset)).replace(tzinfo=UTC)

    def _wall_of_second(self, second: int) -> int:
        return self.wall(_EPOCH_UTC + timedelta(seconds=second))

    def _second_of_wall(self, wall: int) -> int:
        return (self.instant(wall) - _EPOCH_UTC) // timedelta(seconds=1)

    def _offset_of(self, day: int) -> int | None:
        """Minutes east of UTC throughout the day, or None on a day when that changes."""
        begin = (_EPOCH + timedelta(days=day)).replace(tzinfo=self.zone).utcoffset()
        end = (_EPOCH + timedelta(days=day + 1)).replace(tzinfo=self.zone).utcoffset()
        if begin is None or begin != end or begin % timedelta(minutes=1):
            return None
        return begin // timedelta(minutes=1)
