"""Allow-listed filters of lists, each strict: a value that does not fit is a 400, never an unfiltered list."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from drf_spectacular.utils import extend_schema_field

from pmo.api.fields import BIG

_DIGITS = re.compile(r"[0-9]{1,19}")


class _WholeField(forms.Field):
    def to_python(self, value: Any) -> int | None:
        if value in self.empty_values:
            return None
        if not _DIGITS.fullmatch(str(value)) or int(value) > BIG:
            raise ValidationError("A whole number is expected here.")
        return int(value)


@extend_schema_field({"type": "integer", "minimum": 0, "maximum": BIG})
class Whole(django_filters.Filter):
    """A whole number that 64 bits hold."""

    field_class = _WholeField


@extend_schema_field({"type": "string", "minLength": 1, "maxLength": 80, "pattern": "^[^\\u0000]*$"})
class Words(django_filters.CharFilter):
    """Text of at most 80 characters."""

    def __init__(self, *args: Any, **options: Any) -> None:
        options.setdefault("max_length", 80)
        super().__init__(*args, **options)


@extend_schema_field({"type": "string", "enum": ["true", "false"]})
class YesNo(django_filters.ChoiceFilter):
    """`true` or `false`."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, choices=[("true", "true"), ("false", "false")], **options)

    def filter(self, qs: Any, value: Any) -> Any:
        return super().filter(qs, value == "true") if value in ("true", "false") else qs


class Choice(django_filters.ChoiceFilter):
    """One of a few texts."""

    def __init__(self, *args: Any, choices: Any, **options: Any) -> None:
        super().__init__(*args, choices=choices, null_label=None, empty_label=None, **options)


class _DayField(forms.DateField):
    def __init__(self, **options: Any) -> None:
        super().__init__(input_formats=["%Y-%m-%d"], **options)


@extend_schema_field({"type": "string", "format": "date"})
class Day(django_filters.DateFilter):
    """A day, 2027-03-31."""

    field_class = _DayField


class Custom(Words):
    """Words that a function turns into a condition."""

    def __init__(self, apply: Callable[[Any, str], Any], **options: Any) -> None:
        super().__init__(**options)
        self.apply = apply

    def filter(self, qs: Any, value: Any) -> Any:
        return self.apply(qs, value) if value else qs


FilterSet = django_filters.FilterSet
