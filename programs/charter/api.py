"""The API of a program's settings."""

from __future__ import annotations

from copy import copy
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from pmo.accounts.roles import Permission
from pmo.api.fields import SMALL, Choice, Day, Related, Text, Whole
from pmo.api.views import StrictSerializer
from programs.beginning import api as beginning
from programs.beginning.serializers import people
from programs.charter import services
from programs.master_plan.answers import WouldMoveRow, would_move_row
from programs.master_plan.settings_would_move import settings_would_move
from programs.portfolio.models import Program
from programs.portfolio.serializers import ProgramRow


class ProgramChanges(StrictSerializer):
    """What of a program changes; `version` is the one that was seen, `why` is kept with the change."""

    version = Whole(min_value=1, max_value=SMALL)
    why = Text(
        max_length=1000, required=False, allow_blank=True, help_text="Needed for all but name and mandate."
    )
    name = Text(max_length=200, required=False)
    mandate = Text(max_length=4000, required=False, allow_blank=True)
    sponsor = Related(
        people, required=False, allow_null=True, help_text="The id of a person with a role in it."
    )
    manager = Related(
        people, required=False, allow_null=True, help_text="The id of a person with a role in it."
    )
    phase = Choice(choices=Program.Phase.choices, required=False)
    committed_finish = Day(required=False, allow_null=True)
    fiscal_year_start_month = Whole(min_value=1, max_value=12, required=False)
    progress_rule = Choice(choices=Program.Progress.choices, required=False)
    criticality_rule = Choice(choices=Program.Criticality.choices, required=False)
    critical_float_minutes = Whole(
        max_value=services.MOST_FLOAT,
        required=False,
        help_text="Working minutes; counts where critical is what has little float.",
    )
    agreed = serializers.BooleanField(
        default=False, help_text="Save it although committed milestones move later; without it that is 409."
    )


class RulesTried(StrictSerializer):
    """Other rules of scheduling, to be tried; what is left out stays as it is."""

    progress_rule = Choice(choices=Program.Progress.choices, required=False)
    criticality_rule = Choice(choices=Program.Criticality.choices, required=False)
    critical_float_minutes = Whole(max_value=services.MOST_FLOAT, required=False)


class Programs(beginning.Programs):
    """The programs in which the plan may be seen."""

    @extend_schema(request=RulesTried, responses={200: WouldMoveRow})
    @action(detail=True, methods=["post"], url_path="what-if", pagination_class=None)
    def what_if(self, request: Request, code: str) -> Response:
        """What other rules of scheduling would move, without saving them."""
        with self.reading() as access:
            program = self.program(access, Permission.EDIT_PROGRAM)
            tried = copy(program)
            for name, value in self.accepted(RulesTried).items():
                setattr(tried, name, value)
            return Response(would_move_row(settings_would_move(program, tried)))

    @extend_schema(request=ProgramChanges, responses={200: ProgramRow})
    def partial_update(self, request: Request, code: str) -> Response:
        """Change its settings; other rules compute its plan anew.

        409 if somebody changed them meanwhile, or if committed milestones move later and nobody `agreed`.
        """
        with self.reading() as access:
            program = self.program(access, Permission.EDIT_PROGRAM)
            given = self.accepted(ProgramChanges)
        why = given.pop("why", "")
        agreed = given.pop("agreed")

        def shown(done: services.Settled) -> Any:
            return self.get_serializer(ProgramRow.of(Program.objects.filter(pk=done.program.pk)).get()).data

        return self.answer(
            services.edit_program,
            shown,
            why=why,
            reason=why,
            program=program,
            version=given.pop("version"),
            agreed=agreed,
            values=given,
        )
