"""What an asset is worth in the books of assets, month by month, with what was written down. Minor units."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from finance.assets.models import Asset, AssetChange
from finance.engine.written_down import Month, WriteDown, left_on, months_of
from finance.structure import periods


def standing(asset: Asset) -> list[AssetChange]:
    """What was written down or retired and not taken back, in order; one query, none where they were fetched before."""
    kept = [one for one in asset.changes.all() if one.taken_at is None]
    return sorted(kept, key=lambda one: (one.on_day, one.pk))


def _changes(changes: Sequence[AssetChange]) -> list[WriteDown]:
    return [
        WriteDown(
            periods.code_of(one.on_day), None if one.kind == AssetChange.Kind.RETIRED else one.amount_minor
        )
        for one in changes
    ]


def left_of(asset: Asset, day: date, changes: Sequence[AssetChange]) -> int:
    """What is left of it on a day, its whole month being taken off."""
    return left_on(asset.cost_minor, asset.life_months, asset.in_service_on, day, _changes(changes))


def months(asset: Asset, changes: Sequence[AssetChange]) -> list[Month]:
    """Its months, to the last one in which anything is taken off."""
    return months_of(asset.cost_minor, asset.life_months, asset.in_service_on, _changes(changes))


def taken_off(asset: Asset, changes: Sequence[AssetChange]) -> dict[int, int]:
    """What each of these really takes off (minor units, by id): less than was written of it where a credit note made
    the asset cost less afterwards. `changes` as `standing` gives them."""
    room = {one.period: one.written_down for one in months(asset, changes)}
    taken = {}
    for one in changes:
        period = periods.code_of(one.on_day)
        here = room.get(period, 0)
        taken[one.pk] = here if one.kind == AssetChange.Kind.RETIRED else min(one.amount_minor, here)
        room[period] = here - taken[one.pk]
    return taken
