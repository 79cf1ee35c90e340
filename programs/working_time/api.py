"""The API of working calendars: what reads them, and what keeps them. New dates follow as on the pages.

As edits of the plan (ADR 152) these are held: what moves a committed milestone later is 409, until `agreed`.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from pmo.accounts.roles import Permission
from pmo.refusals import Refused
from programs.calendars import api as calendars
from programs.calendars.models import Calendar, validate_shifts
from programs.calendars.serializers import CalendarRow
from programs.master_plan.answers import WouldMoveRow, would_move_row
from programs.working_time import forms, services
from programs.working_time import serializers as shapes
from programs.working_time.trying import edit_would_move
from programs.working_time.words import shifts_text


def _in_order(day: list[list[int]]) -> None:
    """Refused where shifts of a day are not in order; as the model says it when they are saved."""
    try:
        validate_shifts(day)
    except ValidationError as error:
        raise Refused(error.messages[0], field="week") from error


class Calendars(calendars.Calendars):
    """Working calendars of the program."""

    @extend_schema(request=shapes.NewCalendar, responses={201: CalendarRow})
    def create(self, request: Request, code: str) -> Response:
        """Add a calendar; nothing is planned by it yet, unless it is the first: 409 if it moves what is committed."""
        with self.reading() as access:
            program = self.program(access, Permission.EDIT_PROGRAM)
            given = self.accepted(shapes.NewCalendar)
        return self.answer(services.add, self._shown, http_status=201, program=program, **given)

    @extend_schema(request=shapes.CalendarChanges, responses={200: CalendarRow})
    def partial_update(self, request: Request, code: str, pk: str) -> Response:
        """Change its code, name or week; 409 if somebody changed it meanwhile, or if it moves what is committed."""
        found, given = self._asked(pk, shapes.CalendarChanges)
        return self._edit(found, given.pop("version"), given.pop("agreed"), given)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, code: str, pk: str) -> Response:
        """Remove one by which nothing works."""
        found, _ = self._asked(pk, None)
        return self.answer(services.remove, lambda _: None, http_status=204, calendar=found, version=None)

    @extend_schema(request=shapes.CalendarCopy, responses={201: CalendarRow})
    @action(detail=True, methods=["post"])
    def copy(self, request: Request, code: str, pk: str) -> Response:
        """Another one with the same week and the same days."""
        found, given = self._asked(pk, shapes.CalendarCopy)
        return self.answer(services.copy, self._shown, http_status=201, calendar=found, **given)

    @extend_schema(request=shapes.CalendarDays, responses={200: CalendarRow})
    @action(detail=True, methods=["post"])
    def days(self, request: Request, code: str, pk: str) -> Response:
        """Set a day, or days in a row, in the place of what was there. Without shifts it is a day off."""
        return self._formed(pk, shapes.CalendarDays, forms.DaysForm)

    @extend_schema(request=shapes.CalendarDaysOut, responses={200: CalendarRow})
    @action(detail=True, methods=["post"], url_path="days-out")
    def days_out(self, request: Request, code: str, pk: str) -> Response:
        """Days that go by the week again."""
        return self._formed(pk, shapes.CalendarDaysOut, forms.TakeOutForm)

    @extend_schema(request=shapes.CalendarHolidays, responses={200: CalendarRow})
    @action(detail=True, methods=["post"])
    def holidays(self, request: Request, code: str, pk: str) -> Response:
        """Enter a country's public holidays; days that differ already stay as they are, so that twice is as once."""
        return self._formed(pk, shapes.CalendarHolidays, forms.HolidaysForm)

    @extend_schema(request=shapes.CalendarChoice, responses={200: CalendarRow})
    @action(detail=True, methods=["post"])
    def choose(self, request: Request, code: str, pk: str) -> Response:
        """Let the program, or one of its projects, be planned by it."""
        found, given = self._asked(pk, shapes.CalendarChoice)
        back = given.pop("as_program", False)
        return self.answer(
            services.choose,
            lambda _: self.one(found.pk),
            program=self.found,
            calendar=None if back else found,
            **given,
        )

    @extend_schema(request=shapes.CalendarTried, responses={200: WouldMoveRow})
    @action(detail=True, methods=["post"], url_path="what-if", pagination_class=None)
    def what_if(self, request: Request, code: str, pk: str) -> Response:
        """What another week, or other hours on some days, would move, without saving it."""
        with self.reading() as access:
            program = self.program(access, Permission.EDIT_PROGRAM)
            self.there(pk)
            found = Calendar.objects.get(pk=pk)
            given = self.accepted(shapes.CalendarTried)
            changes: dict[str, Any] = {name: given[name] for name in ("week",) if name in given}
            if "first" in given:
                filled = forms.DaysForm(self._words({name: given[name] for name in given if name != "week"}))
                if not filled.is_valid():
                    raise forms.refused(filled)
                changes |= filled.attempt(program, found).arguments["changes"]
            for day in changes.get("week", ()):
                _in_order(day)
            return Response(would_move_row(edit_would_move(program, found, changes)))

    @staticmethod
    def _words(given: dict[str, Any]) -> dict[str, str]:
        """A body as a form takes it."""
        words = {name: str(value) for name, value in given.items() if name != "shifts"}
        if "shifts" in given:
            words["hours"] = shifts_text(given["shifts"])
        return words

    def _formed(self, pk: str, shape: Any, form: Any) -> Response:
        """What a form of the page does with the same words: checked by it, so that both refuse the same."""
        found, given = self._asked(pk, shape)
        agreed = given.pop("agreed")
        with self.reading():
            filled = form(self._words(given))
            if not filled.is_valid():
                raise forms.refused(filled)
            attempt = filled.attempt(self.found, found)
        return self._edit(found, given["version"], agreed, attempt.arguments["changes"])

    def _edit(self, found: Calendar, version: int, agreed: bool, changes: dict[str, Any]) -> Response:
        return self.answer(
            services.edit, self._shown, calendar=found, version=version, changes=changes, agreed=agreed
        )

    def _shown(self, made: services.Edited) -> dict[str, Any]:
        return self.one(made.calendar.pk)

    def _asked(self, pk: str, shape: Any) -> tuple[Calendar, dict[str, Any]]:
        """The calendar, and the body once it is clear that its sender may."""
        with self.reading() as access:
            self.program(access, Permission.EDIT_PROGRAM)
            self.there(pk)
            return Calendar.objects.get(pk=pk), self.accepted(shape) if shape else {}
