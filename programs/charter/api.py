"""The API of a program's settings."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from pmo.accounts.roles import Permission
from pmo.api.fields import SMALL, Choice, Day, Related, Text, Whole
from pmo.api.views import StrictSerializer
from programs.beginning import api as beginning
from programs.beginning.serializers import people
from programs.charter import services
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


class Programs(beginning.Programs):
    """The programs in which the plan may be seen."""

    @extend_schema(request=ProgramChanges, responses={200: ProgramRow})
    def partial_update(self, request: Request, code: str) -> Response:
        """Change its settings; other rules compute its plan anew. 409 if somebody changed them meanwhile."""
        with self.reading() as access:
            program = self.program(access, Permission.EDIT_PROGRAM)
            given = self.accepted(ProgramChanges)
        why = given.pop("why", "")

        def shown(done: services.Settled) -> Any:
            return self.get_serializer(ProgramRow.of(Program.objects.filter(pk=done.program.pk)).get()).data

        return self.answer(
            services.edit_program,
            shown,
            why=why,
            reason=why,
            program=program,
            version=given.pop("version"),
            values=given,
        )
