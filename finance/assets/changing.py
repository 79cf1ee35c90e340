"""Commands on assets in service: write one down, retire it, take either back. The ledger keeps what was paid."""

from __future__ import annotations

from datetime import date, datetime

from django.db import connection, transaction

from finance.assets.models import Asset, AssetChange
from finance.assets.values import left_of, standing
from finance.structure import periods
from finance.structure.models import FiscalPeriod
from pmo.accounts.access import current_access
from pmo.accounts.models import User
from pmo.accounts.roles import Permission
from pmo.money import format_exact
from pmo.refusals import Conflict, Refused

Kind = AssetChange.Kind
# Whatever their state: one that is being closed has to be waited for, not passed over.
_HELD = "select code, state from finance_fiscalperiod where program_id = %s and code >= %s order by code for share"


def write_down(
    *, asset: Asset, on_day: date, amount_minor: int, reason: str, version: int, by: User, at: datetime
) -> AssetChange:
    """Take an amount (minor units) off what is left of an asset at the end of a day's month.

    What is left then is spread over the months that remain. Raises Refused at the field, Conflict where somebody
    changed the asset after `version`.
    """
    with transaction.atomic():
        live = _locked(asset, version)
        left = _fits(live, on_day, reason, at)
        if not 0 < amount_minor <= left:
            raise Refused(
                f"{format_exact(left, live.currency)} of {live.code} is left in that month; it is written down by that "
                "much at most.",
                field="amount_minor",
            )
        return _written(live, Kind.DOWN, on_day, amount_minor, reason, by, at)


def retire(*, asset: Asset, on_day: date, reason: str, version: int, by: User, at: datetime) -> AssetChange:
    """Take an asset out of service: all that is left at the end of that day's month is written off in it.

    Raises Refused at the field, Conflict where somebody changed the asset after `version`.
    """
    with transaction.atomic():
        live = _locked(asset, version)
        left = _fits(live, on_day, reason, at)
        live.retired_on = on_day
        return _written(live, Kind.RETIRED, on_day, left, reason, by, at)


def take_back(*, change: AssetChange, reason: str, version: int, by: User, at: datetime) -> AssetChange:
    """A write-down or a retirement that was a mistake no longer counts; it stays readable with the reason.

    The newest one goes first, and only while its period and all after it are open. `version` is that of the change.
    """
    with transaction.atomic():
        asset: Asset = Asset.objects.select_for_update(of=("self",)).get(pk=change.asset_id)
        current_access().require(Permission.POST_ACTUALS, asset.program_id)
        live = AssetChange.objects.get(pk=change.pk)
        if live.version != version:
            raise Conflict("Somebody changed this after you opened it.", code="changed")
        if live.taken_at is not None:
            raise Refused("This was taken back already.")
        if standing(asset)[-1].pk != live.pk:
            raise Refused("Something newer stands on it: take that back first.")
        _open(asset, live.on_day, "reason", "Open it again first.")
        live.taken_by, live.taken_at, live.taken_why = by, at, _words(reason)
        live.version += 1
        live.save(update_fields=["taken_by", "taken_at", "taken_why", "version"])
        asset.retired_on = None
        asset.version += 1
        asset.save(update_fields=["retired_on", "version"])
        return live


def _locked(asset: Asset, version: int) -> Asset:
    live: Asset = Asset.objects.select_for_update(of=("self",)).get(pk=asset.pk)
    current_access().require(Permission.POST_ACTUALS, live.program_id)
    if live.version != version:
        raise Conflict("Somebody changed this asset after you opened it.", code="changed")
    if live.retired_on is not None:
        raise Refused(f"{live.code} is retired already.")
    return live


def _fits(asset: Asset, on_day: date, reason: str, at: datetime) -> int:
    """What is left of it at the end of that day's month (minor units). Raises Refused at the field."""
    _words(reason)
    if on_day > periods.local_day(asset.program, at):
        raise Refused("It is written when it has happened: today or earlier.", field="on_day")
    if on_day < asset.in_service_on:
        raise Refused(f"{asset.code} was not in service yet on that day.", field="on_day")
    before = standing(asset)
    if before and on_day < before[-1].on_day:
        raise Refused("Something was written of a later day: take that back first.", field="on_day")
    _open(asset, on_day, "on_day", "Choose a later day.")
    return left_of(asset, on_day, before)


def _open(asset: Asset, day: date, field: str, instead: str) -> None:
    """Raises Refused where the day's period or one after it is closed: what was reported of them stays.

    What is taken off on a day changes every month from its own on. The periods are held, so that one that is being
    closed is waited for.
    """
    with connection.cursor() as cursor:
        cursor.execute(_HELD, [asset.program_id, periods.code_of(day)])
        closed = [code for code, state in cursor.fetchall() if state == FiscalPeriod.State.CLOSED]
    if closed:
        raise Refused(
            f"Period {closed[-1]} is closed: what was left of {asset.code} then stays as it was reported. {instead}",
            field=field,
        )


def _words(reason: str) -> str:
    words = reason.strip()
    if not words or len(words) > 1000:
        raise Refused("Say why, in at most 1,000 characters.", field="reason")
    return words


def _written(
    asset: Asset, kind: str, on_day: date, amount_minor: int, reason: str, by: User, at: datetime
) -> AssetChange:
    made: AssetChange = AssetChange.objects.create(
        program_id=asset.program_id,
        asset=asset,
        kind=kind,
        on_day=on_day,
        amount_minor=amount_minor,
        reason=_words(reason),
        by=by,
        at=at,
    )
    asset.version += 1
    asset.save(update_fields=["retired_on", "version"])
    return made
