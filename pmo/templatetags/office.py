"""Template filters of the whole product: thin names over `pmo.formats`. A builtin, so no `{% load %}`."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django import template
from django.template.context import Context
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from pmo import formats

register = template.Library()

for _filter in (
    formats.day,
    formats.day_short,
    formats.month,
    formats.period,
    formats.moment,
    formats.ago,
    formats.number,
    formats.index,
    formats.percent,
    formats.delta_days,
    formats.slip,
    formats.rag,
    formats.money_exact,
    formats.money_text,
    formats.money_short,
):
    register.filter(_filter.__name__, _filter)


@register.filter
def money_delta(minor: int | None, currency: str) -> SafeString:
    """`+0.4M`, `−400k`: a difference of money with its sign, exact figure in the title."""
    return formats.money_short(minor, currency, sign=True)


@register.filter
def money_unit(minor: int | None, currency: str) -> SafeString:
    """`26.2M EUR` with the exact figure in the title."""
    return formats.money_short(minor, currency, unit=True)


@register.filter
def counted(count: int, words: str) -> str:
    """`{{ n|counted:"activity,activities" }}` gives `1 activity` or `1,284 activities`."""
    one, _, many = words.partition(",")
    return formats.counted(count, one, many or f"{one}s")


@register.filter
def hx_json(values: Mapping[str, Any]) -> SafeString:
    """`hx-vals="{{ values|hx_json }}"`: JSON, escaped for the quoted attribute."""
    return formats.hx_json(values)


@register.filter
def signed(value: int | float | Decimal | None, places: int = 0) -> str:
    """`+12`, `−3`, `0`: a difference without a unit."""
    return formats.number(value, places, sign=True)


@register.filter
def initials(name: str | None) -> str:
    """`MO` for Maria Olsen; one letter for one word; a dot where there is no name."""
    words = str(name or "").split()
    return "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)).upper() or "·"


@register.simple_tag
def rag_badge(state: str | None, text: object = "") -> SafeString:
    """`{% rag_badge "red" "+18 d" %}`: a status badge with its own text."""
    return formats.rag(state, str(text))


@register.simple_tag
def time_of(value: date | datetime | None) -> SafeString:
    """`<time datetime="2026-11-25T17:00:00Z">25 Nov 2026 17:00</time>`: machine-readable and readable."""
    if value is None:
        return SafeString(formats.UNKNOWN)
    shown = formats.moment(value) if isinstance(value, datetime) else formats.day(value)
    return format_html_join("", '<time datetime="{}">{}</time>', [(value.isoformat(), shown)])


@register.simple_tag(takes_context=True)
def keep_query(context: Context, *without: str) -> SafeString:
    """Hidden inputs for the address's other parameters: `{% keep_query "at" %}` in a GET form keeps them."""
    request = context.get("request")
    if request is None:
        return SafeString("")
    kept = [(name, value) for name, values in request.GET.lists() if name not in without for value in values]
    return format_html_join("", '<input type="hidden" name="{}" value="{}">', kept)


@register.simple_tag
def idempotency_key() -> SafeString:
    """The hidden field that makes a double click (or a repeated send) do its deed once."""
    return format_html('<input type="hidden" name="_key" value="{}">', uuid4().hex)
