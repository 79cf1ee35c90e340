"""The API of benefits and their readings."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from pmo.accounts.roles import Permission
from pmo.api.fields import SMALL, Day, Exact, Related, Text, Whole
from pmo.api.views import StrictSerializer
from programs.benefits import keeping
from programs.portfolio import api as portfolio
from programs.portfolio.models import CODE, Objective, Reading
from programs.portfolio.selectors import members
from programs.portfolio.serializers import ObjectiveRow, ReadingRow


def people(program_id: int) -> Any:
    """Who holds a role in the program today."""
    return members(program_id, datetime.now(UTC).date())


def benefits(program_id: int) -> Any:
    """The benefits of one program."""
    return Objective.objects.filter(program_id=program_id).select_related("program", "owner")


class NewObjective(StrictSerializer):
    """A benefit: a measure from a baseline to a target, in its own unit."""

    code = Text(max_length=30, validators=[CODE])
    name = Text(max_length=200)
    measure = Text(max_length=200)
    unit = Text(max_length=30)
    baseline_value = Exact(18, 4)
    target_value = Exact(18, 4)
    baseline_on = Day()
    target_on = Day()
    owner = Related(
        people, required=False, allow_null=True, help_text="The id of a person with a role in it."
    )


class ObjectiveChanges(StrictSerializer):
    """What of a benefit changes; `version` is the one that was seen, `why` is needed for measure, baseline, target."""

    version = Whole(min_value=1, max_value=SMALL)
    why = Text(max_length=1000, required=False, allow_blank=True)
    code = Text(max_length=30, validators=[CODE], required=False)
    name = Text(max_length=200, required=False)
    measure = Text(max_length=200, required=False)
    unit = Text(max_length=30, required=False)
    baseline_value = Exact(18, 4, required=False)
    target_value = Exact(18, 4, required=False)
    baseline_on = Day(required=False)
    target_on = Day(required=False)
    owner = Related(people, required=False, allow_null=True)


class Retirement(StrictSerializer):
    """Why a benefit is no longer asked for."""

    version = Whole(min_value=1, max_value=SMALL)
    why = Text(max_length=400)


class Seen(StrictSerializer):
    """The version that was seen."""

    version = Whole(min_value=1, max_value=SMALL)


class NewReading(StrictSerializer):
    """What was read of a benefit's measure on a day, in its unit."""

    objective = Related(benefits)
    taken_on = Day()
    value = Exact(18, 4)


class ReadingChanges(StrictSerializer):
    """A reading as it should have been, what it was as it was seen, and why."""

    taken_on = Day()
    value = Exact(18, 4)
    seen_on = Day()
    seen_value = Exact(18, 4)
    why = Text(max_length=1000)


class Objectives(portfolio.Objectives):
    """What the program is for: measured benefits, those that were retired among them."""

    @extend_schema(request=NewObjective, responses={201: ObjectiveRow})
    def create(self, request: Request, code: str) -> Response:
        """Ask for a further benefit."""
        with self.reading() as access:
            program = self.program(access, Permission.EDIT_PROGRAM)
            given = self.accepted(NewObjective)
        return self.answer(
            keeping.add, lambda made: self.one(made.pk), http_status=201, program=program, values=given
        )

    @extend_schema(request=ObjectiveChanges, responses={200: ObjectiveRow})
    def partial_update(self, request: Request, code: str, pk: str) -> Response:
        """Change it; 409 if somebody did meanwhile."""
        found, given = self._asked(pk, ObjectiveChanges)
        why = given.pop("why", "")
        return self.answer(
            keeping.edit,
            lambda made: self.one(made.pk),
            why=why,
            reason=why,
            objective=found,
            version=given.pop("version"),
            changes=given,
        )

    @extend_schema(request=Retirement, responses={200: ObjectiveRow})
    @action(detail=True, methods=["post"])
    def retire(self, request: Request, code: str, pk: str) -> Response:
        """Ask for it no longer; it stays with its readings."""
        found, given = self._asked(pk, Retirement)
        return self.answer(
            keeping.retire,
            lambda made: self.one(made.pk),
            why=given["why"],
            reason=given["why"],
            objective=found,
            version=given["version"],
        )

    @extend_schema(request=Seen, responses={200: ObjectiveRow})
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, code: str, pk: str) -> Response:
        """Ask for a retired benefit again."""
        found, given = self._asked(pk, Seen)
        return self.answer(keeping.restore, lambda made: self.one(made.pk), objective=found, **given)

    def _asked(self, pk: str, shape: Any) -> tuple[Objective, dict[str, Any]]:
        """The benefit, and the body once it is clear that its sender may."""
        with self.reading() as access:
            self.program(access, Permission.EDIT_PROGRAM)
            self.there(pk)
            return benefits(self.found.pk).get(pk=pk), self.accepted(shape)


class Readings(portfolio.Readings):
    """Readings of the benefits' measures."""

    @extend_schema(request=NewReading, responses={201: ReadingRow})
    def create(self, request: Request, code: str) -> Response:
        """Enter a reading: the benefit's owner, and who reports the program's progress."""
        with self.reading() as access:
            self.program(access, Permission.VIEW_PROGRAM)
            given = self.accepted(NewReading)
        return self.answer(keeping.read, lambda made: self.one(made.pk), http_status=201, **given)

    @extend_schema(request=ReadingChanges, responses={200: ReadingRow})
    def partial_update(self, request: Request, code: str, pk: str) -> Response:
        """Correct a reading; what it was stays in its history, with why."""
        with self.reading() as access:
            self.program(access, Permission.VIEW_PROGRAM)
            self.there(pk)
            found = Reading.objects.select_related("objective__program", "objective__owner").get(pk=pk)
            given = self.accepted(ReadingChanges)
        return self.answer(
            keeping.correct,
            lambda made: self.one(made.pk),
            why=given["why"],
            reading=found,
            seen=(given.pop("seen_on"), given.pop("seen_value")),
            reason=given.pop("why"),
            **given,
        )
