"""Forms of who works on an activity: names as in a cell of the plan, shares in percent."""

from __future__ import annotations

from django import forms

from programs.resources.wording import LONGEST, MOST

WHY = 300


class PeopleForm(forms.Form):
    """Who is put on the activity."""

    who = forms.CharField(
        max_length=LONGEST,
        label="Who",
        help_text="Names or codes, with a share of their time: Jo [50%]; Kim.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "data-offers": ""}),
    )
    why = forms.CharField(max_length=WHY, required=False, label="Why")


class ShareForm(forms.Form):
    """Another share of somebody who is on it."""

    percent = forms.DecimalField(
        min_value=0, max_value=MOST * 100, decimal_places=2, label="Percent", help_text="Of one unit."
    )
    why = forms.CharField(max_length=WHY, required=False, label="Why")
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)
