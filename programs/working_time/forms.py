"""Forms of a working calendar. Each says what it would change, so that it can be tried before it is saved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django import forms

from pmo import formats
from pmo.refusals import Refused
from programs.beginning.planting import public_holidays
from programs.calendars.models import Calendar
from programs.master_plan.would_move import WouldMove
from programs.portfolio.models import CODE, Program, Project
from programs.working_time import selectors, services, trying
from programs.working_time.words import WEEKDAYS, NotHours, Shifts, read_shifts, shifts_text

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
MOST_RANGE = 366
MOST_YEARS = 15
HOURS = "Such as 08:00-12:00, 13:00-17:00; off where nothing is worked."


@dataclass(frozen=True, slots=True)
class Attempt:
    """What a form asks for: the command with its arguments, and what it would move."""

    service: Callable[..., Any]
    arguments: dict[str, Any]
    would: Callable[[], WouldMove]
    done: str = "Saved."
    """Said before what became of the dates."""


class HoursField(forms.CharField):
    """Hours of a day, as a list of [from, to] in minutes of the day."""

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, max_length=120, empty_value="off", **options)

    def prepare_value(self, value: Any) -> Any:
        return shifts_text(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> Shifts:
        """Shifts; a ValidationError says what is wrong with the text."""
        try:
            return read_shifts(super().clean(value))
        except NotHours as wrong:
            raise forms.ValidationError(str(wrong)) from wrong


class Form(forms.Form):
    """A form of these pages: a service's refusal is said at its field."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1, max_value=2**31 - 1)

    def refuse(self, refusal: Refused) -> None:
        """Show a service's refusal at its field."""
        self.add_error(refusal.field if refusal.field in self.fields else None, refusal.message)


def refused(form: forms.Form) -> Refused:
    """What a form refuses, as the API says it: every sentence at its key."""
    found = {
        {"hours": "shifts"}.get(name, name): [str(one) for one in said] for name, said in form.errors.items()
    }
    refusal = Refused(next(iter(found.values()))[0], code="invalid")
    refusal.errors = found
    return refusal


class WeekForm(Form):
    """Code, name and the hours of each weekday."""

    code = forms.CharField(max_length=60, validators=[CODE])
    name = forms.CharField(max_length=120)

    def __init__(self, *args: Any, calendar: Calendar | None = None, **options: Any) -> None:
        if calendar is not None:
            shown: dict[str, Any] = {name: getattr(calendar, name) for name in ("code", "name", "version")}
            shown |= {name.lower(): calendar.week[at] for at, name in enumerate(WEEKDAYS)}
            options.setdefault("initial", shown)
        super().__init__(*args, **options)
        for at, name in enumerate(WEEKDAYS):
            self.fields[name.lower()] = HoursField(label=name, help_text="" if at else HOURS)
        self.order_fields(["code", "name", *(name.lower() for name in WEEKDAYS)])

    def clean(self) -> dict[str, Any]:
        """A week without any work plans nothing."""
        cleaned: dict[str, Any] = super().clean() or {}
        days = [name.lower() for name in WEEKDAYS]
        if all(name in cleaned for name in days) and not any(cleaned[name] for name in days):
            self.add_error("monday", "A calendar needs some working time in the week.")
        return cleaned

    def week(self) -> list[Shifts]:
        """Seven days of shifts, Monday first."""
        return [self.cleaned_data[name.lower()] for name in WEEKDAYS]

    def attempt(self, program: Program, calendar: Calendar) -> Attempt:
        """All that was typed, whatever the calendar is: a double click sends the very same."""
        changes = {name: self.cleaned_data[name] for name in ("code", "name")} | {"week": self.week()}
        return _edit(program, calendar, self.cleaned_data["version"], changes, "Saved.")


class DaysForm(Form):
    """A day, or days in a row, that differ from the week."""

    first = forms.DateField(label="From", widget=DAY)
    last = forms.DateField(label="To", widget=DAY, required=False, help_text="Empty: that one day.")
    hours = HoursField(label="Hours", initial="off", help_text=HOURS)
    reason = forms.CharField(max_length=120, required=False, help_text="Such as: Works holiday.")

    def clean(self) -> dict[str, Any]:
        """In order, and at most a year."""
        cleaned: dict[str, Any] = super().clean() or {}
        first, last = cleaned.get("first"), cleaned.get("last") or cleaned.get("first")
        if first is not None and last is not None:
            if last < first:
                self.add_error("last", "The last day lies before the first.")
            elif (last - first).days >= MOST_RANGE:
                self.add_error("last", f"At most {MOST_RANGE} days at once.")
            cleaned["last"] = last
        return cleaned

    def days(self) -> list[date]:
        """Every day of the range."""
        first, last = self.cleaned_data["first"], self.cleaned_data["last"]
        return [first + timedelta(days=n) for n in range((last - first).days + 1)]

    def attempt(self, program: Program, calendar: Calendar) -> Attempt:
        """These hours on each of the days, in the place of what was there."""
        what = (self.cleaned_data["hours"], self.cleaned_data["reason"])
        days = self.days()
        done = f"{formats.counted(len(days), 'day', 'days')} set."
        put = dict.fromkeys(days, what)
        return _edit(program, calendar, self.cleaned_data["version"], {"put": put}, done)


