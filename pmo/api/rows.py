"""Rows as they leave: one query of plain values, no model instance, no serializer work per field.

A serializer of rows declares names, types and where each value comes from (`source="project__code"`), which
the OpenAPI document shows; what is sent are the database's values. 100 rows of 20 values cost about a
millisecond beside their query.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from rest_framework import serializers

OWN = "*"


def plain(value: Decimal | None) -> str | None:
    """A decimal as the shortest text that is exactly it: no exponent, no trailing zeros."""
    return None if value is None else f"{value.normalize() if value else Decimal(0):f}"


class Row(serializers.Serializer[Any]):
    """Declares a row that is sent. Fields with `source="*"` are filled by `complete`."""

    @classmethod
    def paths(cls) -> list[tuple[str, str, Callable[[Any], Any] | None]]:
        """Name, ORM path and conversion of each field that comes from the query."""
        known = cls.__dict__.get("_paths")
        if known is None:
            known = [
                (
                    name,
                    field.source or name,
                    plain if isinstance(field, serializers.DecimalField) else None,
                )
                for name, field in cls._declared_fields.items()
                if field.source != OWN
            ]
            cls._paths = known  # type: ignore[attr-defined]
        return list(known)

    @classmethod
    def of(cls, queryset: Any) -> Any:
        """The queryset, giving just the values of this row (and its id, for paging)."""
        return queryset.values(*{"id", *(path for _, path, _ in cls.paths())})

    def to_representation(self, instance: Any) -> dict[str, Any]:
        made = {
            name: convert(instance[path]) if convert else instance[path]
            for name, path, convert in self.__class__.paths()
        }
        return self.complete(made, instance)

    def complete(self, row: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
        """Add what is not a column: override where a row has such values."""
        return row

    @property
    def program(self) -> Any:
        """The program in the address."""
        return self.context["view"].found

    @property
    def sees_money(self) -> bool:
        """May the reader see amounts of this program?"""
        return bool(self.context["view"].sees_money)
