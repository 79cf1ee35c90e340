"""What the API takes to begin a program and to keep its projects."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from rest_framework import serializers

from pmo.api.fields import SMALL, Choice, Currency, Day, Related, Text, Whole
from pmo.api.views import StrictSerializer
from programs.beginning import planting, shipped
from programs.portfolio.models import CODE, Project
from programs.portfolio.selectors import members
from programs.portfolio.serializers import ProjectRow


def people(program_id: int) -> Any:
    """Who holds a role in the program today."""
    return members(program_id, datetime.now(UTC).date())


class NewProgram(StrictSerializer):
    """A program to begin; its plan is blank, a template's or a copy's."""

    code = Text(max_length=30, validators=[CODE])
    name = Text(max_length=200)
    starts_on = Day(help_text="Nothing is planned before; a copy is moved to this day.")
    begin = Text(
        max_length=60,
        default="blank",
        help_text="`blank`, `template:KEY`, or `copy:CODE` of a program you see.",
    )
    currency = Currency(default="EUR")
    time_zone = Text(max_length=64, default="UTC", help_text="IANA name.")
    fiscal_year_start_month = Whole(min_value=1, max_value=12, default=1)
    week = Choice(choices=[(key, name) for key, (_, name, _) in planting.WEEKS.items()], default="office")
    country = Text(
        max_length=2, default="", allow_blank=True, help_text="ISO 3166: whose public holidays are days off."
    )


class NewProject(StrictSerializer):
    """A component project, empty or with a template's plan."""

    code = Text(max_length=30, validators=[CODE])
    name = Text(max_length=200)
    kind = Choice(choices=Project.Kind.choices, required=False)
    outcomes = Text(max_length=4000, required=False, allow_blank=True)
    template = Choice(choices=[(one.key, one.name) for one in shipped.PROJECTS.values()], required=False)


class ProjectChanges(StrictSerializer):
    """What of a project changes; `version` is the one that was seen."""

    version = Whole(min_value=1, max_value=SMALL)
    code = Text(max_length=30, validators=[CODE], required=False)
    name = Text(max_length=200, required=False)
    kind = Choice(choices=Project.Kind.choices, required=False)
    outcomes = Text(max_length=4000, required=False, allow_blank=True)
    manager = Related(
        people, required=False, allow_null=True, help_text="The id of a person with a role in it."
    )
    priority = Whole(min_value=1, max_value=5, required=False, help_text="From 1, the highest, to 5.")
    why = Text(max_length=1000, required=False, allow_blank=True)


class ProjectMove(StrictSerializer):
    """Which way a project goes in the list."""

    to = Choice(choices=[("up", "Up"), ("down", "Down")])


class ProjectCopy(StrictSerializer):
    """A copy of a project; with `starts_on` its dated constraints move along."""

    version = Whole(min_value=1, max_value=SMALL)
    code = Text(max_length=30, validators=[CODE])
    name = Text(max_length=200)
    starts_on = Day(required=False, allow_null=True)


class ProjectCopied(serializers.Serializer[Any]):
    """The copy, and what stayed behind."""

    project = ProjectRow()
    activities = serializers.IntegerField()
    links = serializers.IntegerField()
    links_left_out = serializers.IntegerField(help_text="To other projects.")
    allocations_left_out = serializers.IntegerField(help_text="Of persons.")