class TakeOutForm(DaysForm):
    """Days that go by the week again."""

    hours = None  # type: ignore[assignment]
    reason = None  # type: ignore[assignment]

    def attempt(self, program: Program, calendar: Calendar) -> Attempt:
        """The exceptions of these days go."""
        changes = {"take_out": set(self.days())}
        _, out = selectors.days_written(calendar, changes)
        done = f"{formats.counted(len(out), 'day goes', 'days go')} by the week again."
        return _edit(program, calendar, self.cleaned_data["version"], changes, done)


class HolidaysForm(Form):
    """The public holidays of a country, for some years."""

    country = forms.CharField(
        label="Country",
        min_length=2,
        max_length=6,
        help_text="Two letters, such as BE; DE-BY with those of a region.",
    )
    from_year = forms.IntegerField(label="From year", min_value=1950, max_value=2150)
    to_year = forms.IntegerField(label="To year", min_value=1950, max_value=2150, required=False)

    def clean(self) -> dict[str, Any]:
        """Years in order; a country whose holidays are known."""
        cleaned: dict[str, Any] = super().clean() or {}
        first, last = cleaned.get("from_year"), cleaned.get("to_year") or cleaned.get("from_year")
        if first is None or last is None or "country" not in cleaned:
            return cleaned
        if not first <= last < first + MOST_YEARS:
            self.add_error("to_year", f"From one year to a later one, at most {MOST_YEARS} years.")
            return cleaned
        try:
            cleaned["found"] = public_holidays(cleaned["country"], first, last - first + 1)
        except KeyError:
            self.add_error(
                "country", "There is no list of public holidays for this: give two letters, such as BE."
            )
        return cleaned

    def attempt(self, program: Program, calendar: Calendar) -> Attempt:
        """Days off on those of them that have no exception yet."""
        found = self.cleaned_data["found"]
        none: Shifts = []
        changes = {"fill": {day: (none, name[:120]) for day, name in found}}
        put, _ = selectors.days_written(calendar, changes)
        kept = len(found) - len(put)
        done = f"{formats.counted(len(put), 'public holiday', 'public holidays')} entered"
        done += f", {formats.counted(kept, 'day', 'days')} had an exception already." if kept else "."
        return _edit(program, calendar, self.cleaned_data["version"], changes, done)


def _edit(
    program: Program, calendar: Calendar, version: int | None, changes: dict[str, Any], done: str
) -> Attempt:
    return Attempt(
        services.edit,
        {"calendar": calendar, "version": version or 0, "changes": changes},
        lambda: trying.edit_would_move(program, calendar, changes),
        done,
    )


class UseForm(Form):
    """Let the program, or one of its projects, be planned by this calendar; `back`: a project as the program again."""

    subject = forms.ChoiceField(label="Who")

    def __init__(
        self, *args: Any, program: Program, calendar: Calendar, back: bool = False, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.target = None if back else calendar
        self.known: dict[str, Project] = {}
        choices = []
        if not back and program.calendar_id != calendar.pk:
            choices.append((f"program:{program.version}", f"The program {program.code}"))
        for one in Project.objects.filter(program_id=program.pk).order_by("position", "pk"):
            if (one.calendar_id == calendar.pk) is back:
                self.known[f"{one.pk}:{one.version}"] = one
                choices.append((f"{one.pk}:{one.version}", f"{one.code} {one.name}"))
        field: Any = self.fields["subject"]
        field.choices = choices
        field.error_messages["invalid_choice"] = (
            "Somebody changed this project meanwhile. Please choose again."
        )
        self.any = bool(choices)

    def attempt(self, program: Program, calendar: Calendar) -> Attempt:
        """The choice of the program, or of one project."""
        chosen, target = self.cleaned_data["subject"], self.target
        project = self.known.get(chosen)
        name = target.name if target else "the program’s calendar"
        return Attempt(
            services.choose,
            {
                "program": program,
                "project": project,
                "calendar": target,
                "version": int(chosen.partition(":")[2]),
            },
            lambda: trying.choice_would_move(program, target, project),
            f"{project.code if project else program.code} is planned by {name}.",
        )


class CopyForm(Form):
    """Another calendar like this one."""

    code = forms.CharField(max_length=60, validators=[CODE])
    name = forms.CharField(max_length=120)
