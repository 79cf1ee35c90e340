"""Rows of many ids in one condition: `id = any(...)` with one value, where `in` has as many as there are ids.

Django prepares each value of an `in`, and PostgreSQL reads each: with a thousand ids that is longer than the query.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import BooleanField, F, Func, Value


def among(column: str, ids: Sequence[int]) -> Func:
    """A condition for `filter`: the whole number in this column is one of these."""
    return Func(
        F(column),
        Value(list(ids)),
        template="%(expressions)s::bigint[])",
        arg_joiner=" = any(",
        output_field=BooleanField(),
    )
