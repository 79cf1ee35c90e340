"""Forms of alternates and absences."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from governance.bodies.forms import DAY, day_after
from governance.bodies.models import Seat
from governance.decisions.models import Decision
from governance.meetings.forms import people_of
from programs.portfolio.models import Program


class AlternateForm(forms.Form):
    """Who votes for the seat while its holder is absent, from when to when."""

    person = forms.ModelChoiceField(people_of(Program()).none())
    valid_from = forms.DateField(label="From", widget=DAY)
    last_day = forms.DateField(label="Last day", widget=DAY, required=False)

    def __init__(self, program: Program, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", "alternate_%s")  # two forms on one page
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = people_of(program)  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        """The arguments of `services.name_alternate`."""
        given = dict(self.cleaned_data)
        return given | {"valid_to": day_after(given.pop("last_day"))}


class EndAlternateForm(forms.Form):
    """After which day an alternate no longer stands in."""

    last_day = forms.DateField(label="Last day", widget=DAY)

    def values(self) -> dict[str, Any]:
        """The arguments of `services.end_alternate` besides the row and its version."""
        return self.cleaned_data


class AbsenceForm(forms.Form):
    """When the holder of the seat is away."""

    first_day = forms.DateField(label="First day", widget=DAY)
    last_day = forms.DateField(label="Last day", widget=DAY)
    reason = forms.CharField(
        max_length=200,
        help_text="In a word, such as leave: everybody in the program reads it. Nothing about health.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", "absence_%s")
        super().__init__(*args, **kwargs)

    def values(self) -> dict[str, Any]:
        """The arguments of `services.declare_absence`."""
        return self.cleaned_data


class ProxyForm(forms.Form):
    """To whom, and for which decision or until when."""

    person = forms.ModelChoiceField(people_of(Program()).none(), label="To")
    decision = forms.ModelChoiceField(
        Decision.objects.none(), label="For one decision", required=False, empty_label="until a day"
    )
    until = forms.DateField(label="Or until", widget=DAY, required=False)

    def __init__(self, seat: Seat, today: date, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", "proxy_%s")
        super().__init__(*args, **kwargs)
        others = Seat.objects.filter(body_id=seat.body_id, voting=True, term__contains=today)
        self.fields["person"].queryset = people_of(seat.program).filter(  # type: ignore[attr-defined]
            pk__in=others.exclude(person_id=seat.person_id).values("person")
        )
        live = Decision.objects.filter(body_id=seat.body_id, state__in=["draft", "open"])
        self.fields["decision"].queryset = live.defer(  # type: ignore[attr-defined]
            "figures", "figures_canonical"
        ).order_by("number")
        self.fields["decision"].label_from_instance = lambda one: f"{one.code} {one.title}"  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        """The arguments of `proxies.give` besides the seat."""
        return self.cleaned_data
