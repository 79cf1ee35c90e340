"""The form of a new calendar address."""

from __future__ import annotations

from django import forms


class FeedForm(forms.Form):
    """Which calendar will read it."""

    name = forms.CharField(
        max_length=80, help_text="Which calendar will read it, such as Outlook at the office."
    )
