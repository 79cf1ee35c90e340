"""Commands on exchange rates: enter one, change one, read a file of them; all or nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from finance.rates import reading
from finance.rates.converting import plain
from finance.rates.models import DECIMALS, HIGHEST, ExchangeRate
from pmo.accounts.access import current_access
from pmo.accounts.models import User
from pmo.accounts.roles import Permission
from pmo.money import exponent
from pmo.refusals import Conflict, Refused
from programs.portfolio.models import Program

FIELDS = frozenset({"currency", "from_day", "rate", "note"})
_RATE = re.compile(rf"[0-9]{{1,10}}(\.[0-9]{{1,{DECIMALS}}})?")
EARLIEST, LATEST = 1990, 2100


def parse_rate(text: str) -> Decimal:
    """A rate as people write it: digits and a point, above zero, at most ten decimals. Raises Refused."""
    trimmed = text.strip()
    if not _RATE.fullmatch(trimmed) or not 0 < Decimal(trimmed) <= HIGHEST:
        raise Refused(f"“{trimmed[:24]}” is not a rate: write it like 0.9215, above zero.", field="rate")
    return Decimal(trimmed)


def add(*, program: Program, values: Mapping[str, Any], by: User | None, at: datetime) -> ExchangeRate:
    """Enter a rate: units of the program's currency for one unit of `currency`, from `from_day` on.

    Raises Refused at the field that does not fit, and where the day has a rate already.
    """
    current_access().require(Permission.POST_ACTUALS, program.pk)
    rate = ExchangeRate(program=program, entered_by=by, entered_at=at)
    with transaction.atomic():
        _write(rate, program, values)
        rate.save()
    return rate


def edit(
    *, rate_id: int, changes: Mapping[str, Any], version: int, by: User | None, at: datetime
) -> ExchangeRate:
    """Correct a rate; `version` is the one the person saw. What was entered at the old rate stays as it is."""
    with transaction.atomic():
        rate: ExchangeRate = (
            ExchangeRate.objects.select_for_update(of=("self",)).select_related("program").get(pk=rate_id)
        )
        current_access().require(Permission.POST_ACTUALS, rate.program_id)
        if version != rate.version:
            raise Conflict(
                f"Somebody changed this rate after you opened it: it is {plain(rate.rate)} from "
                f"{rate.from_day:%Y-%m-%d} now.",
                code="changed",
            )
        _write(rate, rate.program, changes)
        rate.version += 1
        rate.entered_by, rate.entered_at = by, at
        rate.save()
    return rate


def read_file(*, program: Program, content: bytes, by: User | None, at: datetime) -> int:
    """Enter the rates of a CSV file (currency, from, rate, note), all or none; how many were new.

    A rate that is here already in the same height is passed over. Raises Refused with every faulty row.
    """
    current_access().require(Permission.POST_ACTUALS, program.pk)
    rows, faults = reading.rows(content), []
    here = {
        (currency, day): rate
        for currency, day, rate in ExchangeRate.objects.filter(program=program).values_list(
            "currency", "from_day", "rate"
        )
    }
    fresh = []
    for number, texts in rows:
        try:
            day, rate = reading.day(texts["from"]), parse_rate(texts["rate"])
            currency = texts["currency"].upper()
            values = {"currency": currency, "from_day": day, "note": texts["note"]}
            _check(program, values)
        except Refused as refused:
            faults.append(f"Row {number}: {refused.message}")
            continue
        key = (currency, day)
        if here.setdefault(key, rate) != rate:
            faults.append(
                f"Row {number}: {key[0]} has the rate {plain(here[key])} from {day} already; change it on its page."
            )
        else:
            fresh.append(ExchangeRate(program=program, rate=rate, entered_by=by, entered_at=at, **values))
    if faults:
        shown = " ".join(faults[:20])
        raise Refused(
            f"{shown} Nothing was entered." if len(faults) <= 20 else f"{shown} And {len(faults) - 20} more.",
            field="file",
        )
    with transaction.atomic():
        before = ExchangeRate.objects.filter(program=program).count()
        ExchangeRate.objects.bulk_create(fresh, ignore_conflicts=True)
        return int(ExchangeRate.objects.filter(program=program).count() - before)


def _write(rate: ExchangeRate, program: Program, values: Mapping[str, Any]) -> None:
    if set(values) - FIELDS:
        raise Refused("This cannot be entered here.", code="not-editable")
    for name, value in values.items():
        setattr(rate, name, value.strip() if isinstance(value, str) else value)
    rate.currency = rate.currency.upper()
    _check(program, {"currency": rate.currency, "from_day": rate.from_day, "note": rate.note})
    if not 0 < rate.rate <= HIGHEST:
        raise Refused("A rate is above zero.", field="rate")
    twin = ExchangeRate.objects.filter(program=program, currency=rate.currency, from_day=rate.from_day)
    found = twin.exclude(pk=rate.pk).first()
    if found is not None:
        raise Refused(
            f"{rate.currency} has the rate {plain(found.rate)} from that day already.", field="from_day"
        )


def _check(program: Program, values: Mapping[str, Any]) -> None:
    currency, day, note = values["currency"], values["from_day"], values["note"]
    try:
        exponent(currency)
    except Refused as refused:
        raise Refused(refused.message, field="currency") from None
    if currency == program.currency:
        raise Refused(f"{currency} is the program's own currency: it needs no rate.", field="currency")
    if not isinstance(day, date) or not EARLIEST <= day.year <= LATEST:
        raise Refused(f"A rate begins on a day from {EARLIEST} to {LATEST}.", field="from_day")
    if len(note) > 200 or not note.isprintable():
        raise Refused("A note has at most 200 characters, on one line.", field="note")
