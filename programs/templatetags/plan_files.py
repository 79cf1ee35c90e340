"""What a template asks of the export: the plan's page stands below it and does not know it."""

from __future__ import annotations

from collections.abc import Collection

from django import template

from programs.exchange.export.files import FORMATS, Format

register = template.Library()


@register.simple_tag
def plan_formats() -> Collection[Format]:
    """The files that a whole plan can leave as."""
    return FORMATS.values()
